/*
 * Compile, the unit: emission, labels, constants, live ranges of temporaries, and the assembly of a
 * finished Code (constants behind the code, distances patched).
 *
 * Distances are 16 bits: what is larger goes through compile_wide.c.
 *
 * Threads: no shared state.
 */
#include <stdarg.h>
#include <stdio.h>

#include "interp/compile.h"
#include "runtime/gc.h"

enum { NARROW_WORDS_MAX = 32000, REGISTERS_MAX = 60000 };

/* ---- errors ------------------------------------------------------------------------------------ */

void compile_fail(Compiler *c, const AstNode *node, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    vsnprintf(c->error, sizeof c->error, format, ap);
    va_end(ap);
    c->error_node = node;
    longjmp(c->fail, COMPILE_REFUSED);
}

void compile_fail_memory(Compiler *c)
{
    c->error_node = NULL;
    longjmp(c->fail, COMPILE_NO_MEMORY);
}

void compile_check_stack(Compiler *c)
{
    if (!rt_stack_check(c->th, " during compilation")) {
        longjmp(c->fail, COMPILE_TOO_DEEP);
    }
}

void compile_refuse(Compiler *c, const AstNode *node, const char *feature)
{
    compile_fail(c, node, "Adder does not compile %s yet", feature);
}

void *grow(Compiler *c, void *array, uint32_t *capacity, uint32_t needed, size_t item_bytes)
{
    if (needed <= *capacity) {
        return array;
    }
    uint32_t larger = *capacity < 16 ? 16 : *capacity * 2;
    if (larger < needed) {
        larger = needed;
    }
    void *p = rt_realloc(array, larger * item_bytes);
    if (p == NULL) {
        compile_fail_memory(c);
    }
    *capacity = larger;
    return p;
}

/* ---- units --------------------------------------------------------------------------------------- */

Unit *unit_open(Compiler *c, Scope *scope, Value name, Value qualname)
{
    Unit *u = rt_calloc(1, sizeof *u);
    if (u == NULL) {
        rt_decref(c->th, name);
        rt_decref(c->th, qualname);
        compile_fail_memory(c);
    }
    u->outer = c->unit;
    u->scope = u->current = scope;
    u->name = name;
    u->qualname = qualname;
    u->doc = VALUE_NONE;
    u->local_count = scope->local_count;
    u->top = u->max = (int)scope->local_count;
    c->unit = u;
    if (scope->local_count > REGISTERS_MAX || scope->free_count > REGISTERS_MAX) {
        compile_refuse(c, scope->node, "functions of more than 60,000 local names");
    }
    u->bound = rt_calloc(scope->local_count + 1, 1);
    if (u->bound == NULL) {
        compile_fail_memory(c);
    }
    return u;
}

void unit_close(Compiler *c)
{
    Unit *u = c->unit;
    Thread *th = c->th;
    c->unit = u->outer;
    for (uint32_t i = 0; i < u->const_count; i++) {
        rt_decref(th, u->consts[i]);
    }
    for (uint32_t i = 0; i < u->inlined_count; i++) {
        rt_decref(th, u->inlined[i].name);
    }
    rt_decref(th, u->name);
    rt_xdecref(th, u->qualname);
    rt_xdecref(th, u->building);
    rt_decref(th, u->doc);
    rt_free(u->insns);
    rt_free(u->fixes);
    rt_free(u->labels);
    rt_free(u->consts);
    rt_free(u->const_slots);
    rt_free(u->positions);
    rt_free(u->handlers);
    rt_free(u->live);
    rt_free(u->inlined);
    rt_free(u->inplace);
    rt_free(u->open);
    rt_free(u->bound);
    rt_free(u);
}

/* ---- emission -------------------------------------------------------------------------------------- */

static void note_position(Compiler *c, Unit *u)
{
    const AstNode *n = u->at;
    if (n == NULL) {
        return;
    }
    if (u->position_count > 0) {
        const CodePosition *p = &u->positions[u->position_count - 1];
        if (p->lineno == n->lineno && p->column == n->col_offset &&
            p->end_lineno == n->end_lineno && p->end_column == n->end_col_offset) {
            return;
        }
    }
    u->positions =
        grow(c, u->positions, &u->position_capacity, u->position_count + 1, sizeof *u->positions);
    u->positions[u->position_count++] =
        (CodePosition){u->count, n->lineno, n->end_lineno, n->col_offset, n->end_col_offset};
}

