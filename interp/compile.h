/*
 * Compile (internal): the unit under construction, and what the compile_*.c files share.
 *
 * Registers.  Locals come first (symtable's numbers), temporaries form a stack above them: an
 * expression compiled "to a temporary" lands in the register that was the top when it began.  Every
 * temporary has live ranges (temp_def .. temp_use), from which unwinding knows what to release.
 *
 * Errors leave by longjmp to compile_module (SyntaxError or out of memory); everything hangs from the
 * Compiler and is freed there.
 *
 * Threads: no shared state.
 */
#ifndef ADDER_INTERP_COMPILE_H
#define ADDER_INTERP_COMPILE_H

#include <setjmp.h>

#include "interp/compiler.h"
#include "interp/symtable.h"
#include "runtime/containers.h"
#include "runtime/memory.h"
#include "runtime/str.h"

typedef struct Fix { /* what an emitted word still needs */
    uint8_t kinds;   /* FIX_LABEL (in c), FIX_CONST_B, FIX_CONST_C */
    uint32_t label, constant;
} Fix;
enum { FIX_LABEL = 1, FIX_CONST_B = 2, FIX_CONST_C = 4 };

typedef enum BlockKind {
    BLOCK_LOOP,
    BLOCK_TRY,
    BLOCK_FINALLY,
    BLOCK_HANDLED,
    BLOCK_UNBIND
} BlockKind;
typedef struct Block {
    BlockKind kind;
    uint32_t break_label, continue_label;
    int iter_reg;           /* LOOP: first register of the FOR state, or -1; HANDLED: the pair */
    uint32_t handler_label; /* TRY, FINALLY, UNBIND: where exceptions go */
    uint32_t start;         /* ... of instructions from here on */
    int depth;              /* temporaries below stay */
    AstSeq final_body;      /* FINALLY */
    AstIdent *name;         /* UNBIND */
    struct Block *outer;
} Block;

typedef struct Unit {
    struct Unit *outer;
    Scope *scope;   /* the host */
    Scope *current; /* the host or a comprehension in it */
    Value name, qualname, doc;
    uint32_t flags;
    uint32_t local_count;
    Insn *insns;
    Fix *fixes;
    uint32_t count, capacity;
    uint32_t *labels; /* label -> pc, UINT32_MAX while open */
    uint32_t label_count, label_capacity;
    Value *consts;
    uint32_t const_count, const_capacity;
    uint32_t *const_slots; /* of a hash table of the constants: index + 1, or 0 */
    uint32_t const_slot_count;
    CodePosition *positions;
    uint32_t position_count, position_capacity;
    CodeHandler *handlers;
    uint32_t handler_count, handler_capacity;
    CodeLive *live;
    uint32_t live_count, live_capacity;
    CodeInlined *inlined;
    uint32_t inlined_count, inlined_capacity;
    uint32_t *inplace; /* pcs */
    uint32_t inplace_count, inplace_capacity;
    int32_t *open; /* temp register - local_count -> index into live, or -1 */
    int open_capacity;
    int top, max;   /* next free register; highest top seen */
    uint8_t *bound; /* local register is surely bound here */
    Block *blocks;
    Value building;    /* the Code while unit_finish fills it (freed with the unit on failure) */
    const AstNode *at; /* position of what is being emitted */
} Unit;

typedef struct Compiler {
    Thread *th;
    Ast *ast;
    Symtable *symbols;
    const char *source;
    size_t source_bytes;
    Value filename;
    Unit *unit;               /* innermost */
    bool annotations_ignored; /* from __future__ import annotations */
    const AstNode *error_node;
    char error[240];
    jmp_buf fail;
} Compiler;

/* Where an expression's value goes. */
typedef struct Dest {
    int reg;
    bool local;
} Dest;

