/*
 * The type float: slots and methods.
 *
 * Slots take a float with a float, int or bool in either place; other operands are not theirs.
 *
 * Threads: any.
 */
#include <math.h>

#include "runtime/abstract_internal.h"
#include "runtime/float_hex.h"
#include "runtime/format_spec.h"
#include "runtime/int_internal.h"
#include "runtime/types.h"

/* -1 exception, 0 not a number that floats mix with, 1 done. */
static int operand(Thread *th, Value v, double *out)
{
    if (value_is_double(v)) {
        *out = value_double(v);
        return 1;
    }
    if (value_is_int_like(v)) {
        return int_to_double(th, v, out) ? 1 : -1;
    }
    return 0;
}

#define FLOAT_BINARY(name, statements)                               \
    static Value name(Thread *th, Value a, Value b)                  \
    {                                                                \
        double x, y;                                                 \
        int known = operand(th, a, &x);                              \
        known = known == 1 ? operand(th, b, &y) : known;             \
        if (known != 1) {                                            \
            return known == 0 ? rt_not_implemented() : VALUE_ABSENT; \
        }                                                            \
        statements                                                   \
    }

static Value zero_division(Thread *th, const char *what)
{
    return rt_raise(th, EXC_ZERO_DIVISION_ERROR, "%s", what);
}

FLOAT_BINARY(float_slot_add, return value_from_double(x + y);)
FLOAT_BINARY(float_slot_sub, return value_from_double(x - y);)
FLOAT_BINARY(float_slot_mul, return value_from_double(x * y);)
FLOAT_BINARY(float_slot_truediv, return y == 0 ? zero_division(th, "float division by zero")
                                               : value_from_double(x / y);)
FLOAT_BINARY(float_slot_floordiv, return y == 0 ? zero_division(th, "float floor division by zero")
                                                : value_from_double(float_floordiv(x, y));)
FLOAT_BINARY(float_slot_mod, return y == 0 ? zero_division(th, "float modulo")
                                           : value_from_double(float_mod(x, y));)
FLOAT_BINARY(float_slot_pow, double result;
             return float_pow(th, x, y, &result) ? value_from_bits_double(result) : VALUE_ABSENT;)

static Value float_neg(Thread *th, Value a)
{
    (void)th;
    double d = -value_double(a);
    return value_from_bits_double(d);
}

static Value float_pos(Thread *th, Value a)
{
    (void)th;
    return a;
}

static int float_truth(Thread *th, Value v)
{
    (void)th;
    return value_double(v) != 0;
}

static bool float_hash_slot(Thread *th, Value v, int64_t *out)
{
    (void)th;
    *out = float_hash(value_double(v), v);
    return true;
}

static bool ordered(CompareOp op, int order)
{
    switch (op) {
    case CMP_LT: return order < 0;
    case CMP_LE: return order <= 0;
    case CMP_EQ: return order == 0;
    case CMP_NE: return order != 0;
    case CMP_GT: return order > 0;
    default: return order >= 0;
    }
}

static Value float_compare(Thread *th, Value a, Value b, CompareOp op)
{
    (void)th;
    bool a_float = value_is_double(a), b_float = value_is_double(b);
    if ((!a_float && !value_is_int_like(a)) || (!b_float && !value_is_int_like(b))) {
        return rt_not_implemented();
    }
    if ((a_float && isnan(value_double(a))) || (b_float && isnan(value_double(b)))) {
        return value_from_bool(op == CMP_NE);
    }
    int order;
    if (a_float && b_float) {
        double x = value_double(a), y = value_double(b);
        order = (x > y) - (x < y);
    } else if (a_float) {
        order = -int_compare_double(b, value_double(a));
    } else {
        order = int_compare_double(a, value_double(b));
    }
    return value_from_bool(ordered(op, order));
}

static Value float_repr_slot(Thread *th, Value v)
{
    char text[FLOAT_REPR_MAX];
    return str_from_ascii(th, text, float_repr(value_double(v), text));
}

/* float(str) and float(bytes). */
static Value parse_value(Thread *th, Value v)
{
    size_t length;
    const char *text = str_utf8(th, v, &length);
    double d;
    if (text == NULL) {
        return VALUE_ABSENT;
    }
    if (!float_parse(text, length, &d)) {
        return rt_raise(th, EXC_VALUE_ERROR, "could not convert string to float: %V", v);
    }
    return value_from_bits_double(d);
}

static Value float_construct(Thread *th, Type *type, const Value *args, uint32_t nargs,
                             Value kwnames)
{
    (void)type;
    if (keyword_count(kwnames) != 0) {
        return rt_raise(th, EXC_TYPE_ERROR, "float() takes no keyword arguments");
    }
    if (nargs > 1) {
        return rt_raise(th, EXC_TYPE_ERROR, "float expected at most 1 argument, got %d",
                        (int)nargs);
    }
    if (nargs == 0) {
        return value_from_double(0.0);
    }
    if (value_is_str(args[0])) {
        return parse_value(th, args[0]);
    }
    double d;
    int known = float_from_number(th, args[0], &d);
    if (known == 0) {
        rt_raise(th, EXC_TYPE_ERROR, "float() argument must be a string or a real number, not '%T'",
                 args[0]);
    }
    return known == 1 ? value_from_bits_double(d) : VALUE_ABSENT;
}

