/*
 * Recorder, the mirror of the frame: loading, storing and dropping slots, ownership of references, and
 * snapshots.  The rules stand in recorder.h.
 *
 * Threads: the thread that records.
 */
#include "interp/jit/recorder.h"
#include "runtime/memory.h"

/* ---- emission ------------------------------------------------------------------------------------ */

static bool side_arrays(Recorder *r)
{
    if (r->ir->count <= r->side_capacity) {
        return true;
    }
    uint32_t capacity = r->side_capacity == 0 ? 512 : r->side_capacity * 2;
    uint8_t *owned = rt_realloc(r->owned, capacity);
    if (owned != NULL) {
        r->owned = owned;
    }
    uint16_t *known = rt_realloc(r->known, capacity * sizeof *known);
    if (known != NULL) {
        r->known = known;
    }
    if (owned == NULL || known == NULL) {
        record_abort(r, ABORT_NO_MEMORY, NULL);
        return false;
    }
    memset(owned + r->side_capacity, 0, capacity - r->side_capacity);
    memset(known + r->side_capacity, 0, (capacity - r->side_capacity) * sizeof *known);
    r->side_capacity = capacity;
    return true;
}

static IrRef emit_with(Recorder *r, IrOp op, IrType type, IrRef a, IrRef b, IrRef c, int32_t imm,
                       uint32_t snap)
{
    IrRef ref = ir_emit(r->ir, op, type, a, b, c, imm, snap);
    r->barrier |= op == IR_call && (helper_table[imm].effects & HELPER_BARRIER) != 0;
    if (r->ir->failed) {
        record_abort(r, ABORT_NO_MEMORY, NULL);
        return 0;
    }
    if ((ir_writes(r->ir, &r->ir->uops[ref]) & MEM_PRIVATE) != 0) {
        r->published = ref + 1;
    }
    if (!side_arrays(r)) {
        return 0;
    }
    return ref;
}

IrRef rec_emit(Recorder *r, IrOp op, IrType type, IrRef a, IrRef b, IrRef c, int32_t imm)
{
    return emit_with(r, op, type, a, b, c, imm, IR_NONE);
}

IrRef rec_guard(Recorder *r, IrOp op, IrType type, IrRef a, IrRef b, int32_t imm)
{
    return emit_with(r, op, type, a, b, IR_NONE, imm, rec_snapshot(r));
}

IrRef rec_call(Recorder *r, HelperId helper, IrRef a, IrRef b, IrRef c)
{
    const HelperInfo *h = &helper_table[helper];
    IrType type = h->result == 'I'   ? IR_I
                  : h->result == 'F' ? IR_F
                  : h->result == 'V' ? IR_V
                  : h->result == 'P' ? IR_P
                                     : IR_N;
    uint32_t snap = (h->effects & HELPER_RAISES) != 0 ? rec_snapshot(r) : IR_NONE;
    IrRef ref = emit_with(r, IR_call, type, a, b, c, (int32_t)helper, snap);
    if (snap != IR_NONE) {
        emit_with(r, type == IR_V ? IR_guard_present : IR_guard_ok, IR_N, ref, IR_NONE, IR_NONE, 0,
                  snap);
    }
    if (type == IR_V && (h->effects & HELPER_LENDS) == 0) {
        rec_own(r, ref);
    }
    return ref;
}

/* ---- slots ------------------------------------------------------------------------------------------ */

static RecSlot *slot_at(Recorder *r, int32_t slot)
{
    int32_t i = slot + SLOT_HEADER;
    if (i < 0 || i >= SLOTS_MAX) {
        record_abort(r, ABORT_DEPTH, NULL);
        return &r->slots[0];
    }
    if (i >= r->top) {
        r->top = i + 1;
    }
    return &r->slots[i];
}

IrRef rec_slot(Recorder *r, int32_t slot)
{
    RecSlot *s = slot_at(r, slot);
    if (s->ref == IR_NONE) {
        s->ref = rec_emit(r, IR_slot, IR_V, IR_NONE, IR_NONE, IR_NONE, slot);
        s->dead = false;
        s->loaded = true;
        if (r->reason == ABORT_NONE) {
            r->owned[s->ref] = 1;
        }
    }
    return s->ref;
}

