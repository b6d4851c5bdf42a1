/*
 * adder-trace (internal): what its files share; nobody else includes it.
 *
 * Vocabulary.  Event: a trace that was published or retired, or a recording that was given up, as
 * JitConfig.observe reported it.  Place: an instruction of a Code, for a pc of a snapshot or step.
 * Stage: a trace's uops at one moment: as recorded, or after a pass.  Line (of machine code): one
 * instruction, or the data word of a leave part.
 *
 * Everything here reads; it runs after the program has ended and before the runtime stops, while all
 * code objects are alive.  What memory cannot be had for is left out, never a crash.
 *
 * Threads: main.
 */
#ifndef ADDER_TOOLS_TRACE_TRACE_H
#define ADDER_TOOLS_TRACE_TRACE_H

#include "interp/frame.h"
#include "tools/program.h"

/* ---- log.c: events as they happen ----------------------------------------------------------------- */

typedef struct Event {
    JitEvent e; /* file and reason are the log's own copies */
    char *file, *reason;
    JitTrace *given_up; /* an abort's dumps and steps, nothing else; NULL where none were kept */
} Event;

typedef struct Log {
    Event *events;
    uint32_t count, capacity;
    bool failed; /* out of memory: some events are missing */
} Log;

void log_observe(void *log, const JitEvent *event); /* JitConfig.observe */
void log_free(Log *log);

/* ---- the report as a whole ------------------------------------------------------------------------- */

enum { /* parts of --trace's view */
       SECTION_SOURCE = 1,
       SECTION_BYTECODE = 2,
       SECTION_UOPS = 4,
       SECTION_PASSES = 8,
       SECTION_FINAL = 16,
       SECTION_SNAPSHOTS = 32,
       SECTION_EXITS = 64,
       SECTION_MACHINE = 128,
       SECTION_ALL = 255,
};

typedef struct Report {
    Thread *th;
    const Program *program;
    const Log *log;
    FILE *out;
    int status;       /* the program's */
    uint64_t wall_ns; /* from the start of the program to its end */
    uint32_t sections;
    bool full;          /* nothing is left out: unchanged uops, leave parts */
    const Code **codes; /* sorted by the address of their instructions */
    uint32_t code_count, code_capacity;
    const char **source_lines; /* of program->source, not terminated */
    uint32_t source_line_count;
} Report;

/* The default view. */
void report_list(const Report *r);
/* --trace: one trace; an abort has its reason only. */
void report_trace(const Report *r, uint32_t id);
/* --json: everything. in_html: so that it can stand in a script element. */
void report_json(const Report *r, bool in_html);
/* --html: the same in a page that shows it. */
void report_html(const Report *r);
/* A loop that was hot and that has no trace of its own. */
typedef struct Untraced {
    const Code *code;
    int32_t line;
    JitUntraced head;
    const char *reason; /* of the last recording that was given up, or NULL */
} Untraced;
/* In the order of the source. owns: rt_malloc'ed; NULL: out of memory. */
Untraced *untraced_loops(const Report *r, uint32_t *count);
/* The event of that trace number, or NULL. */
const Event *report_event(const Report *r, uint32_t id);

typedef struct Stages Stages;
typedef struct Place Place;

/* ---- sections of --trace ---------------------------------------------------------------------------- */

/* uops.c */
void put_recorded(const Report *r, const JitTrace *t, const Stages *s);
void put_passes(const Report *r, const JitTrace *t, const Stages *s);
void put_final(const Report *r, const JitTrace *t, const Stages *s);
/* A heading where the source line of origin is not that of the place before; returns its place. */
Place put_heading(const Report *r, Place before, const void *origin);
/* assembly.c */
void put_machine(const Report *r, const JitTrace *t, const Stages *s);

/* ---- places.c: from addresses to source --------------------------------------------------------------- */

struct Place {
    const Code *code; /* NULL: an address that no known code has */
    uint32_t insn;
    int32_t line;
};

/* Finds all code that the program and its traces know. fails: false, out of memory. */
bool places_open(Report *r, Value main_code);
void places_close(Report *r);
Place place_at(const Report *r, const void *pc);
const char *code_name(const Report *r, const Code *code); /* qualified; borrowed from the code */
/* The last component of a path. */
const char *base_name(const char *path);
/* A line of the program's source, 1-based; *length 0 where it is not known. borrowed, no NUL. */
const char *source_line(const Report *r, const Code *code, int32_t line, int *length);

/* A frame of a snapshot: from its base on it has the registers of code. */
typedef struct SnapFrame {
    int32_t base;
    const Code *code;
    const void *pc; /* where it goes on */
} SnapFrame;
enum { SNAP_FRAMES_MAX = 40 };
/* Outermost first. returns how many; the outer ones are missing where the snapshot does not say. */
uint32_t snap_frames(const Report *r, const JitTrace *t, const IrTrace *ir, uint32_t snap,
                     SnapFrame *out);
