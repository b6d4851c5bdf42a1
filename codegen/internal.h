/*
 * What the files of codegen share; nobody else includes it.
 *
 * One forward pass over the uops allocates registers and copies stencils at once (lower.c); before it
 * one backward pass finds live ranges, next uses and hints (live.c).  A trace is straight-line code
 * with at most one back edge, so the allocator's state at a uop is exact: it is the location map that
 * an exit records.  Splitting a live range is: store it (once, values never change), lose the
 * register, load it again at the next use.
 *
 * Vocabulary.  Register: 0..15 general, 16..31 vector (number & 15 is the machine's).  Position of uop
 * i: 2 * (i + 1); a value's `end` is the position of its last use as an operand, or that + 1 where only
 * uop i's exit needs it.  Carried value: a value of the tree's root (or of a loop on the way down to
 * this side trace) that this trace only keeps: index ir->count + k in `values`.
 *
 * Threads: all of this runs under the JIT lock.
 */
#ifndef ADDER_CODEGEN_INTERNAL_H
#define ADDER_CODEGEN_INTERNAL_H

#include "codegen/codegen.h"
#include "runtime/helpers.h"
#include "stencils/stencil.h"

enum {
    REG_RAX = 0,
    REG_RCX = 1,
    REG_RDX = 2,
    REG_FP = 3, /* rbx */
    REG_RSP = 4,
    REG_RSI = 6,
    REG_RDI = 7,
    REG_THREAD = 15,
    REG_XMM0 = 16,
    REG_COUNT = 32,
    REG_NONE = -1,
};
#define REGS_VECTOR 0xFFFF0000u
#define REGS_GENERAL (0xFFFFu & ~(1u << REG_FP | 1u << REG_RSP | 1u << REG_THREAD))
#define REGS_ALL (REGS_GENERAL | REGS_VECTOR)
#define REGS_CALLEE_SAVED (1u << 5 | 1u << 12 | 1u << 13 | 1u << 14) /* rbp r12 r13 r14 */
#define REGS_CALLER_SAVED (REGS_ALL & ~REGS_CALLEE_SAVED)

/* The last spill slots belong to cold paths, which save live registers there. */
enum { COLD_SLOTS = 32, FIRST_COLD_SLOT = CG_SPILL_SLOTS - COLD_SLOTS, SLOT_NONE = -1 };

#define POS(i) (2u * ((i) + 1u))
#define POS_NEVER UINT32_MAX
#define POS_END (UINT32_MAX - 2) /* live to the end of the trace */

typedef struct CgValue {
    uint32_t end;   /* 0: never used */
    uint32_t next;  /* position of the next use in a register; POS_NEVER */
    uint32_t hint;  /* a value that this one becomes, IR_NONE */
    uint32_t stamp; /* live.c: the snapshot that has counted it, + 1 */
    int16_t slot;   /* spill slot that holds it, SLOT_NONE */
    int8_t reg;     /* register that holds it, REG_NONE */
    int8_t want;    /* register it should be in at the back edge, REG_NONE */
    uint16_t loop_uses;
    uint8_t vector;
    uint8_t type; /* IrType */
} CgValue;

enum { CG_CONST = CG_SPILL + 1 }; /* a place of operands only: constants need no location */

/* An operand of a move: where a value is. */
typedef struct CgPlace {
    uint8_t kind; /* CG_GPR (any register 0..31), CG_SPILL, CG_CONST, CG_DEAD */
    uint8_t vector;
    uint16_t index;
    uint64_t bits;
} CgPlace;
typedef struct CgMove {
    CgPlace to, from;
} CgMove;

/* How a guard reaches its exit: values that are elsewhere than the exit's map says move there. */
typedef struct CgExitUse {
    uint32_t exit; /* index */
    uint32_t first_move, move_count;
} CgExitUse;

/* A guard whose stub is yet to be written. */
typedef struct CgPending {
    uint8_t *at; /* the copy with exit patches */
    CgExitUse use;
    uint16_t stencil;
    uint16_t undo; /* index of its CgUndo + 1, 0: none */
} CgPending;

/* What takes the operation of a tied guard back. */
typedef struct CgUndo {
    uint16_t stencil;
    uint8_t regs[STENCIL_ROLES];
    int64_t k;
    const void *pool;
} CgUndo;

/* A cold half that comes back. */
typedef struct CgCold {
    uint8_t *at, *back;
    uint32_t save; /* registers to keep */
    uint16_t stencil, helper;
    int8_t value; /* register of the argument */
} CgCold;

