/*
 * Compile, conditions: comparisons, and/or/not, as values and as jumps.
 *
 * A test that only decides a jump is compiled without making a bool: comparisons become fused
 * compare-and-branch instructions, and/or/not become control flow.
 *
 * Threads: no shared state.
 */
#include "interp/compile.h"

static bool is_order(AstOp op) { return op >= AST_OP_EQ && op <= AST_OP_GTE; }

static int jump_base(AstOp op)
{
    static const int table[] = {
        [AST_OP_EQ] = BC_JEQ_RR,  [AST_OP_NOTEQ] = BC_JNE_RR, [AST_OP_LT] = BC_JLT_RR,
        [AST_OP_LTE] = BC_JLE_RR, [AST_OP_GT] = BC_JGT_RR,    [AST_OP_GTE] = BC_JGE_RR};
    return table[op];
}

static int value_base(AstOp op)
{
    static const int table[] = {
        [AST_OP_EQ] = BC_EQ,       [AST_OP_NOTEQ] = BC_NE,     [AST_OP_LT] = BC_LT,
        [AST_OP_LTE] = BC_LE,      [AST_OP_GT] = BC_GT,        [AST_OP_GTE] = BC_GE,
        [AST_OP_IS] = BC_IS,       [AST_OP_ISNOT] = BC_IS_NOT, [AST_OP_IN] = BC_IN,
        [AST_OP_NOTIN] = BC_NOT_IN};
    return table[op];
}

static bool is_none(const AstNode *n)
{
    return n->kind == AST_Constant && n->Constant.value.kind == AST_CONST_NONE;
}

enum { JUMP_TRUE = 0, JUMP_FALSE = 3, JUMP_BACK = 6 }; /* _RR, _RI, _RK of each */

/* Emits the jump for `reg(left) op right`; consumes left. */
static void jump_compare(Compiler *c, const AstNode *n, int left, AstOp op, const AstNode *right,
                         int form, uint32_t label)
{
    int code = jump_base(op) + form;
    int16_t imm;
    uint32_t k;
    if (small_immediate(c, right, &imm)) {
        c->unit->at = n;
        emit_label(c, code + 1, left, imm, label);
    } else if (const_of(c, right, &k)) {
        c->unit->at = n;
        emit_label_const(c, code + 2, left, k, label);
    } else {
        int base = c->unit->top;
        int r = expr_source(c, right);
        c->unit->at = n;
        emit_label(c, code, left, r, label);
        consume(c, r);
        temp_pop_to(c, base);
    }
    consume(c, left);
}

static void jump_truth(Compiler *c, const AstNode *n, uint32_t label, int op)
{
    int base = c->unit->top;
    int r = expr_value_source(c, n);
    c->unit->at = n;
    emit_label(c, op, r, 0, label);
    consume(c, r);
    temp_pop_to(c, base);
}

/* One comparison that is not part of a chain. */
static bool jump_simple_compare(Compiler *c, const AstNode *n, uint32_t label, bool when, bool back)
{
    const AstNode *left = n->Compare.left, *right = n->Compare.comparators.items[0];
    AstOp op = n->Compare.ops.items[0];
    int base = c->unit->top;
    if ((op == AST_OP_IS || op == AST_OP_ISNOT) && is_none(right) && !back) {
        int r = expr_value_source(c, left);
        c->unit->at = n;
        emit_label(c, (op == AST_OP_IS) == when ? BC_JNONE : BC_JNOTNONE, r, 0, label);
        consume(c, r);
        temp_pop_to(c, base);
        return true;
    }
    if (!is_order(op)) {
        return false;
    }
    int l = expr_source_before(c, left, right);
    jump_compare(c, n, l, op, right, back ? JUMP_BACK : when ? JUMP_TRUE : JUMP_FALSE, label);
    temp_pop_to(c, base);
    return true;
}

/* a < b < c: the middle operand is kept for the next comparison. Jumps when the chain's truth is
 * `when`. */
