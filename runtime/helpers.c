/*
 * Helpers of machine code, part 2: the table, any values, containers, objects and memory.  The table
 * is runtime/helpers.def, the contract helpers.h; numbers are in helpers_number.c.
 *
 * Threads: any attached thread.
 */
#include "runtime/helpers.h"

#include "runtime/abstract.h"
#include "runtime/container_inline.h"
#include "runtime/float.h"
#include "runtime/safepoint.h"

const HelperInfo helper_table[HELPER_COUNT] = {
#define HELPER(name, function, result, arguments, effects) \
    [HELPER_ID_##name] = {#name, (HelperFn)(function), result, arguments, effects},
#include "runtime/helpers.def"
#undef HELPER
};

HelperId helper_by_name(const char *name, size_t length)
{
    for (int id = 0; id < HELPER_COUNT; id++) {
        const char *have = helper_table[id].name;
        if (strlen(have) == length && memcmp(have, name, length) == 0) {
            return (HelperId)id;
        }
    }
    return HELPER_COUNT;
}

/* What the table calls a result of 0 (done) or -1 (failed). */
static inline int64_t status(bool done) { return done ? 0 : -1; }

int64_t helper_value_is(Value a, Value b) { return rt_is(a, b); }

#define BINARY(name, op)                                            \
    Value helper_value_binary_##name(Thread *th, Value a, Value b)  \
    {                                                               \
        return rt_binary(th, op, a, b);                             \
    }                                                               \
    Value helper_value_inplace_##name(Thread *th, Value a, Value b) \
    {                                                               \
        return rt_inplace(th, op, a, b);                            \
    }
BINARY(add, BIN_ADD)
BINARY(sub, BIN_SUB)
BINARY(mul, BIN_MUL)
BINARY(matmul, BIN_MATMUL)
BINARY(truediv, BIN_TRUEDIV)
BINARY(floordiv, BIN_FLOORDIV)
BINARY(mod, BIN_MOD)
BINARY(pow, BIN_POW)
BINARY(lshift, BIN_LSHIFT)
BINARY(rshift, BIN_RSHIFT)
BINARY(and, BIN_AND)
BINARY(or, BIN_OR)
BINARY(xor, BIN_XOR)

#define UNARY(name, op) \
    Value helper_value_unary_##name(Thread *th, Value a) { return rt_unary(th, op, a); }
UNARY(neg, UN_NEG)
UNARY(pos, UN_POS)
UNARY(invert, UN_INVERT)

#define COMPARE(name, op)                                           \
    Value helper_value_compare_##name(Thread *th, Value a, Value b) \
    {                                                               \
        return rt_compare(th, a, b, op);                            \
    }                                                               \
    int64_t helper_value_test_##name(Thread *th, Value a, Value b)  \
    {                                                               \
        return rt_compare_bool(th, a, b, op);                       \
    }
COMPARE(lt, CMP_LT)
COMPARE(le, CMP_LE)
COMPARE(eq, CMP_EQ)
COMPARE(ne, CMP_NE)
COMPARE(gt, CMP_GT)
COMPARE(ge, CMP_GE)

Value helper_value_pow_mod(Thread *th, Value a, Value b, Value c) { return rt_power(th, a, b, c); }
int64_t helper_value_equal(Thread *th, Value a, Value b) { return rt_equal(th, a, b); }
int64_t helper_value_truth(Thread *th, Value a) { return rt_truth(th, a); }
int64_t helper_value_len(Thread *th, Value a) { return rt_length(th, a); }

Value helper_value_hash(Thread *th, Value a)
{
    int64_t h;
    return rt_hash(th, a, &h) ? int_from_i64(th, h) : VALUE_ABSENT;
}

int64_t helper_value_contains(Thread *th, Value a, Value b) { return rt_contains(th, a, b); }
Value helper_value_getitem(Thread *th, Value a, Value b) { return rt_getitem(th, a, b); }
int64_t helper_value_setitem(Thread *th, Value a, Value b, Value c)
{
    return status(rt_setitem(th, a, b, c));
}
int64_t helper_value_delitem(Thread *th, Value a, Value b) { return status(rt_delitem(th, a, b)); }
Value helper_value_getattr(Thread *th, Value a, Value b)
{
    Value v = rt_getattr(th, a, b);
    if (v == VALUE_ABSENT) {
        rt_note_attribute_error(th, a, b);
    }
    return v;
}
int64_t helper_value_setattr(Thread *th, Value a, Value b, Value c)
{
    bool done = rt_setattr(th, a, b, c);
    if (!done) {
        rt_note_attribute_error(th, a, b);
    }
    return status(done);
}
Value helper_value_iter(Thread *th, Value a) { return rt_iter(th, a); }
Value helper_value_next(Thread *th, Value a) { return rt_next(th, a); }
Value helper_iter_next(Thread *th, Value a)
{
    Value item = rt_next(th, a);
    if (item != VALUE_ABSENT || (rt_pending(th) && !rt_pending_is(th, EXC_STOP_ITERATION))) {
        return item;
    }
    rt_clear_exception(th);
    return VALUE_UNBOUND;
}
Value helper_value_unpack_ex(Thread *th, Value a, int64_t b, int64_t c)
{
    return rt_unpack_ex(th, a, b, c);
}
Value helper_value_unpack(Thread *th, Value a, int64_t b)
{
    Value items = rt_unpack(th, a, b);
    if (items == VALUE_ABSENT || value_is_tuple(items)) {
        return items;
    }
    Value tuple = list_to_tuple(th, items);
    rt_decref(th, items);
    return tuple;
}
Value helper_value_ascii(Thread *th, Value a) { return rt_ascii(th, a); }
Value helper_value_str(Thread *th, Value a) { return rt_str(th, a); }
Value helper_value_repr(Thread *th, Value a) { return rt_repr(th, a); }
Value helper_value_format(Thread *th, Value a, Value b) { return rt_format(th, a, b); }
int64_t helper_value_isinstance(Thread *th, Value a, Value b) { return rt_isinstance(th, a, b); }

/* An index as Python counts it, negative ones from the end. false: out of range. */
static bool wrap_index(int64_t *index, int64_t size)
{
    if (*index < 0) {
        *index += size;
    }
    return (uint64_t)*index < (uint64_t)size;
}

int64_t helper_list_append(Thread *th, Value a, Value b) { return status(list_append(th, a, b)); }
int64_t helper_list_append_steal(Thread *th, Value a, Value b)
{
    return status(list_append_steal(th, a, b));
}
Value helper_list_pop_last(Thread *th, Value a) { return list_pop(th, a, -1); }
Value helper_list_getitem(Thread *th, Value a, int64_t b)
{
    Value v = list_item_lent(a, b);
    return v != VALUE_ABSENT ? rt_newref(th, v)
                             : rt_raise(th, EXC_INDEX_ERROR, "list index out of range");
}
Value helper_list_item_lent(Value a, int64_t b) { return list_item_lent(a, b); }
int64_t helper_list_setitem(Thread *th, Value a, int64_t b, Value c)
{
    return status(list_set(th, a, b, c));
}
int64_t helper_list_insert(Thread *th, Value a, int64_t b, Value c)
{
    return status(list_insert(th, a, b, c));
}
Value helper_list_new_array(Thread *th, void *a, int64_t b) { return list_new(th, a, b); }
Value helper_list_new_array_steal(Thread *th, void *a, int64_t b)
{
    return list_new_steal(th, a, b);
}

Value helper_list_slice(Thread *th, Value a, int64_t b, int64_t c)
{
    int64_t size = list_size(a);
    b = clamp_index(b, size);
    c = clamp_index(c, size);
    Value slice =
        slice_new(th, value_from_small_int(b), value_from_small_int(c < b ? b : c), VALUE_NONE);
    Value r = slice == VALUE_ABSENT ? VALUE_ABSENT : rt_getitem(th, a, slice);
    rt_xdecref(th, slice);
    return r;
}

Value helper_list_repeat(Thread *th, Value a, int64_t b)
{
    Value times = int_from_i64(th, b);
    Value r = times == VALUE_ABSENT ? VALUE_ABSENT : rt_binary(th, BIN_MUL, a, times);
    rt_xdecref(th, times);
    return r;
}
Value helper_list_repeat_value(Thread *th, Value a, int64_t b)
{
    return list_repeat_value(th, a, b < 0 ? 0 : b);
}
int64_t helper_list_extend(Thread *th, Value a, Value b) { return status(list_extend(th, a, b)); }

int64_t helper_list_reverse(Thread *th, Value a)
{
    Value name = str_intern_cstr(th, "reverse");
    Value method = name == VALUE_ABSENT ? VALUE_ABSENT : rt_getattr(th, a, name);
    Value r = method == VALUE_ABSENT ? VALUE_ABSENT : rt_call(th, method, NULL, 0, VALUE_ABSENT);
    rt_xdecref(th, name);
    rt_xdecref(th, method);
    return status(r != VALUE_ABSENT);
}

Value helper_list_iterator_new(Thread *th, Value a, int64_t b)
{
    return sequence_iterator_new(th, TYPE_LIST_ITERATOR, a, b);
}
Value helper_tuple_iterator_new(Thread *th, Value a, int64_t b)
{
    return sequence_iterator_new(th, TYPE_TUPLE_ITERATOR, a, b);
}
Value helper_tuple_new_array(Thread *th, void *a, int64_t b) { return tuple_new(th, a, b); }
Value helper_tuple_new_array_steal(Thread *th, void *a, int64_t b)
{
    return tuple_new_steal(th, a, b);
}
Value helper_tuple_getitem(Thread *th, Value a, int64_t b)
{
    const Tuple *tuple = value_tuple(a);
    if (!wrap_index(&b, tuple->size)) {
        return rt_raise(th, EXC_INDEX_ERROR, "tuple index out of range");
    }
    return rt_newref(th, tuple->items[b]);
}

Value helper_str_concat(Thread *th, Value a, Value b) { return str_concat(th, a, b); }
int64_t helper_str_eq(Value a, Value b) { return str_equal(a, b); }
int64_t helper_str_compare(Value a, Value b) { return str_compare(a, b); }
Value helper_str_getitem(Thread *th, Value a, int64_t b)
{
    const Str *s = value_str(a);
    if (!wrap_index(&b, s->length)) {
        return rt_raise(th, EXC_INDEX_ERROR, "string index out of range");
    }
    return str_from_char(th, str_char_at(s, b));
}
int64_t helper_str_len(Value a) { return value_str(a)->length; }
Value helper_str_from_char(Thread *th, int64_t a)
{
    if (a < 0 || a > 0x10FFFF) {
        return rt_raise(th, EXC_VALUE_ERROR, "chr() arg not in range(0x110000)");
    }
    return str_from_char(th, (uint32_t)a);
}
int64_t helper_str_ord(Value a)
{
    const Str *s = value_str(a);
    return s->length == 1 ? (int64_t)str_char_at(s, 0) : -1;
}
Value helper_str_repeat(Thread *th, Value a, int64_t b) { return str_repeat(th, a, b < 0 ? 0 : b); }

Value helper_dict_new(Thread *th) { return dict_new(th); }
int64_t helper_dict_update(Thread *th, Value a, Value b) { return status(dict_update(th, a, b)); }
int64_t helper_dict_merge(Thread *th, Value a, Value b)
{
    int64_t position = 0;
    Value key, v;
    while (dict_size(a) > 0 && dict_next(b, &position, &key, &v)) {
        int there = dict_contains(th, a, key);
        if (there != 0) {
            return there < 0 ? -1 : 0;
        }
    }
    return dict_update(th, a, b) ? 1 : -1;
}
int64_t helper_set_update(Thread *th, Value a, Value b) { return status(set_update(th, a, b)); }
Value helper_list_to_tuple(Thread *th, Value a) { return list_to_tuple(th, a); }
Value helper_dict_get_lent(Value a, Value b) { return dict_get_lent(a, b); }
Value helper_dict_get_item(Thread *th, Value a, Value b)
{
    Value v;
    if (dict_get(th, a, b, &v) && v == VALUE_ABSENT) {
        return rt_raise_value(th, EXC_KEY_ERROR, b);
    }
    return v;
}
Value helper_dict_get_absent(Thread *th, Value a, Value b)
{
    Value v;
    dict_get(th, a, b, &v);
    return v;
}
int64_t helper_dict_set_item(Thread *th, Value a, Value b, Value c)
{
    return status(dict_set(th, a, b, c));
}
int64_t helper_dict_contains(Thread *th, Value a, Value b) { return dict_contains(th, a, b); }
int64_t helper_dict_delete(Thread *th, Value a, Value b) { return dict_delete(th, a, b); }
Value helper_set_new(Thread *th) { return set_new(th, false); }
int64_t helper_set_add(Thread *th, Value a, Value b) { return status(set_add(th, a, b)); }
int64_t helper_set_contains(Thread *th, Value a, Value b) { return set_contains(th, a, b); }

Value helper_range_new_i64(Thread *th, int64_t a, int64_t b, int64_t c)
{
    Value start = int_from_i64(th, a);
    Value stop = start == VALUE_ABSENT ? VALUE_ABSENT : int_from_i64(th, b);
    Value step = stop == VALUE_ABSENT ? VALUE_ABSENT : int_from_i64(th, c);
    Value r = step == VALUE_ABSENT ? VALUE_ABSENT : range_new(th, start, stop, step);
    rt_xdecref(th, start);
    rt_xdecref(th, stop);
    rt_xdecref(th, step);
    return r;
}

/* current, step, remaining: the fields of an iterator in int64 form. */
Value helper_range_iterator_new(Thread *th, int64_t a, int64_t b, int64_t c)
{
    RangeIterator *it = rt_object_new(th, TYPE_RANGE_ITERATOR, sizeof *it);
    if (it == NULL) {
        return VALUE_ABSENT;
    }
    it->current = a;
    it->step = b;
    it->remaining = c;
    return value_from_object(it);
}

Value helper_slice_new(Thread *th, Value a, Value b, Value c) { return slice_new(th, a, b, c); }
Value helper_cell_new(Thread *th, Value a) { return cell_new(th, a); }
Value helper_bound_method_new(Thread *th, Value a, Value b) { return bound_method_new(th, a, b); }

Value helper_int_to_str(Thread *th, int64_t a)
{
    Value v = int_from_i64(th, a);
    Value r = v == VALUE_ABSENT ? VALUE_ABSENT : int_to_str(th, v, 10);
    rt_xdecref(th, v);
    return r;
}

Value helper_float_to_str(Thread *th, double a)
{
    char text[FLOAT_REPR_MAX];
    return str_from_ascii(th, text, float_repr(a, text));
}

Value helper_value_share(Thread *th, Value a) { return rt_newref(th, a); }
Value helper_call_code(Thread *th, void *a, void *b) { return th->rt->hooks.call_code(th, a, b); }
void helper_object_decref_slow(Thread *th, Value a)
{
    if (value_is_object(a)) {
        rt_decref_slow(th, value_object(a));
    }
}
void helper_object_incref_slow(Thread *th, Value a)
{
    (void)th;
    if (value_is_object(a)) {
        rt_incref_slow(value_object(a));
    }
}
void helper_object_retire(Thread *th, Value a)
{
    if (value_is_object(a)) {
        epoch_retire_value(th, a);
    }
}
void helper_object_publish(Thread *th, Value a)
{
    if (value_is_object(a) && (value_object(a)->flags & OBJECT_PRIVATE) != 0) {
        rt_publish(th, value_object(a));
    }
}
void helper_object_lock_slow(Thread *th, Value a) { object_lock_slow(th, value_object(a)); }
void helper_object_wake_waiters(Thread *th, Value a) { object_wake_waiters(th, value_object(a)); }
void helper_cell_set(Thread *th, Value a, Value b)
{
    Cell *cell = (Cell *)value_object(a);
    rt_store_barrier(th, &cell->header, b);
    rt_incref(th, b);
    /* release: who sees b sees what it refers to */
    Value old = atomic_exchange_explicit(&cell->value, b, memory_order_acq_rel);
    container_drop(th, &cell->header, old);
}

int64_t helper_thread_poll(Thread *th, int64_t a)
{
    (void)a;
    return status(thread_safepoint(th));
}
