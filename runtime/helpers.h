/*
 * Helpers: the C functions that machine code calls (the table is runtime/helpers.def).
 *
 * A trace calls nothing else.  Each helper is a thin C body over the runtime's own functions with a
 * calling convention that codegen can meet: integers and pointers in general registers, doubles in
 * vector registers, at most 3 arguments after the Thread, one result.  Not for C callers, which use
 * the functions behind them.
 *
 * Invariant: the effects in the table are all that a helper has; the optimizer believes them.
 * Ownership: arguments borrowed (but for names in _steal), results new.  Failure: VALUE_ABSENT or
 * -1, with the thread's exception set.  Threads: any attached thread.
 */
#ifndef ADDER_RUNTIME_HELPERS_H
#define ADDER_RUNTIME_HELPERS_H

#include "runtime/thread.h"

enum {
    HELPER_TAKES_THREAD = 1 << 0, /* a flag of the call, not an effect */
    HELPER_RAISES = 1 << 1,
    HELPER_RUNS_PYTHON = 1 << 2,
    HELPER_BLOCKS = 1 << 3,
    HELPER_POLLS = 1 << 4,
    HELPER_ALLOCATES = 1 << 5,
    HELPER_ACQUIRES = 1 << 6,
    HELPER_RELEASES = 1 << 7,
    HELPER_READS = 1 << 8,
    HELPER_WRITES = 1 << 9,
    HELPER_PURE = 1 << 10,
    HELPER_LENDS = 1 << 11, /* the V result is no new reference: it is valid until the thread's next
                             * quiescent point (a barrier, or the end of the trace) */
    HELPER_PUBLISHES = 1 << 12,
    /* Before such a call borrows become owned; after it loads of mutable memory are dead. */
    HELPER_BARRIER = HELPER_RUNS_PYTHON | HELPER_BLOCKS | HELPER_POLLS,
};

/* HELPER_ID_math_sin ...: dense, in the order of the table. */
typedef enum HelperId {
#define HELPER(name, function, result, arguments, effects) HELPER_ID_##name,
#include "runtime/helpers.def"
#undef HELPER
    HELPER_COUNT
} HelperId;

typedef void (*HelperFn)(void);
typedef struct HelperInfo {
    const char *name;
    HelperFn fn;       /* cast to its real type before a call from C */
    char result;       /* I F V P - */
    char arguments[4]; /* zero-terminated, without the Thread */
    uint32_t effects;  /* HELPER_* */
} HelperInfo;

/* Row of each HelperId. immutable. */
extern const HelperInfo helper_table[HELPER_COUNT];
/* The id with that name, or HELPER_COUNT. */
HelperId helper_by_name(const char *name, size_t length);

/* Pure floats.  A finite result is Python's result and no exception is due; where the result is inf
 * or nan the trace leaves to tier 1, which runs the full function (domain and range errors). */
double helper_math_sin(double a);
double helper_math_cos(double a);
double helper_math_tan(double a);
double helper_math_asin(double a);
double helper_math_acos(double a);
double helper_math_atan(double a);
double helper_math_sinh(double a);
double helper_math_cosh(double a);
double helper_math_tanh(double a);
double helper_math_asinh(double a);
double helper_math_acosh(double a);
double helper_math_atanh(double a);
double helper_math_exp(double a);
double helper_math_exp2(double a);
double helper_math_expm1(double a);
double helper_math_log(double a);
double helper_math_log2(double a);
double helper_math_log10(double a);
double helper_math_log1p(double a);
double helper_math_sqrt(double a);
double helper_math_cbrt(double a);
double helper_math_erf(double a);
double helper_math_erfc(double a);
double helper_math_gamma(double a);
double helper_math_lgamma(double a);
double helper_math_floor_f(double a);
double helper_math_ceil_f(double a);
double helper_math_trunc_f(double a);
double helper_math_rint_f(double a);
double helper_math_atan2(double a, double b);
double helper_math_pow(double a, double b);
double helper_math_fmod(double a, double b);
double helper_math_hypot(double a, double b);
double helper_math_copysign(double a, double b);

/* b != 0: guarded by the trace. */
double helper_float_floordiv(double a, double b);
double helper_float_mod(double a, double b);

/* Pure ints.  int_gcd: -1 where the result is 2**63; int_isqrt: argument >= 0. */
int64_t helper_int_bit_length(int64_t a);
int64_t helper_int_bit_count(int64_t a);
int64_t helper_int_gcd(int64_t a, int64_t b);
int64_t helper_int_isqrt(int64_t a);

/* Pure questions on values. */
int64_t helper_value_is(Value a, Value b);

/* Results that may need a heap object.  int_*_i64: exact, of any size. */
Value helper_float_pow_checked(Thread *th, double a, double b);
Value helper_int_box_i64(Thread *th, int64_t a);
Value helper_int_from_float(Thread *th, double a);
Value helper_int_add_i64(Thread *th, int64_t a, int64_t b);
Value helper_int_sub_i64(Thread *th, int64_t a, int64_t b);
Value helper_int_mul_i64(Thread *th, int64_t a, int64_t b);
Value helper_int_lshift_i64(Thread *th, int64_t a, int64_t b);
Value helper_int_pow_i64(Thread *th, int64_t a, int64_t b);
Value helper_int_to_str(Thread *th, int64_t a);
Value helper_float_to_str(Thread *th, double a);