/* ---- errors (compile_unit.c): what setjmp(c->fail) gives */
enum { COMPILE_REFUSED = 1, COMPILE_NO_MEMORY, COMPILE_TOO_DEEP };
_Noreturn void compile_fail(Compiler *c, const AstNode *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
_Noreturn void compile_fail_memory(Compiler *c);
/* Is there C stack for one more level? The tree's depth itself is the symtable's to bound. */
void compile_check_stack(Compiler *c);
_Noreturn void compile_refuse(Compiler *c, const AstNode *node, const char *feature);

/* ---- emission */
Unit *unit_open(Compiler *c, Scope *scope, Value name_stolen, Value qualname_stolen);
void unit_close(Compiler *c);                                       /* frees the innermost unit */
Value unit_finish(Compiler *c, const AstNode *node, AstNode *args); /* owns: new Code */
void unit_widen(Compiler *c);                                       /* compile_wide.c */
uint32_t emit(Compiler *c, int op, int a, int b, int c_);
uint32_t emit_label(Compiler *c, int op, int a, int b, uint32_t label);
uint32_t emit_label_const(Compiler *c, int op, int a, uint32_t constant_b, uint32_t label);
uint32_t emit_const_b(Compiler *c, int op, int a, uint32_t constant, int c_);
uint32_t emit_const_c(Compiler *c, int op, int a, int b, uint32_t constant);
void emit_inplace(Compiler *c, uint32_t pc);
uint32_t label_new(Compiler *c);
void label_here(Compiler *c, uint32_t label);
uint32_t const_steal(Compiler *c, Value v); /* index; equal words shared */
uint32_t const_name(Compiler *c, const AstIdent *ident);
uint32_t const_cstr(Compiler *c, const char *text);
/* Temporaries. */
int temp_push(Compiler *c);             /* reserves the next register */
void temp_pop_to(Compiler *c, int reg); /* frees reg and all above */
void temp_def(Compiler *c, int reg);    /* holds a value after the last emitted instruction */
void temp_def_kind(Compiler *c, int reg, int kind);
void temp_use(Compiler *c, int reg); /* the last emitted instruction consumed it */
bool is_temp(const Compiler *c, int reg);
void consume(Compiler *c, int reg); /* temp_use if it is a temporary */
void handler_add(Compiler *c, uint32_t start, uint32_t end, uint32_t label, int depth);
void *grow(Compiler *c, void *array, uint32_t *capacity, uint32_t needed, size_t item_bytes);

/* ---- names (compile_names.c) */
bool name_is_local(Compiler *c, const AstIdent *id, int *reg);
void load_name(Compiler *c, const AstNode *node, Dest d);
void store_name(Compiler *c, AstIdent *id, int temp); /* consumes the temporary */
void delete_name(Compiler *c, AstIdent *id);
void unbind_name(Compiler *c, AstIdent *id); /* end of `except as`: never raises */
void mark_bound(Compiler *c, int reg, bool yes);
uint8_t *bound_save(Compiler *c); /* arena copy */
void bound_restore(Compiler *c, const uint8_t *saved);
void bound_meet(Compiler *c, const uint8_t *other);

/* ---- expressions */
void expr(Compiler *c, const AstNode *n, Dest d);
int expr_temp(Compiler *c, const AstNode *n);   /* a new temporary */
int expr_source(Compiler *c, const AstNode *n); /* a local in place, or a new temporary */
/* A left operand: as expr_source if nothing that `next` does can come before its own check. */
int expr_source_before(Compiler *c, const AstNode *n, const AstNode *next);
int expr_value_source(Compiler *c, const AstNode *n);             /* as above, but surely bound */
bool const_of(Compiler *c, const AstNode *n, uint32_t *constant); /* a compile-time constant? */
bool small_immediate(Compiler *c, const AstNode *n, int16_t *out);
int index_source(Compiler *c, const AstNode *n); /* as expr_source; a slice is built */
void expr_discard(Compiler *c, const AstNode *n);
void finish_temp(Compiler *c, int temp,
                 Dest d); /* temp -> d, for instructions that only make temporaries */
void load_const(Compiler *c, uint32_t constant, Dest d);
void binary_op(Compiler *c, const AstNode *at, AstOp op, const AstNode *left, int left_reg,
               const AstNode *right, Dest d, bool inplace);
/* compile_cond.c */
void jump_if(Compiler *c, const AstNode *n, uint32_t label, bool when);
void jump_back_if(Compiler *c, const AstNode *n, uint32_t label);
void compare_value(Compiler *c, const AstNode *n, Dest d);
void bool_value(Compiler *c, const AstNode *n, Dest d);
/* compile_call.c */
void call_expr(Compiler *c, const AstNode *n, Dest d);
/* compile_build.c */
void comprehension(Compiler *c, const AstNode *n, Dest d);
void joined_str(Compiler *c, const AstNode *n, Dest d);
void list_display(Compiler *c, const AstNode *n, Dest d);
void dict_display(Compiler *c, const AstNode *n, Dest d);
/* compile_function.c */
void lambda_expr(Compiler *c, const AstNode *n, Dest d);
void function_def(Compiler *c, const AstNode *n);

/* ---- statements */
void body(Compiler *c, AstSeq seq);
void statement(Compiler *c, const AstNode *n);
void store_target(Compiler *c, const AstNode *target, int temp); /* consumes temp */
void assign(Compiler *c, const AstNode *n);
void aug_assign(Compiler *c, const AstNode *n);
void delete_target(Compiler *c, const AstNode *target);
/* compile_try.c */
void try_statement(Compiler *c, const AstNode *n);
void raise_statement(Compiler *c, const AstNode *n);
void assert_statement(Compiler *c, const AstNode *n);
void leave_blocks(Compiler *c, Block *until); /* cleanup code of break, continue, return */
void resume_blocks(Compiler *c, Block *until);
void block_push(Compiler *c, Block *b);
void block_pop(Compiler *c);

#endif
