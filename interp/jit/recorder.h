/*
 * Recorder (internal): what a recording knows, shared by the record_*.c files.
 *
 * A recording mirrors the frame slots: for each slot, relative to the root frame's fp, the uop or
 * constant that it holds now.  Before tier 1 runs an instruction the recorder sees its operands in the
 * real frame, emits the guards that make the same path certain, then the uops of its effect, and
 * updates the mirror.  Guards come before effects within one bytecode, so a failing guard re-runs it.
 *
 * Ownership.  owned[r] counts the references to value r that the trace holds for slots; a further slot
 * that holds r borrows.  Dropping a slot emits a decref only when fewer holders than references are
 * left.  A snapshot hands the owned references to the first holders and lets the exit take new ones
 * for the rest (SNAP_INCREF); what is held for no slot (rec_hold) it drops.  Constants are kept alive by
 * the trace: a slot owns one only at a loop's back edge or a link (RecSlot.own).
 *
 * Threads: a recorder belongs to the thread that records; no other one records from the same place in the
 * same form (JitHead.recorder, JitExit.recorder).
 */
#ifndef ADDER_INTERP_JIT_RECORDER_H
#define ADDER_INTERP_JIT_RECORDER_H

#include "interp/jit/state.h"
#include "runtime/helpers.h"

typedef enum AbortReason {
#define ABORT(name, text, retry) ABORT_##name,
#include "ir/abort.def"
#undef ABORT
    ABORT_COUNT
} AbortReason;

/* A trace's slots, inlined frames included, lie within SLOTS_MAX words of its root frame; a frame that it
 * calls begins within CALL_SLOTS_MAX. */
enum {
    SLOT_HEADER = 3,
    SLOTS_MAX = VM_TRACE_SLOTS,
    CALL_SLOTS_MAX = 256,
    INNER_MAX = 32,
    HELD_MAX = 64
};
/* Recordings from an exit that may fail. */
enum { EXIT_FAILURES_MAX = 4 };
enum { DEPTH_MAX = 12 }; /* frames that a trace inlines */

typedef struct RecSlot {
    IrRef ref;    /* IR_NONE: not yet loaded (the frame's memory has it), or dead */
    bool written; /* differs from the frame's memory: snapshots name it */
    bool dead;    /* holds nothing */
    bool raw;     /* a word of a frame header */
    /* Its value on entry was used. Where it is dead then, snapshots say so: a loop that carries the slot
     * would else show what it holds at the head. */
    bool loaded;
    bool own; /* a constant object of which the slot has a reference of its own (rec_own_all) */
} RecSlot;

typedef struct RecInner { /* back edges passed while recording */
    const Insn *pc;
    const Value *fp;
    uint32_t count;
} RecInner;

typedef struct Recorder {
    Thread *th;
    JitThread *jt;
    Jit *jit;
    JitTrace *trace;
    IrTrace *ir;
    Code *head_code;
    const Insn *head_pc;
    _Atomic uint32_t *place; /* JitHead.recorder or JitExit.recorder, which this recording has */
    Value *root_fp;
    Value *entry_fp; /* Vm.entry_fp when recording began: other C levels are not recorded */
    const Insn *pc;  /* of the bytecode being recorded */
    Value *fp;
    uint16_t op;
    bool is_function; /* a root that begins where a function does: ends in `ret` */
    int32_t base;     /* fp - root_fp */
    int32_t min_base;
    uint32_t depth;
    uint32_t steps;
    uint32_t snap; /* snapshot before this bytecode, IR_NONE until needed */
    RecSlot slots[SLOTS_MAX];
    int32_t top;     /* slots above were never touched */
    uint8_t *owned;  /* by uop */
    uint16_t *known; /* by uop: KNOWN_* or the type id of an object */
    uint32_t side_capacity;
    /* Runtime.globals_epoch from before anything of this bytecode was looked up: slots that it finds are those
     * of this epoch or later ones. */
    uint64_t globals_epoch;
    bool barrier; /* the bytecode called a helper in which other threads may have begun to run */
    const Value *waiting; /* frame whose call runs now, not recorded; NULL */
    uint32_t waited;      /* steps */
    RecInner inner[INNER_MAX];
    uint32_t inner_count;
    struct { /* range(...) that the next GET_ITER consumes */
        int32_t slot;
        IrRef start, stop;
        const Insn *pc; /* of that GET_ITER */
    } range;
    const Insn *expected; /* where tier 1 must be at the next step (rec_expect), or NULL */
    uint32_t published;   /* uops before this one: what they made may have been published */
    struct { /* an instruction that tier 1 is running: which way it goes decides the guard */
        const Insn *pc; /* NULL: none */
        uint16_t op;
        IrRef ref; /* FOR: the item; jumps: the truth as an int */
    } next;
    IrRef held[HELD_MAX]; /* references that no slot has, within one bytecode: exits drop them */
    uint32_t held_count;
    AbortReason reason; /* set: give up after this step */
    const char *detail;
    const char *end; /* how the trace ended: "loop", "link 3" */
    uint64_t start_ns;
    bool done;
} Recorder;

