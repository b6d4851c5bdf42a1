/*
 * What the int files share: a view of any int value as limbs, allocation, the normaliser, and calls
 * into GMP that survive a failed allocation.  Private to int*.c, float*.c and format_spec.c.
 *
 * Threads: pure, or on the caller's own behalf.
 */
#ifndef ADDER_RUNTIME_INT_INTERNAL_H
#define ADDER_RUNTIME_INT_INTERNAL_H

#include <assert.h>
#include <gmp.h>

#include "runtime/int.h"
#include "runtime/memory.h"

_Static_assert(GMP_NUMB_BITS == 64 && sizeof(mp_limb_t) == 8, "limbs are 64 bits");

enum { LIMB_BITS = 64, INT_HASH_BITS = 61 };
#define INT_LIMBS_MAX (INT64_C(1) << 48)

/* Magnitude and sign of an int value or bool. Not to be copied: limbs may point at `one`. */
typedef struct IntView {
    const mp_limb_t *limbs; /* no leading zero limb */
    int64_t size;           /* 0 for zero */
    bool negative;
    mp_limb_t one;
} IntView;

static inline Int *value_heap_int(Value v) { return (Int *)value_object(v); }

/* The number of a small int or bool. */
static inline bool int_is_word(Value v) { return !value_is_object(v); }
static inline int64_t int_word(Value v)
{
    return value_is_small_int(v) ? value_int(v) : (int64_t)(v == VALUE_TRUE);
}

static inline void int_view(Value v, IntView *out)
{
    if (int_is_word(v)) {
        int64_t x = int_word(v);
        out->negative = x < 0;
        out->one = x < 0 ? (mp_limb_t)-x : (mp_limb_t)x;
        out->size = x != 0;
        out->limbs = &out->one;
        return;
    }
    const Int *n = value_heap_int(v);
    out->negative = n->size < 0;
    out->size = n->size < 0 ? -n->size : n->size;
    out->limbs = (const mp_limb_t *)n->limbs;
    out->one = 0;
}

static inline bool int_is_negative(Value v)
{
    return int_is_word(v) ? int_word(v) < 0 : value_heap_int(v)->size < 0;
}

/* A heap Int with room for `limbs` limbs (at least 1), not yet normalised.
 * fails: NULL with MemoryError. */
Int *int_alloc(Thread *th, int64_t limbs);
/* The value of n's lowest `size` limbs with a sign; the one place where an Int becomes a Value.
 * n is stolen (freed when the number is small). */
Value int_normalise(Int *n, int64_t size, bool negative);
/* A magnitude of one or two limbs with a sign. owns: new. */
Value int_from_u128(Thread *th, unsigned __int128 magnitude, bool negative);
static inline mp_limb_t *int_limbs(Int *n) { return (mp_limb_t *)n->limbs; }

/* Runs fn(arg), which calls GMP on buffers that are reserved already.  GMP may want scratch memory
 * of its own for large operands; if that fails, fn is left in the middle and all of the scratch is
 * freed.  fails: false with MemoryError; the buffers hold garbage. */
bool int_gmp_call(Thread *th, void (*fn)(void *arg), void *arg);
/* Operands below this many limbs never make GMP call its allocator. */
enum { INT_GMP_SMALL = 32 };
/* rp[an+bn] = a * b, an >= bn >= 1, no overlap. fails: false, MemoryError. */
bool int_mpn_mul(Thread *th, mp_limb_t *rp, const mp_limb_t *ap, int64_t an, const mp_limb_t *bp,
                 int64_t bn);
/* q[nn-dn+1], r[dn] = n / d, nn >= dn >= 1. fails: false, MemoryError. */
bool int_mpn_divide(Thread *th, mp_limb_t *qp, mp_limb_t *rp, const mp_limb_t *np, int64_t nn,
                    const mp_limb_t *dp, int64_t dn);
/* Once a process, from rt_start. */
void int_gmp_init(void);

/* Quotient and remainder rounded to minus infinity; q or r may be NULL. *q, *r new.
 * what: the ZeroDivisionError's words. fails: false, exception set. */
bool int_divide_floor(Thread *th, Value a, Value b, Value *q, Value *r, const char *what);
/* |a| * 2^bits or |a| / 2^bits (floor of the magnitude), with a's sign. */
Value int_shift_left_bits(Thread *th, Value a, uint64_t bits);
static inline int64_t limbs_bit_length(const mp_limb_t *limbs, int64_t size)
{
    return size == 0 ? 0 : size * LIMB_BITS - __builtin_clzll(limbs[size - 1]);
}

/* ASCII text of a number: digits with sign. owns: rt_malloc'ed, *length set.
 * limited: the limit of sys.set_int_max_str_digits holds. fails: NULL, exception set. */
char *int_to_text(Thread *th, Value a, int base, bool limited, size_t *length);

/* Number text as CPython takes it from a str: outer whitespace (Unicode too) stripped, decimal digits
 * of any script made ASCII, other characters replaced by '?'.  The result is at most as long as
 * the input. */
size_t number_text_ascii(const char *text, size_t length, char *out);

#endif
