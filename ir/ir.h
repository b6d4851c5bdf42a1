/*
 * IR: a trace as a linear array of typed SSA uops, its constants and its snapshots.
 *
 * A reference (IrRef) names a uop by index, or a constant (IR_REF_CONST set).  A uop's operands are
 * defined before it, except operand b of a phi.  A loop trace has the shape
 *
 *     entry uops (slot, inherit) and first iteration | loop | phis | body | jump
 *
 * A recorded trace before the loop pass has no `loop` uop: it ends in `jump`, and the pass peels it
 * (`jump` in a trace without `loop` means: the recording closed on its head).
 *
 * Counting model.  The recorder writes the interpreter's reference counts out as incref and decref.
 * On entry the trace takes over the references of the frame slots (a `slot` uop borrows from the
 * frame; the frame's reference lives until the slot is overwritten, and then the recorder emits a
 * decref of the old value).  A snapshot entry hands its value's reference to the frame slot:
 * without SNAP_INCREF the trace owned it (or the value is no object), with SNAP_INCREF the exit
 * takes a new one.  Slots that are not in a snapshot still hold what they held on entry.  A reference
 * that the trace holds for no slot (between two guards of one bytecode) is a SNAP_DROP entry: the exit
 * drops it when all slots are written; with SNAP_INCREF it is none of the trace's, nothing happens.
 *
 * Forms.  A trace of the alone form relies on no other thread running (Thread.alone): guard_alone stands
 * behind each bytecode that called a helper in which that may have changed, and inline stores of objects
 * are preceded by publish.  The shared form relies on nothing: lists and cells are read and written by the
 * plain uops only while they are private, which guard_private has asked since anything was last published,
 * or fresh from this trace; else by load_shared_* and by helpers that lock.  The validator checks both.
 *
 * Ints: I is an int64.  Where an exit boxes one that is beyond the small range, it makes a heap int.
 *
 * Threads: an IrTrace belongs to the thread that records it until publication; then immutable.
 */
#ifndef ADDER_IR_IR_H
#define ADDER_IR_IR_H

#include "runtime/error.h"
#include "runtime/helpers.h"

typedef uint32_t IrRef;
#define IR_NONE UINT32_MAX
#define IR_REF_CONST 0x80000000u
static inline bool ir_is_const(IrRef r) { return r != IR_NONE && (r & IR_REF_CONST) != 0; }

typedef enum IrType {
    IR_N,
    IR_I,
    IR_F,
    IR_V,
    IR_P,
    IR_A,
    IR_T
} IrType; /* A, T only in the table */

typedef enum IrOp {
#define UOP(name, r, a, b, c, imm, flags, reads, writes) IR_##name,
#include "ir/uops.def"
#undef UOP
    IR_OP_COUNT
} IrOp;

enum { /* flags of a row */
       IRF_G = 1,
       IRF_X = 2,
       IRF_TH = 4,
       IRF_SP = 8,
       IRF_CC = 16,
       IRF_COM = 32,
       IRF_IMM = 64,
};
enum { /* memory classes */
       MEM_SLOT = 1,
       MEM_LIST_SIZE = 2,
       MEM_LIST_TABLE = 4,
       MEM_LIST_ITEM = 8,
       MEM_CELL = 16,
       MEM_GLOBAL = 32,
       MEM_FIELD = 64,
       MEM_COUNT = 128,
       MEM_POLL = 256,
       MEM_INIT = 512,
       MEM_CALLS = 1024,   /* Thread.calls_left */
       MEM_PRIVATE = 2048, /* the flag OBJECT_PRIVATE of any object */
       MEM_SHARED = 4096,  /* what other threads may write: keeps load_shared_* in order */
       MEM_ANY = (0x3FF & ~(1 | 128)) | 2048 | 4096, /* what a helper that runs Python may write */
       MEM_ALL = 0x1FFF,
};

