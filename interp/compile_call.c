/*
 * Compile, calls.  Base a: function, two words for the frame header, arguments from a + 3; so the
 * callee's frame stands where its arguments were evaluated.
 *
 * f(x, k=1) is CALL_KW with the names in a constant tuple; a call with * or ** builds a tuple and a dict
 * (CALL_EX).  obj.m(...) is LOAD_METHOD + CALL_METHOD, without a bound method.
 *
 * Threads: no shared state.
 */
#include "interp/compile.h"

static bool has_unpacking(const AstNode *n)
{
    for (int32_t i = 0; i < n->Call.args.count; i++) {
        if (n->Call.args.items[i]->kind == AST_Starred) {
            return true;
        }
    }
    for (int32_t i = 0; i < n->Call.keywords.count; i++) {
        if (n->Call.keywords.items[i]->keyword.arg == NULL) {
            return true;
        }
    }
    return false;
}

static void check_repeated(Compiler *c, const AstNode *n)
{
    AstSeq k = n->Call.keywords;
    for (int32_t i = 0; i < k.count; i++) {
        for (int32_t j = 0; j < i; j++) {
            if (k.items[i]->keyword.arg != NULL &&
                k.items[i]->keyword.arg == k.items[j]->keyword.arg) {
                compile_fail(c, k.items[i], "keyword argument repeated: %s",
                             k.items[i]->keyword.arg->bytes);
            }
        }
    }
}

static uint32_t names_tuple(Compiler *c, AstSeq keywords)
{
    Value list = list_new(c->th, NULL, 0);
    for (int32_t i = 0; i < keywords.count && list != VALUE_ABSENT; i++) {
        Value name = str_intern_cstr(c->th, keywords.items[i]->keyword.arg->bytes);
        if (name == VALUE_ABSENT || !list_append_steal(c->th, list, name)) {
            rt_decref(c->th, list);
            list = VALUE_ABSENT;
        }
    }
    Value tuple = list != VALUE_ABSENT ? list_to_tuple(c->th, list) : VALUE_ABSENT;
    rt_xdecref(c->th, list);
    return const_steal(c, tuple);
}

/* Positional arguments with * as a list that becomes a tuple, in register `reg` (just pushed). */
static void positional_tuple(Compiler *c, const AstNode *n, int reg)
{
    emit(c, BC_BUILD_LIST, reg, reg + 1, 0);
    temp_def(c, reg);
    for (int32_t i = 0; i < n->Call.args.count; i++) {
        const AstNode *a = n->Call.args.items[i];
        bool star = a->kind == AST_Starred;
        int t = expr_temp(c, star ? a->Starred.value : a);
        c->unit->at = n;
        bool alone = star && n->Call.args.count == 1;
        emit(c, star ? BC_LIST_EXTEND : BC_LIST_APPEND, reg, t, alone ? 1 : 0);
        temp_use(c, t);
        temp_pop_to(c, t);
    }
    emit(c, BC_LIST_TO_TUPLE, reg, 0, 0);
    temp_use(c, reg);
    temp_def(c, reg);
}

static void keyword_dict(Compiler *c, const AstNode *n, int reg, int base)
{
    emit(c, BC_BUILD_DICT, reg, reg + 1, 0);
    temp_def(c, reg);
    for (int32_t i = 0; i < n->Call.keywords.count; i++) {
        const Astkeyword *k = &n->Call.keywords.items[i]->keyword;
        int t;
        if (k->arg == NULL) {
            t = expr_temp(c, k->value);
            c->unit->at = n;
            emit(c, BC_DICT_MERGE, reg, t, base);
        } else {
            /* a name that an earlier ** gave as well is an error: merge a dict of one item */
            t = temp_push(c);
            int key = temp_push(c);
            load_const(c, const_name(c, k->arg), (Dest){key, false});
            int value = expr_temp(c, k->value);
            emit(c, BC_BUILD_DICT, t, key, 1);
            temp_use(c, key);
            temp_use(c, value);
            temp_def(c, t);
            c->unit->at = n;
            emit(c, BC_DICT_MERGE, reg, t, base);
        }
        temp_use(c, t);
        temp_pop_to(c, t);
    }
}

static void call_unpacking(Compiler *c, const AstNode *n, int base)
{
    expr_temp(c, n->Call.func);
    temp_push(c);
    temp_push(c);
    int args = temp_push(c);
    positional_tuple(c, n, args);
    bool has_keywords = n->Call.keywords.count > 0;
    int kw = args + 1;
    if (has_keywords) {
        temp_push(c);
        keyword_dict(c, n, kw, base);
    }
    c->unit->at = n;
    emit(c, BC_CALL_EX, base, has_keywords ? 1 : 0, 0);
    temp_use(c, base);
    temp_use(c, args);
    if (has_keywords) {
        temp_use(c, kw);
    }
}

static void call_plain(Compiler *c, const AstNode *n, int base)
{
    const AstNode *f = n->Call.func;
    bool method = f->kind == AST_Attribute;
    if (method) {
        int o = expr_source(c, f->Attribute.value);
        c->unit->at = f;
        emit_const_c(c, BC_LOAD_METHOD, base, o, const_name(c, f->Attribute.attr));
        consume(c, o);
        temp_pop_to(c, base);
        temp_push(c);
        temp_def(c, base);
    } else {
        expr_temp(c, f);
    }
    temp_push(c);
    temp_push(c);
    if (method) {
        temp_def(c, temp_push(c)); /* self, or unbound */
    }
    for (int32_t i = 0; i < n->Call.args.count; i++) {
        expr_temp(c, n->Call.args.items[i]);
    }
    AstSeq keywords = n->Call.keywords;
    for (int32_t i = 0; i < keywords.count; i++) {
        expr_temp(c, keywords.items[i]->keyword.value);
    }
    int count = c->unit->top - base - 3;
    c->unit->at = n;
    if (keywords.count > 0) {
        emit_const_c(c, method ? BC_CALL_METHOD_KW : BC_CALL_KW, base, count,
                     names_tuple(c, keywords));
    } else {
        emit(c, method ? BC_CALL_METHOD : BC_CALL, base, count, 0);
    }
    temp_use(c, base);
    for (int i = 0; i < count; i++) {
        temp_use(c, base + 3 + i);
    }
}

void call_expr(Compiler *c, const AstNode *n, Dest d)
{
    check_repeated(c, n);
    int base = d.local ? c->unit->top : d.reg;
    temp_pop_to(c, base);
    if (has_unpacking(n)) {
        call_unpacking(c, n, base);
    } else {
        call_plain(c, n, base);
    }
    temp_pop_to(c, base);
    temp_push(c);
    temp_def(c, base);
    if (d.local) {
        finish_temp(c, base, d);
    }
}
