/*
 * Handlers of unary and binary operators. Included by eval.c (the words are explained there).
 *
 * Ints are added, subtracted and compared as they are encoded, so one test of (a & b & result)
 * covers both types and overflow.  A double that is none decodes to a NaN, so one compare of the
 * result with itself covers both types; true NaN results take the slow path, which stores them.
 * The slow path knows by the register's number whether an old value is to be dropped, so a
 * compiler may use the _T form for `x = x op y` with a local x.
 */

/* All forms of one operator. BODY(SET, a, b); BODY_I for the immediate. */
#define BINARY_FORMS(NAME, BODY, BODY_I)                                                   \
    OP(NAME##_RR){BODY(SET_D, RB, RC)} OP(NAME##_RR_T){BODY(SET_T, RB, RC)} OP(NAME##_RK){ \
        BODY(SET_D, RB, KC)} OP(NAME##_RK_T){BODY(SET_T, RB, KC)} OP(NAME##_KR){           \
        BODY(SET_D, KB, RC)} OP(NAME##_KR_T){BODY(SET_T, KB, RC)} OP(NAME##_RI){           \
        BODY_I(SET_D)} OP(NAME##_RI_T)                                                     \
    {                                                                                      \
        BODY_I(SET_T)                                                                      \
    }

#define FLOAT_RESULT(SET, x)  \
    if (LIKELY((x) == (x))) { \
        SET(ENCODE(x));       \
        NEXT(1);              \
    }
#define ADD_SUB(SET, A, B, op, adjusted)  \
    Value a = A, b = B;                   \
    Value r = a op(b adjusted UNTAG);     \
    if (LIKELY((a & b & r) >= T)) {       \
        SET(r);                           \
        NEXT(1);                          \
    }                                     \
    double x = DECODE(a) op DECODE(b);    \
    FLOAT_RESULT(SET, x)                  \
    if (!BOTH_INTS(a, b)) {               \
        x = TO_DOUBLE(a) op TO_DOUBLE(b); \
        FLOAT_RESULT(SET, x)              \
    }                                     \
    COLD(slow);
#define ADD_BODY(SET, A, B) ADD_SUB(SET, A, B, +, +)
#define SUB_BODY(SET, A, B) ADD_SUB(SET, A, B, -, +)
#define ADD_SUB_I(SET, op)                         \
    Value a = RB;                                  \
    Value r = a op(Value) SIGNED(pc->c);           \
    if (LIKELY(BOTH_INTS(a, r))) {                 \
        SET(r);                                    \
        NEXT(1);                                   \
    }                                              \
    double x = DECODE(a) op(double) SIGNED(pc->c); \
    FLOAT_RESULT(SET, x)                           \
    COLD(slow);
#define ADD_BODY_I(SET) ADD_SUB_I(SET, +)
#define SUB_BODY_I(SET) ADD_SUB_I(SET, -)
BINARY_FORMS(ADD, ADD_BODY, ADD_BODY_I)
BINARY_FORMS(SUB, SUB_BODY, SUB_BODY_I)

/* One factor is shifted to the top, so the product overflows int64 just where a small int ends. */
#define MUL_BODY(SET, A, B)                                                                       \
    Value a = A, b = B;                                                                           \
    if (LIKELY(BOTH_INTS(a, b))) {                                                                \
        int64_t product;                                                                          \
        if (LIKELY(!__builtin_mul_overflow(NUMBER(a), (int64_t)((b + UNTAG) << 14), &product))) { \
            SET(TAG(product >> 14));                                                              \
            NEXT(1);                                                                              \
        }                                                                                         \
        COLD(slow);                                                                               \
    }                                                                                             \
    double x = DECODE(a) * DECODE(b);                                                             \
    FLOAT_RESULT(SET, x)                                                                          \
    x = TO_DOUBLE(a) * TO_DOUBLE(b);                                                              \
    FLOAT_RESULT(SET, x)                                                                          \
    COLD(slow);
#define MUL_BODY_I(SET) MUL_BODY(SET, RB, IMMEDIATE(pc->c))
BINARY_FORMS(MUL, MUL_BODY, MUL_BODY_I)

/* Small ints are exact as doubles, so their quotient is rounded once, as Python's is. */
#define TRUEDIV_BODY(SET, A, B)     \
    Value a = A, b = B;             \
    double y = DECODE(b);           \
    double x = DECODE(a) / y;       \
    if (LIKELY(x == x && y != 0)) { \
        SET(ENCODE(x));             \
        NEXT(1);                    \
    }                               \
    y = TO_DOUBLE(b);               \
    x = TO_DOUBLE(a) / y;           \
    if (LIKELY(x == x && y != 0)) { \
        SET(ENCODE(x));             \
        NEXT(1);                    \
    }                               \
    COLD(slow);
#define TRUEDIV_BODY_I(SET) TRUEDIV_BODY(SET, RB, IMMEDIATE(pc->c))
BINARY_FORMS(TRUEDIV, TRUEDIV_BODY, TRUEDIV_BODY_I)

/* // and %: 32-bit division where it is enough; else a double quotient, which is never too small in
 * magnitude, and a fix-up that also turns truncation into Python's floor. */
#define DIVIDE(x, y, q, m)                            \
    int64_t q, m;                                     \
    if (LIKELY((uint64_t)((x) | (y)) >> 32 == 0)) {   \
        q = (int64_t)((uint32_t)(x) / (uint32_t)(y)); \
        m = (int64_t)((uint32_t)(x) % (uint32_t)(y)); \
    } else {                                          \
        q = (int64_t)((double)(x) / (double)(y));     \
        m = (x) - q * (y);                            \
        if (m != 0 && (m ^ (y)) < 0) {                \
            q--;                                      \
            m += (y);                                 \
        }                                             \
    }
#define DIVISION_BODY(SET, A, B, result)          \
    Value a = A, b = B;                           \
    if (LIKELY(BOTH_INTS(a, b))) {                \
        int64_t x = NUMBER(a), y = NUMBER(b);     \
        if (LIKELY(y != 0)) {                     \
            DIVIDE(x, y, quotient, rest)          \
            (void)quotient, (void)rest;           \
            if (LIKELY(int_fits_small(result))) { \
                SET(TAG(result));                 \
                NEXT(1);                          \
            }                                     \
        }                                         \
    }                                             \
    COLD(slow);
#define FLOORDIV_BODY(SET, A, B) DIVISION_BODY(SET, A, B, quotient)
#define MOD_BODY(SET, A, B) DIVISION_BODY(SET, A, B, rest)
/* By a constant: a power of two needs no division. */
#define POWER_OF_TWO_I(SET, result, otherwise)                              \
    int64_t divisor = SIGNED(pc->c);                                        \
    if (LIKELY(RB >= T && divisor > 0 && (divisor & (divisor - 1)) == 0)) { \
        int64_t number = NUMBER(RB);                                        \
        SET(TAG(result));                                                   \
        NEXT(1);                                                            \
    }                                                                       \
    otherwise(SET, RB, IMMEDIATE(pc->c))
#define FLOORDIV_BODY_I(SET) \
    POWER_OF_TWO_I(SET, number >> __builtin_ctzll((uint64_t)divisor), FLOORDIV_BODY)
#define MOD_BODY_I(SET) POWER_OF_TWO_I(SET, number &(divisor - 1), MOD_BODY)
BINARY_FORMS(FLOORDIV, FLOORDIV_BODY, FLOORDIV_BODY_I)
BINARY_FORMS(MOD, MOD_BODY, MOD_BODY_I)

/* Bases -1, 0, 1 and 2 at once; others by squaring while the result stays small. */
#define POW_BODY(SET, A, B)                                                             \
    Value a = A, b = B;                                                                 \
    if (LIKELY(BOTH_INTS(a, b) && b >= INT_ZERO)) {                                     \
        int64_t base = NUMBER(a), result = 1;                                           \
        uint64_t exponent = (uint64_t)NUMBER(b);                                        \
        if ((uint64_t)(base + 1) <= 2) {                                                \
            result = exponent == 0 ? 1 : base < 0 && (exponent & 1) == 0 ? 1 : base;    \
            SET(TAG(result));                                                           \
            NEXT(1);                                                                    \
        }                                                                               \
        if (base == 2 && exponent < 49) {                                               \
            SET(TAG(INT64_C(1) << exponent));                                           \
            NEXT(1);                                                                    \
        }                                                                               \
        bool overflow = false;                                                          \
        while (!overflow) {                                                             \
            if ((exponent & 1) != 0 && __builtin_mul_overflow(result, base, &result)) { \
                break;                                                                  \
            }                                                                           \
            exponent >>= 1;                                                             \
            if (exponent == 0) {                                                        \
                if (LIKELY(int_fits_small(result))) {                                   \
                    SET(TAG(result));                                                   \
                    NEXT(1);                                                            \
                }                                                                       \
                break;                                                                  \
            }                                                                           \
            overflow = __builtin_mul_overflow(base, base, &base);                       \
        }                                                                               \
    }                                                                                   \
    COLD(slow);
#define POW_BODY_I(SET) POW_BODY(SET, RB, IMMEDIATE(pc->c))
BINARY_FORMS(POW, POW_BODY, POW_BODY_I)

#define LSHIFT_BODY(SET, A, B)                                             \
    Value a = A, b = B;                                                    \
    if (LIKELY(BOTH_INTS(a, b))) {                                         \
        int64_t x = NUMBER(a);                                             \
        uint64_t bits = (uint64_t)NUMBER(b);                               \
        if (LIKELY(bits < 49)) {                                           \
            int64_t shifted = (int64_t)((uint64_t)x << bits);              \
            if (LIKELY(shifted >> bits == x && int_fits_small(shifted))) { \
                SET(TAG(shifted));                                         \
                NEXT(1);                                                   \
            }                                                              \
        }                                                                  \
    }                                                                      \
    COLD(slow);
#define LSHIFT_BODY_I(SET) LSHIFT_BODY(SET, RB, IMMEDIATE(pc->c))
BINARY_FORMS(LSHIFT, LSHIFT_BODY, LSHIFT_BODY_I)

#define RSHIFT_BODY(SET, A, B)                          \
    Value a = A, b = B;                                 \
    if (LIKELY(BOTH_INTS(a, b) && b >= INT_ZERO)) {     \
        uint64_t bits = (uint64_t)NUMBER(b);            \
        SET(TAG(NUMBER(a) >> (bits > 63 ? 63 : bits))); \
        NEXT(1);                                        \
    }                                                   \
    COLD(slow);
#define RSHIFT_BODY_I(SET) RSHIFT_BODY(SET, RB, IMMEDIATE(pc->c))
BINARY_FORMS(RSHIFT, RSHIFT_BODY, RSHIFT_BODY_I)

#define BITS_BODY(SET, A, B, op)          \
    Value a = A, b = B;                   \
    if (LIKELY(BOTH_INTS(a, b))) {        \
        SET(TAG(NUMBER(a) op NUMBER(b))); \
        NEXT(1);                          \
    }                                     \
    COLD(slow);
#define AND_BODY(SET, A, B) BITS_BODY(SET, A, B, &)
#define AND_BODY_I(SET) BITS_BODY(SET, RB, IMMEDIATE(pc->c), &)
#define OR_BODY(SET, A, B) BITS_BODY(SET, A, B, |)
#define OR_BODY_I(SET) BITS_BODY(SET, RB, IMMEDIATE(pc->c), |)
#define XOR_BODY(SET, A, B) BITS_BODY(SET, A, B, ^)
#define XOR_BODY_I(SET) BITS_BODY(SET, RB, IMMEDIATE(pc->c), ^)
BINARY_FORMS(AND, AND_BODY, AND_BODY_I)
BINARY_FORMS(OR, OR_BODY, OR_BODY_I)
BINARY_FORMS(XOR, XOR_BODY, XOR_BODY_I)

OP(MATMUL_RR) { COLD(slow); }
OP(MATMUL_RR_T) { COLD(slow); }

/* ---- unary ------------------------------------------------------------------------------------- */
#define UNARY_FORMS(NAME, BODY) \
    OP(NAME){BODY(SET_D)} OP(NAME##_T) { BODY(SET_T) }
#define NEG_BODY(SET)                     \
    Value a = RB;                         \
    if (a >= T) {                         \
        Value r = INT_ZERO - (a + UNTAG); \
        if (LIKELY(r >= T)) {             \
            SET(r);                       \
            NEXT(1);                      \
        }                                 \
        COLD(slow);                       \
    }                                     \
    double x = -DECODE(a);                \
    FLOAT_RESULT(SET, x)                  \
    COLD(slow);
UNARY_FORMS(NEG, NEG_BODY)

#define POS_BODY(SET)               \
    Value a = RB;                   \
    double x = DECODE(a);           \
    if (LIKELY(a >= T || x == x)) { \
        SET(a);                     \
        NEXT(1);                    \
    }                               \
    COLD(slow);
UNARY_FORMS(POS, POS_BODY)

#define INVERT_BODY(SET)      \
    Value a = RB;             \
    if (LIKELY(a >= T)) {     \
        SET(TAG(~NUMBER(a))); \
        NEXT(1);              \
    }                         \
    COLD(slow);
UNARY_FORMS(INVERT, INVERT_BODY)

#define NOT_BODY(SET)                                        \
    Value a = RB;                                            \
    if (a >= T) {                                            \
        SET(value_from_bool(a == INT_ZERO));                 \
        NEXT(1);                                             \
    }                                                        \
    if (LIKELY(a - VALUE_NONE <= VALUE_TRUE - VALUE_NONE)) { \
        SET(value_from_bool(a != VALUE_TRUE));               \
        NEXT(1);                                             \
    }                                                        \
    COLD(slow);
UNARY_FORMS(NOT, NOT_BODY)