typedef struct CgExitDraft {
    uint32_t snap;
    uint32_t first_loc, live_count, carried_count;
    bool in_loop, raises;
    uint8_t *stub;       /* known once written */
    uint8_t *glue;       /* link, link_head: where the slot leads at first */
    void *_Atomic *slot; /* data slot */
} CgExitDraft;

typedef struct CgForms {
    const StencilTable *table;
    uint16_t first[IR_OP_COUNT + 1];
    uint16_t forms[ST_COUNT];    /* by op, in the order of forms.def */
    uint16_t inverted[ST_COUNT]; /* of a guard, ST_COUNT: none */
} CgForms;

typedef struct CgBlock {
    uint32_t offset, size;
} CgBlock;

/* Arrays that grow, in scratch memory. */
typedef struct CgGrowing {
    IrRef *live;        /* refs of snapshots */
    CgMove *exit_moves; /* of stubs */
    CgMove *moves;      /* of the back edge and link_head */
    CgExitDraft *exits;
    CgPending *pending;
    CgUndo *undos;
    CgCold *cold;
    uint32_t *calls; /* positions of calls, ascending */
    uint32_t live_capacity, exit_move_capacity, move_capacity, exit_capacity, pending_capacity,
        undo_capacity, cold_capacity, call_capacity;
} CgGrowing;

/* pages.c: memory for code and data. */
typedef struct CgPages {
    uint8_t *base; /* executable view of all code; data follows */
    size_t code_size, data_size;
    int fd;        /* of the memfd, or -1 */
    uint8_t *twin; /* without a memfd: the writable mapping of the code */
    bool in_area;  /* in the program's own area, where unwinders know the way */
} CgPages;

/* debug.c: what profilers and debuggers are told. */
typedef struct CgDebug {
    bool wanted; /* names of traces are */
    bool gdb;
    int perf_map; /* file descriptor, or -1 */
} CgDebug;

struct CgArena {
    CgForms forms;
    CgPages pages;
    CgDebug debug;
    uint8_t *data;                 /* data pages */
    uint32_t code_used, data_used; /* bump pointers */
    const uint8_t *literals;       /* the table's literal block in the data pages */
    CgBlock *free_code, *free_data;
    uint32_t free_code_count, free_code_capacity, free_data_count, free_data_capacity;
    IrScratch scratch; /* for compilations that bring none */
    CgStats stats;
    bool poison; /* freed blocks are overwritten, and used again last */
};

/* What a CgCode lies in. */
typedef struct CgAllocation {
    size_t size_bytes;
    CgBlock code_block, data_block;
    struct CgImage *image; /* what gdb was told, or NULL */
    CgCode code;           /* exits, locations, offsets follow */
} CgAllocation;
static inline CgAllocation *allocation_of(CgCode *code)
{
    return (CgAllocation *)(void *)((char *)code - offsetof(CgAllocation, code));
}

/* One compilation. */
typedef struct Cg {
    Thread *th;
    CgArena *arena;
    const CgForms *forms;
    const StencilTable *table;
    const IrTrace *t;
    const CgContext *context;
    CgStatus status;
    IrScratch *scratch; /* reset when the compilation begins */

    /* code: written at p, runs at p + delta */
    uint8_t *start, *p, *limit;
    intptr_t delta;
    uint8_t *data, *data_next, *data_limit;
    uint32_t padding;

    CgValue *values;
    uint32_t value_count; /* ir->count + carried_count */
    uint32_t carried_count;
    IrRef *
        carried_refs; /* the carried values' indices: their own, or the `inherit` of the same value */
    uint32_t *next_use;   /* 3 per uop */
    uint32_t *snap_first; /* by snapshot: index into live + 1, 0: not yet known */
    uint32_t *snap_live;  /* by snapshot: count */
    uint32_t *const_data; /* by constant: offset in data + 1 */
    struct {
        int64_t base;
        const void *at;
    } powers[4]; /* tables of powers in the data, the newest ones */
    uint32_t power_tables;
    uint32_t *uop_offsets;
    uint32_t *snap_exit; /* by snapshot * 2 + raises: its exit + 1 */
    uint8_t *snap_kinds; /* by snapshot: bits of the exits that it has, 1 << raises */
    CgGrowing g;
    uint32_t live_count, loc_count, exit_move_count, exit_count, pending_count, undo_count,
        cold_count, call_count;
    CgAllocation *result; /* what becomes the CgCode; its locations are written at once */
    CgLoc *locs;          /* in result */
    uint32_t loc_limit;
    uint32_t snaps_used[2], longest_snap; /* live.c: exits before and in the loop */
    uint32_t exit_live;                   /* live.c: values of all exits */
    uint32_t next_call;

    uint32_t free;     /* registers */
    uint32_t pinned;   /* registers of the current uop */
    uint32_t reserved; /* registers that phis want back */
    IrRef owner[REG_COUNT];
    uint64_t slots[CG_SPILL_SLOTS / 64]; /* used */
    uint32_t spill_used;

    uint32_t pos;         /* of the current uop */
    uint32_t loop_pos;    /* position of `loop`, POS_NEVER without one */
    uint32_t max_live[2]; /* in the loop: values that are no invariants, by class */
    uint32_t invariants[2];
    IrRef *invariant_refs; /* head_refs behind the phis */
    uint32_t invariant_count;
    CgPlace *head; /* phis, then invariants */
    uint32_t head_count, head_phis, phi_count, first_phi;
    uint8_t *head_at;
    IrRef *head_refs;    /* phis, then invariants */
    bool closed;         /* the back edge is already there */
    uint32_t first_body; /* first uop of the body that makes code */

    /* rotation: the first guard of the body, repeated inverted at the bottom */
    uint16_t top_guard; /* its stencil, ST_COUNT: none */
    uint8_t top_regs[STENCIL_ROLES];
    int64_t top_k, top_m;
    const void *top_pool;
    uint8_t *top_after; /* behind the guard */
    CgExitUse top_use;
} Cg;

