/*
 * Compile, statements: control flow, return, import, and the rest that is short.
 *
 * Loops are inverted: the test (or FOR) stands at the bottom and is the only back edge.
 *
 * Threads: no shared state.
 */
#include "interp/compile.h"

void body(Compiler *c, AstSeq seq)
{
    for (int32_t i = 0; i < seq.count; i++) {
        statement(c, seq.items[i]);
    }
}

/* ---- branches and loops ---------------------------------------------------------------------------- */

static void if_statement(Compiler *c, const AstNode *n)
{
    uint32_t other = label_new(c);
    jump_if(c, n->If.test, other, false);
    uint8_t *before = bound_save(c);
    body(c, n->If.body);
    if (n->If.orelse.count > 0) {
        uint32_t end = label_new(c);
        emit_label(c, BC_JMP, 0, 0, end);
        label_here(c, other);
        uint8_t *after = bound_save(c);
        bound_restore(c, before);
        body(c, n->If.orelse);
        bound_meet(c, after);
        label_here(c, end);
    } else {
        label_here(c, other);
        bound_meet(c, before);
    }
}

static void while_statement(Compiler *c, const AstNode *n)
{
    uint32_t top = label_new(c), test = label_new(c), end = label_new(c);
    const AstNode *cond = n->While.test;
    bool always = cond->kind == AST_Constant && cond->Constant.value.kind == AST_CONST_TRUE;
    uint8_t *before = bound_save(c);
    if (!always) {
        emit_label(c, BC_JMP, 0, 0, test);
    }
    label_here(c, top);
    Block b = {.kind = BLOCK_LOOP, .break_label = end, .continue_label = test, .iter_reg = -1};
    block_push(c, &b);
    body(c, n->While.body);
    block_pop(c);
    label_here(c, test);
    bound_restore(c, before);
    c->unit->at = cond;
    jump_back_if(c, cond, top);
    body(c, n->While.orelse);
    label_here(c, end);
    bound_restore(c, before);
}

static void for_statement(Compiler *c, const AstNode *n)
{
    uint32_t top = label_new(c), next = label_new(c), end = label_new(c);
    int base = c->unit->top;
    int src = expr_source(c, n->For.iter);
    temp_pop_to(c, base);
    int iter = temp_push(c);
    temp_push(c);
    temp_push(c);
    c->unit->at = n->For.iter;
    emit(c, BC_GET_ITER, iter, src, 0);
    consume(c, src);
    temp_def_kind(c, iter, LIVE_ITER);
    uint8_t *before = bound_save(c);
    emit_label(c, BC_JMP, 0, 0, next);
    Block b = {.kind = BLOCK_LOOP, .break_label = end, .continue_label = next, .iter_reg = iter};
    block_push(c, &b);
    label_here(c, top);
    int reg = -1;
    bool direct = n->For.target->kind == AST_Name && name_is_local(c, n->For.target->Name.id, &reg);
    if (direct) {
        NameInfo *info = symtable_lookup(c->unit->current, n->For.target->Name.id);
        mark_bound(c, reg, (info->flags & NAME_DELETED) == 0);
    } else {
        reg = temp_push(c);
        temp_def(c, reg);
        store_target(c, n->For.target, reg);
        temp_pop_to(c, reg);
    }
    body(c, n->For.body);
    block_pop(c);
    label_here(c, next);
    c->unit->at = n->For.iter;
    emit_label(c, direct ? BC_FOR : BC_FOR_T, iter, reg, top);
    temp_use(c, iter);
    temp_pop_to(c, base);
    bound_restore(c, before);
    body(c, n->For.orelse);
    label_here(c, end);
    bound_restore(c, before);
}

static void loop_exit(Compiler *c, const AstNode *n)
{
    bool is_break = n->kind == AST_Break;
    Block *loop = c->unit->blocks;
    while (loop != NULL && loop->kind != BLOCK_LOOP) {
        loop = loop->outer;
    }
    if (loop == NULL) {
        compile_fail(c, n, is_break ? "'break' outside loop" : "'continue' not properly in loop");
    }
    Block *until = is_break ? loop->outer : loop;
    leave_blocks(c, until);
    emit_label(c, BC_JMP, 0, 0, is_break ? loop->break_label : loop->continue_label);
    resume_blocks(c, until);
}

static bool has_cleanup(const Unit *u)
{
    for (const Block *b = u->blocks; b != NULL; b = b->outer) {
        if (b->kind != BLOCK_TRY && !(b->kind == BLOCK_LOOP && b->iter_reg < 0)) {
            return true;
        }
    }
    return false;
}

static void return_statement(Compiler *c, const AstNode *n)
{
    if (c->unit->scope->kind != SCOPE_FUNCTION) {
        compile_fail(c, n, "'return' outside function");
    }
    const AstNode *value = n->Return.value;
    int base = c->unit->top;
    uint32_t k = 0;
    bool constant = value == NULL || const_of(c, value, &k);
    if (value == NULL) {
        k = const_steal(c, VALUE_NONE);
    }
    int r = -1;
    if (!constant) {
        r = has_cleanup(c->unit) ? expr_temp(c, value) : expr_value_source(c, value);
    }
    leave_blocks(c, NULL);
    c->unit->at = n;
    if (constant) {
        emit_const_b(c, BC_RETURN_K, 0, k, 0);
    } else {
        emit(c, BC_RETURN, r, 0, 0);
        consume(c, r);
    }
    resume_blocks(c, NULL);
    temp_pop_to(c, base);
}

/* ---- import ------------------------------------------------------------------------------------------- */

