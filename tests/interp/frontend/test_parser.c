/* test_parser.c - the tree: shape, contexts, positions, names, modes, and its text form. */
#include "tests/interp/frontend/support.h"

static void check_dump(const char *source, ParseMode mode, const char *wanted)
{
    SyntaxDiag diag;
    Ast *ast = parse_source(source, strlen(source), "test.py", mode, &diag);
    assert_non_null(ast);
    size_t size_bytes;
    char *text = ast_dump(ast, &size_bytes);
    assert_non_null(text);
    assert_string_equal(text, wanted);
    assert_int_equal(size_bytes, strlen(wanted));
    rt_free(text);
    ast_free(ast);
}

static void test_dump_prints_as_python(void **state)
{
    (void)state;
    check_dump("pass", PARSE_EXEC,
               "Module(body=[Pass(lineno=1, col_offset=0, end_lineno=1, end_col_offset=4)], "
               "type_ignores=[])");
    check_dump("0x10", PARSE_EVAL,
               "Expression(body=Constant(value=16, lineno=1, col_offset=0, end_lineno=1, "
               "end_col_offset=4))");
    check_dump("'\\x00\\'\xc3\xa9'", PARSE_EVAL,
               "Expression(body=Constant(value=\"\\x00'\xc3\xa9\", lineno=1, col_offset=0, "
               "end_lineno=1, end_col_offset=10))");
    check_dump("x", PARSE_SINGLE,
               "Interactive(body=[Expr(value=Name(id='x', ctx=Load(), lineno=1, col_offset=0, "
               "end_lineno=1, end_col_offset=1), lineno=1, col_offset=0, end_lineno=1, "
               "end_col_offset=1)])");
}

static void test_precedence(void **state)
{
    (void)state;
    Ast *ast = parse_good("1 + 2 * -3 ** 4 - 5");
    const AstNode *minus = expression_of(ast);
    assert_int_equal(minus->BinOp.op, AST_OP_SUB);
    const AstNode *plus = minus->BinOp.left;
    assert_int_equal(plus->BinOp.op, AST_OP_ADD);
    const AstNode *times = plus->BinOp.right;
    assert_int_equal(times->BinOp.op, AST_OP_MULT);
    assert_int_equal(times->BinOp.right->UnaryOp.op, AST_OP_USUB);
    assert_int_equal(times->BinOp.right->UnaryOp.operand->BinOp.op, AST_OP_POW);
    ast_free(ast);
}

static void test_targets_are_stored(void **state)
{
    (void)state;
    Ast *ast = parse_good("a, [b.c, *d] = e[f] = g\ndel a, (b.c, d[0])\n");
    const AstNode *assign = statement(ast, 0);
    assert_int_equal(assign->kind, AST_Assign);
    const AstNode *tuple = assign->Assign.targets.items[0];
    assert_int_equal(tuple->Tuple.ctx, AST_STORE);
    const AstNode *list = tuple->Tuple.elts.items[1];
    assert_int_equal(list->List.ctx, AST_STORE);
    assert_int_equal(list->List.elts.items[0]->Attribute.ctx, AST_STORE);
    assert_int_equal(list->List.elts.items[0]->Attribute.value->Name.ctx, AST_LOAD);
    assert_int_equal(list->List.elts.items[1]->Starred.ctx, AST_STORE);
    assert_int_equal(list->List.elts.items[1]->Starred.value->Name.ctx, AST_STORE);
    assert_int_equal(assign->Assign.targets.items[1]->Subscript.ctx, AST_STORE);
    assert_int_equal(assign->Assign.targets.items[1]->Subscript.slice->Name.ctx, AST_LOAD);
    const AstNode *delete = statement(ast, 1);
    assert_int_equal(delete->Delete.targets.items[0]->Name.ctx, AST_DEL);
    assert_int_equal(delete->Delete.targets.items[1]->Tuple.ctx, AST_DEL);
    ast_free(ast);
}