typedef struct IrOpInfo {
    const char *name;
    uint8_t result, operands[3]; /* IrType */
    uint8_t flags;
    uint16_t reads, writes;
} IrOpInfo;
extern const IrOpInfo ir_ops[IR_OP_COUNT];

/* One uop. */
typedef struct IrUop {
    uint16_t op;   /* IrOp */
    uint8_t type;  /* IrType of the result; IR_N: none */
    uint8_t flags; /* UOP_* */
    IrRef a, b, c; /* IR_NONE where unused */
    int32_t imm;
    uint32_t snap; /* index of the snapshot, IR_NONE without one */
} IrUop;
enum {
    UOP_SUNK = 1,      /* an allocation (or its init) that lives only in snapshots: no code */
    UOP_INVARIANT = 2, /* lies before `loop` and is used after it (set by ir_finish) */
    UOP_LIVE = 4,      /* dce's mark */
    UOP_BORROWED =
        8, /* a sunk init_tuple or alloc_cell whose value's reference is still its lender's:
                        * whoever makes the object takes a new one */
    UOP_LENT =
        16, /* a phi, or an inherited value, of which the trace has no reference: lent by the epoch */
};

typedef struct IrConst {
    uint8_t type;   /* IR_I, IR_F, IR_V, IR_P */
    bool uncounted; /* an object that ir_parse read as an address: never touched, never run */
    union {
        int64_t i;
        double f;
        Value v; /* a V constant that is an object is owned by the trace */
        const void *p;
        uint64_t bits;
    };
} IrConst;

typedef struct IrSnapEntry {
    int32_t slot;  /* relative to the root frame's fp; header slots of inlined frames included */
    uint16_t kind; /* SNAP_VALUE: boxed by the ref's type; SNAP_RAW: the word as it is (P constant);
                 SNAP_DROP: a reference of the trace that no slot holds: dropped, slot is 0 */
    uint16_t flags;
    IrRef ref;
} IrSnapEntry;
enum { SNAP_VALUE, SNAP_RAW, SNAP_DROP };
enum { SNAP_INCREF = 1, SNAP_BOOL = 2 /* an I that is shown as a bool */ };

typedef struct IrSnap {
    uint32_t first, count; /* entries */
    const void *pc; /* bytecode to resume at (re-executed; or unwound if an exception is pending) */
    int32_t base;   /* slot of the innermost frame's fp */
    int32_t top;    /* slots from here on are dead (live temporaries end) */
    uint32_t depth; /* number of inlined frames */
} IrSnap;

/* Known at the loop head about a phi, or about an int from before the loop whose guards say more than
 * its operands do; for whoever jumps there from outside (link_head). */
typedef struct IrPhiFact {
    IrRef phi;
    int32_t slot;      /* frame slot whose value the phi is, or -1 */
    int64_t low, high; /* I: the body relies on low <= value <= high */
} IrPhiFact;

typedef struct IrTrace {
    IrUop *uops;
    uint32_t count, capacity;
    IrConst *consts;
    uint32_t const_count, const_capacity;
    uint32_t *const_index;     /* hash table of indices + 1 into consts, 0: free */
    uint32_t const_index_size; /* a power of two, or 0 */
    IrSnap *snaps;
    uint32_t snap_count, snap_capacity;
    IrSnapEntry *entries;
    uint32_t entry_count, entry_capacity;
    uint32_t id;                  /* trace number */
    uint32_t parent, parent_exit; /* side trace: trace number and snapshot; IR_NONE for a root */
    const void *head_pc;
    uint32_t loop; /* index of the `loop` uop, or IR_NONE */
    uint32_t inherit_count;
    IrType *inherit_types; /* types of the inherited values, by inherit's imm */
    /* loop head, filled by the optimizer for link_head */
    uint32_t head_snap; /* snapshot of the frame at the loop head: slot -> ref; IR_NONE */
    IrPhiFact *facts;
    uint32_t fact_count;
    uint32_t
        hoisted_reads; /* MEM_*: classes of loads that the body relies on without repeating them */
    uint32_t writes;   /* MEM_*: classes that the trace writes, helpers included */
    /* link_head: the value of each phi of the target, in its order.  With head_refs also of each value
     * from before its loop that the body uses: head_refs[k] is the target's ref that
     * head_args[head_arg_count - head_ref_count + k] stands for.  Without, those are still there. */
    IrRef *head_args, *head_refs;
    uint32_t head_arg_count, head_ref_count;
    bool failed;      /* out of memory somewhere: the builder's calls are no-ops from then on */
    bool shared;      /* the form that is valid with any number of running threads (see the top) */
    Value keep_alive; /* list of objects that constants name (functions, code), or absent */
} IrTrace;

