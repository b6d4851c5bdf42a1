/*
 * Recorder, endings: closing a loop, and going on in another trace.
 *
 * Going on means: the whole frame is stored, and the target starts from its first uop, which is always
 * possible.  The better way, into the target's loop, is record_head.c.
 *
 * Threads: the thread that records.
 */
#include "interp/jit/recorder.h"

void record_close(Recorder *r)
{
    rec_own_all(r);
    r->snap = IR_NONE;
    record_finish(r, IR_jump, 0, "loop");
}

void rec_box_slot(Recorder *r, RecSlot *s)
{
    if (s->raw) {
        return;
    }
    IrRef boxed = rec_as_value(r, s->ref);
    if (ir_type_of(r->ir, s->ref) == IR_I && !ir_is_const(s->ref)) {
        rec_set_known(r, boxed, KNOWN_NUMBER);
    }
    s->ref = boxed;
}

void rec_store_slot(Recorder *r, int32_t i)
{
    RecSlot *s = &r->slots[i];
    rec_emit(r, s->raw ? IR_store_slot_ptr : IR_store_slot, IR_N, s->ref, IR_NONE, IR_NONE,
             i - SLOT_HEADER);
    s->written = false;
}

/* All slots that differ from memory are stored, so that the target finds a whole frame. */
void record_link(Recorder *r, const JitTrace *target)
{
    rec_own_all(r);
    r->snap = IR_NONE;
    for (int32_t i = 0; i < r->top && r->reason == ABORT_NONE; i++) {
        if (rec_is_filled(&r->slots[i])) {
            rec_box_slot(r, &r->slots[i]);
        }
    }
    for (int32_t i = 0; i < r->top && r->reason == ABORT_NONE; i++) {
        if (rec_is_filled(&r->slots[i])) {
            rec_store_slot(r, i);
        }
    }
    r->snap = IR_NONE;
    record_finish(r, IR_link, (int32_t)target->id, "link");
}
