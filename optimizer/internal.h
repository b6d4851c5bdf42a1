/*
 * What the passes share: the state of one opt_run, emission with folding, facts about values.
 *
 * A pass that re-emits a trace calls opt_rewrite_begin, walks the old uops, maps operands through
 * its own old-to-new table, calls opt_emit for each, and ends with opt_rewrite_end.  opt_emit folds,
 * finds an equal earlier uop (CSE), or appends.
 *
 * Facts.  kinds[r] says what a boxed value is known to be, ranges[r] bounds an int.  Both hold from
 * the uop that proved them on.  What the loop carries round loses its facts at the loop head; ranges
 * exist only after the loop is made, because its variables need an induction (types.c).
 *
 * Memory: everything that lives for one pass or one run comes from the arena; no malloc per uop.
 * Threads: one run, one thread.
 */
#ifndef ADDER_OPTIMIZER_INTERNAL_H
#define ADDER_OPTIMIZER_INTERNAL_H

#include "optimizer/optimizer.h"

typedef enum OptKindTag {
    KIND_ANY,
    KIND_PRESENT, /* anything but absent and unbound */
    KIND_NUMBER,  /* no object */
    KIND_INT,     /* small int */
    KIND_FLOAT,
    KIND_BOOL,
    KIND_SPECIAL, /* None, unbound, absent: constants */
    KIND_OBJECT,  /* an object of unknown type */
    KIND_TYPED,   /* an object of type_id */
} OptKindTag;
typedef struct OptKind {
    uint32_t tag, type_id;
} OptKind;

typedef struct OptRange {
    int64_t low, high; /* low <= high */
} OptRange;
#define OPT_RANGE_ALL ((OptRange){INT64_MIN, INT64_MAX})

enum { OPT_CLASSES = 13, OPT_MAX_UOPS = 1 << 16, OPT_BUCKETS = 256 };

typedef struct Opt {
    Thread *th;
    IrTrace *t;
    const OptConfig *config;
    OptTrail *trail;
    OptStatus status;
    IrScratch *scratch; /* reset before each pass that starts anew */
    /* emission */
    uint32_t chain[IR_OP_COUNT];  /* newest uop of each op + 1 */
    uint32_t *prev;               /* the one before it + 1, by uop */
    uint32_t bucket[OPT_BUCKETS]; /* newest uop of each hash (opt_bucket) + 1 */
    uint32_t *older;              /* the one before it in its bucket + 1, by uop */
    OptKind *kinds;               /* by uop */
    OptRange *ranges;             /* by uop */
    uint32_t capacity;            /* of prev, older, kinds, ranges */
    bool tables_good;             /* chain, prev, kinds are those of t as it stands */
    bool ranges_known;            /* the loop is made: ranges may be used and recorded */
    bool contradiction;           /* a guard was emitted that always leaves */
    uint32_t alive[OPT_CLASSES];  /* loads of the class may be reused from this uop on */
    uint32_t body;                /* first uop of the loop body, or IR_NONE */
    uint32_t loop_writes;         /* classes that the loop writes */
    uint32_t hoisted;             /* classes of loads that the body reused from before the loop */
    /* While the loop pass emits the body: values of the first iteration that the next one finds
     * changed.  Nothing that is known about them (their definition, results computed from them) may be
     * used: whoever enters at the loop head brings others. */
    const bool *carried;
    OptRange *entered;   /* ranges of the uops before the loop where it begins; NULL: not known */
    uint32_t item_floor; /* loads of list items: the last writer but stores is before this */
    /* the rewrite in progress */
    IrUop *old;
    uint32_t old_count, old_capacity;
    IrUop *spare; /* what an earlier rewrite left: the next one writes there */
    uint32_t spare_capacity;
} Opt;

/* ---- run.c ---- */
/* Zeroed memory until the end of the pass. fails: NULL, status set. */
void *opt_alloc(Opt *o, size_t count, size_t size_bytes);
void opt_fail(Opt *o, OptStatus status);
static inline bool opt_ok(const Opt *o) { return o->status == OPT_OK; }

/* ---- emit.c ---- */
bool opt_rewrite_begin(Opt *o);
void opt_rewrite_end(Opt *o);
/* Folds, reuses or appends. returns the value, IR_NONE if there is none (or none is needed). */
IrRef opt_emit(Opt *o, IrOp op, IrType type, IrRef a, IrRef b, IrRef c, int32_t imm, uint32_t snap);
/* Appends without folding, keeping the tables right. */
IrRef opt_append(Opt *o, IrOp op, IrType type, IrRef a, IrRef b, IrRef c, int32_t imm,
                 uint32_t snap);