enum { KNOWN_NOTHING = 0, KNOWN_NUMBER = 0xFFFF };

/* ---- record.c */
void record_abort(Recorder *r, AbortReason reason, const char *detail);
void record_step(Recorder *r, const Insn *pc, Value *fp);
bool record_is_back_edge(uint16_t op);
/* Iterations that the FOR at pc still has, as far as its state says; INT64_MAX: unknown. */
int64_t record_remaining(const Insn *pc, uint16_t op, const Value *fp);
enum { UNROLL_MAX = 16 };
void record_finish(Recorder *r, IrOp op, int32_t imm, const char *how);
/* A root at a function's beginning: what its locals hold. */
void record_function_head(Recorder *r);
/* Is pc the first instruction of its function, and no loop's? */
bool record_is_function_head(const Code *code, const Insn *pc, uint16_t op);

/* ---- record_link.c */
void record_close(Recorder *r);
void record_link(Recorder *r, const JitTrace *target);
static inline bool rec_is_filled(const RecSlot *s)
{
    return s->written && !s->dead && s->ref != IR_NONE;
}
/* Boxes what is to be stored: these are guards, so they come before all stores. */
void rec_box_slot(Recorder *r, RecSlot *s);
void rec_store_slot(Recorder *r, int32_t index); /* into r->slots */

/* ---- record_head.c */
/* The head of another root (or of this trace's own) is reached: link_head if its loop's body can be
 * entered from here, else link. */
void record_link_head(Recorder *r, const JitTrace *target);

/* ---- record_slots.c */
IrRef rec_emit(Recorder *r, IrOp op, IrType type, IrRef a, IrRef b, IrRef c, int32_t imm);
IrRef rec_guard(Recorder *r, IrOp op, IrType type, IrRef a, IrRef b, int32_t imm);
static inline void rec_incref(Recorder *r, IrRef ref)
{
    rec_emit(r, IR_incref, IR_N, ref, IR_NONE, IR_NONE, 0);
}
IrRef rec_call(Recorder *r, HelperId helper, IrRef a, IrRef b, IrRef c); /* X guard included */
uint32_t rec_snapshot(Recorder *r);
uint32_t rec_snapshot_at(Recorder *r, const Insn *pc);
static inline IrRef rec_int(Recorder *r, int64_t i) { return ir_const_int(r->ir, i); }
static inline IrRef rec_value(Recorder *r, Value v) { return ir_const_value(r->th, r->ir, v); }
IrRef rec_slot(Recorder *r, int32_t slot); /* loads it if necessary */
static inline IrRef rec_reg(Recorder *r, uint32_t reg)
{
    return rec_slot(r, r->base + (int32_t)reg);
}
Value rec_actual(const Recorder *r, uint32_t reg);
/* Stores: the slot's old value must be dropped before (rec_drop) or be dead. */
void rec_set(Recorder *r, int32_t slot, IrRef ref);
void rec_set_raw(Recorder *r, int32_t slot, IrRef ref);
void rec_drop(Recorder *r, int32_t slot); /* the slot gives up its value */
void rec_kill(Recorder *r, int32_t slot); /* the value was moved elsewhere */
void rec_own(Recorder *r, IrRef ref);     /* a new reference (result of a call) */
/* ref is about to be stored inline where other threads may see it one day. */
void rec_publish(Recorder *r, IrRef ref);
/* Makes sure that the trace has a reference of its own to ref, to give away: takes the slot's if it
 * is a temporary that dies, else emits incref. */
