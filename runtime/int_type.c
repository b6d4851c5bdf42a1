/*
 * The types int and bool: slots, construction from any value.  Methods: int_methods.c.
 *
 * Slots take int, bool and heap Int in either place.  bool has the same slots but for its own
 * repr and for & | ^ between two bools.
 *
 * Threads: any.
 */
#include "runtime/abstract_internal.h"
#include "runtime/bytes.h"
#include "runtime/float.h"
#include "runtime/format_spec.h"
#include "runtime/int_internal.h"
#include "runtime/int_methods.h"
#include "runtime/types.h"

#define INT_BINARY(slot, function)                                                  \
    static Value slot(Thread *th, Value a, Value b)                                 \
    {                                                                               \
        return value_is_int_like(a) && value_is_int_like(b) ? function(th, a, b)    \
                                                            : rt_not_implemented(); \
    }

INT_BINARY(slot_add, int_add)
INT_BINARY(slot_sub, int_sub)
INT_BINARY(slot_mul, int_mul)
INT_BINARY(slot_truediv, int_truediv)
INT_BINARY(slot_floordiv, int_floordiv)
INT_BINARY(slot_mod, int_mod)
INT_BINARY(slot_pow, int_pow)
INT_BINARY(slot_lshift, int_lshift)
INT_BINARY(slot_rshift, int_rshift)
INT_BINARY(slot_and, int_and)
INT_BINARY(slot_or, int_or)
INT_BINARY(slot_xor, int_xor)

#define BOOL_BINARY(slot, operator, otherwise)                                   \
    static Value slot(Thread *th, Value a, Value b)                              \
    {                                                                            \
        if (value_is_bool(a) && value_is_bool(b)) {                              \
            return value_from_bool((a == VALUE_TRUE) operator(b == VALUE_TRUE)); \
        }                                                                        \
        return otherwise(th, a, b);                                              \
    }

BOOL_BINARY(bool_and, &&, slot_and)
BOOL_BINARY(bool_or, ||, slot_or)
BOOL_BINARY(bool_xor, !=, slot_xor)

static Value slot_pos(Thread *th, Value a)
{
    return value_is_bool(a) ? value_from_small_int(a == VALUE_TRUE) : rt_newref(th, a);
}

static int int_truth(Thread *th, Value v)
{
    (void)th;
    return int_is_word(v) ? int_word(v) != 0 : 1;
}

static bool int_hash_slot(Thread *th, Value v, int64_t *out)
{
    (void)th;
    *out = int_hash(v);
    return true;
}

static Value int_compare_slot(Thread *th, Value a, Value b, CompareOp op)
{
    (void)th;
    if (!value_is_int_like(a) || !value_is_int_like(b)) {
        return rt_not_implemented();
    }
    int order = int_compare(a, b);
    static const bool holds[CMP_GE + 1][3] = {
        [CMP_LT] = {true, false, false}, [CMP_LE] = {true, true, false},
        [CMP_EQ] = {false, true, false}, [CMP_NE] = {true, false, true},
        [CMP_GT] = {false, false, true}, [CMP_GE] = {false, true, true},
    };
    return value_from_bool(holds[op][order + 1]);
}

static Value int_repr(Thread *th, Value v) { return int_to_str(th, v, 10); }

static Value bool_repr(Thread *th, Value v)
{
    return v == VALUE_TRUE ? str_from_ascii(th, "True", 4) : str_from_ascii(th, "False", 5);
}

/* v.__int__(), __index__() or __trunc__(): -1 exception, 0 has none, 1 done. */
static int int_from_special(Thread *th, Value v, Value *out)
{
    static const char *const names[] = {"__int__", "__index__", "__trunc__"};
    for (int i = 0; i < 3; i++) {
        Value method = type_special_method(th, v, names[i]);
        if (method == VALUE_ABSENT) {
            if (rt_pending(th)) {
                return -1;
            }
            continue;
        }
        Value result = rt_call(th, method, NULL, 0, VALUE_ABSENT);
        rt_decref(th, method);
        if (result != VALUE_ABSENT && !value_is_int_like(result)) {
            rt_raise(th, EXC_TYPE_ERROR, "%s returned non-int (type %T)", names[i], result);
            rt_decref(th, result);
            return -1;
        }
        if (result != VALUE_ABSENT && value_is_bool(result)) {
            result = value_from_small_int(result == VALUE_TRUE);
        }
        *out = result;
        return result == VALUE_ABSENT ? -1 : 1;
    }
    return 0;
}

bool int_as_index(Thread *th, Value v, int64_t *out, bool clamp)
{
    Value number = v;
    bool owned = false;
    if (!value_is_int_like(v)) {
        Value method = value_is_object(v) ? type_special_method(th, v, "__index__") : VALUE_ABSENT;
        if (method == VALUE_ABSENT) {
            if (!rt_pending(th)) {
                rt_raise(th, EXC_TYPE_ERROR, "'%T' object cannot be interpreted as an integer", v);
            }
            return false;
        }
        number = rt_call(th, method, NULL, 0, VALUE_ABSENT);
        rt_decref(th, method);
        if (number == VALUE_ABSENT) {
            return false;
        }
        owned = true;
    }
    bool ok = false;
    if (!value_is_int_like(number)) {
        rt_raise(th, EXC_TYPE_ERROR, "__index__ returned non-int (type %T)", number);
    } else if (int_to_i64(number, out)) {
        ok = true;
    } else if (clamp) {
        *out = int_is_negative(number) ? INT64_MIN : INT64_MAX;
        ok = true;
    } else {
        rt_raise(th, EXC_OVERFLOW_ERROR, "Python int too large to convert to C ssize_t");
    }
    if (owned) {
        rt_decref(th, number);
    }
    return ok;
}

