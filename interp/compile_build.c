/*
 * Compile, building: displays, f-strings, and comprehensions (compiled in place, in the host's frame;
 * their variables are hidden locals, unbound again at the end).
 *
 * Threads: no shared state.
 */
#include "interp/compile.h"

static int start_at(Compiler *c, Dest d)
{
    int base = d.local ? c->unit->top : d.reg;
    temp_pop_to(c, base);
    return temp_push(c);
}

static void finish_at(Compiler *c, int base, Dest d)
{
    temp_pop_to(c, base + 1);
    if (d.local) {
        finish_temp(c, base, d);
    }
}

/* ---- list, tuple, set --------------------------------------------------------------------------- */

static AstSeq elements(const AstNode *n)
{
    return n->kind == AST_List ? n->List.elts : n->kind == AST_Tuple ? n->Tuple.elts : n->Set.elts;
}

static bool any_starred(AstSeq seq)
{
    for (int32_t i = 0; i < seq.count; i++) {
        if (seq.items[i]->kind == AST_Starred) {
            return true;
        }
    }
    return false;
}

static void starred_display(Compiler *c, const AstNode *n, AstSeq seq, int base)
{
    bool set = n->kind == AST_Set;
    emit(c, set ? BC_BUILD_SET : BC_BUILD_LIST, base, base + 1, 0);
    temp_def(c, base);
    for (int32_t i = 0; i < seq.count; i++) {
        const AstNode *e = seq.items[i];
        bool star = e->kind == AST_Starred;
        int t = expr_temp(c, star ? e->Starred.value : e);
        c->unit->at = n;
        emit(c,
             set ? (star ? BC_SET_UPDATE : BC_SET_ADD) : (star ? BC_LIST_EXTEND : BC_LIST_APPEND),
             base, t, 0);
        temp_use(c, t);
        temp_pop_to(c, t);
    }
    if (n->kind == AST_Tuple) {
        emit(c, BC_LIST_TO_TUPLE, base, 0, 0);
        temp_use(c, base);
        temp_def(c, base);
    }
}

void list_display(Compiler *c, const AstNode *n, Dest d)
{
    AstSeq seq = elements(n);
    int base = start_at(c, d);
    if (any_starred(seq) || seq.count > 10000) {
        starred_display(c, n, seq, base);
    } else {
        temp_pop_to(c, base); /* the first element may stand in the destination */
        for (int32_t i = 0; i < seq.count; i++) {
            expr_temp(c, seq.items[i]);
        }
        c->unit->at = n;
        int op = n->kind == AST_List    ? BC_BUILD_LIST
                 : n->kind == AST_Tuple ? BC_BUILD_TUPLE
                                        : BC_BUILD_SET;
        emit(c, op, base, base, seq.count);
        for (int32_t i = 0; i < seq.count; i++) {
            temp_use(c, base + i);
        }
        temp_pop_to(c, base);
        temp_push(c);
        temp_def(c, base);
    }
    finish_at(c, base, d);
}

void dict_display(Compiler *c, const AstNode *n, Dest d)
{
    int base = start_at(c, d);
    emit(c, BC_BUILD_DICT, base, base + 1, 0);
    temp_def(c, base);
    for (int32_t i = 0; i < n->Dict.keys.count; i++) {
        const AstNode *key = n->Dict.keys.items[i];
        if (key == NULL) {
            int t = expr_temp(c, n->Dict.values.items[i]);
            c->unit->at = n;
            emit(c, BC_DICT_UPDATE, base, t, 0);
            temp_use(c, t);
            temp_pop_to(c, t);
            continue;
        }
        int k = expr_temp(c, key);
        int v = expr_temp(c, n->Dict.values.items[i]);
        c->unit->at = n;
        emit(c, BC_DICT_PUT, base, k, 0);
        temp_use(c, k);
        temp_use(c, v);
        temp_pop_to(c, k);
    }
    finish_at(c, base, d);
}

/* ---- f-strings -------------------------------------------------------------------------------------- */

static void formatted_value(Compiler *c, const AstNode *n)
{
    int t = expr_temp(c, n->FormattedValue.value);
    const AstNode *spec = n->FormattedValue.format_spec;
    if (spec != NULL) {
        expr_temp(c, spec);
    }
    c->unit->at = n;
    int conversion = n->FormattedValue.conversion;
    emit(c, BC_FORMAT, t, conversion < 0 ? 0 : conversion, spec != NULL ? 1 : 0);
    temp_use(c, t);
    if (spec != NULL) {
        temp_use(c, t + 1);
    }
    temp_pop_to(c, t + 1);
    temp_def(c, t);
}

void joined_str(Compiler *c, const AstNode *n, Dest d)
{
    AstSeq parts = n->JoinedStr.values;
    int base = start_at(c, d);
    temp_pop_to(c, base);
    for (int32_t i = 0; i < parts.count; i++) {
        if (parts.items[i]->kind == AST_FormattedValue) {
            formatted_value(c, parts.items[i]);
        } else {
            expr_temp(c, parts.items[i]);
        }
    }
    c->unit->at = n;
    if (parts.count != 1) {
        emit(c, BC_CONCAT, base, base, parts.count);
        for (int32_t i = 0; i < parts.count; i++) {
            temp_use(c, base + i);
        }
        temp_pop_to(c, base);
        temp_push(c);
        temp_def(c, base);
    }
    finish_at(c, base, d);
}

/* ---- comprehensions -------------------------------------------------------------------------------------- */

typedef struct Comp {
    const AstNode *node;
    AstSeq generators;
    AstNode *elt, *value;
    int kind, result;
} Comp;

