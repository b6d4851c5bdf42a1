/*
 * Compile, functions: def, lambda, decorators, defaults, closures; and the module itself.
 *
 * MAKE_FUNCTION takes consecutive temporaries: defaults, keyword defaults, annotations, then the
 * cells that the new function's free variables name.
 *
 * Threads: no shared state.
 */
#include "interp/compile.h"

static Value qualified_name(Compiler *c, const char *name)
{
    Unit *u = c->unit;
    if (u == NULL || u->scope->kind == SCOPE_MODULE) {
        return str_intern_cstr(c->th, name);
    }
    return str_from_format(c->th, "%U.<locals>.%s", u->qualname, name);
}

/* Cells of cell variables: parameters keep what they hold. */
static void make_cells(Compiler *c, const Scope *s)
{
    for (uint32_t i = 0; i < s->count; i++) {
        if (s->names[i].where == WHERE_CELL) {
            emit(c, BC_MAKE_CELL, s->names[i].reg, 0, 0);
            c->unit->flags |= CODE_HAS_CELLS;
        }
    }
}

static void params_bound(Compiler *c, const Scope *s)
{
    for (uint32_t i = 0; i < s->count; i++) {
        const NameInfo *n = &s->names[i];
        if (n->where == WHERE_LOCAL && (n->flags & NAME_PARAM) != 0 &&
            (n->flags & NAME_DELETED) == 0) {
            mark_bound(c, n->reg, true);
        }
    }
}

static void open_function(Compiler *c, const AstNode *n, const char *name)
{
    Scope *scope = symtable_scope(c->symbols, n);
    Value qualname = qualified_name(c, name);
    Value short_name = str_intern_cstr(c->th, name);
    if (qualname == VALUE_ABSENT || short_name == VALUE_ABSENT) {
        rt_xdecref(c->th, qualname);
        rt_xdecref(c->th, short_name);
        compile_fail_memory(c);
    }
    bool top = c->unit->scope->kind == SCOPE_MODULE;
    Unit *u = unit_open(c, scope, short_name, qualname);
    u->flags |= top ? CODE_TOP_LEVEL : 0u;
    u->at = n;
    params_bound(c, scope);
    make_cells(c, scope);
}

static Value docstring(Compiler *c, AstSeq *seq)
{
    if (seq->count == 0 || seq->items[0]->kind != AST_Expr) {
        return VALUE_NONE;
    }
    const AstNode *e = seq->items[0]->Expr.value;
    if (e->kind != AST_Constant || e->Constant.value.kind != AST_CONST_STR) {
        return VALUE_NONE;
    }
    Value v = str_from_utf8(c->th, e->Constant.value.bytes, e->Constant.value.size_bytes);
    if (v == VALUE_ABSENT) {
        compile_fail_memory(c);
    }
    seq->items++;
    seq->count--;
    return v;
}

static uint32_t close_function(Compiler *c, const AstNode *n, AstNode *args)
{
    Value code = unit_finish(c, n, args);
    unit_close(c);
    return const_steal(c, code);
}

/* ---- creating the function object ------------------------------------------------------------------- */

static void none_temp(Compiler *c)
{
    load_const(c, const_steal(c, VALUE_NONE), (Dest){temp_push(c), false});
}

static void push_defaults(Compiler *c, const Astarguments *a)
{
    if (a->defaults.count == 0) {
        none_temp(c);
        return;
    }
    int base = c->unit->top;
    for (int32_t i = 0; i < a->defaults.count; i++) {
        expr_temp(c, a->defaults.items[i]);
    }
    emit(c, BC_BUILD_TUPLE, base, base, a->defaults.count);
    for (int32_t i = 0; i < a->defaults.count; i++) {
        temp_use(c, base + i);
    }
    temp_pop_to(c, base + 1);
    temp_def(c, base);
}

