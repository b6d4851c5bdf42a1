/*
 * Comparison, identity, truth, hash and id of any value.
 *
 * Numbers are compared here without a slot, exactly across int and float.  A compare slot gets a
 * value of its own type first; for the right operand's turn the operator is mirrored.
 *
 * Threads: any.
 */
#include "runtime/abstract_internal.h"
#include "runtime/bytes.h"
#include "runtime/float.h"
#include "runtime/int.h"

/* Any constant; this is the one that CPython 3.12 settled on. */
#define NONE_HASH 0xFCA86420

static const char *const compare_symbols[] = {
    [CMP_LT] = "<",  [CMP_LE] = "<=", [CMP_EQ] = "==",
    [CMP_NE] = "!=", [CMP_GT] = ">",  [CMP_GE] = ">=",
};
static const CompareOp compare_mirrored[] = {
    [CMP_LT] = CMP_GT, [CMP_LE] = CMP_GE, [CMP_EQ] = CMP_EQ,
    [CMP_NE] = CMP_NE, [CMP_GT] = CMP_LT, [CMP_GE] = CMP_LE,
};

static bool order_matches(int order, CompareOp op)
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

/* Exact ints, bools and floats: 1 or 0; -1: not both numbers. */
static int compare_numbers(Value a, Value b, CompareOp op)
{
    if (value_is_small_int(a) && value_is_small_int(b)) {
        int64_t x = value_int(a), y = value_int(b);
        return order_matches((x > y) - (x < y), op);
    }
    bool a_float = value_is_double(a), b_float = value_is_double(b);
    if (a_float && b_float) {
        double x = value_double(a), y = value_double(b);
        if (x != x || y != y) {
            return op == CMP_NE;
        }
        return order_matches((x > y) - (x < y), op);
    }
    if ((!a_float && !value_is_int_like(a)) || (!b_float && !value_is_int_like(b))) {
        return -1;
    }
    if (a_float || b_float) {
        double d = value_double(a_float ? a : b);
        if (d != d) {
            return op == CMP_NE;
        }
        int order = int_compare_double(a_float ? b : a, d);
        return order_matches(a_float ? -order : order, op);
    }
    return order_matches(int_compare(a, b), op);
}

static Value compare_slots(Thread *th, Value a, Value b, CompareOp op)
{
    const Type *left = rt_type_of(a);
    const Type *right = rt_type_of(b);
    bool right_tried = false;
    if (left != right && right->compare != NULL && right->compare != left->compare &&
        rt_type_is_subtype(right, left)) {
        right_tried = true;
        Value r = right->compare(th, b, a, compare_mirrored[op]);
        if (r != rt_not_implemented()) {
            return r;
        }
    }
    if (left->compare != NULL) {
        Value r = left->compare(th, a, b, op);
        if (r != rt_not_implemented()) {
            return r;
        }
    }
    if (!right_tried && right->compare != NULL) {
        return right->compare(th, b, a, compare_mirrored[op]);
    }
    return rt_not_implemented();
}

Value rt_compare(Thread *th, Value a, Value b, CompareOp op)
{
    int known = compare_numbers(a, b, op);
    if (known >= 0) {
        return value_from_bool(known != 0);
    }
    if (!rt_enter_recursive(th, " in comparison")) {
        return VALUE_ABSENT;
    }
    Value r = compare_slots(th, a, b, op);
    rt_leave_recursive(th);
    if (r != rt_not_implemented()) {
        return r;
    }
    if (op == CMP_EQ || op == CMP_NE) {
        return value_from_bool(rt_is(a, b) == (op == CMP_EQ));
    }
    return rt_raise(th, EXC_TYPE_ERROR, "'%s' not supported between instances of '%s' and '%s'",
                    compare_symbols[op], rt_type_name(a), rt_type_name(b));
}

int rt_compare_bool(Thread *th, Value a, Value b, CompareOp op)
{
    int known = compare_numbers(a, b, op);
    if (known >= 0) {
        return known;
    }
    Value r = rt_compare(th, a, b, op);
    if (r == VALUE_ABSENT) {
        return -1;
    }
    if (value_is_bool(r)) {
        return r == VALUE_TRUE;
    }
    int truth = rt_truth(th, r);
    rt_decref(th, r);
    return truth;
}