static uint32_t emit_word(Compiler *c, Insn insn, Fix fix)
{
    Unit *u = c->unit;
    uint32_t capacity = u->capacity;
    u->insns = grow(c, u->insns, &capacity, u->count + 1, sizeof *u->insns);
    u->fixes = grow(c, u->fixes, &u->capacity, u->count + 1, sizeof *u->fixes);
    u->insns[u->count] = insn;
    u->fixes[u->count] = fix;
    return u->count++;
}

static uint32_t emit_insn(Compiler *c, int op, int a, int b, int c_, Fix fix)
{
    note_position(c, c->unit);
    Insn insn = {(uint16_t)op, (uint16_t)a, (uint16_t)b, (uint16_t)c_};
    uint32_t pc = emit_word(c, insn, fix);
    for (int i = 0; i < bytecode_info[op].cache; i++) {
        emit_word(c, (Insn){0, 0, 0, 0}, (Fix){0, 0, 0});
    }
    return pc;
}

uint32_t emit(Compiler *c, int op, int a, int b, int c_)
{
    return emit_insn(c, op, a, b, c_, (Fix){0, 0, 0});
}

uint32_t emit_label(Compiler *c, int op, int a, int b, uint32_t label)
{
    return emit_insn(c, op, a, b, 0, (Fix){FIX_LABEL, label, 0});
}

uint32_t emit_label_const(Compiler *c, int op, int a, uint32_t constant_b, uint32_t label)
{
    return emit_insn(c, op, a, 0, 0, (Fix){FIX_LABEL | FIX_CONST_B, label, constant_b});
}

uint32_t emit_const_b(Compiler *c, int op, int a, uint32_t constant, int c_)
{
    return emit_insn(c, op, a, 0, c_, (Fix){FIX_CONST_B, 0, constant});
}

uint32_t emit_const_c(Compiler *c, int op, int a, int b, uint32_t constant)
{
    return emit_insn(c, op, a, b, 0, (Fix){FIX_CONST_C, 0, constant});
}

void emit_inplace(Compiler *c, uint32_t pc)
{
    Unit *u = c->unit;
    u->inplace =
        grow(c, u->inplace, &u->inplace_capacity, u->inplace_count + 1, sizeof *u->inplace);
    u->inplace[u->inplace_count++] = pc;
}

uint32_t label_new(Compiler *c)
{
    Unit *u = c->unit;
    u->labels = grow(c, u->labels, &u->label_capacity, u->label_count + 1, sizeof *u->labels);
    u->labels[u->label_count] = UINT32_MAX;
    return u->label_count++;
}

void label_here(Compiler *c, uint32_t label)
{
    c->unit->labels[label] = c->unit->count;
    c->unit->flags |= c->unit->count == 0 ? CODE_JUMPS_TO_START : 0u;
}

/* Where v stands, or would: open addressing by the word. */
static uint32_t const_slot(const Unit *u, Value v)
{
    uint32_t i = (uint32_t)((v * 0x9E3779B97F4A7C15u) >> 32) & (u->const_slot_count - 1);
    while (u->const_slots[i] != 0 && u->consts[u->const_slots[i] - 1] != v) {
        i = (i + 1) & (u->const_slot_count - 1);
    }
    return i;
}

/* fails: leaves; v is dropped. */
static void const_slots_grow(Compiler *c, Value v)
{
    Unit *u = c->unit;
    uint32_t count = u->const_slot_count < 16 ? 32 : u->const_slot_count * 2;
    uint32_t *slots = rt_calloc(count, sizeof *slots);
    if (slots == NULL) {
        rt_decref(c->th, v);
        compile_fail_memory(c);
    }
    rt_free(u->const_slots);
    u->const_slots = slots;
    u->const_slot_count = count;
    for (uint32_t i = 0; i < u->const_count; i++) {
        slots[const_slot(u, u->consts[i])] = i + 1;
    }
}

uint32_t const_steal(Compiler *c, Value v)
{
    Unit *u = c->unit;
    if (v == VALUE_ABSENT) {
        compile_fail_memory(c);
    }
    if ((u->const_count + 1) * 2 > u->const_slot_count) {
        const_slots_grow(c, v);
    }
    uint32_t slot = const_slot(u, v);
    if (u->const_slots[slot] != 0) {
        rt_decref(c->th, v);
        return u->const_slots[slot] - 1;
    }
    if (u->const_count == u->const_capacity) {
        uint32_t capacity = u->const_capacity < 16 ? 16 : u->const_capacity * 2;
        Value *larger = rt_realloc(u->consts, capacity * sizeof *larger);
        if (larger == NULL) {
            rt_decref(c->th, v);
            compile_fail_memory(c);
        }
        u->consts = larger;
        u->const_capacity = capacity;
    }
    u->consts[u->const_count] = v;
    u->const_slots[slot] = ++u->const_count;
    return u->const_count - 1;
}