void rec_give(Recorder *r, uint32_t reg, IrRef ref);
/* The trace owns a reference to ref that no slot has (yet): exits drop it until rec_unhold. */
void rec_hold(Recorder *r, IrRef ref);
void rec_unhold(Recorder *r);
/* Temporaries first .. first + count are about to be given away after an effect: boxes them, makes
 * sure that the trace owns a reference of each, so that rec_pass emits no guard. count <= HELD_MAX. */
void rec_collect(Recorder *r, uint32_t first, uint32_t count, IrRef *items);
void rec_pass(Recorder *r, uint32_t first, uint32_t count, const IrRef *items);
/* Puts the values of registers first .. first + count (temporaries that this bytecode consumes; they
 * stay as they are) into the frame's memory, for a helper that borrows them as an array. returns: its
 * address. */
IrRef rec_lend(Recorder *r, uint32_t first, uint32_t count);
void rec_drop_range(Recorder *r, uint32_t first, uint32_t count);
void rec_dest(Recorder *r, uint32_t reg, bool temp, IrRef ref); /* result of a bytecode */
/* Makes the reference that a slot holds the trace's own, so that it can be moved away later. */
void rec_own_slot(Recorder *r, int32_t slot);
/* The slot's reference leaves it. boxed: its value, whose reference the caller gives away. */
IrRef rec_move(Recorder *r, int32_t slot, IrRef boxed);
/* A value with a reference to give away, of a constant. */
IrRef rec_share(Recorder *r, IrRef ref);
bool rec_is_temp(const Recorder *r, uint32_t reg);
void rec_consume(Recorder *r, uint32_t reg); /* drops it if it is a temporary */
void rec_own_all(Recorder *r);               /* before a back edge or link: no slot borrows */
uint32_t rec_holders(const Recorder *r, IrRef ref);
void rec_replace(Recorder *r, IrRef old, IrRef new_ref);

/* ---- typed operands (record_values.c) */
typedef enum RecKind { REC_INT, REC_FLOAT, REC_OTHER } RecKind;
typedef struct RecOperand {
    IrRef ref; /* as the slot or constant has it: I, F or V */
    Value actual;
    bool is_const;
    uint32_t reg;
} RecOperand;
RecOperand rec_operand(Recorder *r, char letter, uint16_t operand);
/* int (bool, heap int within int64 too) or float or neither, by the actual value. */
RecKind rec_kind(Value v, bool allow_bool);
IrRef rec_as_int(Recorder *r, RecOperand *o);
IrRef rec_as_float(Recorder *r, RecOperand *o); /* ints are converted */
IrRef rec_as_value(Recorder *r, IrRef ref);     /* boxed V, numbers included */
/* ... of a register, of an operand: an int that does not fit the small range now becomes a heap int, in
 * its slots too, which own it. */
IrRef rec_reg_value(Recorder *r, uint32_t reg);
IrRef rec_operand_value(Recorder *r, const RecOperand *o);
/* Guards that ref is what the actual value is: number type, exact object type, or None/bool.
 * returns the ref to use from now on (I, F, or V). */
IrRef rec_specialise(Recorder *r, IrRef ref, Value actual);
void rec_guard_type(Recorder *r, IrRef ref, uint32_t type_id);
void rec_guard_const(Recorder *r, IrRef ref, Value v); /* ref is exactly this word */
/* What a value slot of a dict holds (dict_value_slot), guarded by the globals' epoch. *actual: borrowed. */
IrRef rec_load_dict_slot(Recorder *r, Value dict, _Atomic Value *slot, Value *actual);
/* ---- memory that other threads may write (record_shared.c) */
/* May the object be read and written by plain uops? Emits what makes that certain. */
bool rec_is_plain(Recorder *r, IrRef ref, Value actual);
/* Behind helpers in which other threads may have begun to run, before what relies on the form. */
void rec_ask_alone(Recorder *r);
/* Of a list, whose type is certain. index: not negative; plain: below the size, by a guard. The item may be
 * absent if the list is not plain: type guards refuse that. */
IrRef rec_list_size(Recorder *r, IrRef list, Value actual);
IrRef rec_list_item(Recorder *r, IrRef list, Value actual, IrRef index);
/* What was just loaded from memory: typed; an object gets a reference of its own. */
IrRef rec_loaded(Recorder *r, IrRef v, Value actual);
/* The value of a simple key in an exact dict, borrowed; *actual absent: not there now. IR_NONE: another kind
 * of dict or key. */