/* Values that a stencil's patches take. */
typedef struct CgArgs {
    int64_t k, m;
    uint64_t word;
    const void *pool, *target; /* run-time addresses */
    bool in_place;             /* scratch and operand a are one register: Stencil.skip */
} CgArgs;

/* ---- emit.c: copying stencils ------------------------------------------------------------------ */
/* Copies a stencil to cg->p. Exit patches are left for cg_resolve unless args->target is set.
 * returns where its first byte is, or would be. */
uint8_t *cg_put(Cg *cg, StencilId id, const uint8_t regs[STENCIL_ROLES], const CgArgs *args);
/* Lets the exit patches of a copy at `at` lead to target (an address as written). */
void cg_resolve(Cg *cg, uint8_t *at, StencilId id, const uint8_t *target);
void cg_put_move(Cg *cg, int to, int from);
void cg_put_const(Cg *cg, int to, uint64_t bits);
void cg_put_load(Cg *cg, int to, int slot);
void cg_put_store(Cg *cg, int slot, int from);
void cg_put_jump(Cg *cg, const uint8_t *target);
void cg_put_call(Cg *cg, const void *function);
void cg_align(Cg *cg, uint32_t alignment);
/* The address where a constant's word lies in the data pages. */
const void *cg_pool(Cg *cg, uint64_t bits, uint32_t const_index);
/* The address of base's powers 0, 1, ... (as many as fit an int64) in the data pages. */
const void *cg_powers(Cg *cg, int64_t base);
/* count words in the data pages; NULL when full. */
void *cg_data_new(Cg *cg, uint32_t count);
static inline const uint8_t *cg_runs_at(const Cg *cg, const uint8_t *p) { return p + cg->delta; }
void cg_fail(Cg *cg, CgStatus status);
/* Makes room for one more element; false when out of memory (status set). */
bool cg_grow(Cg *cg, void **array, uint32_t count, uint32_t *capacity, size_t size_bytes);

/* ---- move.c: parallel moves ---------------------------------------------------------------------- */
/* Does all moves at once; destinations are distinct. moves is used up. */
void cg_parallel_move(Cg *cg, CgMove *moves, uint32_t count);

/* ---- live.c -------------------------------------------------------------------------------------- */
void cg_liveness(Cg *cg);
/* The refs that an exit through snap hands over (ir_snap_live), cached. */
const IrRef *cg_snap_live(Cg *cg, uint32_t snap, uint32_t *count);
/* Does it leave with an exception pending? Then its exit is its own: no side trace may grow there. */
bool cg_uop_raises(const IrUop *u);
/* Can this uop leave the trace? */
bool cg_uop_exits(const IrUop *u);