static void import_statement(Compiler *c, const AstNode *n)
{
    for (int32_t i = 0; i < n->Import.names.count; i++) {
        const Astalias *a = &n->Import.names.items[i]->alias;
        int t = temp_push(c);
        c->unit->at = n;
        emit_const_b(c, BC_IMPORT, t, const_name(c, a->name), a->asname != NULL ? 1 : 0);
        temp_def(c, t);
        AstIdent *id = a->asname != NULL ? a->asname : a->name;
        const char *dot = a->asname == NULL ? strchr(id->bytes, '.') : NULL;
        if (dot != NULL) {
            id = ast_intern(c->ast, id->bytes, (size_t)(dot - id->bytes));
            if (id == NULL) {
                compile_fail_memory(c);
            }
        }
        store_name(c, id, t);
        temp_pop_to(c, t);
    }
}

static void future_statement(Compiler *c, const AstNode *n)
{
    static const char *const known[] = {"nested_scopes",    "generators",     "division",
                                        "absolute_import",  "with_statement", "print_function",
                                        "unicode_literals", "generator_stop", "annotations"};
    for (int32_t i = 0; i < n->ImportFrom.names.count; i++) {
        const char *name = n->ImportFrom.names.items[i]->alias.name->bytes;
        size_t k = 0;
        while (k < sizeof known / sizeof *known && strcmp(known[k], name) != 0) {
            k++;
        }
        if (k == sizeof known / sizeof *known) {
            compile_fail(c, n, "future feature %s is not defined", name);
        }
        if (strcmp(name, "annotations") == 0) {
            c->annotations_ignored = true;
        }
    }
}

static void import_from(Compiler *c, const AstNode *n)
{
    const AstImportFrom *f = &n->ImportFrom;
    if (f->level > 0 || f->module == NULL) {
        compile_refuse(c, n, "relative imports");
    }
    if (strcmp(f->module->bytes, "__future__") == 0) {
        future_statement(c, n);
        return;
    }
    int m = temp_push(c);
    c->unit->at = n;
    emit_const_b(c, BC_IMPORT, m, const_name(c, f->module), 1);
    temp_def(c, m);
    if (f->names.count == 1 && strcmp(f->names.items[0]->alias.name->bytes, "*") == 0) {
        emit(c, BC_IMPORT_STAR, m, 0, 0);
        temp_use(c, m);
        temp_pop_to(c, m);
        return;
    }
    for (int32_t i = 0; i < f->names.count; i++) {
        const Astalias *a = &f->names.items[i]->alias;
        int t = temp_push(c);
        c->unit->at = n;
        emit_const_c(c, BC_IMPORT_FROM, t, m, const_name(c, a->name));
        temp_def(c, t);
        store_name(c, a->asname != NULL ? a->asname : a->name, t);
        temp_pop_to(c, t);
    }
    emit(c, BC_DROP, m, 0, 0);
    temp_use(c, m);
    temp_pop_to(c, m);
}

/* ---- the rest -------------------------------------------------------------------------------------------- */

static void ann_assign(Compiler *c, const AstNode *n)
{
    const AstAnnAssign *a = &n->AnnAssign;
    if (a->value != NULL) {
        int t = expr_temp(c, a->value);
        store_target(c, a->target, t);
        temp_pop_to(c, t);
    }
    /* in functions annotations are not evaluated; at module level they are (for their effects) */
    if (c->unit->scope->kind == SCOPE_MODULE && !c->annotations_ignored) {
        expr_discard(c, a->annotation);
    }
}

static _Noreturn void refuse_statement(Compiler *c, const AstNode *n)
{
    const char *what = ast_kind_name(n->kind);
    switch (n->kind) {
    case AST_ClassDef: what = "class statements"; break;
    case AST_With: what = "with statements"; break;
    case AST_Match: what = "match statements"; break;
    case AST_TryStar: what = "except* clauses"; break;
    case AST_AsyncFunctionDef:
    case AST_AsyncFor:
    case AST_AsyncWith: what = "coroutines (async)"; break;
    default: break;
    }
    compile_refuse(c, n, what);
}

static void simple_statement(Compiler *c, const AstNode *n)
{
    switch (n->kind) {
    case AST_Expr: expr_discard(c, n->Expr.value); break;
    case AST_Assign: assign(c, n); break;
    case AST_AugAssign: aug_assign(c, n); break;
    case AST_AnnAssign: ann_assign(c, n); break;
    case AST_Delete:
        for (int32_t i = 0; i < n->Delete.targets.count; i++) {
            delete_target(c, n->Delete.targets.items[i]);
        }
        break;
    case AST_Return: return_statement(c, n); break;
    case AST_Raise: raise_statement(c, n); break;
    case AST_Assert: assert_statement(c, n); break;
    case AST_Import: import_statement(c, n); break;
    case AST_ImportFrom: import_from(c, n); break;
    case AST_Global:
    case AST_Nonlocal:
    case AST_Pass: break;
    default: refuse_statement(c, n);
    }
}

void statement(Compiler *c, const AstNode *n)
{
    compile_check_stack(c);
    c->unit->at = n;
    switch (n->kind) {
    case AST_If: if_statement(c, n); break;
    case AST_While: while_statement(c, n); break;
    case AST_For: for_statement(c, n); break;
    case AST_Break:
    case AST_Continue: loop_exit(c, n); break;
    case AST_FunctionDef: function_def(c, n); break;
    case AST_Try: try_statement(c, n); break;
    default: simple_statement(c, n); break;
    }
}
