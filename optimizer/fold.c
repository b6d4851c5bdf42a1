/*
 * Pass fold: re-emits the recording through the folding emitter.
 *
 * Needs: a valid trace.  Guarantees: no uop left that a rule of fold_*.c would still change as
 * operands stand, no two equal uops where one would do; snapshots name unboxed numbers.
 *
 * Why at emission (and again in every pass that re-emits): a rule sees operands that are already
 * folded, so one walk suffices, and what a later pass finds out is folded on at once.
 */
#include "optimizer/internal.h"

void opt_pass_fold(Opt *o)
{
    o->ranges_known = false;
    opt_reemit(o, NULL);
    if (opt_ok(o)) {
        opt_snaps_unbox(o);
        o->tables_good = true;
    }
}
