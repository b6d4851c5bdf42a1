/*
 * Codegen: from an optimized IrTrace to machine code, and in and out of it.
 *
 * Copy-and-patch with register holes (DESIGN 7, REGISTER-HOLES.md): linear scan with interval
 * splitting gives every value a register or a spill slot; the copier patches stencils.  Published
 * code never changes: every exit and every link jumps through a data slot of its own, so attaching a
 * side trace is one atomic store (cg_attach).
 *
 * One kind of trace frame for all: a fixed area of CG_SPILL_SLOTS words on the C stack below a return
 * address and a few words of its own (enter.c); a side trace, a link and a link_head run in the frame of
 * the trace that they came from, a called function's root trace in a new one.
 * Pinned while a trace runs: the Thread and the root frame's fp.
 *
 * Location maps.  At each exit the map says where each live value is (register or spill slot): the
 * values of ir_snap_live() in that order, then the carried values: what the loop head of the tree's
 * root needs beyond its phis (loop invariants), so that a side trace may end in link_head.  A side
 * trace starts from its parent's map: its `inherit` uops and carried values are moved in parallel.
 *
 * Threads: cg_compile under the JIT lock; cg_enter by any thread; cg_attach under the JIT lock.
 */
#ifndef ADDER_CODEGEN_CODEGEN_H
#define ADDER_CODEGEN_CODEGEN_H

#include "ir/ir.h"
#include "ir/scratch.h"

enum {
    CG_SPILL_SLOTS = 256,
    CG_GPRS = 16,
    CG_XMMS = 16,
    CG_ENTERED_SLOT = 257, /* word of the trace frame: the fp with which it was entered */
    CG_FRAME_BYTES = 2096, /* C stack that a call from trace to trace takes */
};

typedef struct CgLoc {
    uint8_t kind; /* CG_GPR, CG_XMM, CG_SPILL, CG_DEAD */
    uint8_t type; /* IrType */
    uint16_t index;
    IrRef ref; /* in the trace that the exit belongs to; for carried values: the root's ref */
} CgLoc;
enum { CG_DEAD, CG_GPR, CG_XMM, CG_SPILL };

typedef struct CgExit {
    struct CgCode *code;
    uint32_t snap;
    bool raises;                        /* an exception is pending: the exit takes no side trace */
    uint32_t live_count, carried_count; /* locs: live, then carried */
    CgLoc *locs;
    void *_Atomic *slot; /* data slot: where the exit jumps; NULL if it cannot have a side trace */
    const void *leave;   /* where the slot leads without a side trace */
} CgExit;

typedef struct CgCode {
    const IrTrace *ir;    /* owned by whoever manages traces; outlives the code */
    const uint8_t *entry; /* machine address for cg_enter and `link` */
    const uint8_t *head;  /* loop head, for link_head; NULL without a loop */
    uint32_t code_bytes, data_bytes;
    CgExit *exits;
    uint32_t exit_count;
    CgLoc *head_locs; /* at the loop head: phis in order, then invariants that are live there */
    uint32_t head_phi_count, head_loc_count;
    uint32_t spill_used; /* slots that this trace and its ancestors use */
    /* for tools: where uop i's code starts (a uop without code: where the next one's does); behind the
     * last one the stubs of guards, then cold paths, then the leave part of each exit */
    uint32_t *uop_offsets;
    uint32_t stubs_offset, cold_offset, leaves_offset;
    uint64_t compile_ns;
    uint32_t uop_count;
} CgCode;

typedef struct CgArena CgArena;

/* limit_bytes: code and data pages together. Picks the stencil table by the CPU (AVX+BMI2, else SSE).
 * fails: NULL, *why says it (memfd refused, no table for this CPU, out of memory): run portable. */
CgArena *cg_arena_new(Thread *th, size_t limit_bytes, const char **why);
void cg_arena_free(Thread *th, CgArena *arena);
typedef struct CgStats {
    size_t code_bytes, data_bytes, metadata_bytes, limit_bytes, padding_bytes;
    uint32_t traces;
    const char *table; /* "x86-64-avx" ... */
} CgStats;
void cg_stats(const CgArena *arena, CgStats *out);