static void comp_element(Compiler *c, const Comp *k)
{
    c->unit->at = k->node;
    if (k->kind == AST_DictComp) {
        int key = expr_temp(c, k->elt);
        int value = expr_temp(c, k->value);
        c->unit->at = k->node;
        emit(c, BC_DICT_PUT, k->result, key, 0);
        temp_use(c, key);
        temp_use(c, value);
        temp_pop_to(c, key);
        return;
    }
    int base = c->unit->top;
    int e = expr_value_source(c, k->elt);
    c->unit->at = k->node;
    emit(c, k->kind == AST_SetComp ? BC_SET_ADD : BC_LIST_APPEND, k->result, e, 0);
    consume(c, e);
    temp_pop_to(c, base);
}

/* The loop of generator i; `iter` holds its FOR state. */
static void comp_loop(Compiler *c, const Comp *k, int32_t i, int iter)
{
    const Astcomprehension *g = &k->generators.items[i]->comprehension;
    uint32_t top = label_new(c), next = label_new(c);
    int reg;
    bool direct = g->target->kind == AST_Name && name_is_local(c, g->target->Name.id, &reg);
    emit_label(c, BC_JMP, 0, 0, next);
    label_here(c, top);
    int item = -1;
    if (direct) {
        mark_bound(c, reg, true);
    } else {
        item = temp_push(c);
        temp_def(c, item);
        store_target(c, g->target, item);
        temp_pop_to(c, item);
    }
    for (int32_t j = 0; j < g->ifs.count; j++) {
        jump_if(c, g->ifs.items[j], next, false);
    }
    if (i + 1 < k->generators.count) {
        const Astcomprehension *inner = &k->generators.items[i + 1]->comprehension;
        if (inner->is_async) {
            compile_refuse(c, k->node, "asynchronous comprehensions");
        }
        int base = c->unit->top;
        int src = expr_source(c, inner->iter);
        temp_pop_to(c, base);
        int state = temp_push(c);
        temp_push(c);
        temp_push(c);
        c->unit->at = inner->iter;
        emit(c, BC_GET_ITER, state, src, 0);
        consume(c, src);
        temp_def_kind(c, state, LIVE_ITER);
        comp_loop(c, k, i + 1, state);
        temp_pop_to(c, base);
    } else {
        comp_element(c, k);
    }
    label_here(c, next);
    c->unit->at = g->iter;
    emit_label(c, direct ? BC_FOR : BC_FOR_T, iter, direct ? reg : item, top);
    temp_use(c, iter);
}

static void comp_cells(Compiler *c, Scope *s, bool make)
{
    for (uint32_t i = 0; i < s->count; i++) {
        NameInfo *n = &s->names[i];
        if (n->where == WHERE_CELL && make) {
            emit(c, BC_MAKE_CELL, n->reg, 0, 0);
        } else if (!make && (n->where == WHERE_CELL || n->where == WHERE_LOCAL)) {
            emit(c, BC_UNBIND, n->reg, 0, 0);
            mark_bound(c, n->reg, false);
        }
    }
}

static Comp comp_of(const AstNode *n)
{
    Comp k = {.node = n, .kind = n->kind};
    if (n->kind == AST_DictComp) {
        k.generators = n->DictComp.generators;
        k.elt = n->DictComp.key;
        k.value = n->DictComp.value;
    } else if (n->kind == AST_SetComp) {
        k.generators = n->SetComp.generators;
        k.elt = n->SetComp.elt;
    } else {
        k.generators = n->ListComp.generators;
        k.elt = n->ListComp.elt;
    }
    return k;
}

static void note_inlined(Compiler *c, const Comp *k, uint32_t start)
{
    Unit *u = c->unit;
    const char *name = k->kind == AST_ListComp  ? "<listcomp>"
                       : k->kind == AST_SetComp ? "<setcomp>"
                                                : "<dictcomp>";
    u->inlined =
        grow(c, u->inlined, &u->inlined_capacity, u->inlined_count + 1, sizeof *u->inlined);
    Value v = str_intern_cstr(c->th, name);
    if (v == VALUE_ABSENT) {
        compile_fail_memory(c);
    }
    const AstNode *n = k->node;
    u->inlined[u->inlined_count++] =
        (CodeInlined){start,         u->count,         v, n->lineno, n->end_lineno,
                      n->col_offset, n->end_col_offset};
}

void comprehension(Compiler *c, const AstNode *n, Dest d)
{
    Comp k = comp_of(n);
    const Astcomprehension *first = &k.generators.items[0]->comprehension;
    if (first->is_async) {
        compile_refuse(c, n, "asynchronous comprehensions");
    }
    k.result = start_at(c, d);
    int src = expr_source(c, first->iter);
    temp_pop_to(c, k.result + 1);
    int state = temp_push(c);
    temp_push(c);
    temp_push(c);
    c->unit->at = first->iter;
    emit(c, BC_GET_ITER, state, src, 0);
    consume(c, src);
    temp_def_kind(c, state, LIVE_ITER);
    uint32_t start = c->unit->count;
    c->unit->at = n;
    emit(c,
         n->kind == AST_ListComp  ? BC_BUILD_LIST
         : n->kind == AST_SetComp ? BC_BUILD_SET
                                  : BC_BUILD_DICT,
         k.result, state + 3, 0);
    temp_def(c, k.result);
    Scope *outer = c->unit->current;
    c->unit->current = symtable_scope(c->symbols, n);
    uint8_t *bound = bound_save(c);
    comp_cells(c, c->unit->current, true);
    comp_loop(c, &k, 0, state);
    bound_meet(c, bound);
    note_inlined(c, &k, start);
    comp_cells(c, c->unit->current, false);
    c->unit->current = outer;
    finish_at(c, k.result, d);
}