static void dict_entry(Compiler *c, int dict, const AstIdent *name, const AstNode *value)
{
    int k = temp_push(c);
    load_const(c, const_name(c, name), (Dest){k, false});
    int v = expr_temp(c, value);
    emit(c, BC_DICT_PUT, dict, k, 0);
    temp_use(c, k);
    temp_use(c, v);
    temp_pop_to(c, k);
}

static void push_keyword_defaults(Compiler *c, const Astarguments *a)
{
    int dict = -1;
    for (int32_t i = 0; i < a->kw_defaults.count; i++) {
        if (a->kw_defaults.items[i] == NULL) {
            continue;
        }
        if (dict < 0) {
            dict = temp_push(c);
            emit(c, BC_BUILD_DICT, dict, dict + 1, 0);
            temp_def(c, dict);
        }
        dict_entry(c, dict, a->kwonlyargs.items[i]->arg.arg, a->kw_defaults.items[i]);
    }
    if (dict < 0) {
        none_temp(c);
    }
}

static void annotation(Compiler *c, int *dict, const AstNode *arg)
{
    if (arg == NULL || arg->arg.annotation == NULL) {
        return;
    }
    if (*dict < 0) {
        *dict = temp_push(c);
        emit(c, BC_BUILD_DICT, *dict, *dict + 1, 0);
        temp_def(c, *dict);
    }
    dict_entry(c, *dict, arg->arg.arg, arg->arg.annotation);
}

static void push_annotations(Compiler *c, const Astarguments *a, const AstNode *returns)
{
    int dict = -1;
    if (!c->annotations_ignored) {
        const AstSeq lists[] = {a->posonlyargs, a->args};
        for (int k = 0; k < 2; k++) {
            for (int32_t i = 0; i < lists[k].count; i++) {
                annotation(c, &dict, lists[k].items[i]);
            }
        }
        annotation(c, &dict, a->vararg);
        for (int32_t i = 0; i < a->kwonlyargs.count; i++) {
            annotation(c, &dict, a->kwonlyargs.items[i]);
        }
        annotation(c, &dict, a->kwarg);
        if (returns != NULL) {
            if (dict < 0) {
                dict = temp_push(c);
                emit(c, BC_BUILD_DICT, dict, dict + 1, 0);
                temp_def(c, dict);
            }
            AstIdent *name = ast_intern(c->ast, "return", 6);
            if (name == NULL) {
                compile_fail_memory(c);
            }
            dict_entry(c, dict, name, returns);
        }
    }
    if (dict < 0) {
        none_temp(c);
    }
}

static void push_cells(Compiler *c, const Scope *inner)
{
    Unit *u = c->unit;
    for (uint32_t i = 0; i < inner->free_count; i++) {
        AstIdent *id = inner->free_names[i];
        int t = temp_push(c);
        NameInfo *n = symtable_lookup(u->current, id);
        if (n != NULL && n->where == WHERE_CELL) {
            emit(c, BC_MOVE_T, t, n->reg, 0);
        } else {
            uint32_t k = 0;
            while (k < u->scope->free_count && u->scope->free_names[k] != id) {
                k++;
            }
            emit(c, BC_CLOSURE_CELL, t, (int)k, 0);
        }
        temp_def(c, t);
    }
}

/* Compiles the body, then leaves the function in temporary base. */
static void make_function(Compiler *c, const AstNode *n, AstNode *args, const AstNode *returns,
                          const char *name, int base)
{
    const Astarguments *a = &args->arguments;
    const Scope *inner = symtable_scope(c->symbols, n);
    temp_pop_to(c, base);
    push_defaults(c, a);
    push_keyword_defaults(c, a);
    push_annotations(c, a, returns);
    push_cells(c, inner);
    open_function(c, n, name);
    if (n->kind == AST_Lambda) {
        int r = expr_value_source(c, n->Lambda.body);
        c->unit->at = n->Lambda.body;
        emit(c, BC_RETURN, r, 0, 0);
        consume(c, r);
    } else {
        AstSeq seq = n->FunctionDef.body;
        c->unit->doc = docstring(c, &seq);
        body(c, seq);
        emit_const_b(c, BC_RETURN_K, 0, const_steal(c, VALUE_NONE), 0);
    }
    uint32_t code = close_function(c, n, args);
    int top = c->unit->top;
    c->unit->at = n;
    emit_const_b(c, BC_MAKE_FUNCTION, base, code, (int)inner->free_count);
    for (int t = base; t < top; t++) {
        temp_use(c, t);
    }
    temp_pop_to(c, base);
    temp_push(c);
    temp_def(c, base);
}

