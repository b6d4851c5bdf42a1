/*
 * Compile, expressions: constants and their folding, operators, attributes, items, conditionals.
 *
 * expr() puts a value into a local or a temporary.  A temporary destination is always the top of
 * the stack at that moment (just pushed), so operands may use the registers from it on.
 *
 * Threads: no shared state.
 */
#include <stdio.h>

#include "interp/compile.h"
#include "runtime/abstract.h"
#include "runtime/bytes.h"
#include "runtime/int.h"

/* ---- constants ----------------------------------------------------------------------------------- */

static Value constant_value(Compiler *c, const AstNode *n)
{
    const AstConst *k = &n->Constant.value;
    Value v;
    switch (k->kind) {
    case AST_CONST_NONE: return VALUE_NONE;
    case AST_CONST_TRUE: return VALUE_TRUE;
    case AST_CONST_FALSE: return VALUE_FALSE;
    case AST_CONST_ELLIPSIS: return rt_newref(c->th, rt_ellipsis());
    case AST_CONST_INT: v = int_from_digits(c->th, k->bytes, k->size_bytes, k->base); break;
    case AST_CONST_FLOAT: return value_from_bits_double(k->number);
    case AST_CONST_STR:
        v = str_from_utf8(c->th, k->bytes, k->size_bytes);
        if (v != VALUE_ABSENT && k->size_bytes <= 32) {
            v = str_intern_steal(c->th, v);
        }
        break;
    case AST_CONST_IMAGINARY: compile_refuse(c, n, "complex numbers");
    default: v = bytes_new(c->th, (const uint8_t *)k->bytes, (int64_t)k->size_bytes); break;
    }
    if (v == VALUE_ABSENT && !rt_pending_is(c->th, EXC_MEMORY_ERROR)) {
        rt_clear_exception(c->th);
        snprintf(c->error, sizeof c->error,
                 "Exceeds the limit (4300 digits) for integer string conversion - Consider "
                 "hexadecimal for huge integer literals to avoid decimal conversion limits.");
        c->error_node = n;
    }
    return v; /* absent: MemoryError pending, or error_node set; folds around this one hold values */
}

static bool is_number(Value v)
{
    return value_is_double(v) || value_is_small_int(v) || value_has_type(v, TYPE_INT);
}

static const int binary_table[] = {
    [AST_OP_ADD] = BIN_ADD,          [AST_OP_SUB] = BIN_SUB,       [AST_OP_MULT] = BIN_MUL,
    [AST_OP_MATMULT] = BIN_MATMUL,   [AST_OP_DIV] = BIN_TRUEDIV,   [AST_OP_MOD] = BIN_MOD,
    [AST_OP_POW] = BIN_POW,          [AST_OP_LSHIFT] = BIN_LSHIFT, [AST_OP_RSHIFT] = BIN_RSHIFT,
    [AST_OP_BITOR] = BIN_OR,         [AST_OP_BITXOR] = BIN_XOR,    [AST_OP_BITAND] = BIN_AND,
    [AST_OP_FLOORDIV] = BIN_FLOORDIV};

/* Small enough to compute at compile time: operands within the small range, and no huge power,
 * shift or product. */
static bool fold_allowed(AstOp op, Value a, Value b)
{
    if (!is_number(a) || !is_number(b) || value_is_object(a) || value_is_object(b)) {
        return false;
    }
    if (op == AST_OP_POW || op == AST_OP_LSHIFT) {
        return value_is_small_int(b) && value_int(b) >= 0 && value_int(b) <= 64;
    }
    return true;
}

