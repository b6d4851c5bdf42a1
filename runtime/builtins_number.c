/*
 * Builtin functions on numbers and characters: abs bin chr divmod hash hex id oct ord pow round.
 *
 * Threads: any.
 */
#include <math.h>

#include "runtime/float.h"
#include "runtime/int.h"
#include "runtime/natives_internal.h"

/* Calls v.__name__() if its type has it. absent without an exception: it has not. */
static Value call_special(Thread *th, Value v, const char *name, const Value *args, uint32_t nargs)
{
    Value method = type_special_method(th, v, name);
    if (method == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value result = rt_call(th, method, args, nargs, VALUE_ABSENT);
    rt_decref(th, method);
    return result;
}

static Value builtin_abs(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    Value v = args[0];
    if (value_is_double(v)) {
        return value_from_double(fabs(value_double(v)));
    }
    if (value_is_int_like(v)) {
        return int_abs(th, v);
    }
    Value result = call_special(th, v, "__abs__", NULL, 0);
    if (result == VALUE_ABSENT && !rt_pending(th)) {
        return rt_raise(th, EXC_TYPE_ERROR, "bad operand type for abs(): '%T'", v);
    }
    return result;
}

/* -0b101: sign, prefix, digits. */
static Value based(Thread *th, Value v, int base, const char *prefix)
{
    if (!value_is_int_like(v)) {
        int64_t index;
        return int_as_index(th, v, &index, false) ? based(th, int_from_i64(th, index), base, prefix)
                                                  : VALUE_ABSENT;
    }
    Value magnitude = int_abs(th, v);
    Value digits = magnitude == VALUE_ABSENT ? VALUE_ABSENT : int_to_str(th, magnitude, base);
    rt_xdecref(th, magnitude);
    if (digits == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    bool negative = int_compare(v, value_from_small_int(0)) < 0;
    Value text = str_from_format(th, "%s%s%U", negative ? "-" : "", prefix, digits);
    rt_decref(th, digits);
    return text;
}

static Value builtin_bin(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    return based(th, args[0], 2, "0b");
}

static Value builtin_oct(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    return based(th, args[0], 8, "0o");
}

static Value builtin_hex(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    return based(th, args[0], 16, "0x");
}

static Value builtin_chr(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    int64_t c;
    bool fits =
        value_is_int_like(args[0]) ? int_to_i64(args[0], &c) : int_as_index(th, args[0], &c, false);
    if (rt_pending(th)) {
        return VALUE_ABSENT;
    }
    if (!fits || c != (int32_t)c) {
        return rt_raise(th, EXC_OVERFLOW_ERROR, "Python int too large to convert to C int");
    }
    if (c < 0 || c > 0x10FFFF) {
        return rt_raise(th, EXC_VALUE_ERROR, "chr() arg not in range(0x110000)");
    }
    return str_from_char(th, (uint32_t)c);
}

static Value builtin_ord(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    int64_t length;
    if (value_is_str(args[0])) {
        length = value_str(args[0])->length;
        if (length == 1) {
            return value_from_small_int(str_char_at(value_str(args[0]), 0));
        }
    } else if (value_has_type(args[0], TYPE_BYTES)) {
        length = rt_length(th, args[0]);
        if (length == 1) {
            return rt_getitem(th, args[0], value_from_small_int(0));
        }
    } else {
        return rt_raise(th, EXC_TYPE_ERROR, "ord() expected string of length 1, but %T found",
                        args[0]);
    }
    return rt_raise(th, EXC_TYPE_ERROR,
                    "ord() expected a character, but string of length %lld found",
                    (long long)length);
}

static bool is_real(Value v) { return value_is_double(v) || value_is_int_like(v); }

static Value float_divmod(Thread *th, Value a, Value b)
{
    double x, y;
    if (!float_from_value(th, a, &x) || !float_from_value(th, b, &y)) {
        return VALUE_ABSENT;
    }
    if (y == 0.0) {
        return rt_raise(th, EXC_ZERO_DIVISION_ERROR, "float divmod()");
    }
    Value pair[2] = {value_from_bits_double(float_floordiv(x, y)),
                     value_from_bits_double(float_mod(x, y))};
    return tuple_new_steal(th, pair, 2);
}

static Value builtin_divmod(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    Value a = args[0], b = args[1];
    if (value_is_int_like(a) && value_is_int_like(b)) {
        return int_divmod(th, a, b);
    }
    if (is_real(a) && is_real(b)) {
        return float_divmod(th, a, b);
    }
    static const char *const names[] = {"__divmod__", "__rdivmod__"};
    for (int i = 0; i < 2; i++) {
        Value result = call_special(th, args[i], names[i], &args[1 - i], 1);
        if (result != VALUE_ABSENT || rt_pending(th)) {
            if (result != rt_not_implemented()) {
                return result;
            }
        }
    }
    return rt_raise(th, EXC_TYPE_ERROR, "unsupported operand type(s) for divmod(): '%T' and '%T'",
                    a, b);
}

static Value builtin_pow(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    static const char *const names[] = {"base", "exp", "mod"};
    static const NativeSignature signature = {"pow", names, 3, 2, 3};
    Value given[3];
    if (!native_bind(th, &signature, args, nargs, kwnames, given)) {
        return VALUE_ABSENT;
    }
    if (given[2] == VALUE_ABSENT || given[2] == VALUE_NONE) {
        return rt_binary(th, BIN_POW, given[0], given[1]);
    }
    return rt_power(th, given[0], given[1], given[2]);
}

/* The multiple of unit = 10**digits nearest to v; ties go to the even multiple. */
static Value round_to_unit(Thread *th, Value v, Value unit)
{
    Value parts = int_divmod(th, v, unit);
    if (parts == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value quotient = value_tuple(parts)->items[0], rest = value_tuple(parts)->items[1];
    Value result = VALUE_ABSENT, low = VALUE_ABSENT, odd = VALUE_ABSENT;
    Value twice = int_lshift(th, rest, value_from_small_int(1));
    if (twice != VALUE_ABSENT) {
        low = int_sub(th, v, rest);
        odd = int_and(th, quotient, value_from_small_int(1));
    }
    if (low != VALUE_ABSENT && odd != VALUE_ABSENT) {
        int order = int_compare(twice, unit);
        bool up = order > 0 || (order == 0 && odd != value_from_small_int(0));
        result = up ? int_add(th, low, unit) : rt_newref(th, low);
    }
    rt_xdecref(th, odd);
    rt_xdecref(th, low);
    rt_xdecref(th, twice);
    rt_decref(th, parts);
    return result;
}

static Value round_int(Thread *th, Value v, Value ndigits)
{
    Value whole = int_add(th, v, value_from_small_int(0)); /* a bool becomes an int */
    int64_t digits = 0;
    if (whole == VALUE_ABSENT || ndigits == VALUE_ABSENT) {
        return whole;
    }
    if (!int_as_index(th, ndigits, &digits, true)) {
        rt_decref(th, whole);
        return VALUE_ABSENT;
    }
    if (digits >= 0) {
        return whole;
    }
    /* 10**n is more than twice the number once n exceeds its digits: bits / 3 is an upper bound */
    if (-(digits + 1) > int_bit_length(whole) / 3 + 1) {
        rt_decref(th, whole);
        return value_from_small_int(0);
    }
    Value unit = int_pow(th, value_from_small_int(10), value_from_small_int(-digits));
    Value result = unit == VALUE_ABSENT ? VALUE_ABSENT : round_to_unit(th, whole, unit);
    rt_xdecref(th, unit);
    rt_decref(th, whole);
    return result;
}

static Value builtin_round(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    static const char *const names[] = {"number", "ndigits"};
    static const NativeSignature signature = {"round", names, 2, 1, 2};
    Value given[2];
    if (!native_bind(th, &signature, args, nargs, kwnames, given)) {
        return VALUE_ABSENT;
    }
    Value ndigits = given[1] == VALUE_NONE ? VALUE_ABSENT : given[1];
    if (value_is_double(given[0])) {
        return float_round(th, value_double(given[0]), ndigits);
    }
    if (value_is_int_like(given[0])) {
        return round_int(th, given[0], ndigits);
    }
    Value result = call_special(th, given[0], "__round__", &ndigits, ndigits != VALUE_ABSENT);
    if (result == VALUE_ABSENT && !rt_pending(th)) {
        return rt_raise(th, EXC_TYPE_ERROR, "type %T doesn't define __round__ method", given[0]);
    }
    return result;
}

static Value builtin_hash(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    int64_t h;
    return rt_hash(th, args[0], &h) ? int_from_i64(th, h) : VALUE_ABSENT;
}

static Value builtin_id(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    return rt_id(th, args[0]);
}

const NativeDef builtin_number_defs[] = {
    {"abs", builtin_abs, 1, 1, NATIVE_FUNCTION},
    {"bin", builtin_bin, 1, 1, NATIVE_FUNCTION},
    {"chr", builtin_chr, 1, 1, NATIVE_FUNCTION},
    {"divmod", builtin_divmod, 2, 2, NATIVE_FUNCTION},
    {"hash", builtin_hash, 1, 1, NATIVE_FUNCTION},
    {"hex", builtin_hex, 1, 1, NATIVE_FUNCTION},
    {"id", builtin_id, 1, 1, NATIVE_FUNCTION},
    {"oct", builtin_oct, 1, 1, NATIVE_FUNCTION},
    {"ord", builtin_ord, 1, 1, NATIVE_FUNCTION},
    {"pow", builtin_pow, 0, -1, NATIVE_KEYWORDS | NATIVE_FUNCTION},
    {"round", builtin_round, 0, -1, NATIVE_KEYWORDS | NATIVE_FUNCTION},
    {NULL, NULL, 0, 0, 0},
};
