/*
 * Operators on any value: binary, in-place and unary arithmetic through the types' slots.
 *
 * Order of trials as CPython's: the left operand's slot, then the right one's; the right one first
 * if its type is a proper subtype with a slot of its own.  What no slot knows is a TypeError, worded
 * here and nowhere else; sequences have their own words for + and *.
 *
 * Threads: any.
 */
#include "runtime/abstract_internal.h"
#include "runtime/int.h"

typedef Value (*BinarySlot)(Thread *th, Value a, Value b);

static const char *const binary_symbols[BIN_COUNT] = {
    [BIN_ADD] = "+",     [BIN_SUB] = "-",       [BIN_MUL] = "*", [BIN_MATMUL] = "@",
    [BIN_TRUEDIV] = "/", [BIN_FLOORDIV] = "//", [BIN_MOD] = "%", [BIN_POW] = "** or pow()",
    [BIN_LSHIFT] = "<<", [BIN_RSHIFT] = ">>",   [BIN_AND] = "&", [BIN_OR] = "|",
    [BIN_XOR] = "^",
};
static const char *const inplace_symbols[BIN_COUNT] = {
    [BIN_ADD] = "+=",     [BIN_SUB] = "-=",       [BIN_MUL] = "*=", [BIN_MATMUL] = "@=",
    [BIN_TRUEDIV] = "/=", [BIN_FLOORDIV] = "//=", [BIN_MOD] = "%=", [BIN_POW] = "**=",
    [BIN_LSHIFT] = "<<=", [BIN_RSHIFT] = ">>=",   [BIN_AND] = "&=", [BIN_OR] = "|=",
    [BIN_XOR] = "^=",
};

static Value binary_slots(Thread *th, BinaryOp op, Value a, Value b)
{
    const Type *left = rt_type_of(a);
    const Type *right = rt_type_of(b);
    BinarySlot left_slot = left->binary[op];
    BinarySlot right_slot = right == left ? NULL : right->binary[op];
    if (right_slot == left_slot) {
        right_slot = NULL;
    }
    if (left_slot != NULL && right_slot != NULL && rt_type_is_subtype(right, left)) {
        Value r = right_slot(th, a, b);
        if (r != rt_not_implemented()) {
            return r;
        }
        right_slot = NULL;
    }
    if (left_slot != NULL) {
        Value r = left_slot(th, a, b);
        if (r != rt_not_implemented()) {
            return r;
        }
    }
    return right_slot != NULL ? right_slot(th, a, b) : rt_not_implemented();
}

static bool is_sequence(Value v)
{
    if (!value_is_object(v)) {
        return false;
    }
    static const uint32_t ids[] = {TYPE_STR, TYPE_LIST, TYPE_TUPLE, TYPE_BYTES};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        if (rt_type_is_subtype(rt_type_of(v), rt_type_by_id(ids[i]))) {
            return true;
        }
    }
    return false;
}

static Value raise_unsupported(Thread *th, BinaryOp op, const char *symbol, Value a, Value b)
{
    if (op == BIN_ADD && is_sequence(a)) {
        if (value_has_type(a, TYPE_BYTES)) {
            return rt_raise(th, EXC_TYPE_ERROR, "can't concat %s to bytes", rt_type_name(b));
        }
        return rt_raise(th, EXC_TYPE_ERROR, "can only concatenate %s (not \"%s\") to %s",
                        rt_type_name(a), rt_type_name(b), rt_type_name(a));
    }
    if (op == BIN_MUL && (is_sequence(a) || is_sequence(b))) {
        return rt_raise(th, EXC_TYPE_ERROR, "can't multiply sequence by non-int of type '%s'",
                        rt_type_name(is_sequence(a) ? b : a));
    }
    const char *hint = "";
    if (op == BIN_RSHIFT && value_is_native(a) && strcmp(native_def(a)->name, "print") == 0) {
        hint = ". Did you mean \"print(<message>, file=<output_stream>)\"?";
    }
    return rt_raise(th, EXC_TYPE_ERROR, "unsupported operand type(s) for %s: '%s' and '%s'%s",
                    symbol, rt_type_name(a), rt_type_name(b), hint);
}

Value rt_binary(Thread *th, BinaryOp op, Value a, Value b)
{
    Value r = binary_slots(th, op, a, b);
    if (r != rt_not_implemented()) {
        return r;
    }
    return raise_unsupported(th, op, binary_symbols[op], a, b);
}

Value rt_inplace(Thread *th, BinaryOp op, Value a, Value b)
{
    BinarySlot slot = rt_type_of(a)->inplace[op];
    if (slot != NULL) {
        Value r = slot(th, a, b);
        if (r != rt_not_implemented()) {
            return r;
        }
    }
    Value r = binary_slots(th, op, a, b);
    if (r != rt_not_implemented()) {
        return r;
    }
    return raise_unsupported(th, op, inplace_symbols[op], a, b);
}

Value rt_unary(Thread *th, UnaryOp op, Value a)
{
    static const char symbols[UN_COUNT] = {[UN_NEG] = '-', [UN_POS] = '+', [UN_INVERT] = '~'};
    Value (*slot)(Thread *, Value) = rt_type_of(a)->unary[op];
    if (slot == NULL) {
        return rt_raise(th, EXC_TYPE_ERROR, "bad operand type for unary %c: '%s'", symbols[op],
                        rt_type_name(a));
    }
    return slot(th, a);
}

Value rt_power(Thread *th, Value a, Value b, Value modulus)
{
    if (modulus == VALUE_ABSENT || modulus == VALUE_NONE) {
        return rt_binary(th, BIN_POW, a, b);
    }
    if (value_is_int_like(a) && value_is_int_like(b) && value_is_int_like(modulus)) {
        return int_pow_mod(th, a, b, modulus);
    }
    if (value_is_double(a) || value_is_double(b) || value_is_double(modulus)) {
        return rt_raise(th, EXC_TYPE_ERROR,
                        "pow() 3rd argument not allowed unless all arguments are integers");
    }
    return rt_raise(th, EXC_TYPE_ERROR,
                    "unsupported operand type(s) for ** or pow(): '%T', '%T', '%T'", a, b, modulus);
}
