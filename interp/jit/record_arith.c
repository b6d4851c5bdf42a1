/*
 * Recorder, arithmetic: binary and unary operators on ints and floats as typed uops, on anything else
 * as a call of the helper that tier 1's slow path uses too.
 *
 * Ints are int64 in a trace: +, -, * leave on overflow; where the result overflowed while recording, the
 * exact helper is called instead.
 *
 * Threads: the thread that records.
 */
#include "interp/jit/recorder.h"
#include "ir/ops/ops.h"
#include "runtime/int.h"

/* ---- which bytecode is it ------------------------------------------------------------------------ */

static bool binary_of(uint16_t bytecode, BinaryOp *op, int *form, bool *temp)
{
#define FORMS(NAME)                        \
    case BC_##NAME##_RR:                   \
    case BC_##NAME##_RR_T:                 \
    case BC_##NAME##_RK:                   \
    case BC_##NAME##_RK_T:                 \
    case BC_##NAME##_KR:                   \
    case BC_##NAME##_KR_T:                 \
    case BC_##NAME##_RI:                   \
    case BC_##NAME##_RI_T:                 \
        *op = BIN_##NAME;                  \
        *form = bytecode - BC_##NAME##_RR; \
        break;
    switch (bytecode) {
        BC_BINARY_LIST(FORMS)
    case BC_MATMUL_RR:
    case BC_MATMUL_RR_T:
        *op = BIN_MATMUL;
        *form = bytecode - BC_MATMUL_RR;
        break;
    default: return false;
    }
#undef FORMS
    *temp = (*form & 1) != 0;
    return true;
}

/* ---- ints ------------------------------------------------------------------------------------------- */

static bool overflows(BinaryOp op, int64_t a, int64_t b)
{
    int64_t out;
    switch (op) {
    case BIN_ADD: return __builtin_add_overflow(a, b, &out);
    case BIN_SUB: return __builtin_sub_overflow(a, b, &out);
    case BIN_MUL: return __builtin_mul_overflow(a, b, &out);
    case BIN_LSHIFT: return b < 0 || b > 62 || (int64_t)((uint64_t)a << b) >> b != a;
    case BIN_POW: return !op_pow_int_ov(&out, a, b);
    case BIN_FLOORDIV:
    case BIN_MOD: return b == 0 || (a == INT64_MIN && b == -1);
    case BIN_RSHIFT: return b < 0;
    default: return false;
    }
}

static IrRef int_binary(Recorder *r, BinaryOp op, IrRef a, IrRef b)
{
    switch (op) {
    case BIN_ADD: return rec_guard(r, IR_add_int_ov, IR_I, a, b, 0);
    case BIN_SUB: return rec_guard(r, IR_sub_int_ov, IR_I, a, b, 0);
    case BIN_MUL: return rec_guard(r, IR_mul_int_ov, IR_I, a, b, 0);
    case BIN_FLOORDIV: return rec_guard(r, IR_floordiv_int, IR_I, a, b, 0);
    case BIN_MOD: return rec_guard(r, IR_mod_int, IR_I, a, b, 0);
    case BIN_POW: return rec_guard(r, IR_pow_int_ov, IR_I, a, b, 0);
    case BIN_LSHIFT: return rec_guard(r, IR_shl_int_ov, IR_I, a, b, 0);
    case BIN_RSHIFT: return rec_guard(r, IR_shr_int_any, IR_I, a, b, 0);
    case BIN_AND: return rec_emit(r, IR_and_int, IR_I, a, b, IR_NONE, 0);
    case BIN_OR: return rec_emit(r, IR_or_int, IR_I, a, b, IR_NONE, 0);
    case BIN_XOR: return rec_emit(r, IR_xor_int, IR_I, a, b, IR_NONE, 0);
    default: return IR_NONE;
    }
}

/* int / int through doubles: exact operands up to 2^53. */
static IrRef truediv_int(Recorder *r, RecOperand *a, RecOperand *b)
{
    IrRef x = rec_as_int(r, a), y = rec_as_int(r, b);
    rec_guard(r, IR_guard_exact_float, IR_N, x, IR_NONE, 0);
    rec_guard(r, IR_guard_exact_float, IR_N, y, IR_NONE, 0);
    rec_guard(r, IR_guard_ne_int, IR_N, y, rec_int(r, 0), 0);
    IrRef fx = rec_emit(r, IR_int_to_float, IR_F, x, IR_NONE, IR_NONE, 0);
    IrRef fy = rec_emit(r, IR_int_to_float, IR_F, y, IR_NONE, IR_NONE, 0);
    return rec_emit(r, IR_div_float, IR_F, fx, fy, IR_NONE, 0);
}

static bool exact(int64_t i) { return i >= -(INT64_C(1) << 53) && i <= INT64_C(1) << 53; }

static IrRef record_int_op(Recorder *r, BinaryOp op, RecOperand *a, RecOperand *b)
{
    int64_t x = 0, y = 0;
    int_to_i64(a->actual, &x);
    int_to_i64(b->actual, &y);
    if (op == BIN_TRUEDIV) {
        return exact(x) && exact(y) && y != 0 ? truediv_int(r, a, b) : IR_NONE;
    }
    bool bools = value_is_bool(a->actual) && value_is_bool(b->actual);
    if (op == BIN_MATMUL || overflows(op, x, y) || (bools && op >= BIN_AND)) {
        return IR_NONE;
    }
    IrRef ia = rec_as_int(r, a);
    IrRef ib = rec_as_int(r, b);
    return int_binary(r, op, ia, ib);
}

/* ---- floats ------------------------------------------------------------------------------------------ */

static IrRef float_pow(Recorder *r, RecOperand *a, RecOperand *b)
{
    IrRef x = rec_as_float(r, a), y = rec_as_float(r, b);
    return rec_call(r, HELPER_ID_float_pow_checked, x, y, IR_NONE);
}