void lambda_expr(Compiler *c, const AstNode *n, Dest d)
{
    int base = d.local ? temp_push(c) : d.reg;
    make_function(c, n, n->Lambda.args, NULL, "<lambda>", base);
    if (d.local) {
        finish_temp(c, base, d);
    }
}

void function_def(Compiler *c, const AstNode *n)
{
    const AstFunctionDef *f = &n->FunctionDef;
    int start = c->unit->top;
    for (int32_t i = 0; i < f->decorator_list.count; i++) {
        expr_temp(c, f->decorator_list.items[i]);
        temp_push(c);
        temp_push(c);
    }
    int base = temp_push(c);
    make_function(c, n, f->args, f->returns, f->name->bytes, base);
    for (int32_t i = f->decorator_list.count - 1; i >= 0; i--) {
        c->unit->at = f->decorator_list.items[i];
        int callee = base - 3;
        emit(c, BC_CALL, callee, 1, 0);
        temp_use(c, callee);
        temp_use(c, base);
        temp_pop_to(c, callee + 1);
        temp_def(c, callee);
        base = callee;
    }
    c->unit->at = n;
    store_name(c, f->name, base);
    temp_pop_to(c, start);
}

/* ---- the module -------------------------------------------------------------------------------------- */

static Value compile_root(Compiler *c)
{
    AstNode *root = ast_root(c->ast);
    Value name = str_intern_cstr(c->th, "<module>");
    if (name == VALUE_ABSENT) {
        compile_fail_memory(c);
    }
    rt_incref(c->th, name);
    Unit *u = unit_open(c, symtable_scope(c->symbols, root), name, name);
    u->flags |= CODE_MODULE;
    AstSeq seq = root->Module.body;
    Value doc = docstring(c, &seq);
    if (doc != VALUE_NONE) {
        int t = temp_push(c);
        u->at = root->Module.body.items[0];
        emit_const_b(c, BC_LOADK_T, t, const_steal(c, doc), 0);
        temp_def(c, t);
        emit_const_b(c, BC_STORE_GLOBAL, t, const_cstr(c, "__doc__"), 0);
        temp_use(c, t);
        temp_pop_to(c, t);
    }
    body(c, seq);
    emit_const_b(c, BC_RETURN_K, 0, const_steal(c, VALUE_NONE), 0);
    Value code = unit_finish(c, root, NULL);
    unit_close(c);
    return code;
}

/* The text of a line of the source. */
static Value source_line(Compiler *c, int32_t lineno)
{
    const char *p = c->source, *end = c->source + c->source_bytes;
    for (int32_t i = 1; i < lineno && p < end; p++) {
        i += *p == '\n';
    }
    const char *stop = memchr(p, '\n', (size_t)(end - p));
    return str_from_utf8(c->th, p, (size_t)((stop != NULL ? stop + 1 : end) - p));
}

/* Characters before a byte column, plus one. */
static int64_t char_offset(Compiler *c, int32_t lineno, int32_t column)
{
    const char *p = c->source, *end = c->source + c->source_bytes;
    for (int32_t i = 1; i < lineno && p < end; p++) {
        i += *p == '\n';
    }
    int64_t n = 1;
    for (int32_t i = 0; i < column && p + i < end; i++) {
        n += (p[i] & 0xC0) != 0x80;
    }
    return n;
}