typedef enum SlotKind { SLOT_LOCAL, SLOT_TEMP, SLOT_FUNCTION, SLOT_RETURN, SLOT_DISTANCE } SlotKind;
/* What a slot is: written as name. *frame: index into frames. */
SlotKind slot_name(const Report *r, const SnapFrame *frames, uint32_t count, int32_t slot,
                   char *name, size_t size, uint32_t *frame);
/* The slots of the root frame alone. */
SlotKind root_slot_name(const Report *r, const JitTrace *t, int32_t slot, char *name, size_t size);
/* The Code of the root frame of t's tree, or NULL. */
const Code *root_code(const Report *r, const JitTrace *t);
/* One instruction as `-X dis` words it, without line and index. returns the index of the next one. */
uint32_t bytecode_text(const Report *r, const Code *code, uint32_t insn, char *out, size_t size);
/* How the trace goes on at its end: "loop", "link 3", "exit", "return". */
void trace_end(const JitTrace *t, char *out, size_t size);

/* ---- stages.c: uops at each moment ------------------------------------------------------------------- */

typedef char VariableName[32];

typedef struct Stage {
    const char *name;   /* "recorded", or a pass */
    IrTrace *ir;        /* parsed back from the text; objects in it are addresses, never touched */
    char *text;         /* of the dump, lines ended by NUL */
    const char **lines; /* by uop */
    /* By uop: the bytecode that it comes from.  Exact where a step of the recording or a snapshot says
     * so, else that of the uop before it. */
    const void **origins;
    VariableName *variables; /* by uop: the variable that it is in some snapshot, or "" */
} Stage;

struct Stages {
    const JitTrace *trace;
    Stage *stages;
    uint32_t count;
};

void stages_open(const Report *r, const JitTrace *t, Stages *out);
void stages_close(const Report *r, Stages *s);
static inline const Stage *stages_last(const Stages *s)
{
    return s->count > 0 ? &s->stages[s->count - 1] : NULL;
}
/* An operand, objects by what they are. */
void ref_text(const Report *r, const JitTrace *t, const IrTrace *ir, IrRef ref, char *out,
              size_t size);
/* What a reader may want to know about uop i: names of slots, objects and types. Empty: nothing. */
void uop_comment(const Report *r, const JitTrace *t, const Stage *s, uint32_t i, char *out,
                 size_t size);
/* ---- changes.c: what a pass did ------------------------------------------------------------------------ */

typedef struct Changes {
    uint32_t *matches; /* by uop of after: the uop of before that it is, or IR_NONE */
    uint32_t *kept;    /* by uop of before: the uop of after, or IR_NONE */
    bool *same;        /* by uop of after: its operands are the same, too */
    uint32_t removed, added, changed;
} Changes;
/* Finds the uops of `before` again in after's uops from `from` on. false: out of memory. */
bool changes_find(const IrTrace *before, const IrTrace *after, uint32_t from, Changes *out);
void changes_free(Changes *c);

/* ---- machine.c: code -------------------------------------------------------------------------------------- */

typedef struct Insight { /* one line of machine code */
    uint32_t offset, size;
    uint32_t uop;     /* IR_NONE in stubs, cold paths and leave parts */
    char text[72];    /* assembly */
    char note[72];    /* what its addresses mean; may be empty */
    const char *part; /* "uops", "stubs", "cold", "leave" */
} Insight;
/* All of a trace's code, each byte once, in order. owns: rt_malloc'ed. NULL: out of memory. */
Insight *machine_lines(const Report *r, const JitTrace *t, uint32_t *count);
/* The machine code's exit through that snapshot, or NULL. */
const CgExit *native_exit(const JitTrace *t, uint32_t snap);
/* Can the trace be left through that snapshot? (The others belong to uops that are gone.) */
bool is_exit(const IrTrace *ir, uint32_t snap);
/* "rax", "xmm3", "spill 2". */
void location_text(const CgLoc *l, char *out, size_t size);

/* disassemble.c (capstone) or disassemble_none.c */
typedef struct Decoded {
    uint32_t size;
    char text[72];
    bool is_branch, is_call, is_float;
    bool has_target; /* of a branch or call: an address */
    uint64_t target;
    bool has_memory; /* an operand in memory: at base + disp, rip added where that is the base */
    uint64_t memory;
    enum { BASE_OTHER, BASE_RIP, BASE_FRAME, BASE_STACK, BASE_THREAD } base;
    int64_t disp;
    bool has_immediate;
    int64_t immediate;
} Decoded;
bool decoder_open(void);
bool decode(const uint8_t *at, size_t left, uint64_t address, Decoded *out);
void decoder_close(void);
extern const char *const decoder_missing; /* why there is no assembly, or NULL */

#endif