static void test_equal_names_are_one_pointer(void **state)
{
    (void)state;
    /* the ligature fi and the letters f i are the same name after NFKC */
    Ast *ast = parse_good("fi = \xef\xac\x81 = other\n");
    const AstNode *assign = statement(ast, 0);
    const AstIdent *first = assign->Assign.targets.items[0]->Name.id;
    const AstIdent *second = assign->Assign.targets.items[1]->Name.id;
    assert_ptr_equal(first, second);
    assert_string_equal(first->bytes, "fi");
    assert_int_equal(ast_name_count(ast), 2);
    assert_int_equal(assign->Assign.value->Name.id->index, 1);
    assert_ptr_equal(ast_intern(ast, "other", 5), assign->Assign.value->Name.id);
    ast_free(ast);
}

static void test_many_names_keep_their_pointers(void **state)
{
    (void)state;
    Ast *ast = parse_good("x");
    AstIdent *names[1000];
    char text[16];
    for (int i = 0; i < 1000; i++) {
        snprintf(text, sizeof(text), "n%d", i);
        names[i] = ast_intern(ast, text, strlen(text));
        assert_int_equal(names[i]->index, i + 1);
    }
    for (int i = 0; i < 1000; i++) {
        snprintf(text, sizeof(text), "n%d", i);
        assert_ptr_equal(ast_intern(ast, text, strlen(text)), names[i]);
    }
    ast_free(ast);
}

static void test_parameters(void **state)
{
    (void)state;
    Ast *ast = parse_good("def f(a, b=1, /, c=2, *d, e, g=3, **h) -> i: pass");
    const AstNode *def = statement(ast, 0);
    const AstNode *parameters = def->FunctionDef.args;
    assert_int_equal(parameters->arguments.posonlyargs.count, 2);
    assert_int_equal(parameters->arguments.args.count, 1);
    assert_int_equal(parameters->arguments.defaults.count, 2);
    assert_int_equal(parameters->arguments.kwonlyargs.count, 2);
    assert_null(parameters->arguments.kw_defaults.items[0]);
    assert_non_null(parameters->arguments.kw_defaults.items[1]);
    assert_string_equal(parameters->arguments.vararg->arg.arg->bytes, "d");
    assert_string_equal(parameters->arguments.kwarg->arg.arg->bytes, "h");
    ast_free(ast);
}

static void test_soft_keywords_stay_names(void **state)
{
    (void)state;
    Ast *ast =
        parse_good("match = case = _\nmatch(case)\nmatch[_]: case\nmatch x:\n case _: pass\n");
    assert_int_equal(statement(ast, 0)->kind, AST_Assign);
    assert_int_equal(statement(ast, 1)->Expr.value->kind, AST_Call);
    assert_int_equal(statement(ast, 2)->kind, AST_AnnAssign);
    assert_int_equal(statement(ast, 3)->kind, AST_Match);
    const AstNode *pattern = statement(ast, 3)->Match.cases.items[0]->match_case.pattern;
    assert_int_equal(pattern->kind, AST_MatchAs);
    assert_null(pattern->MatchAs.name);
    ast_free(ast);
}

static void test_elif_chain_ends_together(void **state)
{
    (void)state;
    Ast *ast = parse_good("if a:\n b\nelif c:\n d\nelse:\n efg\n");
    const AstNode *first = statement(ast, 0);
    const AstNode *second = first->If.orelse.items[0];
    assert_int_equal(second->kind, AST_If);
    assert_int_equal(first->end_lineno, 6);
    assert_int_equal(second->end_lineno, 6);
    assert_int_equal(second->end_col_offset, 4);
    assert_int_equal(second->If.orelse.count, 1);
    ast_free(ast);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dump_prints_as_python),
        cmocka_unit_test(test_precedence),
        cmocka_unit_test(test_targets_are_stored),
        cmocka_unit_test(test_equal_names_are_one_pointer),
        cmocka_unit_test(test_many_names_keep_their_pointers),
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_soft_keywords_stay_names),
        cmocka_unit_test(test_elif_chain_ends_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