typedef enum CgStatus {
    CG_OK,
    CG_NO_MEMORY,
    CG_ARENA_FULL,
    CG_TOO_LARGE,
    CG_NO_REGISTERS,
    CG_NO_STENCIL
} CgStatus;
const char *cg_status_text(CgStatus s);

/* What a side trace grows from, and how to find the code of other traces by number. */
typedef struct CgContext {
    const CgExit *parent;                                    /* NULL for a root */
    const CgCode *(*find)(void *context, uint32_t trace_id); /* targets of link and link_head */
    void *context;
    const char *file; /* of the trace's head, for profilers and debuggers; may be NULL */
    int32_t line;
    IrScratch *scratch; /* memory for the compilation, reset by it; NULL: the arena's */
} CgContext;
/* owns: *out new; cg_code_free. fails: a status, nothing changed. */
CgStatus cg_compile(Thread *th, CgArena *arena, const IrTrace *t, const CgContext *context,
                    CgCode **out);
/* No thread is in code or can come to it. threads: holds the JIT lock. */
void cg_code_free(Thread *th, CgArena *arena, CgCode *code);
/* In a fork child, before any trace runs or is compiled: from now on it writes into code of its own. fails:
 * false; then nothing may be compiled or freed any more: the memory is the parent's, who goes on writing. */
bool cg_arena_after_fork(CgArena *arena);
/* Stress: freed code and data are overwritten with what traps, and used again last. */
void cg_arena_poison(CgArena *arena);
/* May word be an address in the arena's code? ... a return address into this code? */
bool cg_arena_holds(const CgArena *arena, uintptr_t word);
static inline bool cg_code_holds(const CgCode *code, uintptr_t word)
{
    return word - (uintptr_t)code->entry - 1 <
           code->code_bytes; /* a call may be its last instruction */
}
/* From now on the exit jumps to code. Pairs with the jump's load of the slot. */
void cg_attach(CgExit *exit, const CgCode *code);
void cg_detach(CgExit *exit);

/* Registers and spill slots at an exit; lives on the C stack of cg_enter's caller. */
typedef struct CgState {
    uint64_t gpr[CG_GPRS];
    double xmm[CG_XMMS];
    uint64_t spill[CG_SPILL_SLOTS];
    CgExit *exit;   /* the exit that was taken; NULL: the trace returned */
    Value *fp;      /* root frame pointer in force (links may have moved it) */
    Value *entered; /* the one with which the trace frame was entered */
    Value result;   /* returned: owned, or absent and an exception is pending */
} CgState;
/* Runs code on a frame until an exit is taken; fills state. may: run Python, raise (helpers). */
void cg_enter(Thread *th, const CgCode *code, Value *fp, CgState *state);

/* What traces call: a function's code, by the address of its entry (helper call_code). */
typedef struct CgEntry {
    const void *_Atomic target; /* machine code of the function's root trace, or cg_call_stub */
} CgEntry;
extern const uint8_t cg_call_stub[];
/* From now on calls of the entry run code (NULL: the host's `call`). */
void cg_entry_set(CgEntry *entry, const CgCode *code);
/* Whom machine code asks to go on in the interpreter; set once, before cg_enter. */
typedef struct CgHost {
    /* Runs the function of an entry without a trace; its arguments are in the frame at fp. owns: new
     * result. fails: absent. */
    Value (*call)(Thread *th, CgEntry *entry, Value *fp);
    /* A trace that a trace had called has left through state->exit: runs the frame state->entered to
     * its end. owns: new result. fails: absent. */
    Value (*finish)(Thread *th, CgState *state);
} CgHost;
void cg_set_host(const CgHost *functions);
/* Rebuilds the frames of the exit that state holds (ir_restore with the location map). */
Value *cg_restore(Thread *th, CgState *state);

#endif
