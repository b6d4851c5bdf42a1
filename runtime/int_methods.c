/*
 * Methods of int: bits, bytes, the rational and numeric protocols.
 *
 * Threads: any.
 */
#include "runtime/int_methods.h"

#include "runtime/abstract_internal.h"
#include "runtime/bytes.h"
#include "runtime/float.h"
#include "runtime/int_internal.h"

#define METHOD(name) static Value name(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
#define UNUSED_CALL ((void)th, (void)nargs, (void)kwnames)

METHOD(int_bit_length_method)
{
    UNUSED_CALL;
    return int_from_i64(th, int_bit_length(args[0]));
}

METHOD(int_bit_count)
{
    UNUSED_CALL;
    IntView v;
    int_view(args[0], &v);
    return int_from_u64(th, v.size == 0 ? 0 : mpn_popcount(v.limbs, v.size));
}

/* The number itself; an int for a bool. */
METHOD(int_self)
{
    UNUSED_CALL;
    return value_is_bool(args[0]) ? value_from_small_int(args[0] == VALUE_TRUE)
                                  : rt_newref(th, args[0]);
}

METHOD(int_zero)
{
    UNUSED_CALL;
    (void)args;
    return value_from_small_int(0);
}

METHOD(int_one)
{
    UNUSED_CALL;
    (void)args;
    return value_from_small_int(1);
}

METHOD(int_as_integer_ratio)
{
    UNUSED_CALL;
    Value pair[2] = {int_self(th, args, 1, VALUE_ABSENT), value_from_small_int(1)};
    return tuple_new_steal(th, pair, 2);
}

METHOD(int_float)
{
    UNUSED_CALL;
    double d;
    return int_to_double(th, args[0], &d) ? value_from_double(d) : VALUE_ABSENT;
}

METHOD(int_round_method)
{
    (void)kwnames;
    if (nargs == 1) {
        return int_self(th, args, 1, VALUE_ABSENT);
    }
    return int_round(th, args[0], args[1]);
}

/* The rest of v by 10**digits, nearest to zero with ties to the even quotient, taken off v. */
static Value round_to_unit(Thread *th, Value v, Value unit)
{
    Value q = VALUE_ABSENT, r = VALUE_ABSENT, twice = VALUE_ABSENT, result = VALUE_ABSENT;
    if (!int_divide_floor(th, v, unit, &q, &r, "")) {
        return VALUE_ABSENT;
    }
    twice = int_add(th, r, r);
    if (twice != VALUE_ABSENT) {
        int order = int_compare(twice, unit);
        IntView view;
        int_view(q, &view);
        bool odd = view.size != 0 && (view.limbs[0] & 1) != 0;
        Value low = int_sub(th, v, r);
        bool up = order > 0 || (order == 0 && odd);
        result = low == VALUE_ABSENT || !up ? low : int_add(th, low, unit);
        if (up) {
            rt_xdecref(th, low);
        }
    }
    rt_xdecref(th, twice);
    rt_decref(th, q);
    rt_decref(th, r);
    return result;
}

Value int_round(Thread *th, Value v, Value ndigits)
{
    int64_t digits;
    if (!int_as_index(th, ndigits, &digits, true)) {
        return VALUE_ABSENT;
    }
    if (digits >= 0) {
        return int_self(th, &v, 1, VALUE_ABSENT);
    }
    if (-(digits + 1) > int_bit_length(v) / 3 + 1) { /* the unit is more than twice the number */
        return value_from_small_int(0);
    }
    Value unit = int_pow(th, value_from_small_int(10), value_from_small_int(-digits));
    Value result = unit == VALUE_ABSENT ? VALUE_ABSENT : round_to_unit(th, v, unit);
    rt_xdecref(th, unit);
    return result;
}

typedef struct BytesOptions {
    bool little, is_signed;
} BytesOptions;

static bool byte_order(Thread *th, Value v, bool *little)
{
    if (v == VALUE_ABSENT || str_is(v, "big")) {
        *little = false;
        return true;
    }
    if (str_is(v, "little")) {
        *little = true;
        return true;
    }
    if (!value_is_str(v)) {
        rt_raise(th, EXC_TYPE_ERROR, "byteorder must be str, not %T", v);
    } else {
        rt_raise(th, EXC_VALUE_ERROR, "byteorder must be either 'little' or 'big'");
    }
    return false;
}

/* Byte i, least significant first, of two's complement. */
typedef struct ByteReader {
    const IntView *view;
    unsigned carry;
} ByteReader;

static uint8_t next_byte(ByteReader *r, int64_t i)
{
    int64_t limb = i / 8;
    uint8_t byte = limb < r->view->size ? (uint8_t)(r->view->limbs[limb] >> (i % 8 * 8)) : 0;
    if (!r->view->negative) {
        return byte;
    }
    unsigned negated = (unsigned)(uint8_t)~byte + r->carry;
    r->carry = negated >> 8;
    return (uint8_t)negated;
}