static IrRef record_float_op(Recorder *r, BinaryOp op, RecOperand *a, RecOperand *b)
{
    static const IrOp simple[] = {
        [BIN_ADD] = IR_add_float, [BIN_SUB] = IR_sub_float, [BIN_MUL] = IR_mul_float};
    if (op == BIN_POW) {
        return float_pow(r, a, b);
    }
    if (op > BIN_MOD || op == BIN_MATMUL) {
        return IR_NONE;
    }
    bool divides = op == BIN_TRUEDIV || op == BIN_FLOORDIV || op == BIN_MOD;
    if (divides) {
        int64_t i;
        bool is_float = value_is_double(b->actual);
        if (is_float ? value_double(b->actual) == 0.0 : !int_to_i64(b->actual, &i) || i == 0) {
            return IR_NONE;
        }
    }
    IrRef x = rec_as_float(r, a), y = rec_as_float(r, b);
    if (!divides) {
        return rec_emit(r, simple[op], IR_F, x, y, IR_NONE, 0);
    }
    rec_guard(r, IR_guard_ne_float, IR_N, y, ir_const_float(r->ir, 0.0), 0);
    if (op == BIN_TRUEDIV) {
        return rec_emit(r, IR_div_float, IR_F, x, y, IR_NONE, 0);
    }
    return rec_call(r, op == BIN_MOD ? HELPER_ID_float_mod : HELPER_ID_float_floordiv, x, y,
                    IR_NONE);
}

/* ---- anything ------------------------------------------------------------------------------------------- */

static IrRef generic_binary(Recorder *r, BinaryOp op, RecOperand *a, RecOperand *b, bool inplace)
{
    /* the types are fixed by guards, so that what the helper runs is known */
    if (value_is_object(a->actual) && !a->is_const && ir_type_of(r->ir, a->ref) == IR_V) {
        rec_guard_type(r, a->ref, value_object(a->actual)->type_id);
    }
    IrRef x = rec_operand_value(r, a), y = rec_operand_value(r, b);
    HelperId first = inplace ? HELPER_ID_value_inplace_add : HELPER_ID_value_binary_add;
    return rec_call(r, (HelperId)((int)first + (int)op), x, y, IR_NONE);
}

void record_binary(Recorder *r, BinaryOp op, RecOperand *a, RecOperand *b, uint32_t dest, bool temp,
                   bool inplace)
{
    RecKind ka = rec_kind(a->actual, true), kb = rec_kind(b->actual, true);
    IrRef v = IR_NONE;
    if (ka == REC_INT && kb == REC_INT) {
        v = record_int_op(r, op, a, b);
    } else if (ka != REC_OTHER && kb != REC_OTHER) {
        v = record_float_op(r, op, a, b);
    }
    if (v == IR_NONE && r->reason == ABORT_NONE) {
        v = generic_binary(r, op, a, b, inplace);
    }
    if (r->reason != ABORT_NONE) {
        return;
    }
    if (!a->is_const) {
        rec_consume(r, a->reg);
    }
    if (!b->is_const && (a->is_const || a->reg != b->reg)) {
        rec_consume(r, b->reg);
    }
    rec_dest(r, dest, temp, v);
}

static bool is_inplace(const Recorder *r)
{
    const Code *code = frame_code(r->fp);
    uint32_t i = insn_index(code, r->pc);
    return (code->inplace_bits[i / 8] >> (i % 8) & 1) != 0;
}

static bool record_unary(Recorder *r)
{
    bool temp = r->op == BC_NEG_T || r->op == BC_POS_T || r->op == BC_INVERT_T;
    UnaryOp op = r->op == BC_NEG || r->op == BC_NEG_T   ? UN_NEG
                 : r->op == BC_POS || r->op == BC_POS_T ? UN_POS
                                                        : UN_INVERT;
    RecOperand o = rec_operand(r, 'R', r->pc->b);
    RecKind k = rec_kind(o.actual, true);
    int64_t i = 0;
    if (k == REC_INT) {
        int_to_i64(o.actual, &i);
    }
    IrRef v;
    if (k == REC_INT && i != INT64_MIN) {
        IrRef x = rec_as_int(r, &o);
        v = op == UN_NEG   ? rec_guard(r, IR_neg_int_ov, IR_I, x, IR_NONE, 0)
            : op == UN_POS ? x
                           : rec_emit(r, IR_not_int, IR_I, x, IR_NONE, IR_NONE, 0);
    } else if (k == REC_FLOAT && op != UN_INVERT) {
        IrRef x = rec_as_float(r, &o);
        v = op == UN_NEG ? rec_emit(r, IR_neg_float, IR_F, x, IR_NONE, IR_NONE, 0) : x;
    } else {
        v = rec_call(r, (HelperId)((int)HELPER_ID_value_unary_neg + (int)op),
                     rec_operand_value(r, &o), IR_NONE, IR_NONE);
    }
    rec_consume(r, o.reg);
    rec_dest(r, r->pc->a, temp, v);
    return true;
}

bool record_arith(Recorder *r)
{
    BinaryOp op;
    int form;
    bool temp;
    if (r->op >= BC_NEG && r->op <= BC_INVERT_T) {
        return record_unary(r);
    }
    if (!binary_of(r->op, &op, &form, &temp)) {
        return false;
    }
    const BytecodeInfo *info = &bytecode_info[r->op];
    RecOperand a = rec_operand(r, info->b, r->pc->b);
    RecOperand b = rec_operand(r, info->c, r->pc->c);
    if (r->reason == ABORT_NONE) {
        record_binary(r, op, &a, &b, r->pc->a, temp, is_inplace(r));
    }
    return true;
}