Value rec_actual(const Recorder *r, uint32_t reg) { return r->fp[reg]; }

void rec_set(Recorder *r, int32_t slot, IrRef ref)
{
    RecSlot *s = slot_at(r, slot);
    *s = (RecSlot){.ref = ref, .written = true, .loaded = s->loaded};
}

void rec_set_raw(Recorder *r, int32_t slot, IrRef ref)
{
    RecSlot *s = slot_at(r, slot);
    *s = (RecSlot){.ref = ref, .written = true, .raw = true};
}

uint32_t rec_holders(const Recorder *r, IrRef ref)
{
    uint32_t n = 0;
    for (int32_t i = 0; i < r->top; i++) {
        n += r->slots[i].ref == ref && !r->slots[i].dead && !r->slots[i].raw;
    }
    return n;
}

static bool counted(const Recorder *r, IrRef ref)
{
    return !ir_is_const(ref) && ir_type_of(r->ir, ref) == IR_V && rec_known(r, ref) != KNOWN_NUMBER;
}

void rec_own(Recorder *r, IrRef ref)
{
    if (!ir_is_const(ref) && r->reason == ABORT_NONE) {
        r->owned[ref]++;
    }
}

void rec_kill(Recorder *r, int32_t slot)
{
    RecSlot *s = slot_at(r, slot);
    *s = (RecSlot){.ref = IR_NONE, .written = true, .dead = true, .loaded = s->loaded};
}

void rec_drop(Recorder *r, int32_t slot)
{
    IrRef ref = rec_slot(r, slot);
    rec_kill(r, slot);
    if (r->reason == ABORT_NONE && counted(r, ref) && r->owned[ref] > rec_holders(r, ref)) {
        r->owned[ref]--;
        rec_emit(r, IR_decref, IR_N, ref, IR_NONE, IR_NONE, 0);
    }
}

/* A reference of ref that the caller gives away (to a list, a tuple, the result). */
void rec_give(Recorder *r, uint32_t reg, IrRef ref)
{
    int32_t slot = r->base + (int32_t)reg;
    bool temp = rec_is_temp(r, reg);
    rec_snapshot(r); /* while the slot still holds it */
    if (temp) {
        rec_kill(r, slot);
    }
    if (r->reason != ABORT_NONE || ir_type_of(r->ir, ref) != IR_V) {
        return;
    }
    if (ir_is_const(ref)) {
        if (value_is_object(ir_const(r->ir, ref)->v)) {
            rec_incref(r, ref);
        }
        return;
    }
    if (!counted(r, ref)) {
        return;
    }
    if (r->owned[ref] > rec_holders(r, ref)) {
        r->owned[ref]--;
    } else {
        rec_incref(r, ref);
    }
}

void rec_publish(Recorder *r, IrRef ref)
{
    if (r->ir->shared ||
        (ir_is_const(ref) ? !value_is_object(ir_const(r->ir, ref)->v) : !counted(r, ref))) {
        return;
    }
    rec_emit(r, IR_publish, IR_N, ref, IR_NONE, IR_NONE, 0);
}

static bool is_object_const(const Recorder *r, IrRef ref)
{
    return ir_is_const(ref) && ir_type_of(r->ir, ref) == IR_V &&
           value_is_object(ir_const(r->ir, ref)->v);
}

void rec_own_slot(Recorder *r, int32_t slot)
{
    IrRef ref = rec_slot(r, slot);
    while (r->reason == ABORT_NONE && counted(r, ref) && r->owned[ref] < rec_holders(r, ref)) {
        rec_incref(r, ref);
        r->owned[ref]++;
        r->snap = IR_NONE; /* later guards see the new owner */
    }
}

IrRef rec_share(Recorder *r, IrRef ref)
{
    return is_object_const(r, ref)
               ? rec_emit(r, IR_call, IR_V, ref, IR_NONE, IR_NONE, HELPER_ID_value_share)
               : ref;
}