static bool is_simple(Value v)
{
    return !value_is_object(v) || value_is_str(v) || value_has_type(v, TYPE_INT) ||
           value_is_bytes(v);
}

int rt_equal_simple(Value a, Value b)
{
    if (a == b) {
        return 1;
    }
    if (value_is_str(a) && value_is_str(b)) {
        return str_equal(a, b);
    }
    int known = compare_numbers(a, b, CMP_EQ);
    if (known >= 0) {
        return known;
    }
    if (value_is_bytes(a) && value_is_bytes(b)) {
        const Bytes *x = value_bytes(a), *y = value_bytes(b);
        return x->length == y->length && memcmp(x->data, y->data, (size_t)x->length) == 0;
    }
    return is_simple(a) && is_simple(b) ? 0 : -1;
}

bool rt_hash_simple(Value v, int64_t *out)
{
    if (value_is_str(v)) {
        *out = str_hash(value_str(v));
    } else if (value_is_double(v)) {
        *out = float_hash(value_double(v), v);
    } else if (value_is_int_like(v)) {
        *out = int_hash(v);
    } else if (value_is_immediate(v)) {
        *out = NONE_HASH;
    } else if (value_is_bytes(v)) {
        *out = bytes_hash_of(value_bytes(v));
    } else {
        return false;
    }
    return true;
}

int rt_equal(Thread *th, Value a, Value b)
{
    if (rt_is(a, b)) {
        return 1;
    }
    if (value_is_str(a) && value_is_str(b)) {
        return str_equal(a, b);
    }
    return rt_compare_bool(th, a, b, CMP_EQ);
}

bool rt_is(Value a, Value b)
{
    if (a == b) {
        return true;
    }
    return value_has_type(a, TYPE_INT) && value_has_type(b, TYPE_INT) && int_compare(a, b) == 0;
}

int rt_truth(Thread *th, Value v)
{
    if (value_is_small_int(v)) {
        return v != VALUE_INT_BASE;
    }
    if (value_is_immediate(v)) {
        return v == VALUE_TRUE;
    }
    if (value_is_double(v)) {
        return value_double(v) != 0.0;
    }
    const Type *type = rt_type_of(v);
    if (type->truth != NULL) {
        return type->truth(th, v);
    }
    if (type->length != NULL) {
        int64_t length = type->length(th, v);
        return length < 0 ? -1 : length != 0;
    }
    return 1;
}

static int64_t address_hash(const Thread *th, Value v)
{
    if (th->rt->deterministic_ids) {
        return (int64_t)value_object(v)->type_id;
    }
    return (int64_t)(v >> 4 | v << 60);
}

bool rt_hash(Thread *th, Value v, int64_t *out)
{
    if (value_is_small_int(v) || value_is_bool(v)) {
        *out = int_hash(v);
        return true;
    }
    if (value_is_double(v)) {
        *out = float_hash(value_double(v), v);
        return true;
    }
    if (value_is_immediate(v)) {
        *out = NONE_HASH;
        return true;
    }
    const Type *type = rt_type_of(v);
    if ((type->flags & TYPE_FLAG_UNHASHABLE) != 0) {
        rt_raise(th, EXC_TYPE_ERROR, "unhashable type: '%s'", type->name);
        return false;
    }
    if (type->hash == NULL) {
        int64_t h = address_hash(th, v);
        *out = h == -1 ? -2 : h;
        return true;
    }
    return rt_stack_check(th, " while hashing an object") && type->hash(th, v, out);
}

/* Numbers have no address: the id of an immediate is its word, that of a heap int is made from the
 * number so that no other id equals it (an address and a word have at most 64 bits). */
Value rt_id(Thread *th, Value v)
{
    if (!value_has_type(v, TYPE_INT)) {
        return int_from_u64(th, v);
    }
    Value magnitude = int_abs(th, v);
    if (magnitude == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value shifted = int_lshift(th, magnitude, value_from_small_int(65));
    rt_decref(th, magnitude);
    if (shifted == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value sign = value_from_small_int(int_compare(v, value_from_small_int(0)) < 0);
    Value id = int_or(th, shifted, sign);
    rt_decref(th, shifted);
    return id;
}