/* The value of a constant expression of numbers. returns: new, or absent (not constant). */
static Value fold(Compiler *c, const AstNode *n)
{
    if (n->kind == AST_Constant) {
        AstConstKind k = n->Constant.value.kind;
        return k == AST_CONST_IMAGINARY ? VALUE_ABSENT : constant_value(c, n);
    }
    Value r = VALUE_ABSENT;
    if (n->kind == AST_UnaryOp && n->UnaryOp.op != AST_OP_NOT) {
        Value a = fold(c, n->UnaryOp.operand);
        if (a != VALUE_ABSENT && is_number(a)) {
            UnaryOp op = n->UnaryOp.op == AST_OP_USUB   ? UN_NEG
                         : n->UnaryOp.op == AST_OP_UADD ? UN_POS
                                                        : UN_INVERT;
            r = rt_unary(c->th, op, a);
        }
        rt_xdecref(c->th, a);
    } else if (n->kind == AST_BinOp) {
        Value a = fold(c, n->BinOp.left);
        Value b = a != VALUE_ABSENT ? fold(c, n->BinOp.right) : VALUE_ABSENT;
        if (a != VALUE_ABSENT && b != VALUE_ABSENT && fold_allowed(n->BinOp.op, a, b)) {
            r = rt_binary(c->th, (BinaryOp)binary_table[n->BinOp.op], a, b);
        }
        rt_xdecref(c->th, a);
        rt_xdecref(c->th, b);
    } else if (n->kind == AST_Tuple && n->Tuple.ctx == AST_LOAD) {
        Value list = list_new(c->th, NULL, 0);
        for (int32_t i = 0; i < n->Tuple.elts.count && list != VALUE_ABSENT; i++) {
            Value item = fold(c, n->Tuple.elts.items[i]);
            if (item == VALUE_ABSENT || !list_append_steal(c->th, list, item)) {
                rt_decref(c->th, list);
                list = VALUE_ABSENT;
            }
        }
        r = list != VALUE_ABSENT ? list_to_tuple(c->th, list) : VALUE_ABSENT;
        rt_xdecref(c->th, list);
    }
    if (r == VALUE_ABSENT && rt_pending(c->th) && !rt_pending_is(c->th, EXC_MEMORY_ERROR)) {
        rt_clear_exception(c->th); /* 1/0: raised when it runs */
    }
    return r; /* a MemoryError stays pending for const_of: folds around this one hold values */
}

static bool may_fold(Compiler *c, const AstNode *n)
{
    compile_check_stack(c);
    switch (n->kind) {
    case AST_Constant: return true;
    case AST_UnaryOp: return n->UnaryOp.op != AST_OP_NOT && may_fold(c, n->UnaryOp.operand);
    case AST_BinOp: return may_fold(c, n->BinOp.left) && may_fold(c, n->BinOp.right);
    case AST_Tuple:
        for (int32_t i = 0; i < n->Tuple.elts.count; i++) {
            if (!may_fold(c, n->Tuple.elts.items[i])) {
                return false;
            }
        }
        return n->Tuple.ctx == AST_LOAD;
    case AST_Name: return false;
    default: return false;
    }
}

bool const_of(Compiler *c, const AstNode *n, uint32_t *constant)
{
    if (!may_fold(c, n)) {
        return false;
    }
    Value v = fold(c, n);
    if (v == VALUE_ABSENT) {
        if (c->error_node != NULL) {
            longjmp(c->fail, 1);
        }
        if (rt_pending(c->th)) {
            compile_fail_memory(c);
        }
        return false;
    }
    *constant = const_steal(c, v);
    return true;
}

bool small_immediate(Compiler *c, const AstNode *n, int16_t *out)
{
    if (n->kind == AST_Tuple || !may_fold(c, n)) {
        return false;
    }
    Value v = fold(c, n);
    bool ok = value_is_small_int(v) && value_int(v) >= INT16_MIN && value_int(v) <= INT16_MAX;
    if (ok) {
        *out = (int16_t)value_int(v);
    }
    rt_xdecref(c->th, v);
    return ok;
}