/* ---- building (ir/build.c) ------------------------------------------------------------------- */
/* fails: NULL. owns: new; ir_free. */
IrTrace *ir_new(void);
void ir_free(Thread *th, IrTrace *t);
/* Appends without folding (optimizer/fold.h has the folding emitter). returns the new uop's ref. */
IrRef ir_emit(IrTrace *t, IrOp op, IrType type, IrRef a, IrRef b, IrRef c, int32_t imm,
              uint32_t snap);
/* Constants are shared by bits and type. ir_const_value keeps v alive (takes a reference). */
IrRef ir_const_int(IrTrace *t, int64_t i);
IrRef ir_const_float(IrTrace *t, double d);
IrRef ir_const_value(Thread *th, IrTrace *t, Value v);
IrRef ir_const_ptr(IrTrace *t, const void *p);
/* An address that stands for an object and is never touched (ir_parse). */
IrRef ir_const_uncounted(IrTrace *t, Value v);
static inline const IrConst *ir_const(const IrTrace *t, IrRef r)
{
    return &t->consts[r & ~IR_REF_CONST];
}
IrType ir_type_of(const IrTrace *t, IrRef r);
/* The row with that name, or IR_OP_COUNT. */
IrOp ir_op_by_name(const char *name, size_t length);
/* Is it a last uop: jump, link, link_head, exit, ret? */
static inline bool ir_is_terminator(IrOp op) { return op >= IR_jump && op <= IR_ret; }
/* Operand i (0, 1, 2) of a uop. */
static inline IrRef ir_operand(const IrUop *u, int i)
{
    return i == 0 ? u->a : i == 1 ? u->b : u->c;
}
static inline bool ir_exits(const IrUop *u) { return (ir_ops[u->op].flags & (IRF_G | IRF_X)) != 0; }
/* Starts a snapshot; entries follow by ir_snap_entry until the next ir_snap_new. */
uint32_t ir_snap_new(IrTrace *t, const void *pc, int32_t base, int32_t top, uint32_t depth);
void ir_snap_entry(IrTrace *t, int32_t slot, uint16_t kind, uint16_t flags, IrRef ref);
/* Effects of a uop, calls by their helper's row: MEM_* masks. */
uint32_t ir_reads(const IrTrace *t, const IrUop *u);
uint32_t ir_writes(const IrTrace *t, const IrUop *u);
bool ir_is_pure(const IrTrace *t,
                const IrUop *u); /* no effect, no exit, result depends on operands only */
/* The values that an exit must hand over: distinct non-constant refs of a snapshot (virtual objects
 * expanded), in the order that `inherit` counts them. returns count, at most max are written
 * (if it is larger than max, values may have been counted twice). */
uint32_t ir_snap_live(const IrTrace *t, uint32_t snap, IrRef *out, uint32_t max);

/* The helper that finishes a CC uop. */
HelperId ir_cold_helper(IrOp op);
/* Does the helper make a list that nobody else knows? */
static inline bool ir_makes_list(int32_t helper)
{
    return helper == HELPER_ID_list_repeat_value || helper == HELPER_ID_list_new_array;
}
/* What a sunk alloc_tuple holds at an item (IR_NONE: nothing), and whether that is borrowed. */
IrRef ir_virtual_item(const IrTrace *t, IrRef tuple, int32_t item, bool *borrowed);