#define METHOD(name) static Value name(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
#define UNUSED_CALL ((void)th, (void)nargs, (void)kwnames)

METHOD(float_is_integer)
{
    UNUSED_CALL;
    double d = value_double(args[0]);
    return value_from_bool(isfinite(d) && floor(d) == d);
}

METHOD(float_self)
{
    UNUSED_CALL;
    return args[0];
}

METHOD(float_imag)
{
    UNUSED_CALL;
    (void)args;
    return value_from_double(0.0);
}

METHOD(float_as_integer_ratio)
{
    UNUSED_CALL;
    double d = value_double(args[0]);
    if (!isfinite(d)) {
        return isnan(d)
                   ? rt_raise(th, EXC_VALUE_ERROR, "cannot convert NaN to integer ratio")
                   : rt_raise(th, EXC_OVERFLOW_ERROR, "cannot convert Infinity to integer ratio");
    }
    int exponent;
    double fraction = frexp(d, &exponent);
    while (fraction != floor(fraction)) { /* at most 53 steps */
        fraction *= 2;
        exponent--;
    }
    Value pair[2] = {int_from_double(th, fraction), value_from_small_int(1)};
    if (pair[0] == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value scale = int_shift_left_bits(th, value_from_small_int(1),
                                      (uint64_t)(exponent < 0 ? -exponent : exponent));
    if (scale != VALUE_ABSENT && exponent < 0) {
        pair[1] = scale;
        return tuple_new_steal(th, pair, 2);
    }
    Value numerator = scale == VALUE_ABSENT ? VALUE_ABSENT : int_mul(th, pair[0], scale);
    rt_xdecref(th, scale);
    rt_decref(th, pair[0]);
    pair[0] = numerator;
    return numerator == VALUE_ABSENT ? VALUE_ABSENT : tuple_new_steal(th, pair, 2);
}

METHOD(float_hex)
{
    UNUSED_CALL;
    char text[FLOAT_REPR_MAX];
    return str_from_ascii(th, text, float_to_hex(value_double(args[0]), text));
}

METHOD(float_fromhex)
{
    UNUSED_CALL;
    if (!value_is_str(args[1])) {
        return rt_raise(th, EXC_TYPE_ERROR, "bad argument type for built-in operation");
    }
    size_t length;
    const char *text = str_utf8(th, args[1], &length);
    if (text == NULL) {
        return VALUE_ABSENT;
    }
    double d = 0;
    HexResult result = strlen(text) == length ? float_from_hex(text, &d) : HEX_INVALID;
    if (result == HEX_INVALID) {
        return rt_raise(th, EXC_VALUE_ERROR, "invalid hexadecimal floating-point string");
    }
    if (result == HEX_TOO_LARGE) {
        return rt_raise(th, EXC_OVERFLOW_ERROR,
                        "hexadecimal value too large to represent as a float");
    }
    return value_from_bits_double(d);
}

METHOD(float_int)
{
    UNUSED_CALL;
    return int_from_double(th, value_double(args[0]));
}

METHOD(float_floor)
{
    UNUSED_CALL;
    return int_from_double(th, floor(value_double(args[0])));
}

METHOD(float_ceil)
{
    UNUSED_CALL;
    return int_from_double(th, ceil(value_double(args[0])));
}

METHOD(float_round_method)
{
    (void)kwnames;
    return float_round(th, value_double(args[0]), nargs > 1 ? args[1] : VALUE_ABSENT);
}

static const NativeDef float_methods[] = {
    {"is_integer", float_is_integer, 1, 1, 0},
    {"as_integer_ratio", float_as_integer_ratio, 1, 1, 0},
    {"conjugate", float_self, 1, 1, 0},
    {"hex", float_hex, 1, 1, 0},
    {"fromhex", float_fromhex, 2, 2, NATIVE_CLASS},
    {"real", float_self, 1, 1, NATIVE_GETTER},
    {"imag", float_imag, 1, 1, NATIVE_GETTER},
    {"__float__", float_self, 1, 1, 0},
    {"__int__", float_int, 1, 1, 0},
    {"__trunc__", float_int, 1, 1, 0},
    {"__floor__", float_floor, 1, 1, 0},
    {"__ceil__", float_ceil, 1, 1, 0},
    {"__round__", float_round_method, 1, 2, 0},
    {NULL, NULL, 0, 0, 0},
};

Type float_type = {
    .id = TYPE_FLOAT,
    .name = "float",
    .construct = float_construct,
    .repr = float_repr_slot,
    .format = format_float,
    .hash = float_hash_slot,
    .compare = float_compare,
    .truth = float_truth,
    .binary = {[BIN_ADD] = float_slot_add,
               [BIN_SUB] = float_slot_sub,
               [BIN_MUL] = float_slot_mul,
               [BIN_TRUEDIV] = float_slot_truediv,
               [BIN_FLOORDIV] = float_slot_floordiv,
               [BIN_MOD] = float_slot_mod,
               [BIN_POW] = float_slot_pow},
    .unary = {[UN_NEG] = float_neg, [UN_POS] = float_pos},
    .methods = float_methods,
};

bool float_type_init(Thread *th) { return rt_type_ready(th, &float_type); }
