/*
 * Printing traces: one line a uop, a constant where it is used, then the snapshots.
 *
 *     trace 3 head=0x1f40 parent=2 exit=5 form=shared   ; comment to the end of the line
 *     inherit I V
 *     v0 V slot #2
 *     v1 I unbox_int v0 @0                         result, type, uop, operands, #imm, @snapshot, !flag
 *     v2 - guard_lt_int v1 100 @0
 *     v3 V call $list_pop_last v0
 *     snap 0 pc=0x1f48 base=0 top=6 depth=0 : 2=v1 3=v0+ 4=v7? 5~P:0x10
 *     fact v9 slot=2 low=0 high=99
 *
 * Operands: v<number>, a constant, or _ (none).  Constants show their type: 12 is I, 1.5 inf nan:0x..
 * are F, None True False unbound absent V:12 V:1.5 are V, V@0x.. is an object (parsed back as an
 * address that is never touched), V:#0x.. any other word, P:0x.. is P.  In a snapshot slot=ref is a
 * value (+ takes a reference, ? is a bool), slot~ref a raw word, 0!ref a reference that is dropped.
 *
 * Invariant: ir_parse of this text, printed again, gives this text.  Threads: any (reads only).
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "ir/ir.h"
#include "runtime/helpers.h"
#include "runtime/memory.h"

typedef struct Text {
    char *data;
    size_t length, capacity;
    bool failed;
} Text;

__attribute__((format(printf, 2, 3))) static void put(Text *x, const char *format, ...)
{
    if (x->failed) {
        return;
    }
    for (;;) {
        va_list args;
        va_start(args, format);
        size_t room = x->capacity - x->length;
        int n = vsnprintf(x->data + x->length, room, format, args);
        va_end(args);
        if (n >= 0 && (size_t)n < room) {
            x->length += (size_t)n;
            return;
        }
        size_t wanted = x->capacity * 2 + 256;
        char *data = n < 0 ? NULL : rt_realloc(x->data, wanted);
        if (data == NULL) {
            x->failed = true;
            return;
        }
        x->data = data;
        x->capacity = wanted;
    }
}

/* The shortest of %.15g, %.16g, %.17g that reads back; always with a mark that it is no int. */
static void put_double(Text *x, double d)
{
    if (d != d) {
        put(x, "nan:0x%" PRIx64, bits_from_double(d));
        return;
    }
    char buffer[40];
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(buffer, sizeof buffer, "%.*g", precision, d);
        if (bits_from_double(strtod(buffer, NULL)) == bits_from_double(d)) {
            break;
        }
    }
    bool marked = strpbrk(buffer, ".ein") != NULL;
    put(x, "%s%s", buffer, marked ? "" : ".0");
}

/* No program has such a word; as a double it would not come back (the processor makes it quiet). */
static bool is_signalling(Value v)
{
    const uint64_t quiet = UINT64_C(1) << 51;
    uint64_t bits = v - VALUE_DOUBLE_OFFSET;
    return value_double(v) != value_double(v) && (bits & quiet) == 0;
}

static void put_value(Text *x, Value v)
{
    static const char *const immediates[] = {"None", "False", "True", "unbound"};
    if (v == VALUE_ABSENT) {
        put(x, "absent");
    } else if (value_is_immediate(v)) {
        put(x, "%s", immediates[v - VALUE_IMMEDIATE]);
    } else if (value_is_small_int(v)) {
        put(x, "V:%" PRId64, value_int(v));
    } else if (value_is_object(v)) {
        put(x, "V@0x%" PRIx64, v);
    } else if (value_is_double(v) && !is_signalling(v)) {
        put(x, "V:");
        put_double(x, value_double(v));
    } else {
        put(x, "V:#0x%" PRIx64, v);
    }
}

static void put_ref(Text *x, const IrTrace *t, IrRef r)
{
    if (r == IR_NONE) {
        put(x, "_");
        return;
    }
    if (!ir_is_const(r)) {
        put(x, "v%u", r);
        return;
    }
    if ((r & ~IR_REF_CONST) >= t->const_count) {
        put(x, "k%u", r & ~IR_REF_CONST); /* a broken trace, seen while debugging; does not parse */
        return;
    }
    const IrConst *k = ir_const(t, r);
    switch ((IrType)k->type) {
    case IR_I: put(x, "%" PRId64, k->i); break;
    case IR_F: put_double(x, k->f); break;
    case IR_P: put(x, "P:0x%" PRIxPTR, (uintptr_t)k->p); break;
    default: put_value(x, k->v); break;
    }
}

