/*
 * Math functions on doubles that are not libm's: shared by the math module and the helpers of
 * machine code, so that both give the same bits.
 *
 * A domain error is a NaN from arguments that are none, an overflow an infinity from finite ones;
 * the callers turn these into exceptions.
 *
 * Threads: pure functions.
 */
#ifndef ADDER_RUNTIME_MATH_INTERNAL_H
#define ADDER_RUNTIME_MATH_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

double math_gamma(double x);
double math_lgamma(double x);
/* Square root of the sum of squares of v[0..count), within half an ulp nearly always. v is changed in
 * place. inf if there is one, else NaN if there is one. */
double math_norm(double *v, size_t count);
double math_hypot2(double x, double y);
/* Largest r with r * r <= n. */
uint64_t math_isqrt_u64(uint64_t n);
uint64_t math_gcd_u64(uint64_t a, uint64_t b);

#endif