/* int(text, base) for str and bytes. *is_text: whether v is one. */
static Value parse_text(Thread *th, Value v, int base, bool *is_text)
{
    *is_text = true;
    if (value_is_str(v)) {
        size_t length;
        const char *text = str_utf8(th, v, &length);
        return text == NULL ? VALUE_ABSENT : int_parse(th, text, length, base, v);
    }
    if (value_has_type(v, TYPE_BYTES)) {
        const Bytes *b = value_bytes(v);
        return int_parse(th, (const char *)b->data, (size_t)b->length, base, v);
    }
    *is_text = false;
    return VALUE_ABSENT;
}

static Value int_from_any(Thread *th, Value v)
{
    if (value_is_int(v)) {
        return rt_newref(th, v);
    }
    if (value_is_bool(v)) {
        return value_from_small_int(v == VALUE_TRUE);
    }
    if (value_is_double(v)) {
        return int_from_double(th, value_double(v));
    }
    bool is_text;
    Value result = parse_text(th, v, 10, &is_text);
    if (is_text) {
        return result;
    }
    int known = value_is_object(v) ? int_from_special(th, v, &result) : 0;
    if (known == 0) {
        return rt_raise(th, EXC_TYPE_ERROR,
                        "int() argument must be a string, a bytes-like object or a real number, "
                        "not '%T'",
                        v);
    }
    return known == 1 ? result : VALUE_ABSENT;
}

static Value int_with_base(Thread *th, Value v, Value base_value)
{
    int64_t base;
    if (!int_as_index(th, base_value, &base, true)) {
        return VALUE_ABSENT;
    }
    if (base != 0 && (base < 2 || base > 36)) {
        return rt_raise(th, EXC_VALUE_ERROR, "int() base must be >= 2 and <= 36, or 0");
    }
    bool is_text;
    Value result = parse_text(th, v, (int)base, &is_text);
    return is_text
               ? result
               : rt_raise(th, EXC_TYPE_ERROR, "int() can't convert non-string with explicit base");
}

static Value int_construct(Thread *th, Type *type, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)type;
    static const char *const names[] = {NULL, "base"};
    static const NativeSignature signature = {"int", names, 2, 0, 2};
    Value given[2];
    if (!native_bind(th, &signature, args, nargs, kwnames, given)) {
        return VALUE_ABSENT;
    }
    if (given[0] == VALUE_ABSENT) {
        return given[1] == VALUE_ABSENT
                   ? value_from_small_int(0)
                   : rt_raise(th, EXC_TYPE_ERROR, "int() missing string argument");
    }
    return given[1] == VALUE_ABSENT ? int_from_any(th, given[0])
                                    : int_with_base(th, given[0], given[1]);
}

static Value bool_construct(Thread *th, Type *type, const Value *args, uint32_t nargs,
                            Value kwnames)
{
    (void)type;
    if (keyword_count(kwnames) != 0) {
        return rt_raise(th, EXC_TYPE_ERROR, "bool() takes no keyword arguments");
    }
    if (nargs > 1) {
        return rt_raise(th, EXC_TYPE_ERROR, "bool expected at most 1 argument, got %d", (int)nargs);
    }
    int truth = nargs == 0 ? 0 : rt_truth(th, args[0]);
    return truth < 0 ? VALUE_ABSENT : value_from_bool(truth != 0);
}

Type int_type = {
    .id = TYPE_INT,
    .flags = TYPE_FLAG_INT,
    .name = "int",
    .construct = int_construct,
    .repr = int_repr,
    .format = format_int,
    .hash = int_hash_slot,
    .compare = int_compare_slot,
    .truth = int_truth,
    .binary = {[BIN_ADD] = slot_add,
               [BIN_SUB] = slot_sub,
               [BIN_MUL] = slot_mul,
               [BIN_TRUEDIV] = slot_truediv,
               [BIN_FLOORDIV] = slot_floordiv,
               [BIN_MOD] = slot_mod,
               [BIN_POW] = slot_pow,
               [BIN_LSHIFT] = slot_lshift,
               [BIN_RSHIFT] = slot_rshift,
               [BIN_AND] = slot_and,
               [BIN_OR] = slot_or,
               [BIN_XOR] = slot_xor},
    .unary = {[UN_NEG] = int_neg, [UN_POS] = slot_pos, [UN_INVERT] = int_invert},
    .methods = int_methods,
};

Type bool_type = {
    .id = TYPE_BOOL,
    .name = "bool",
    .base = &int_type,
    .construct = bool_construct,
    .repr = bool_repr,
    .binary = {[BIN_AND] = bool_and, [BIN_OR] = bool_or, [BIN_XOR] = bool_xor},
};

bool int_types_init(Thread *th)
{
    return rt_type_ready(th, &int_type) && rt_type_ready(th, &bool_type);
}