uint32_t const_cstr(Compiler *c, const char *text)
{
    return const_steal(c, str_intern_cstr(c->th, text));
}

uint32_t const_name(Compiler *c, const AstIdent *ident) { return const_cstr(c, ident->bytes); }

/* ---- temporaries -------------------------------------------------------------------------------------- */

bool is_temp(const Compiler *c, int reg) { return reg >= (int)c->unit->local_count; }

int temp_push(Compiler *c)
{
    Unit *u = c->unit;
    if (u->top >= REGISTERS_MAX) {
        compile_refuse(c, u->at, "expressions with more than 60,000 operands");
    }
    int reg = u->top++;
    if (u->top > u->max) {
        u->max = u->top;
    }
    int index = reg - (int)u->local_count;
    if (index >= u->open_capacity) {
        uint32_t old = (uint32_t)u->open_capacity;
        uint32_t capacity = old;
        u->open = grow(c, u->open, &capacity, (uint32_t)index + 1, sizeof *u->open);
        for (uint32_t i = old; i < capacity; i++) {
            u->open[i] = -1;
        }
        u->open_capacity = (int)capacity;
    }
    return reg;
}

void temp_pop_to(Compiler *c, int reg) { c->unit->top = reg; }

void temp_def_kind(Compiler *c, int reg, int kind)
{
    Unit *u = c->unit;
    u->live = grow(c, u->live, &u->live_capacity, u->live_count + 1, sizeof *u->live);
    u->live[u->live_count] = (CodeLive){u->count, UINT32_MAX, (uint16_t)reg, (uint16_t)kind};
    u->open[reg - (int)u->local_count] = (int32_t)u->live_count++;
}

void temp_def(Compiler *c, int reg) { temp_def_kind(c, reg, LIVE_VALUE); }

void temp_use(Compiler *c, int reg)
{
    Unit *u = c->unit;
    int32_t *open = &u->open[reg - (int)u->local_count];
    if (*open >= 0) {
        u->live[*open].end = u->count;
        *open = -1;
    }
}

void consume(Compiler *c, int reg)
{
    if (is_temp(c, reg)) {
        temp_use(c, reg);
    }
}

void handler_add(Compiler *c, uint32_t start, uint32_t end, uint32_t label, int depth)
{
    Unit *u = c->unit;
    if (start >= end) {
        return;
    }
    u->handlers =
        grow(c, u->handlers, &u->handler_capacity, u->handler_count + 1, sizeof *u->handlers);
    u->handlers[u->handler_count++] = (CodeHandler){start, end, label, (uint32_t)depth};
}

/* ---- assembly --------------------------------------------------------------------------------------------- */

static void patch(Unit *u)
{
    for (uint32_t pc = 0; pc < u->count; pc++) {
        Fix f = u->fixes[pc];
        if ((f.kinds & FIX_LABEL) != 0) {
            u->insns[pc].c = (uint16_t)(int16_t)((int32_t)u->labels[f.label] - (int32_t)pc);
        }
        if ((f.kinds & FIX_CONST_B) != 0) {
            u->insns[pc].b = (uint16_t)(u->count + f.constant - pc);
        }
        if ((f.kinds & FIX_CONST_C) != 0) {
            u->insns[pc].c = (uint16_t)(u->count + f.constant - pc);
        }
    }
}

static Value *name_values(Compiler *c, uint32_t count)
{
    Value *names = rt_calloc(count + 1, sizeof *names);
    if (names == NULL) {
        compile_fail_memory(c);
    }
    return names;
}

static bool fill_local_names(Compiler *c, const Scope *s, Value *names)
{
    for (uint32_t i = 0; i < s->count; i++) {
        const NameInfo *n = &s->names[i];
        if (n->where == WHERE_LOCAL || n->where == WHERE_CELL) {
            Value v = s->kind == SCOPE_COMPREHENSION
                          ? str_from_format(c->th, ".%s", n->ident->bytes)
                          : str_intern_cstr(c->th, n->ident->bytes);
            if (v == VALUE_ABSENT) {
                return false;
            }
            names[n->reg] = v;
        }
    }
    for (const Scope *k = s->first_child; k != NULL; k = k->next_sibling) {
        if (k->kind == SCOPE_COMPREHENSION && !fill_local_names(c, k, names)) {
            return false;
        }
    }
    return true;
}

