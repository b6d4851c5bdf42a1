/*
 * Recorder, endings: closing a loop, and linking to another trace's entry: the whole frame is stored,
 * and the target starts from its first uop, which is always possible.
 *
 * Threads: the thread that records.
 */
#include "interp/jit/recorder.h"
#include "runtime/memory.h"

void record_close(Recorder *r)
{
    rec_own_all(r);
    r->snap = IR_NONE;
    record_finish(r, IR_jump, 0, "loop");
}

/* All slots that differ from memory are stored, so that the target finds a whole frame. */
void record_link(Recorder *r, const JitTrace *target)
{
    rec_own_all(r);
    r->snap = IR_NONE;
    for (int32_t i = 0; i < r->top && r->reason == ABORT_NONE; i++) {
        RecSlot *s = &r->slots[i];
        if (s->written && !s->dead && !s->raw && s->ref != IR_NONE) {
            IrRef boxed = rec_as_value(r, s->ref);
            if (ir_type_of(r->ir, s->ref) == IR_I && !ir_is_const(s->ref)) {
                rec_set_known(r, boxed, KNOWN_NUMBER);
            }
            s->ref = boxed;
        }
    }
    for (int32_t i = 0; i < r->top && r->reason == ABORT_NONE; i++) {
        RecSlot *s = &r->slots[i];
        if (s->written && !s->dead && s->ref != IR_NONE) {
            rec_emit(r, s->raw ? IR_store_slot_ptr : IR_store_slot, IR_N, s->ref, IR_NONE, IR_NONE,
                     i - SLOT_HEADER);
            s->written = false;
        }
    }
    r->snap = IR_NONE;
    record_finish(r, IR_link, (int32_t)target->id, "link");
}