/* ---- alloc.c: who is in which register ------------------------------------------------------------ */
#ifndef NDEBUG
/* Asserts the invariants of alloc.c. */
void cg_check(const Cg *cg);
#endif
/* A free register among `allowed`, after an eviction if need be; REG_NONE sets the status. */
int cg_pick(Cg *cg, uint32_t allowed);
/* A register for a new value: its wanted one, else by whether calls lie ahead. */
int cg_pick_for(Cg *cg, const CgValue *v, uint32_t allowed);
void cg_bind(Cg *cg, IrRef ref, int reg);
/* The value is dead: its register and slot are free again. */
void cg_release(Cg *cg, IrRef ref);
/* Makes a value sit in a register of `allowed`. */
int cg_load(Cg *cg, IrRef ref, uint32_t allowed);
/* Stores a value to its slot unless it is there. */
void cg_spill(Cg *cg, IrRef ref);
/* Empties a register: the value in it goes to another one outside `avoid`, or to its slot. */
void cg_vacate(Cg *cg, int reg, uint32_t avoid);
CgPlace cg_place_of(const Cg *cg, IrRef ref);
static inline CgPlace cg_register_place(int reg)
{
    return (CgPlace){.kind = CG_GPR, .vector = reg >= 16, .index = (uint16_t)reg};
}

/* ---- exits.c --------------------------------------------------------------------------------------- */
/* The exit of the current uop through snap, with an exception pending or without one: made with the present locations, or the one that an
 * earlier guard has made, and what must move to fit its map. */
CgExitUse cg_record_exit(Cg *cg, uint32_t snap, bool raises);
/* Values that only this exit needed are dead after it. */
void cg_release_exit_values(Cg *cg, uint32_t snap);
CgPending *cg_add_pending(Cg *cg, uint8_t *at, StencilId id, CgExitUse use);
/* Moves, then the jump through the exit's slot, here; returns the start. */
uint8_t *cg_put_stub(Cg *cg, CgExitUse use);
/* Stubs, cold paths and the leave parts, once *code is there. */
void cg_write_stubs(Cg *cg);
void cg_write_cold(Cg *cg);
void cg_write_leaves(Cg *cg, CgCode *code);
/* Machine address that `leave` calls (enter.c). */
extern const uint8_t cg_leave_tail[];
/* What `ret` jumps to with the result in rax, and what a call of a trace calls: a C function in its
 * arguments (helper call_code), but no register survives it (enter.c). */
extern const uint8_t cg_return[], cg_call_trace[];

/* ---- lower.c, lower_special.c ---------------------------------------------------------------------- */
void cg_lower(Cg *cg);
void cg_lower_special(Cg *cg, uint32_t i);
void cg_lower_loop_head(Cg *cg, uint32_t i);
void cg_lower_jump(Cg *cg, uint32_t i);
/* Are all values where the loop head expects them? */
bool cg_head_matches(Cg *cg);
uint32_t cg_head_moves(Cg *cg);
void cg_lower_link_head(Cg *cg, uint32_t i);
/* A constant or value as the source of a move. */
CgPlace cg_place_of_operand(const Cg *cg, IrRef r);

/* ---- arena.c --------------------------------------------------------------------------------------- */
typedef struct CgRegion {
    CgBlock code, data;
    bool recycled, data_recycled;
} CgRegion;
/* Memory for a trace of about code_bytes; false: the arena is full. */
bool cg_region_open(CgArena *arena, uint32_t code_bytes, CgRegion *out);
/* Keeps what was used; the rest can be used again. */
void cg_region_close(CgArena *arena, CgRegion *region, uint32_t code_used, uint32_t data_used);
void cg_region_free(CgArena *arena, CgBlock code, CgBlock data);
/* In a fork child: the code, of which `used` bytes are in use, is its own from now on. fails: false, nothing
 * has changed. */
bool cg_pages_after_fork(CgPages *p, uint32_t used);
void cg_region_poison(CgArena *arena, CgBlock code, CgBlock data);

/* ---- pages.c --------------------------------------------------------------------------------------- */
/* fails: false, *why says it, nothing is mapped. */
bool cg_pages_open(CgPages *p, size_t code_size, size_t data_size, const CgDebug *debug,
                   const char **why);
void cg_pages_close(CgPages *p);
/* Copies code to where it runs. false: the system has no memory for it. */
bool cg_pages_write(CgPages *p, uint32_t offset, const void *code, uint32_t code_bytes);

/* ---- debug.c --------------------------------------------------------------------------------------- */
/* Reads ADDER_PERF_MAP and ADDER_GDB. */
void cg_debug_open(CgDebug *d);
void cg_debug_close(CgDebug *d);
/* Names the code; where memory runs out it has no name. */
void cg_debug_add(const CgDebug *d, CgCode *code, const CgContext *context);
void cg_debug_remove(CgCode *code);

#endif