IrRef rec_move(Recorder *r, int32_t slot, IrRef boxed)
{
    IrRef ref = rec_slot(r, slot);
    rec_kill(r, slot);
    if (r->reason == ABORT_NONE && counted(r, ref)) {
        r->owned[ref]--;
    }
    return rec_share(r, boxed);
}

bool rec_is_temp(const Recorder *r, uint32_t reg) { return reg >= frame_code(r->fp)->local_count; }

void rec_consume(Recorder *r, uint32_t reg)
{
    if (rec_is_temp(r, reg)) {
        rec_drop(r, r->base + (int32_t)reg);
    }
}

void rec_hold(Recorder *r, IrRef ref)
{
    if (r->held_count == HELD_MAX) {
        record_abort(r, ABORT_TOO_MANY_SNAPSHOTS, NULL);
        return;
    }
    r->held[r->held_count++] = ref;
    r->snap = IR_NONE; /* later guards drop it */
}

void rec_unhold(Recorder *r) { r->held_count = 0; }

static bool is_const_object(const Recorder *r, IrRef ref)
{
    return ir_is_const(ref) && ir_const(r->ir, ref)->type == IR_V &&
           value_is_object(ir_const(r->ir, ref)->v);
}

void rec_collect(Recorder *r, uint32_t first, uint32_t count, IrRef *items)
{
    for (uint32_t i = 0; i < count && r->reason == ABORT_NONE; i++) {
        Value actual = rec_actual(r, first + i);
        IrRef ref = rec_reg(r, first + i);
        if (!value_is_object(actual)) {
            rec_specialise(r, ref, actual);
        }
        items[i] = rec_reg_value(r, first + i);
    }
    for (uint32_t i = 0; i < count && r->reason == ABORT_NONE; i++) {
        IrRef ref = rec_reg(r, first + i);
        if (is_const_object(r, ref)) {
            rec_incref(r, ref);
            rec_hold(r, ref);
        } else if (counted(r, ref) && r->owned[ref] < rec_holders(r, ref)) {
            rec_incref(r, ref);
            r->owned[ref]++;
            r->snap = IR_NONE; /* later guards see the new owner */
        }
    }
}

void rec_pass(Recorder *r, uint32_t first, uint32_t count, const IrRef *items)
{
    for (uint32_t i = 0; i < count && r->reason == ABORT_NONE; i++) {
        bool number = ir_type_of(r->ir, rec_reg(r, first + i)) != IR_V;
        rec_kill(r, r->base + (int32_t)(first + i));
        if (!number && counted(r, items[i])) {
            r->owned[items[i]]--;
        }
    }
    rec_unhold(r);
}

IrRef rec_lend(Recorder *r, uint32_t first, uint32_t count)
{
    IrRef boxed[HELD_MAX];
    if (count > HELD_MAX) {
        record_abort(r, ABORT_BYTECODE, "more temporaries than a helper takes");
        return 0;
    }
    for (uint32_t i = 0; i < count; i++) { /* guards come before effects */
        boxed[i] = rec_reg_value(r, first + i);
    }
    for (uint32_t i = 0; i < count && r->reason == ABORT_NONE; i++) {
        rec_emit(r, IR_lend_slot, IR_N, boxed[i], IR_NONE, IR_NONE, r->base + (int32_t)(first + i));
    }
    return rec_emit(r, IR_slot_address, IR_P, IR_NONE, IR_NONE, IR_NONE, r->base + (int32_t)first);
}

void rec_drop_range(Recorder *r, uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count && r->reason == ABORT_NONE; i++) {
        rec_drop(r, r->base + (int32_t)(first + i));
    }
}

void rec_dest(Recorder *r, uint32_t reg, bool temp, IrRef ref)
{
    int32_t slot = r->base + (int32_t)reg;
    if (!temp) {
        /* the new value's holder counts before the old one goes */
        IrRef old = rec_slot(r, slot);
        rec_set(r, slot, ref);
        if (r->reason == ABORT_NONE && counted(r, old) && r->owned[old] > rec_holders(r, old)) {
            r->owned[old]--;
            rec_emit(r, IR_decref, IR_N, old, IR_NONE, IR_NONE, 0);
        }
        return;
    }
    rec_set(r, slot, ref);
}