static void put_uop(Text *x, const IrTrace *t, uint32_t i)
{
    static const char types[] = "-IFVP??";
    const IrUop *u = &t->uops[i];
    const IrOpInfo *row = &ir_ops[u->op];
    put(x, "v%u %c %s", i, types[u->type], row->name);
    if (u->op == IR_call) {
        bool known = u->imm >= 0 && u->imm < HELPER_COUNT;
        put(x, " $%s", known ? helper_table[u->imm].name : "?");
    }
    int last = 2;
    while (last >= 0 && ir_operand(u, last) == IR_NONE) {
        last--;
    }
    for (int o = 0; o <= last; o++) {
        put(x, " ");
        put_ref(x, t, ir_operand(u, o));
    }
    if (u->op != IR_call && ((row->flags & IRF_IMM) != 0 || u->imm != 0)) {
        put(x, " #%d", u->imm);
    }
    if (u->snap != IR_NONE) {
        put(x, " @%u", u->snap);
    }
    static const char *const flags[] = {"!sunk", "!invariant", "!live", "!borrowed", "!lent"};
    for (int f = 0; f < 5; f++) {
        if ((u->flags & 1 << f) != 0) {
            put(x, " %s", flags[f]);
        }
    }
    put(x, "\n");
}

static void put_snap(Text *x, const IrTrace *t, uint32_t i)
{
    const IrSnap *s = &t->snaps[i];
    put(x, "snap %u pc=0x%" PRIxPTR " base=%d top=%d depth=%u :", i, (uintptr_t)s->pc, s->base,
        s->top, s->depth);
    for (uint32_t e = s->first; e < s->first + s->count && e < t->entry_count; e++) {
        const IrSnapEntry *entry = &t->entries[e];
        put(x, " %d%c", entry->slot, "=~!"[entry->kind]);
        put_ref(x, t, entry->ref);
        put(x, "%s%s", (entry->flags & SNAP_INCREF) != 0 ? "+" : "",
            (entry->flags & SNAP_BOOL) != 0 ? "?" : "");
    }
    put(x, "\n");
}

static void put_head(Text *x, const IrTrace *t)
{
    put(x, "trace %u head=0x%" PRIxPTR, t->id, (uintptr_t)t->head_pc);
    if (t->parent != IR_NONE) {
        put(x, " parent=%u exit=%u", t->parent, t->parent_exit);
    }
    if (t->head_snap != IR_NONE) {
        put(x, " head_snap=%u", t->head_snap);
    }
    if (t->shared) {
        put(x, " form=shared");
    }
    if (t->hoisted_reads != 0 || t->writes != 0) {
        put(x, " hoisted=0x%x writes=0x%x", t->hoisted_reads, t->writes);
    }
    put(x, "\n");
    if (t->inherit_count != 0) {
        put(x, "inherit");
        for (uint32_t i = 0; i < t->inherit_count; i++) {
            put(x, " %c", "-IFVP??"[t->inherit_types[i]]);
        }
        put(x, "\n");
    }
}

char *ir_print(const IrTrace *t)
{
    Text x = {.capacity = 4096, .data = rt_malloc(4096)};
    x.failed = x.data == NULL;
    put_head(&x, t);
    for (uint32_t i = 0; i < t->count; i++) {
        put_uop(&x, t, i);
    }
    for (uint32_t i = 0; i < t->snap_count; i++) {
        put_snap(&x, t, i);
    }
    for (uint32_t i = 0; i < t->fact_count; i++) {
        const IrPhiFact *f = &t->facts[i];
        put(&x, "fact v%u slot=%d low=%" PRId64 " high=%" PRId64 "\n", f->phi, f->slot, f->low,
            f->high);
    }
    if (t->head_refs != NULL) {
        put(&x, "head_refs");
        for (uint32_t i = 0; i < t->head_ref_count; i++) {
            put(&x, " %u", t->head_refs[i]);
        }
        put(&x, "\n");
    }
    if (t->head_arg_count != 0) {
        put(&x, "head_args");
        for (uint32_t i = 0; i < t->head_arg_count; i++) {
            put(&x, " ");
            put_ref(&x, t, t->head_args[i]);
        }
        put(&x, "\n");
    }
    if (x.failed) {
        rt_free(x.data);
        return NULL;
    }
    return x.data;
}

void ir_print_ref(const IrTrace *t, IrRef ref, char *out, size_t size)
{
    Text x = {.capacity = 64, .data = rt_malloc(64)};
    x.failed = x.data == NULL;
    put_ref(&x, t, ref);
    snprintf(out, size, "%s", x.failed ? "?" : x.data);
    rt_free(x.data);
}