static void fill_names(Compiler *c, Unit *u, Code *code)
{
    code->local_names = name_values(c, u->local_count);
    code->free_names = name_values(c, u->scope->free_count);
    bool ok = fill_local_names(c, u->scope, code->local_names);
    for (uint32_t i = 0; i < u->scope->free_count && ok; i++) {
        code->free_names[i] = str_intern_cstr(c->th, u->scope->free_names[i]->bytes);
        ok = code->free_names[i] != VALUE_ABSENT;
    }
    if (!ok) {
        compile_fail_memory(c);
    }
}

static void fill_arguments(Code *code, AstNode *args)
{
    if (args == NULL) {
        return;
    }
    const Astarguments *a = &args->arguments;
    code->posonly_count = (uint16_t)a->posonlyargs.count;
    code->arg_count = (uint16_t)(a->posonlyargs.count + a->args.count);
    code->kwonly_count = (uint16_t)a->kwonlyargs.count;
    code->param_count =
        (uint16_t)(code->arg_count + code->kwonly_count + (a->vararg != NULL) + (a->kwarg != NULL));
    code->flags |=
        (a->vararg != NULL ? CODE_VARARGS : 0u) | (a->kwarg != NULL ? CODE_VARKEYWORDS : 0u);
}

static void move_instructions(Compiler *c, Unit *u, Code *code)
{
    Insn *block = rt_malloc((u->count + u->const_count) * sizeof *block + sizeof *block);
    uint8_t *bits = rt_calloc(u->count / 8 + 1, 1);
    if (block == NULL || bits == NULL) {
        rt_free(block);
        rt_free(bits);
        compile_fail_memory(c);
    }
    memcpy(block, u->insns, u->count * sizeof *block);
    if (u->const_count > 0) {
        memcpy(block + u->count, u->consts, u->const_count * sizeof(Value));
    }
    for (uint32_t i = 0; i < u->inplace_count; i++) {
        bits[u->inplace[i] / 8] |= (uint8_t)(1u << (u->inplace[i] % 8));
    }
    code->insns = block;
    code->insn_count = u->count;
    code->pool_count = code->const_count = u->const_count;
    code->consts = (Value *)(void *)(block + u->count);
    code->inplace_bits = bits;
    u->const_count = 0; /* the references moved */
}

/* Hands the arrays of the unit over to the code. */
static void move_tables(Unit *u, Code *code)
{
    code->positions = u->positions;
    code->position_count = u->position_count;
    code->handlers = u->handlers;
    code->handler_count = u->handler_count;
    code->live = u->live;
    code->live_count = u->live_count;
    code->inlined = u->inlined;
    code->inlined_count = u->inlined_count;
    u->positions = NULL;
    u->handlers = NULL;
    u->live = NULL;
    u->inlined = NULL;
    u->inlined_count = 0;
}

Value unit_finish(Compiler *c, const AstNode *node, AstNode *args)
{
    Unit *u = c->unit;
    for (uint32_t i = 0; i < u->live_count; i++) {
        if (u->live[i].end == UINT32_MAX) {
            u->live[i].end = u->count;
        }
    }
    if (u->count + u->const_count > NARROW_WORDS_MAX) {
        unit_widen(c);
    } else {
        patch(u);
    }
    for (uint32_t i = 0; i < u->handler_count; i++) {
        u->handlers[i].target = u->labels[u->handlers[i].target];
    }
    Code *code = rt_object_new(c->th, TYPE_CODE, sizeof *code);
    if (code == NULL) {
        compile_fail_memory(c);
    }
    u->building = value_from_object(code);
    code->name = rt_newref(c->th, u->name);
    code->qualname = rt_newref(c->th, u->qualname);
    code->filename = rt_newref(c->th, c->filename);
    code->doc = rt_newref(c->th, u->doc);
    code->first_line = node->lineno > 0 ? node->lineno : 1;
    code->flags = u->flags;
    code->local_count = (uint16_t)u->local_count;
    code->free_count = (uint16_t)u->scope->free_count;
    code->frame_size = (uint32_t)u->max + 4;
    fill_arguments(code, args);
    fill_names(c, u, code);
    move_instructions(c, u, code);
    move_tables(u, code);
    u->building = VALUE_ABSENT;
    gc_defer(c->th, &code->header);
    return value_from_object(code);
}