static void jump_chain(Compiler *c, const AstNode *n, uint32_t label, bool when)
{
    int base = c->unit->top;
    int count = n->Compare.ops.count;
    uint32_t fail = label_new(c), end = label_new(c);
    int left = expr_temp(c, n->Compare.left);
    for (int i = 0; i < count; i++) {
        bool last = i == count - 1;
        AstOp op = n->Compare.ops.items[i];
        int right = expr_temp(c, n->Compare.comparators.items[i]);
        int l = left, r = right;
        if (!last) {
            r = temp_push(c);
            emit(c, BC_COPY_T, r, right, 0);
            temp_def(c, r);
        }
        c->unit->at = n;
        int test = r;
        if (is_order(op)) {
            emit_label(c, jump_base(op) + (last && when ? JUMP_TRUE : JUMP_FALSE), l, r,
                       last ? label : fail);
        } else {
            test = temp_push(c);
            emit(c, value_base(op) + 1, test, l, r);
            temp_use(c, l);
            temp_use(c, r);
            temp_def(c, test);
            emit_label(c, last && when ? BC_JT : BC_JF, test, 0, last ? label : fail);
            temp_use(c, test);
        }
        temp_use(c, l);
        temp_use(c, r);
        if (!last) {
            /* the kept operand moves down to where the left one was */
            emit(c, BC_TAKE_T, left, right, 0);
            temp_use(c, right);
            temp_def(c, left);
            temp_pop_to(c, left + 1);
        }
    }
    emit_label(c, BC_JMP, 0, 0, end);
    label_here(c, fail);
    temp_pop_to(c, base);
    /* reached only from a comparison that failed early: drops the operand kept for the next one */
    temp_push(c);
    int kept = temp_push(c);
    temp_def(c, kept);
    emit(c, BC_DROP, kept, 0, 0);
    temp_use(c, kept);
    temp_pop_to(c, base);
    if (!when) {
        emit_label(c, BC_JMP, 0, 0, label);
    }
    label_here(c, end);
}

void jump_if(Compiler *c, const AstNode *n, uint32_t label, bool when)
{
    if (n->kind == AST_UnaryOp && n->UnaryOp.op == AST_OP_NOT) {
        jump_if(c, n->UnaryOp.operand, label, !when);
        return;
    }
    if (n->kind == AST_BoolOp) {
        bool is_and = n->BoolOp.op == AST_OP_AND;
        int32_t last = n->BoolOp.values.count - 1;
        if (is_and != when) { /* any operand of that truth decides */
            for (int32_t i = 0; i <= last; i++) {
                jump_if(c, n->BoolOp.values.items[i], label, when);
            }
        } else {
            uint32_t skip = label_new(c);
            for (int32_t i = 0; i < last; i++) {
                jump_if(c, n->BoolOp.values.items[i], skip, !when);
            }
            jump_if(c, n->BoolOp.values.items[last], label, when);
            label_here(c, skip);
        }
        return;
    }
    if (n->kind == AST_Compare) {
        if (n->Compare.ops.count > 1) {
            jump_chain(c, n, label, when);
            return;
        }
        if (jump_simple_compare(c, n, label, when, false)) {
            return;
        }
    }
    if (n->kind == AST_Constant && n->Constant.value.kind != AST_CONST_STR) {
        AstConstKind k = n->Constant.value.kind;
        if (k == AST_CONST_TRUE || k == AST_CONST_FALSE || k == AST_CONST_NONE) {
            if ((k == AST_CONST_TRUE) == when) {
                emit_label(c, BC_JMP, 0, 0, label);
            }
            return;
        }
    }
    jump_truth(c, n, label, when ? BC_JT : BC_JF);
}

void jump_back_if(Compiler *c, const AstNode *n, uint32_t label)
{
    uint32_t out = label_new(c);
    if (n->kind == AST_Constant && n->Constant.value.kind == AST_CONST_TRUE) {
        emit_label(c, BC_JMPB, 0, 0, label);
    } else if (n->kind == AST_BoolOp && n->BoolOp.op == AST_OP_AND) {
        int32_t last = n->BoolOp.values.count - 1;
        for (int32_t i = 0; i < last; i++) {
            jump_if(c, n->BoolOp.values.items[i], out, false);
        }
        jump_back_if(c, n->BoolOp.values.items[last], label);
    } else if (n->kind == AST_Compare && n->Compare.ops.count == 1 &&
               jump_simple_compare(c, n, label, true, true)) {
        /* done: one fused back edge */
    } else if (n->kind == AST_Compare || n->kind == AST_BoolOp ||
               (n->kind == AST_UnaryOp && n->UnaryOp.op == AST_OP_NOT)) {
        jump_if(c, n, out, false);
        emit_label(c, BC_JMPB, 0, 0, label);
    } else {
        jump_truth(c, n, label, BC_JTB);
    }
    label_here(c, out);
}

