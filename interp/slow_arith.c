/*
 * Slow paths, operators: arithmetic, comparisons to a value and to a jump, tests of truth.
 *
 * Invariant: operands are consumed only after the operation has succeeded.
 * Threads: the thread that owns the stack.
 */
#include "interp/slow.h"

enum { BINARY_FORMS = 8, JUMP_FORMS = 9 }; /* opcodes of one operator in bytecode.def */

static const BinaryOp binary_ops[] = {BIN_ADD,      BIN_SUB, BIN_MUL, BIN_TRUEDIV,
                                      BIN_FLOORDIV, BIN_MOD, BIN_POW, BIN_LSHIFT,
                                      BIN_RSHIFT,   BIN_AND, BIN_OR,  BIN_XOR};
static const CompareOp compare_ops[] = {CMP_LT, CMP_LE, CMP_EQ, CMP_NE, CMP_GT, CMP_GE};

static BinaryOp binary_op(uint32_t op)
{
    return op >= BC_MATMUL_RR ? BIN_MATMUL : binary_ops[(op - BC_ADD_RR) / BINARY_FORMS];
}

static bool is_inplace(const Value *fp, const Insn *pc)
{
    const Code *code = frame_code(fp);
    uint32_t index = insn_index(code, pc);
    return (code->inplace_bits[index / 8] >> (index % 8) & 1) != 0;
}

/* `s += t` with strs: s may grow in place when the local is the only one that holds it. */
static bool append_to_local(Thread *th, Value *fp, uint32_t reg, Value b)
{
    Value a = fp[reg];
    fp[reg] = VALUE_UNBOUND;
    Value r = str_append_steal(th, a, b);
    if (r == VALUE_ABSENT) {
        return false;
    }
    fp[reg] = r;
    return true;
}

VmState slow_binary(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    const BytecodeInfo *info = &bytecode_info[op];
    Value a = vm_operand(th, pc, fp, info->b, pc->b);
    Value b = a == VALUE_ABSENT ? a : vm_operand(th, pc, fp, info->c, pc->c);
    if (b == VALUE_ABSENT) {
        return VM_RAISED;
    }
    BinaryOp operator= binary_op(op);
    bool inplace = is_inplace(fp, pc);
    Value r;
    if (operator== BIN_ADD && value_is_str(a) && value_is_str(b) && info->b == 'R' &&
        pc->a == pc->b && !reg_is_temp(fp, pc->b) && a != b) {
        if (!append_to_local(th, fp, pc->b, b)) {
            return VM_RAISED;
        }
        if (info->c == 'R') {
            vm_consume(th, fp, pc->c);
        }
        return vm_next(pc, fp, op);
    }
    r = inplace ? rt_inplace(th, operator, a, b) : rt_binary(th, operator, a, b);
    if (r == VALUE_ABSENT) {
        return VM_RAISED;
    }
    if (info->b == 'R') {
        vm_consume(th, fp, pc->b);
    }
    if (info->c == 'R') {
        vm_consume(th, fp, pc->c);
    }
    vm_store_steal(th, fp, pc->a, r);
    return vm_next(pc, fp, op);
}

static Value unary(Thread *th, uint32_t op, Value a)
{
    switch (op) {
    case BC_NEG:
    case BC_NEG_T: return rt_unary(th, UN_NEG, a);
    case BC_POS:
    case BC_POS_T: return rt_unary(th, UN_POS, a);
    case BC_INVERT:
    case BC_INVERT_T: return rt_unary(th, UN_INVERT, a);
    default: {
        int truth = rt_truth(th, a);
        return truth < 0 ? VALUE_ABSENT : value_from_bool(truth == 0);
    }
    }
}

VmState slow_unary(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    if (vm_unbound(th, fp, pc->b)) {
        return VM_RAISED;
    }
    Value r = unary(th, op, fp[pc->b]);
    if (r == VALUE_ABSENT) {
        return VM_RAISED;
    }
    vm_consume(th, fp, pc->b);
    vm_store_steal(th, fp, pc->a, r);
    return vm_next(pc, fp, op);
}

/* The comparisons of BC_COMPARE_LIST and `is`, `in`, in the order of bytecode.def. */
static Value compare(Thread *th, uint32_t op, Value a, Value b)
{
    if (op < BC_IS) {
        return rt_compare(th, a, b, compare_ops[(op - BC_LT) / 2]);
    }
    if (op < BC_IN) {
        return value_from_bool(rt_is(a, b) == (op < BC_IS_NOT));
    }
    int found = rt_contains(th, b, a);
    return found < 0 ? VALUE_ABSENT : value_from_bool((found != 0) == (op < BC_NOT_IN));
}

VmState slow_compare(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    if (vm_unbound(th, fp, pc->b) || vm_unbound(th, fp, pc->c)) {
        return VM_RAISED;
    }
    Value r = compare(th, op, fp[pc->b], fp[pc->c]);
    if (r == VALUE_ABSENT) {
        return VM_RAISED;
    }
    vm_consume(th, fp, pc->b);
    vm_consume(th, fp, pc->c);
    vm_store_steal(th, fp, pc->a, r);
    return vm_next(pc, fp, op);
}

VmState slow_jump_compare(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    const BytecodeInfo *info = &bytecode_info[op];
    Value a = vm_operand(th, pc, fp, info->a, pc->a);
    Value b = a == VALUE_ABSENT ? a : vm_operand(th, pc, fp, info->b, pc->b);
    if (b == VALUE_ABSENT) {
        return VM_RAISED;
    }
    uint32_t form = (op - BC_JLT_RR) % JUMP_FORMS;
    CompareOp operator= compare_ops[(op - BC_JLT_RR) / JUMP_FORMS];
    int truth;
    if (value_is_str(a) && value_is_str(b) && (operator== CMP_EQ || operator== CMP_NE)) {
        truth = str_equal(a, b) == (operator== CMP_EQ);
    } else {
        truth = rt_compare_bool(th, a, b, operator);
    }
    if (truth < 0) {
        return VM_RAISED;
    }
    vm_consume(th, fp, pc->a);
    if (info->b == 'R') {
        vm_consume(th, fp, pc->b);
    }
    bool when_false = form / 3 == 1; /* JN: jumps if the comparison does not hold */
    return (truth != 0) != when_false ? vm_jump(pc, fp) : vm_next(pc, fp, op);
}

VmState slow_jump_truth(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    if (vm_unbound(th, fp, pc->a)) {
        return VM_RAISED;
    }
    int truth = rt_truth(th, fp[pc->a]);
    if (truth < 0) {
        return VM_RAISED;
    }
    bool when = op == BC_JT || op == BC_JTB || op == BC_JT_KEEP;
    bool keep = op == BC_JT_KEEP || op == BC_JF_KEEP;
    bool jump = (truth != 0) == when;
    if (!keep || !jump) {
        vm_consume(th, fp, pc->a);
    }
    return jump ? vm_jump(pc, fp) : vm_next(pc, fp, op);
}

VmState slow_jump_none(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    if (vm_unbound(th, fp, pc->a)) {
        return VM_RAISED;
    }
    bool none = fp[pc->a] == VALUE_NONE;
    vm_consume(th, fp, pc->a);
    return none == (op == BC_JNONE) ? vm_jump(pc, fp) : vm_next(pc, fp, op);
}