void rec_replace(Recorder *r, IrRef old, IrRef new_ref)
{
    for (int32_t i = 0; i < r->top; i++) {
        if (r->slots[i].ref == old && !r->slots[i].dead && !r->slots[i].raw) {
            r->slots[i].ref = new_ref;
        }
    }
}

void rec_own_all(Recorder *r)
{
    for (int32_t i = 0; i < r->top && r->reason == ABORT_NONE; i++) {
        RecSlot *s = &r->slots[i];
        if (s->ref == IR_NONE || s->dead || s->raw || !s->written ||
            ir_type_of(r->ir, s->ref) != IR_V) {
            continue;
        }
        if (is_const_object(r, s->ref)) {
            /* the next iteration, or whoever goes on, drops the slot's reference */
            rec_incref(r, s->ref);
            s->own = true;
            r->snap = IR_NONE;
        } else if (counted(r, s->ref) && r->owned[s->ref] < rec_holders(r, s->ref)) {
            rec_incref(r, s->ref);
            r->owned[s->ref]++;
            r->snap = IR_NONE; /* later guards see the new owner */
        }
    }
}

/* ---- snapshots ------------------------------------------------------------------------------------------ */

/* How many of the owned references of ref are already with holders before slot index `end`. */
static uint32_t handed_out(const Recorder *r, IrRef ref, int32_t end)
{
    uint32_t n = 0;
    for (int32_t i = 0; i < r->top; i++) {
        const RecSlot *s = &r->slots[i];
        if (s->ref == ref && !s->dead && !s->raw && (!s->written || i < end)) {
            n++;
        }
    }
    return n;
}

static uint16_t entry_flags(const Recorder *r, int32_t index)
{
    IrRef ref = r->slots[index].ref;
    if (ir_type_of(r->ir, ref) != IR_V) {
        return 0;
    }
    if (ir_is_const(ref)) {
        return is_const_object(r, ref) && !r->slots[index].own ? SNAP_INCREF : 0;
    }
    if (rec_known(r, ref) == KNOWN_NUMBER) {
        return 0;
    }
    return handed_out(r, ref, index) >= r->owned[ref] ? SNAP_INCREF : 0;
}

/* The slots' references are handed out first; what is left is dropped. */
static uint16_t held_flags(const Recorder *r, uint32_t index)
{
    IrRef ref = r->held[index];
    if (!counted(r, ref)) {
        return 0;
    }
    uint32_t taken = handed_out(r, ref, r->top);
    for (uint32_t i = 0; i < index; i++) {
        taken += r->held[i] == ref;
    }
    return taken >= r->owned[ref] ? SNAP_INCREF : 0;
}

uint32_t rec_snapshot_at(Recorder *r, const Insn *pc)
{
    IrRef unbound = rec_value(r, VALUE_UNBOUND);
    uint32_t snap = ir_snap_new(r->ir, pc, r->base, r->top - SLOT_HEADER, r->depth);
    for (int32_t i = 0; i < r->top; i++) {
        const RecSlot *s = &r->slots[i];
        if (s->dead && s->loaded) {
            ir_snap_entry(r->ir, i - SLOT_HEADER, SNAP_VALUE, 0, unbound);
        }
        if (!s->written || s->dead || s->ref == IR_NONE) {
            continue;
        }
        ir_snap_entry(r->ir, i - SLOT_HEADER, s->raw ? SNAP_RAW : SNAP_VALUE,
                      s->raw ? 0 : entry_flags(r, i), s->ref);
    }
    for (uint32_t i = 0; i < r->held_count; i++) {
        ir_snap_entry(r->ir, 0, SNAP_DROP, held_flags(r, i), r->held[i]);
    }
    if (r->ir->failed) {
        record_abort(r, ABORT_NO_MEMORY, NULL);
    }
    return snap;
}

uint32_t rec_snapshot(Recorder *r)
{
    if (r->snap == IR_NONE) {
        r->snap = rec_snapshot_at(r, r->pc);
    }
    return r->snap;
}