static bool check_to_bytes(Thread *th, const IntView *v, int64_t length, bool is_signed)
{
    if (length < 0) {
        rt_raise(th, EXC_VALUE_ERROR, "length argument must be non-negative");
        return false;
    }
    if (v->negative && !is_signed) {
        rt_raise(th, EXC_OVERFLOW_ERROR, "can't convert negative int to unsigned");
        return false;
    }
    int64_t bits = limbs_bit_length(v->limbs, v->size) + is_signed;
    if (v->negative && mpn_popcount(v->limbs, v->size) == 1) {
        bits--; /* -2^k needs one bit less than 2^k */
    }
    if (v->size != 0 && (bits + 7) / 8 > length) {
        rt_raise(th, EXC_OVERFLOW_ERROR, "int too big to convert");
        return false;
    }
    return true;
}

METHOD(int_to_bytes)
{
    static const char *const names[] = {"length", "byteorder", "signed"};
    static const NativeSignature signature = {"to_bytes", names, 3, 0, 2};
    Value given[3];
    if (!native_bind(th, &signature, args + 1, nargs - 1, kwnames, given)) {
        return VALUE_ABSENT;
    }
    int64_t length = 1;
    bool little;
    int is_signed = given[2] == VALUE_ABSENT ? 0 : rt_truth(th, given[2]);
    if (is_signed < 0 ||
        (given[0] != VALUE_ABSENT && !int_as_index(th, given[0], &length, false)) ||
        !byte_order(th, given[1], &little)) {
        return VALUE_ABSENT;
    }
    IntView v;
    int_view(args[0], &v);
    if (!check_to_bytes(th, &v, length, is_signed != 0)) {
        return VALUE_ABSENT;
    }
    uint8_t *data = rt_malloc((size_t)length);
    if (data == NULL) {
        return rt_raise_memory_error(th);
    }
    ByteReader reader = {&v, 1};
    for (int64_t i = 0; i < length; i++) {
        data[little ? i : length - 1 - i] = next_byte(&reader, i);
    }
    Value result = bytes_new(th, data, length);
    rt_free(data);
    return result;
}

/* Two's complement bytes (signed) or plain ones as an int. */
static Value bytes_to_int(Thread *th, const uint8_t *data, int64_t length, BytesOptions o)
{
    if (length == 0) {
        return value_from_small_int(0);
    }
    int64_t limbs = (length + 7) / 8;
    Int *n = int_alloc(th, limbs);
    if (n == NULL) {
        return VALUE_ABSENT;
    }
    bool negative = o.is_signed && (data[o.little ? length - 1 : 0] & 0x80) != 0;
    mp_limb_t *rp = int_limbs(n);
    memset(rp, negative ? 0xFF : 0, (size_t)limbs * sizeof *rp);
    for (int64_t i = 0; i < length; i++) {
        uint64_t byte = data[o.little ? i : length - 1 - i];
        uint64_t shift = (uint64_t)(i % 8) * 8;
        rp[i / 8] = (rp[i / 8] & ~(UINT64_C(0xFF) << shift)) | byte << shift;
    }
    if (negative) {
        mpn_neg(rp, rp, limbs);
    }
    return int_normalise(n, limbs, negative);
}

METHOD(int_from_bytes)
{
    static const char *const names[] = {"bytes", "byteorder", "signed"};
    static const NativeSignature signature = {"from_bytes", names, 3, 1, 2};
    Value given[3];
    if (!native_bind(th, &signature, args + 1, nargs - 1, kwnames, given)) {
        return VALUE_ABSENT;
    }
    bool little;
    int is_signed = given[2] == VALUE_ABSENT ? 0 : rt_truth(th, given[2]);
    if (is_signed < 0 || !byte_order(th, given[1], &little)) {
        return VALUE_ABSENT;
    }
    if (!value_has_type(given[0], TYPE_BYTES)) {
        return rt_raise(th, EXC_TYPE_ERROR, "cannot convert '%T' object to bytes", given[0]);
    }
    const Bytes *b = value_bytes(given[0]);
    return bytes_to_int(th, b->data, b->length,
                        (BytesOptions){.little = little, .is_signed = is_signed != 0});
}

const NativeDef int_methods[] = {
    {"bit_length", int_bit_length_method, 1, 1, 0},
    {"bit_count", int_bit_count, 1, 1, 0},
    {"to_bytes", int_to_bytes, 1, -1, NATIVE_KEYWORDS},
    {"from_bytes", int_from_bytes, 1, -1, NATIVE_CLASS | NATIVE_KEYWORDS},
    {"as_integer_ratio", int_as_integer_ratio, 1, 1, 0},
    {"conjugate", int_self, 1, 1, 0},
    {"real", int_self, 1, 1, NATIVE_GETTER},
    {"imag", int_zero, 1, 1, NATIVE_GETTER},
    {"numerator", int_self, 1, 1, NATIVE_GETTER},
    {"denominator", int_one, 1, 1, NATIVE_GETTER},
    {"__index__", int_self, 1, 1, 0},
    {"__int__", int_self, 1, 1, 0},
    {"__trunc__", int_self, 1, 1, 0},
    {"__floor__", int_self, 1, 1, 0},
    {"__ceil__", int_self, 1, 1, 0},
    {"__float__", int_float, 1, 1, 0},
    {"__round__", int_round_method, 1, 2, 0},
    {NULL, NULL, 0, 0, 0},
};