/* Any values.  These run whatever the types say. */
Value helper_value_binary_add(Thread *th, Value a, Value b);
Value helper_value_binary_sub(Thread *th, Value a, Value b);
Value helper_value_binary_mul(Thread *th, Value a, Value b);
Value helper_value_binary_matmul(Thread *th, Value a, Value b);
Value helper_value_binary_truediv(Thread *th, Value a, Value b);
Value helper_value_binary_floordiv(Thread *th, Value a, Value b);
Value helper_value_binary_mod(Thread *th, Value a, Value b);
Value helper_value_binary_pow(Thread *th, Value a, Value b);
Value helper_value_binary_lshift(Thread *th, Value a, Value b);
Value helper_value_binary_rshift(Thread *th, Value a, Value b);
Value helper_value_binary_and(Thread *th, Value a, Value b);
Value helper_value_binary_or(Thread *th, Value a, Value b);
Value helper_value_binary_xor(Thread *th, Value a, Value b);
Value helper_value_inplace_add(Thread *th, Value a, Value b);
Value helper_value_inplace_sub(Thread *th, Value a, Value b);
Value helper_value_inplace_mul(Thread *th, Value a, Value b);
Value helper_value_inplace_matmul(Thread *th, Value a, Value b);
Value helper_value_inplace_truediv(Thread *th, Value a, Value b);
Value helper_value_inplace_floordiv(Thread *th, Value a, Value b);
Value helper_value_inplace_mod(Thread *th, Value a, Value b);
Value helper_value_inplace_pow(Thread *th, Value a, Value b);
Value helper_value_inplace_lshift(Thread *th, Value a, Value b);
Value helper_value_inplace_rshift(Thread *th, Value a, Value b);
Value helper_value_inplace_and(Thread *th, Value a, Value b);
Value helper_value_inplace_or(Thread *th, Value a, Value b);
Value helper_value_inplace_xor(Thread *th, Value a, Value b);
Value helper_value_unary_neg(Thread *th, Value a);
Value helper_value_unary_pos(Thread *th, Value a);
Value helper_value_unary_invert(Thread *th, Value a);
Value helper_value_compare_lt(Thread *th, Value a, Value b);
Value helper_value_compare_le(Thread *th, Value a, Value b);
Value helper_value_compare_eq(Thread *th, Value a, Value b);
Value helper_value_compare_ne(Thread *th, Value a, Value b);
Value helper_value_compare_gt(Thread *th, Value a, Value b);
Value helper_value_compare_ge(Thread *th, Value a, Value b);
/* The truth of a comparison, as `if a < b` asks for it. */
int64_t helper_value_test_lt(Thread *th, Value a, Value b);
int64_t helper_value_test_le(Thread *th, Value a, Value b);
int64_t helper_value_test_eq(Thread *th, Value a, Value b);
int64_t helper_value_test_ne(Thread *th, Value a, Value b);
int64_t helper_value_test_gt(Thread *th, Value a, Value b);
int64_t helper_value_test_ge(Thread *th, Value a, Value b);
Value helper_value_pow_mod(Thread *th, Value a, Value b, Value c);
int64_t helper_value_equal(Thread *th, Value a, Value b);
int64_t helper_value_truth(Thread *th, Value a);
int64_t helper_value_len(Thread *th, Value a);
Value helper_value_hash(Thread *th, Value a);
int64_t helper_value_contains(Thread *th, Value a, Value b);
Value helper_value_getitem(Thread *th, Value a, Value b);
int64_t helper_value_setitem(Thread *th, Value a, Value b, Value c);
int64_t helper_value_delitem(Thread *th, Value a, Value b);
Value helper_value_getattr(Thread *th, Value a, Value b);
int64_t helper_value_setattr(Thread *th, Value a, Value b, Value c);
Value helper_value_iter(Thread *th, Value a);
Value helper_value_next(Thread *th, Value a);
Value helper_iter_next(Thread *th, Value a); /* VALUE_UNBOUND: no more items */
/* The items of an iterable as a tuple of that length; errors as `a, b = v` has them. */
Value helper_value_unpack_ex(Thread *th, Value a, int64_t b, int64_t c); /* rt_unpack_ex */
Value helper_value_unpack(Thread *th, Value a, int64_t b);
Value helper_value_str(Thread *th, Value a);
Value helper_value_repr(Thread *th, Value a);
Value helper_value_format(Thread *th, Value a, Value b);
int64_t helper_value_isinstance(Thread *th, Value a, Value b);
Value helper_value_call0(Thread *th, Value a);
Value helper_value_call1(Thread *th, Value a, Value b);
Value helper_value_call2(Thread *th, Value a, Value b, Value c);
Value helper_value_call_array(Thread *th, Value callee, void *args, int64_t nargs);
/* b: address of the first of c arguments, the last of which have the names of the tuple before the
 * first. */