IrRef rec_dict_lent(Recorder *r, RecOperand *dict, RecOperand *key, Value *actual);
/* The bytecode's guards lead to pc, though what they ask others may change before tier 1 asks. */
void rec_expect(Recorder *r, const Insn *pc);
void rec_check_race(Recorder *r);
/* A value that others own too: numbers unboxed; objects fixed by identity, or typed and owned. */
IrRef rec_read_shared(Recorder *r, IrRef v, Value actual, bool fix);
bool rec_is_fixed(
    Value v); /* functions, types, modules: hardly ever changed where they are found */
uint32_t rec_known(const Recorder *r, IrRef ref);
void rec_set_known(Recorder *r, IrRef ref, uint32_t known);
IrRef rec_from_bool(Recorder *r, IrRef i);

/* ---- bytecodes; each returns false where the bytecode is not its own */
bool record_arith(Recorder *r);
bool record_compare(Recorder *r);
bool record_moves(Recorder *r);
bool record_names(Recorder *r);
bool record_items(Recorder *r);
bool record_build(Recorder *r);
bool record_loops(Recorder *r);
/* When tier 1 has run r->next: the guard that it goes the same way again. */
void record_loops_finish(Recorder *r);
void record_jump_finish(Recorder *r);
bool record_calls(Recorder *r);
void record_binary(Recorder *r, BinaryOp op, RecOperand *a, RecOperand *b, uint32_t dest, bool temp,
                   bool inplace);

typedef struct RecCall {
    uint32_t base,
        first;      /* registers: of the callee, of the first argument (base + 3 or base + 4) */
    uint32_t nargs; /* positional */
    Value kwnames;  /* of the arguments behind those, a tuple, or absent */
    const IrRef
        *spread; /* the positional arguments, if they are items of a tuple and not in registers */
} RecCall;
/* A call of anything but a Python function: everything from base on is consumed, the result in base. */
void record_native(Recorder *r, Value callee, const RecCall *call);
/* Puts the arguments where the function's parameters lie in its frame. false: given up. */
bool record_bind(Recorder *r, Value callee, const RecCall *call);

/* ---- jit.c, run.c, trace.c */
typedef struct JitLeft { /* how a run of traces ended */
    JitTrace *trace;
    uint32_t snap;  /* IR_NONE: nothing has happened, the frame is as the trace's head wants it */
    Value *root_fp; /* of that trace */
    Value *fp;      /* innermost, restored */
    bool returned;  /* with `result`, owned; nothing else is set */
    Value result;
} JitLeft;

/* Is there room for a trace that runs on fp? The frames that it inlines are not checked one by one: near a
 * limit tier 1 runs. */
bool jit_has_room(const Thread *th, const Value *fp);
/* Hot reports from tier 1 and from calls of functions without a trace. */
void jit_hot(Thread *th, const Insn *pc, Value *fp);
/* ---- portable.c: false: out of memory, nothing has run */
bool jit_run_portable(JitThread *jt, JitTrace *t, Value *fp, JitLeft *left);
void jit_portable_free(JitPortable *words);
/* ---- run.c: VmJit.enter, RuntimeHooks.call_code, and what machine code asks for */
VmState jit_enter(Thread *th, const Insn *pc, Value *fp, uint16_t *original);
Value jit_call(Thread *th, void *entry, Value *fp);
extern const CgHost jit_host;
/* A side trace from an exit that has become hot: root_fp is the frame of that trace, restored. */
void jit_side_start(JitThread *jt, JitTrace *parent, uint32_t snap, Value *root_fp);
/* Optimizes, compiles and publishes what the recorder has; reports. */
void jit_publish(JitThread *jt, Recorder *r);
void jit_report_abort(JitThread *jt, Recorder *r);
Recorder *recorder_new(JitThread *jt, const Insn *pc, Value *fp);
void recorder_free(Recorder *r);
/* Sets the mirror from the parent's exit; called with the frames already restored. */
bool recorder_inherit(Recorder *r, const JitTrace *parent, uint32_t snap, Value *root_fp);
uint64_t jit_now_ns(void);

#endif
