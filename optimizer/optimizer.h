/*
 * Optimizer: makes a recorded trace faster, by passes of one file each (passes.def lists them).
 *
 * In: a valid trace, as recorded (ends in jump without `loop`, link, link_head, exit or ret).
 * Out: the same trace object with other uops and snapshots, valid again; for a loop also head_snap,
 * facts, hoisted_reads and writes, for whoever ends in link_head.
 *
 * Guarantee: from any frame, running the optimized trace leaves with the same frames, memory and
 * exception as the recorded one, but it may leave later (after more iterations or bytecodes) where
 * the recorded one would have left for want of a proof (an overflow that nobody sees, a box).
 *
 * Threads: the thread that owns the trace; nothing is shared.
 */
#ifndef ADDER_OPTIMIZER_OPTIMIZER_H
#define ADDER_OPTIMIZER_OPTIMIZER_H

#include "ir/ir.h"
#include "ir/scratch.h"

typedef enum OptStatus {
    OPT_OK,
    OPT_NO_MEMORY,
    OPT_NO_FRAME,      /* a closing jump without a snapshot */
    OPT_UNSTABLE,      /* a slot's type differs between entry and back edge */
    OPT_ALWAYS_LEAVES, /* the loop body would leave in every iteration */
    OPT_LINK_CONFLICT, /* link_head: the target relies on memory that this trace writes */
    OPT_LINK_MISMATCH, /* link_head: the values do not fit the target's phis */
    OPT_TOO_LONG,
    OPT_INVALID, /* debug validation failed: a bug; trail->message says where */
} OptStatus;
const char *opt_status_text(OptStatus status);

typedef enum OptPass {
#define PASS(name, text) OPT_PASS_##name,
#include "optimizer/passes.def"
#undef PASS
    OPT_PASS_COUNT
} OptPass;
extern const char *const opt_pass_names[OPT_PASS_COUNT];
/* The pass with that name, or OPT_PASS_COUNT. */
OptPass opt_pass_by_name(const char *name, size_t length);

typedef struct OptConfig {
    uint32_t disabled; /* bit OPT_PASS_*: switched off (loop off: the trace stays a recording) */
    bool validate;     /* ir_validate after each pass */
    bool timed;        /* trail->ns is wanted: the clock costs as much as a uop */
    /* called after each pass that ran; may be NULL */
    void (*after)(void *context, const char *pass, const IrTrace *t);
    /* the target of a link_head, or NULL; may be NULL */
    const IrTrace *(*find)(void *context, uint32_t trace_id);
    void *context;
    IrScratch *scratch; /* memory for the run, reset by it; NULL: its own */
} OptConfig;

/* What opt_run did, for adder-trace and statistics. */
typedef struct OptTrail {
    const char *pass;              /* the pass that was running at the end */
    char message[200];             /* OPT_INVALID: the validator's words */
    uint64_t ns[OPT_PASS_COUNT];   /* if config->timed */
    uint32_t uops[OPT_PASS_COUNT]; /* uops after the pass */
    uint32_t recorded_uops;
} OptTrail;

/* Runs the passes over *t.  trail may be NULL.
 * may: allocate. fails: a status; *t must then be freed, it is no valid trace any more. */
OptStatus opt_run(Thread *th, IrTrace **t, const OptConfig *config, OptTrail *trail);

#endif
