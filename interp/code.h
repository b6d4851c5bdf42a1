/*
 * Code: what the compiler makes and tier 1 runs; and function objects.
 *
 * Frame, in words of the value stack:
 *
 *     fp[-3]  the Function that runs; the result replaces it
 *     fp[-2]  return pc (raw)
 *     fp[-1]  distance in bytes from the caller's fp to this fp (raw)
 *     fp[0 .. local_count)              locals, arguments first; cells of cell variables
 *     fp[local_count .. frame_size)     temporaries; calls build the callee's frame in place
 *
 * Module code runs in the same frame with a Function that has no arguments.
 *
 * Threads: a Code is immutable once made but for cache words and opcodes of back edges and entries,
 * which change by single aligned atomic stores.  Functions are immutable but for the attributes
 * that Python may set (__defaults__ ...), which are replaced atomically.
 */
#ifndef ADDER_INTERP_CODE_H
#define ADDER_INTERP_CODE_H

#include "runtime/error.h"

typedef struct Insn {
    uint16_t op, a, b, c;
} Insn;
_Static_assert(sizeof(Insn) == 8, "one word");

typedef enum Bytecode {
#define BC(name, a, b, c, cache, text) BC_##name,
#include "interp/bytecode.def"
#undef BC
    BC_COUNT
} Bytecode;

typedef struct BytecodeInfo {
    const char *name, *text;
    char a, b, c; /* operand letters of bytecode.def */
    uint8_t cache;
} BytecodeInfo;
extern const BytecodeInfo bytecode_info[BC_COUNT];

typedef struct CodePosition { /* of the instructions from `start` on, until the next entry */
    uint32_t start;
    int32_t lineno, end_lineno, column, end_column; /* columns in UTF-8 bytes, 0-based */
} CodePosition;

typedef struct CodeHandler {     /* innermost first for nested ranges */
    uint32_t start, end, target; /* instruction words; [start, end) */
    uint32_t depth; /* live temporaries from this register on are released, lower ones stay */
} CodeHandler;

typedef struct CodeLive { /* temporary reg holds a value at pcs in [start, end) */
    uint32_t start, end;
    uint16_t reg;
    uint16_t
        kind; /* LIVE_VALUE, LIVE_ITER (three words of FOR state), LIVE_HANDLED (PUSH_EXC pair) */
} CodeLive;
enum { LIVE_VALUE, LIVE_ITER, LIVE_HANDLED };

/* In the state of FOR (bytecode.def): the iterator has no more items and is not asked again. */
#define FOR_AT_END VALUE_FALSE

/* A comprehension compiled in place: tracebacks show it as a frame of its own. */
typedef struct CodeInlined {
    uint32_t start, end;
    Value name;                                     /* "<listcomp>" */
    int32_t lineno, end_lineno, column, end_column; /* where the enclosing code "calls" it */
} CodeInlined;

enum {
    CODE_VARARGS = 1,
    CODE_VARKEYWORDS = 2,
    CODE_HAS_CELLS = 4,
    CODE_MODULE = 8,
    CODE_TOP_LEVEL = 16,      /* made at module level: deferred counting */
    CODE_JUMPS_TO_START = 32, /* a label stands at the first instruction: a loop may begin there */
};

typedef struct Code {
    Object header;
    Value name, qualname, filename; /* str */
    Value doc;
    int32_t first_line;
    uint32_t flags;
    uint16_t arg_count; /* positional, positional-only included */
    uint16_t posonly_count, kwonly_count;
    uint16_t param_count; /* all parameter registers, * and ** included */
    uint16_t local_count; /* parameters, locals, cell variables */
    uint16_t free_count;
    uint32_t frame_size; /* words from fp on */
    uint32_t insn_count; /* words of code, caches included; the constant pool follows */
    uint32_t pool_count;
    Insn *insns;   /* insns + pool, one block */
    Value *consts; /* the pool, and beyond it constants of LOADK_WIDE */
    uint32_t const_count;
    Value *local_names; /* str per local register; hidden ones start with '.' */
    Value *free_names;
    CodePosition *positions;
    uint32_t position_count;
    CodeHandler *handlers;
    uint32_t handler_count;
    CodeLive *live;
    uint32_t live_count;
    CodeInlined *inlined;
    uint32_t inlined_count;
    uint8_t *inplace_bits; /* bit per instruction word: the source said `op=` */
    _Atomic Value
        globals; /* the dict that all functions of this code have as globals (not counted);
                            * CODE_SEVERAL_GLOBALS; absent before there is a function. release/acquire */
    void *jit;   /* trace roots of this code (interp/jit), or NULL. shared: JIT lock */
} Code;

typedef struct Function {
    Object header; /* flags >> OBJECT_TYPE_SHIFT: argument count + 1 of a simple function, else 0 */
    Code *code;    /* offset 24: machine code and CALL rely on it */
    const Insn *entry;    /* code->insns */
    uint32_t frame_bytes; /* code->frame_size * 8 */
    uint32_t local_count;
    Value globals;     /* dict */
    Value *closure;    /* free_count cells (owned), or NULL */
    Value defaults;    /* tuple or None */
    Value kwdefaults;  /* dict or None */
    Value annotations; /* dict or None */
    Value name, qualname, module, doc;
    Value dict; /* attributes, or absent */
} Function;
_Static_assert(offsetof(Function, code) == 24 && offsetof(Function, entry) == 32, "machine code");

/* Code.globals when functions with different globals were made: caches of globals are not filled then,
 * because nothing else tells whose the slot is.  Seldom: exec() of one code in several dicts. */
#define CODE_SEVERAL_GLOBALS VALUE_UNBOUND
/* May a slot of these globals (or of the builtins behind them) be cached in code? Asked after the epoch
 * of globals was read, which moves when the answer becomes no. */
static inline bool code_caches_globals(const Code *code, Value globals)
{
    return atomic_load_explicit(&code->globals, memory_order_acquire) == globals;
}

static inline Function *value_function(Value v) { return (Function *)value_object(v); }
static inline bool value_is_function(Value v) { return value_has_type(v, TYPE_FUNCTION); }

/* "simple": positional parameters only, no *, **, keyword-only, no cells of arguments needed beforehand. */
#define FUNCTION_SIMPLE_FLAGS(nargs) ((uint16_t)(((nargs) + 1) << OBJECT_TYPE_SHIFT))

/* Position of an instruction. threads: any. */
const CodePosition *code_position(const Code *code, uint32_t insn);
/* Prints the bytecode with constants, names and nested code. owns: rt_malloc'ed text. */
char *code_disassemble(Thread *th, const Code *code, bool nested);
/* One instruction, its name padded, in the words of code_disassemble; *next: index of the one behind
 * it. owns: rt_malloc'ed. fails: NULL, *next is set. */
char *code_disassemble_insn(Thread *th, const Code *code, uint32_t insn, uint32_t *next);

#endif