void load_const(Compiler *c, uint32_t constant, Dest d)
{
    Value v = c->unit->consts[constant];
    if (value_is_small_int(v) && value_int(v) >= INT16_MIN && value_int(v) <= INT16_MAX) {
        emit(c, d.local ? BC_LOADI : BC_LOADI_T, d.reg, (int)value_int(v), 0);
    } else {
        emit_const_b(c, d.local ? BC_LOADK : BC_LOADK_T, d.reg, constant, 0);
    }
    if (!d.local) {
        temp_def(c, d.reg);
    }
}

/* ---- operands ---------------------------------------------------------------------------------------- */

void finish_temp(Compiler *c, int temp, Dest d)
{
    if (d.local) {
        emit(c, BC_TAKE, d.reg, temp, 0);
        temp_use(c, temp);
        temp_pop_to(c, temp);
    } else if (d.reg != temp) {
        emit(c, BC_TAKE_T, d.reg, temp, 0);
        temp_use(c, temp);
        temp_def(c, d.reg);
    }
}

int expr_temp(Compiler *c, const AstNode *n)
{
    int t = temp_push(c);
    expr(c, n, (Dest){t, false});
    return t;
}

int expr_source(Compiler *c, const AstNode *n)
{
    int reg;
    if (n->kind == AST_Name && !c->unit->scope->has_walrus && name_is_local(c, n->Name.id, &reg)) {
        return reg;
    }
    return expr_temp(c, n);
}

int expr_value_source(Compiler *c, const AstNode *n)
{
    int reg;
    if (n->kind == AST_Name && !c->unit->scope->has_walrus && name_is_local(c, n->Name.id, &reg) &&
        c->unit->bound[reg]) {
        return reg;
    }
    return expr_temp(c, n);
}

int expr_source_before(Compiler *c, const AstNode *n, const AstNode *next)
{
    int reg;
    bool plain = next->kind == AST_Constant ||
                 (next->kind == AST_Name && name_is_local(c, next->Name.id, &reg));
    return plain ? expr_source(c, n) : expr_value_source(c, n);
}

static void result(Compiler *c, Dest d, int base)
{
    if (!d.local) {
        temp_def(c, d.reg);
    }
    temp_pop_to(c, d.local ? base : d.reg + 1);
}

/* ---- operators ------------------------------------------------------------------------------------------ */

static int binary_base(AstOp op)
{
    static const int table[] = {[AST_OP_ADD] = BC_ADD_RR,          [AST_OP_SUB] = BC_SUB_RR,
                                [AST_OP_MULT] = BC_MUL_RR,         [AST_OP_MATMULT] = BC_MATMUL_RR,
                                [AST_OP_DIV] = BC_TRUEDIV_RR,      [AST_OP_MOD] = BC_MOD_RR,
                                [AST_OP_POW] = BC_POW_RR,          [AST_OP_LSHIFT] = BC_LSHIFT_RR,
                                [AST_OP_RSHIFT] = BC_RSHIFT_RR,    [AST_OP_BITOR] = BC_OR_RR,
                                [AST_OP_BITXOR] = BC_XOR_RR,       [AST_OP_BITAND] = BC_AND_RR,
                                [AST_OP_FLOORDIV] = BC_FLOORDIV_RR};
    return table[op];
}

enum { FORM_RR = 0, FORM_RK = 2, FORM_KR = 4, FORM_RI = 6 };

