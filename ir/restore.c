/*
 * Rebuilding the interpreter's frames from a snapshot, for machine code's exits and the executor.
 *
 * For each entry the word is fetched, boxed by its type, and stored in its slot; virtual objects
 * (UOP_SUNK allocations) are made here, each once, however many slots and other objects name it.
 * Ownership: an entry without SNAP_INCREF hands the trace's reference over; a virtual object takes
 * over the references of its items (but for UOP_BORROWED ones, which it takes anew).  While the
 * frames are rebuilt one more reference to each new object is held, so that losing one of its owners
 * for want of memory does not free it under the others.
 *
 * Out of memory: the slot or item becomes None, MemoryError is pending, references that the lost
 * object would have owned are dropped; everything else is rebuilt as if nothing had happened.
 *
 * Threads: the thread that ran the trace.
 */
#include "ir/internal.h"

#include "runtime/int.h"
#include "runtime/memory.h"

enum { MADE_INLINE = 32, VIRTUAL_DEPTH = 64 };

/* A virtual object that was made at this exit. */
typedef struct Made {
    IrRef ref;
    Value v; /* owned until the end */
} Made;

typedef struct Restore {
    Thread *th;
    const IrTrace *t;
    IrFetch fetch;
    void *context;
    Made *made;
    uint32_t made_count, made_capacity;
    Made inline_made[MADE_INLINE];
} Restore;

Value ir_make_tuple(Thread *th, int32_t count)
{
    Tuple *tuple = rt_object_new_gc(th, TYPE_TUPLE, sizeof(Tuple) + (size_t)count * sizeof(Value));
    if (tuple == NULL) {
        return VALUE_ABSENT;
    }
    tuple->size = count;
    return value_from_object(tuple);
}

Value ir_make_cell(Thread *th, Value v)
{
    Value cell = cell_new(th, v);
    if (cell != VALUE_ABSENT) {
        rt_decref(th, v);
    }
    return cell;
}

static Made *made_add(Restore *s, IrRef ref)
{
    if (s->made_count == s->made_capacity) {
        bool heap = s->made != s->inline_made;
        uint32_t wanted = s->made_capacity * 2;
        Made *p = rt_realloc(heap ? s->made : NULL, wanted * sizeof *p);
        if (p == NULL) {
            rt_raise_memory_error(s->th);
            return NULL;
        }
        if (!heap) {
            memcpy(p, s->inline_made, sizeof s->inline_made);
        }
        s->made = p;
        s->made_capacity = wanted;
    }
    s->made[s->made_count] = (Made){.ref = ref, .v = VALUE_NONE};
    return &s->made[s->made_count++];
}

/* A number as a value; None and MemoryError where a heap int is needed and there is no memory. */
static Value boxed(Restore *s, IrType type, IrWord w, uint16_t flags)
{
    switch (type) {
    case IR_I: {
        if ((flags & SNAP_BOOL) != 0) {
            return value_from_bool(w.i != 0);
        }
        Value v = int_from_i64(s->th, w.i);
        return v != VALUE_ABSENT ? v : VALUE_NONE;
    }
    case IR_F: return value_from_double(w.f);
    default: return w.v;
    }
}

static Value virtual_value(Restore *s, IrRef ref, uint32_t depth);

/* The value of ref, with a reference: the trace's own, or a new one if borrowed. */
static Value take_value(Restore *s, IrRef ref, uint16_t flags, bool borrowed, uint32_t depth)
{
    const IrTrace *t = s->t;
    if (ir_is_const(ref)) {
        const IrConst *k = ir_const(t, ref);
        Value v = boxed(s, (IrType)k->type, (IrWord){.i = (int64_t)k->bits}, flags);
        if (borrowed && k->type == IR_V) {
            rt_incref(s->th, v);
        }
        return v;
    }
    const IrUop *u = &t->uops[ref];
    if ((u->flags & UOP_SUNK) != 0) {
        return virtual_value(s, ref, depth);
    }
    Value v = boxed(s, (IrType)u->type, s->fetch(s->context, ref), flags);
    if (borrowed && u->type == IR_V) {
        rt_incref(s->th, v);
    }
    return v;
}

static Value make_tuple(Restore *s, IrRef ref, uint32_t depth)
{
    int32_t count = s->t->uops[ref].imm;
    Value tuple = ir_make_tuple(s->th, count);
    for (int32_t i = 0; i < count; i++) {
        bool borrowed = false;
        IrRef item = ir_virtual_item(s->t, ref, i, &borrowed);
        Value v = item == IR_NONE ? VALUE_NONE : take_value(s, item, 0, borrowed, depth + 1);
        if (tuple != VALUE_ABSENT) {
            value_tuple(tuple)->items[i] = v;
        } else {
            rt_decref(s->th, v);
        }
    }
    return tuple != VALUE_ABSENT ? tuple : VALUE_NONE;
}

static Value make_cell(Restore *s, IrRef ref, uint32_t depth)
{
    const IrUop *u = &s->t->uops[ref];
    Value held = take_value(s, u->a, 0, (u->flags & UOP_BORROWED) != 0, depth + 1);
    Value cell = ir_make_cell(s->th, held);
    if (cell == VALUE_ABSENT) {
        rt_decref(s->th, held);
        return VALUE_NONE;
    }
    return cell;
}

/* A virtual object, made at the first call for its ref; later calls share it. owns: new. */
static Value virtual_value(Restore *s, IrRef ref, uint32_t depth)
{
    uint32_t i = 0;
    while (i < s->made_count && s->made[i].ref != ref) {
        i++;
    }
    if (i == s->made_count) {
        if (depth > VIRTUAL_DEPTH || made_add(s, ref) == NULL) {
            return VALUE_NONE;
        }
        Value v = s->t->uops[ref].op == IR_alloc_cell ? make_cell(s, ref, depth)
                                                      : make_tuple(s, ref, depth);
        s->made[i].v = v;
    }
    return rt_newref(s->th, s->made[i].v);
}

Value *ir_restore(Thread *th, const IrTrace *t, uint32_t snap, Value *fp, IrFetch fetch,
                  void *context)
{
    Restore s = {
        .th = th, .t = t, .fetch = fetch, .context = context, .made_capacity = MADE_INLINE};
    s.made = s.inline_made;
    const IrSnap *k = &t->snaps[snap];
    uint32_t drops = 0;
    for (uint32_t i = 0; i < k->count; i++) {
        const IrSnapEntry *e = &t->entries[k->first + i];
        if (e->kind == SNAP_DROP) {
            drops++;
        } else if (e->kind == SNAP_RAW) {
            IrWord w = ir_is_const(e->ref) ? (IrWord){.i = (int64_t)ir_const(t, e->ref)->bits}
                                           : fetch(context, e->ref);
            fp[e->slot] = w.v;
        } else {
            fp[e->slot] = take_value(&s, e->ref, e->flags, (e->flags & SNAP_INCREF) != 0, 0);
        }
    }
    for (uint32_t i = 0; i < k->count && drops > 0; i++) {
        const IrSnapEntry *e = &t->entries[k->first + i];
        if (e->kind == SNAP_DROP) {
            rt_decref(th, take_value(&s, e->ref, e->flags, (e->flags & SNAP_INCREF) != 0, 0));
            drops--;
        }
    }
    for (uint32_t i = 0; i < s.made_count; i++) {
        rt_decref(th, s.made[i].v);
    }
    if (s.made != s.inline_made) {
        rt_free(s.made);
    }
    return fp + k->base;
}