/* Short forms: a pure uop of the type of its row. */
IrRef opt_emit1(Opt *o, IrOp op, IrRef a);
IrRef opt_emit2(Opt *o, IrOp op, IrRef a, IrRef b);
/* Where uops of an operation on these operands are looked for. */
static inline uint32_t opt_bucket(IrOp op, IrRef a, IrRef b, IrRef c, int32_t imm)
{
    uint32_t h = (uint32_t)op * 0x9E3779B1u + a * 0x85EBCA77u + b * 0xC2B2AE3Du + c * 0x27D4EB2Fu +
                 (uint32_t)imm * 0x165667B1u;
    return (h ^ h >> 15) * 0x9E3779B1u >> 24;
}
/* The newest equal uop (same op, operands, imm), or IR_NONE. */
IrRef opt_find(const Opt *o, IrOp op, IrRef a, IrRef b, IrRef c, int32_t imm);
OptKind opt_kind(const Opt *o, IrRef r);
void opt_learn_kind(Opt *o, IrRef r, OptKindTag tag, uint32_t type_id);
/* Never an object, so never counted? */
bool opt_uncounted(const Opt *o, IrRef r);
OptRange opt_range(const Opt *o, IrRef r);
/* Is r carried round the loop, from the body's point of view? */
static inline bool opt_carried(const Opt *o, IrRef r)
{
    return o->carried != NULL && !ir_is_const(r) && r != IR_NONE && r < o->body && o->carried[r];
}
/* The uop that defines r, or NULL for a constant and for what comes with the loop. */
static inline const IrUop *opt_def(const Opt *o, IrRef r)
{
    return ir_is_const(r) || r == IR_NONE || opt_carried(o, r) ? NULL : &o->t->uops[r];
}
static inline bool opt_defined_by(const Opt *o, IrRef r, IrOp op)
{
    const IrUop *d = opt_def(o, r);
    return d != NULL && d->op == op;
}
static inline bool opt_const_int(const Opt *o, IrRef r, int64_t *out)
{
    if (!ir_is_const(r) || ir_const(o->t, r)->type != IR_I) {
        return false;
    }
    *out = ir_const(o->t, r)->i;
    return true;
}

/* ---- rewrite.c ---- */
/* Re-emits the whole trace, in its shape; hooks may be NULL; learn is called after each uop with its old
 * index and new ref. returns old uop -> new ref, or NULL. */
typedef struct OptHooks {
    /* may be NULL; called before a uop is emitted: true: it is dealt with. map: of the uops before */
    bool (*replace)(Opt *o, void *context, uint32_t old, const IrRef *map);
    void (*learn)(Opt *o, void *context, uint32_t old, IrRef fresh);
    void *context;
} OptHooks;
IrRef *opt_reemit(Opt *o, const OptHooks *hooks);
static inline IrRef opt_mapped(const IrRef *map, IrRef r)
{
    return r == IR_NONE || ir_is_const(r) ? r : map[r];
}

/* ---- the folding rules ---- */
typedef struct Fold {
    IrOp op;
    IrType type;
    IrRef a, b, c;
    int32_t imm;
    uint32_t snap;
    IrRef result; /* FOLD_DONE */
} Fold;
typedef enum FoldResult {
    FOLD_KEEP,  /* no rule fits */
    FOLD_AGAIN, /* the uop was replaced by another one: try again */
    FOLD_DONE,  /* result (IR_NONE: the uop is not needed) */
} FoldResult;
FoldResult opt_fold_int(Opt *o, Fold *f);    /* fold_int.c */
FoldResult opt_fold_divide(Opt *o, Fold *f); /* fold_divide.c */
FoldResult opt_fold_power(Opt *o, Fold *f);  /* fold_power.c */
FoldResult opt_fold_guard(Opt *o, Fold *f);  /* fold_guard.c */
FoldResult opt_fold_float(Opt *o, Fold *f);  /* fold_float.c */
FoldResult opt_fold_value(Opt *o, Fold *f);  /* fold_value.c */
FoldResult opt_fold_call(Opt *o, Fold *f);   /* fold_call.c */
FoldResult opt_fold_memory(Opt *o, Fold *f); /* fold_memory.c */
static inline FoldResult fold_to(Fold *f, IrRef r)
{
    f->result = r;
    return FOLD_DONE;
}
static inline FoldResult fold_into(Fold *f, IrOp op, IrRef a, IrRef b)
{
    f->op = op;
    f->a = a;
    f->b = b;
    f->c = IR_NONE;
    f->imm = 0;
    return FOLD_AGAIN;
}

/* ---- cse.c ---- */
/* An earlier uop that computes the same and may stand for f; IR_NONE if there is none.
 * *gone: f has no result and is not needed. */
IrRef opt_cse(Opt *o, const Fold *f, bool *gone);
/* A uop with effects was appended: forget loads that it may have changed. */
void opt_kill(Opt *o, uint32_t writes);
/* Loads of a class may be reused from this uop on. */
uint32_t opt_load_floor(const Opt *o, uint32_t reads);

/* ---- ranges.c ---- */
/* The range of a uop's int result from its operands' ranges. */
OptRange opt_range_of(const IrTrace *t, const IrUop *u, OptRange a, OptRange b, OptRange c);
/* What a guard that has passed says about its operands. */
void opt_range_guard(IrOp op, OptRange *a, OptRange *b);
/* -1: unknown; else the value that the comparison must have. op: lt_int ... ne_int */
int opt_range_compare(IrOp op, OptRange a, OptRange b);

/* ---- rewrite.c, too ---- */
/* Maps the refs of all entries, facts and head arguments through map (old uop to new ref). */
void opt_refs_map(Opt *o, const IrRef *map);
/* In snapshots boxed ints, floats and bools become unboxed (the exit boxes). */
void opt_snaps_unbox(Opt *o);

/* ---- passes ---- */
#define PASS(name, text) void opt_pass_##name(Opt *o);
#include "optimizer/passes.def"
#undef PASS

#endif