/* left == NULL: the left operand is in left_reg. */
void binary_op(Compiler *c, const AstNode *at, AstOp op, const AstNode *left, int left_reg,
               const AstNode *right, Dest d, bool inplace)
{
    int base = d.local ? c->unit->top : d.reg;
    if (!d.local) {
        temp_pop_to(c, base); /* operands start in the destination's register */
    }
    int code = binary_base(op) + (d.local ? 0 : 1);
    bool plain = op == AST_OP_MATMULT;
    uint32_t k;
    int16_t imm;
    uint32_t pc;
    if (left != NULL && !plain && const_of(c, left, &k)) {
        int r = expr_source(c, right);
        c->unit->at = at;
        pc = emit_const_b(c, code + FORM_KR, d.reg, k, r);
        consume(c, r);
    } else {
        int l = left != NULL ? expr_source_before(c, left, right) : left_reg;
        if (!plain && small_immediate(c, right, &imm)) {
            c->unit->at = at;
            pc = emit(c, code + FORM_RI, d.reg, l, imm);
        } else if (!plain && const_of(c, right, &k)) {
            c->unit->at = at;
            pc = emit_const_c(c, code + FORM_RK, d.reg, l, k);
        } else {
            int r = expr_source(c, right);
            c->unit->at = at;
            pc = emit(c, code + FORM_RR, d.reg, l, r);
            consume(c, r);
        }
        consume(c, l);
    }
    if (inplace) {
        emit_inplace(c, pc);
    }
    if (!d.local) {
        temp_pop_to(c, base);
        temp_push(c);
    }
    result(c, d, base);
}

static void unary_op(Compiler *c, const AstNode *n, Dest d)
{
    static const int table[] = {[AST_OP_USUB] = BC_NEG,
                                [AST_OP_UADD] = BC_POS,
                                [AST_OP_INVERT] = BC_INVERT,
                                [AST_OP_NOT] = BC_NOT};
    int base = d.local ? c->unit->top : d.reg;
    if (!d.local) {
        temp_pop_to(c, base);
    }
    int r = n->UnaryOp.op == AST_OP_NOT ? expr_value_source(c, n->UnaryOp.operand)
                                        : expr_source(c, n->UnaryOp.operand);
    c->unit->at = n;
    emit(c, table[n->UnaryOp.op] + (d.local ? 0 : 1), d.reg, r, 0);
    consume(c, r);
    if (!d.local) {
        temp_pop_to(c, base);
        temp_push(c);
    }
    result(c, d, base);
}

static void if_exp(Compiler *c, const AstNode *n, Dest d)
{
    uint32_t other = label_new(c), end = label_new(c);
    jump_if(c, n->IfExp.test, other, false);
    expr(c, n->IfExp.body, d);
    emit_label(c, BC_JMP, 0, 0, end);
    if (!d.local) {
        temp_use(c, d.reg);
    }
    label_here(c, other);
    expr(c, n->IfExp.orelse, d);
    label_here(c, end);
}

/* ---- attributes and items ---------------------------------------------------------------------------------- */

static void attribute(Compiler *c, const AstNode *n, Dest d)
{
    int base = d.local ? temp_push(c) : d.reg;
    temp_pop_to(c, base);
    int o = expr_source(c, n->Attribute.value);
    c->unit->at = n;
    emit_const_c(c, BC_GET_ATTR, base, o, const_name(c, n->Attribute.attr));
    consume(c, o);
    temp_pop_to(c, base);
    temp_push(c);
    temp_def(c, base);
    if (d.local) {
        finish_temp(c, base, d);
    }
}

static int slice_temp(Compiler *c, const AstNode *n)
{
    const AstNode *parts[] = {n->Slice.lower, n->Slice.upper, n->Slice.step};
    int base = c->unit->top;
    for (int i = 0; i < 3; i++) {
        if (parts[i] != NULL) {
            expr_temp(c, parts[i]);
        } else {
            load_const(c, const_steal(c, VALUE_NONE), (Dest){temp_push(c), false});
        }
    }
    c->unit->at = n;
    emit(c, BC_BUILD_SLICE, base, 0, 0);
    for (int i = 0; i < 3; i++) {
        temp_use(c, base + i);
    }
    temp_pop_to(c, base + 1);
    temp_def(c, base);
    return base;
}

int index_source(Compiler *c, const AstNode *n)
{
    return n->kind == AST_Slice ? slice_temp(c, n) : expr_source(c, n);
}