/* ---- as values --------------------------------------------------------------------------------------- */

/* A chain as a value is the last comparison's result or the first false one; for the usual types
 * that is a bool. Comparisons that return other objects keep them (rich comparison). */
static void chain_value(Compiler *c, const AstNode *n, Dest d)
{
    int base = d.local ? temp_push(c) : d.reg;
    temp_pop_to(c, base);
    int count = n->Compare.ops.count;
    uint32_t fail = label_new(c), end = label_new(c);
    int kept = temp_push(c); /* result, at base */
    int left = expr_temp(c, n->Compare.left);
    for (int i = 0; i < count; i++) {
        bool last = i == count - 1;
        int right = expr_temp(c, n->Compare.comparators.items[i]);
        int r = right;
        if (!last) {
            r = temp_push(c);
            emit(c, BC_COPY_T, r, right, 0);
            temp_def(c, r);
        }
        c->unit->at = n;
        emit(c, value_base(n->Compare.ops.items[i]) + 1, kept, left, r);
        temp_use(c, left);
        temp_use(c, r);
        temp_def(c, kept);
        if (!last) {
            emit_label(c, BC_JF_KEEP, kept, 0, fail);
            temp_use(c, kept);
            emit(c, BC_TAKE_T, left, right, 0);
            temp_use(c, right);
            temp_def(c, left);
            temp_pop_to(c, left + 1);
        }
    }
    emit_label(c, BC_JMP, 0, 0, end);
    temp_use(c, kept);
    label_here(c, fail);
    temp_def(c, kept);
    temp_pop_to(c, left + 1);
    int right = temp_push(c);
    temp_def(c, right);
    emit(c, BC_DROP, right, 0, 0);
    temp_use(c, right);
    label_here(c, end);
    temp_pop_to(c, base + 1);
    if (d.local) {
        finish_temp(c, kept, d);
    }
}

void compare_value(Compiler *c, const AstNode *n, Dest d)
{
    if (n->Compare.ops.count > 1) {
        chain_value(c, n, d);
        return;
    }
    int base = d.local ? c->unit->top : d.reg;
    temp_pop_to(c, base);
    AstOp op = n->Compare.ops.items[0];
    bool word = op == AST_OP_IS || op == AST_OP_ISNOT;
    const AstNode *right = n->Compare.comparators.items[0];
    int l = word ? expr_value_source(c, n->Compare.left)
                 : expr_source_before(c, n->Compare.left, right);
    int r = word ? expr_value_source(c, right) : expr_source(c, right);
    c->unit->at = n;
    emit(c, value_base(op) + (d.local ? 0 : 1), d.reg, l, r);
    consume(c, l);
    consume(c, r);
    temp_pop_to(c, base);
    if (!d.local) {
        temp_push(c);
        temp_def(c, d.reg);
    }
}

void bool_value(Compiler *c, const AstNode *n, Dest d)
{
    int t = d.local ? temp_push(c) : d.reg;
    uint32_t end = label_new(c);
    int op = n->BoolOp.op == AST_OP_AND ? BC_JF_KEEP : BC_JT_KEEP;
    int32_t last = n->BoolOp.values.count - 1;
    for (int32_t i = 0; i < last; i++) {
        expr(c, n->BoolOp.values.items[i], (Dest){t, false});
        c->unit->at = n;
        emit_label(c, op, t, 0, end);
        temp_use(c, t);
    }
    expr(c, n->BoolOp.values.items[last], (Dest){t, false});
    label_here(c, end);
    if (d.local) {
        finish_temp(c, t, d);
    }
}
