/*
 * Pass refs, inside: what refs.c and refs_phi.c share.
 *
 * Threads: one run, one thread.
 */
#ifndef ADDER_OPTIMIZER_REFS_H
#define ADDER_OPTIMIZER_REFS_H

#include "optimizer/internal.h"

enum { LENDER_DEPTH = 8 };

typedef struct Refs {
    Opt *o;
    uint32_t *pending;             /* by value: incref + 1 that has no decref yet */
    uint32_t *released;            /* by value: last uop + 1 that dropped it or gave it away */
    uint32_t *snap_first;          /* by snapshot: first uop + 1 that uses it */
    uint32_t written[OPT_CLASSES]; /* last uop + 1 that wrote the class */
    uint32_t loop_writes;          /* classes that the loop writes */
    uint32_t barrier;              /* last helper + 1 that may pass a quiescent point */
    bool loop_barrier;             /* the loop calls one */
    bool in_body;
    bool drops; /* a decref has stayed */
} Refs;

/* Is v held by somebody else, from its own beginning to now? */
bool refs_lent(const Refs *s, IrRef v, int depth);
/* The classes of memory whose writers may drop what v was read from (a load, or a helper that lends). */
uint32_t refs_lending_class(const IrTrace *t, IrRef v);
void refs_remove(Opt *o, uint32_t i);
/* Values that the loop carries and that the epoch lends: no counts. Needs: a shared trace whose loop calls no
 * barrier; all pairs are gone. */
void refs_phis(Refs *s);

#endif