Value helper_value_call_kw(Thread *th, Value a, void *b, int64_t c);
/* a(*b, **c): b a tuple, c a dict with str keys or absent. */
Value helper_value_call_ex(Thread *th, Value a, Value b, Value c);
/* RuntimeHooks.make_function. */
Value helper_function_new_array(Thread *th, Value a, Value b, void *c);
Value helper_native_call_array(Thread *th, void *def, void *args, int64_t nargs);

/* Lists and tuples of exact types.  An index may be negative; IndexError as Python words it. */
int64_t helper_list_append(Thread *th, Value a, Value b);
int64_t helper_list_append_steal(Thread *th, Value a, Value b);
Value helper_list_pop_last(Thread *th, Value a);
Value helper_list_getitem(Thread *th, Value a, int64_t b);
Value helper_list_item_lent(Value a, int64_t b); /* no reference; absent: out of range */
int64_t helper_list_setitem(Thread *th, Value a, int64_t b, Value c);
int64_t helper_list_insert(Thread *th, Value a, int64_t b, Value c);
Value helper_list_new_array(Thread *th, void *a, int64_t b);
Value helper_list_new_array_steal(Thread *th, void *a, int64_t b);
Value helper_list_slice(Thread *th, Value a, int64_t b, int64_t c);
Value helper_list_repeat(Thread *th, Value a, int64_t b);
Value helper_list_repeat_value(Thread *th, Value a, int64_t b);
int64_t helper_list_extend(Thread *th, Value a, Value b);
int64_t helper_list_reverse(Thread *th, Value a);
Value helper_list_iterator_new(Thread *th, Value a, int64_t b);
Value helper_tuple_new_array(Thread *th, void *a, int64_t b);
Value helper_tuple_new_array_steal(Thread *th, void *a, int64_t b);
Value helper_tuple_getitem(Thread *th, Value a, int64_t b);
Value helper_tuple_iterator_new(Thread *th, Value a, int64_t b);

/* Displays from arrays of borrowed values; dict: b values, keys and items by turns; str: b strs. */
Value helper_set_new_array(Thread *th, void *a, int64_t b);
Value helper_dict_new_array(Thread *th, void *a, int64_t b);
Value helper_str_join_array(Thread *th, void *a, int64_t b);

/* Strings. */
Value helper_value_ascii(Thread *th, Value a);
Value helper_str_concat(Thread *th, Value a, Value b);
int64_t helper_str_eq(Value a, Value b);
int64_t helper_str_compare(Value a, Value b);
Value helper_str_getitem(Thread *th, Value a, int64_t b);
int64_t helper_str_len(Value a);
Value helper_str_from_char(Thread *th, int64_t a);
int64_t helper_str_ord(Value a);
Value helper_str_repeat(Thread *th, Value a, int64_t b);

/* Dicts and sets: keys may have Python's __eq__ and __hash__.  dict_get_absent: absent without an
 * exception when the key is not there. */
Value helper_dict_new(Thread *th);
int64_t helper_dict_update(Thread *th, Value a, Value b);
/* Adds the entries of dict b, none of whose keys may be in a. 1: done; 0: one was, nothing is changed. */
int64_t helper_dict_merge(Thread *th, Value a, Value b);
int64_t helper_set_update(Thread *th, Value a, Value b);
Value helper_list_to_tuple(Thread *th, Value a);
Value helper_dict_get_lent(Value a, Value b); /* no reference; absent: not there; unbound: ask */
Value helper_dict_get_item(Thread *th, Value a, Value b);
Value helper_dict_get_absent(Thread *th, Value a, Value b);
int64_t helper_dict_set_item(Thread *th, Value a, Value b, Value c);
int64_t helper_dict_contains(Thread *th, Value a, Value b);
int64_t helper_dict_delete(Thread *th, Value a, Value b);
Value helper_set_new(Thread *th);
int64_t helper_set_add(Thread *th, Value a, Value b);
int64_t helper_set_contains(Thread *th, Value a, Value b);

/* Objects that a trace makes when it leaves or when one escapes. */
Value helper_range_new_i64(Thread *th, int64_t a, int64_t b, int64_t c);
Value helper_range_iterator_new(Thread *th, int64_t a, int64_t b, int64_t c);
Value helper_slice_new(Thread *th, Value a, Value b, Value c);
Value helper_cell_new(Thread *th, Value a);
Value helper_bound_method_new(Thread *th, Value a, Value b);

/* Memory and threads.  object_decref_slow drops a last or a foreign reference; no type has a
 * finalizer written in Python yet, so it runs none.  object_publish(container, v). */
Value helper_value_share(Thread *th, Value a);
Value helper_call_code(Thread *th, void *a, void *b);
void helper_object_decref_slow(Thread *th, Value a);
void helper_object_incref_slow(Thread *th, Value a);
void helper_object_retire(Thread *th, Value a);
void helper_object_publish(Thread *th, Value a);
void helper_object_lock_slow(Thread *th, Value a);
void helper_object_wake_waiters(Thread *th, Value a);
void helper_cell_set(Thread *th, Value a, Value b);
int64_t helper_thread_poll(Thread *th, int64_t a);

#endif