/* ---- text (ir/text.c): prints and parses back exactly ------------------------------------------- */
/* owns: rt_malloc'ed text. fails: NULL. */
char *ir_print(const IrTrace *t);
/* An operand as ir_print writes it; cut where size is too small. */
void ir_print_ref(const IrTrace *t, IrRef ref, char *out, size_t size);
/* fails: NULL, *error (static or rt_malloc'ed, 200 bytes) and *line say why. */
IrTrace *ir_parse(Thread *th, const char *text, char *error, uint32_t *line);

/* ---- checking (ir/validate.c) -------------------------------------------------------------------- */
/* Every rule of the comment at the top, types, dominance, snapshots. fails: false, message written. */
bool ir_validate(const IrTrace *t, char *message, size_t size);

/* ---- running without machine code (ir/execute.c), and rebuilding frames (ir/restore.c) ------------ */
typedef union IrWord {
    int64_t i;
    double f;
    Value v;
    void *p;
} IrWord;
/* Evaluates the body of one uop that is not SP. A CC body's false is left to the caller.
 * fails: false where the body says so; *result is written on true only. th: only for TH rows. */
bool ir_evaluate(Thread *th, IrOp op, const IrWord args[3], int32_t imm, IrWord *result);
/* Calls a helper with words; for a helper without a result *result is unchanged. */
void ir_call_helper(Thread *th, uint32_t helper, const IrWord args[3], IrWord *result);
typedef struct IrExit {
    uint32_t snap; /* snapshot through which the trace was left */
    uint32_t link; /* trace number for link/link_head, else IR_NONE */
    bool returned; /* `ret`: value in result */
    Value result;
} IrExit;
/* exit.snap == IR_NONE: out of memory before an iteration; the frame already is as head_pc wants it
 * (MemoryError is pending). */
/* Runs a trace (raw or optimized) on a frame. values: t->count words for the uops; inherited: the
 * live values of the parent's exit. Restores nothing. may: run Python, raise (helpers). */
IrExit ir_execute(Thread *th, const IrTrace *t, Value *fp, IrWord *values, const IrWord *inherited);
/* Every `every`-th guard fails though it holds (left counts down; begins at every). Exception guards
 * are not counted: their failure means a pending exception. */
typedef struct IrStress {
    uint32_t every, left;
} IrStress;
/* ir_execute as part of a run of traces that began with the root frame `entered` (links may have led
 * to another one), and under stress (NULL: none). */
IrExit ir_execute_stressed(Thread *th, const IrTrace *t, Value *fp, const Value *entered,
                           IrWord *values, const IrWord *inherited, IrStress *stress);
/* Goes on at the loop head of t, as link_head does: values still holds what t's first iteration
 * computed, phis are the new values of its phis (ir_head_words). */
IrExit ir_execute_head(Thread *th, const IrTrace *t, Value *fp, const Value *entered,
                       IrWord *values, const IrWord *phis, IrStress *stress);
/* The values for the target's phis after a run of t ended in link_head: t->head_arg_count words. */
void ir_head_words(const IrTrace *t, const IrWord *values, IrWord *out);
/* Fetches the word of a non-constant ref at an exit. */
typedef IrWord (*IrFetch)(void *context, IrRef ref);
/* Rebuilds the frames of a snapshot in the value stack: boxes, makes virtual objects, takes
 * references (SNAP_INCREF). All slots are written or, when memory runs out, the slots that could not
 * be made hold None and MemoryError is pending. returns the innermost frame's fp. */
Value *ir_restore(Thread *th, const IrTrace *t, uint32_t snap, Value *fp, IrFetch fetch,
                  void *context);

#endif