static void subscript(Compiler *c, const AstNode *n, Dest d)
{
    int base = d.local ? c->unit->top : d.reg;
    if (!d.local) {
        temp_pop_to(c, base);
    }
    int o = expr_source_before(c, n->Subscript.value, n->Subscript.slice);
    int i = index_source(c, n->Subscript.slice);
    c->unit->at = n;
    emit(c, d.local ? BC_GET_ITEM : BC_GET_ITEM_T, d.reg, o, i);
    consume(c, o);
    consume(c, i);
    if (!d.local) {
        temp_pop_to(c, base);
        temp_push(c);
    }
    result(c, d, base);
}

static void named_expr(Compiler *c, const AstNode *n, Dest d)
{
    int t = d.local ? temp_push(c) : d.reg;
    expr(c, n->NamedExpr.value, (Dest){t, false});
    int copy = temp_push(c);
    c->unit->at = n;
    emit(c, BC_COPY_T, copy, t, 0);
    temp_def(c, copy);
    store_name(c, n->NamedExpr.target->Name.id, copy);
    temp_pop_to(c, copy);
    if (d.local) {
        finish_temp(c, t, d);
    }
}

/* ---- dispatch --------------------------------------------------------------------------------------------------- */

static void display(Compiler *c, const AstNode *n, Dest d)
{
    switch (n->kind) {
    case AST_JoinedStr: joined_str(c, n, d); return;
    case AST_List:
    case AST_Tuple:
    case AST_Set: list_display(c, n, d); return;
    case AST_Dict: dict_display(c, n, d); return;
    case AST_ListComp:
    case AST_SetComp:
    case AST_DictComp: comprehension(c, n, d); return;
    case AST_GeneratorExp: compile_refuse(c, n, "generator expressions");
    case AST_Yield:
    case AST_YieldFrom:
        if (c->unit->scope->kind != SCOPE_FUNCTION) {
            compile_fail(c, n, "'yield' outside function");
        }
        compile_refuse(c, n, "generators (yield)");
    case AST_Await: compile_refuse(c, n, "await");
    case AST_Starred: compile_fail(c, n, "can't use starred expression here");
    default: compile_refuse(c, n, ast_kind_name(n->kind));
    }
}

static void expr_kind(Compiler *c, const AstNode *n, Dest d)
{
    switch (n->kind) {
    case AST_Name:
        if (strcmp(n->Name.id->bytes, "__debug__") == 0) {
            load_const(c, const_steal(c, VALUE_TRUE), d);
            return;
        }
        load_name(c, n, d);
        return;
    case AST_BinOp:
        binary_op(c, n, n->BinOp.op, n->BinOp.left, -1, n->BinOp.right, d, false);
        return;
    case AST_UnaryOp: unary_op(c, n, d); return;
    case AST_BoolOp: bool_value(c, n, d); return;
    case AST_Compare: compare_value(c, n, d); return;
    case AST_IfExp: if_exp(c, n, d); return;
    case AST_Call: call_expr(c, n, d); return;
    case AST_Attribute: attribute(c, n, d); return;
    case AST_Subscript: subscript(c, n, d); return;
    case AST_NamedExpr: named_expr(c, n, d); return;
    case AST_Lambda: lambda_expr(c, n, d); return;
    case AST_Constant:
        const_steal(c, constant_value(c, n)); /* only bytes and complex come here: refused */
        return;
    default: display(c, n, d); return;
    }
}

void expr(Compiler *c, const AstNode *n, Dest d)
{
    compile_check_stack(c);
    uint32_t k;
    c->unit->at = n;
    if (const_of(c, n, &k)) {
        load_const(c, k, d);
    } else {
        expr_kind(c, n, d);
    }
}

void expr_discard(Compiler *c, const AstNode *n)
{
    uint32_t k;
    if (const_of(c, n, &k)) {
        return;
    }
    int t = expr_temp(c, n);
    emit(c, BC_DROP, t, 0, 0);
    temp_use(c, t);
    temp_pop_to(c, t);
}