/* Sets SyntaxError(message, (file, line, offset, text, end line, end offset)). steals text. */
static void raise_syntax(Thread *th, uint32_t type_id, const char *message, Value filename,
                         const int64_t position[4], Value text)
{
    Value m = str_from_cstr(th, message);
    Value details[6] = {rt_newref(th, filename),           value_from_small_int(position[0]),
                        value_from_small_int(position[1]), text,
                        value_from_small_int(position[2]), value_from_small_int(position[3])};
    Value tuple = text != VALUE_ABSENT ? tuple_new_steal(th, details, 6) : VALUE_ABSENT;
    Value pair[2] = {m, tuple};
    Value args = m != VALUE_ABSENT && tuple != VALUE_ABSENT ? tuple_new(th, pair, 2) : VALUE_ABSENT;
    Value exc = args != VALUE_ABSENT ? rt_exception_new(th, type_id, args) : VALUE_ABSENT;
    if (exc != VALUE_ABSENT) {
        Exception *e = (Exception *)value_object(exc);
        if (e->extra == VALUE_ABSENT) {
            e->extra = rt_newref(th, tuple);
        }
        rt_raise_steal(th, exc);
    }
    rt_xdecref(th, args);
    rt_xdecref(th, m);
    rt_xdecref(th, tuple);
}

static void raise_compile_error(Compiler *c)
{
    const AstNode *n = c->error_node;
    if (n == NULL) {
        rt_raise_memory_error(c->th);
        return;
    }
    int64_t position[4] = {n->lineno, char_offset(c, n->lineno, n->col_offset), n->end_lineno,
                           char_offset(c, n->end_lineno, n->end_col_offset)};
    raise_syntax(c->th, EXC_SYNTAX_ERROR, c->error, c->filename, position,
                 source_line(c, n->lineno));
}

static void raise_parse_error(Compiler *c, const SyntaxDiag *d)
{
    static const uint32_t types[] = {[SYNTAX_ERROR] = EXC_SYNTAX_ERROR,
                                     [SYNTAX_INDENTATION] = EXC_INDENTATION_ERROR,
                                     [SYNTAX_TAB] = EXC_TAB_ERROR};
    if (d->kind == SYNTAX_MEMORY_ERROR) {
        rt_raise_memory_error(c->th);
        return;
    }
    int64_t position[4] = {d->lineno, d->column, d->end_lineno, d->end_column};
    Value text = d->text != NULL ? str_from_utf8(c->th, d->text, d->text_size_bytes) : VALUE_NONE;
    raise_syntax(c->th, types[d->kind], d->message, c->filename, position, text);
}

static Value compile_tree(Compiler *c)
{
    SymtableError error;
    c->symbols = symtable_build(c->th, c->ast, &error);
    if (c->symbols == NULL) {
        c->error_node = error.node;
        memcpy(c->error, error.message, sizeof error.message);
        if (!error.too_deep) {
            raise_compile_error(c);
        }
        return VALUE_ABSENT;
    }
    Value code = VALUE_ABSENT;
    int failed = setjmp(c->fail);
    if (failed == 0) {
        code = compile_root(c);
    } else {
        while (c->unit != NULL) {
            unit_close(c);
        }
        if (failed != COMPILE_TOO_DEEP) {
            rt_clear_exception(c->th);
            raise_compile_error(c);
        }
    }
    symtable_free(c->symbols);
    return code;
}

Value compile_module(Thread *th, const char *source, size_t size_bytes, const char *file_name)
{
    Compiler *c = rt_calloc(1, sizeof *c);
    if (c == NULL) {
        return rt_raise_memory_error(th);
    }
    c->th = th;
    c->source = source;
    c->source_bytes = size_bytes;
    c->filename = str_from_cstr(th, file_name);
    Value code = VALUE_ABSENT;
    if (c->filename != VALUE_ABSENT) {
        SyntaxDiag diag;
        c->ast = parse_source(source, size_bytes, file_name, PARSE_EXEC, &diag);
        if (c->ast == NULL) {
            raise_parse_error(c, &diag);
            syntax_diag_free(&diag);
        } else {
            code = compile_tree(c);
            ast_free(c->ast);
        }
        rt_decref(th, c->filename);
    }
    rt_free(c);
    return code;
}
