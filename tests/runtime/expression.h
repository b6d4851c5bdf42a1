/*
 * A calculator for tests of the runtime: evaluates one line of a small part of Python's expressions
 * through the abstract operations, without the interpreter.
 *
 *     literals (int, float, str without escapes, list, tuple, dict), names of builtins and of the
 *     modules math sys time, attributes, calls with keywords, subscripts, -x ~x, + - * / // % ** << >>
 *     & | ^, one comparison, `in`, parentheses
 *
 * Binary operators have Python's precedence, but for ** after a unary minus.
 * Threads: one.
 */
#ifndef ADDER_TESTS_RUNTIME_EXPRESSION_H
#define ADDER_TESTS_RUNTIME_EXPRESSION_H

#include "runtime/natives.h"

/* The value of the text. owns: new. fails: absent, exception set. */
Value expression_value(Thread *th, const char *text);
/* repr of the value, or "TypeError: message" of the exception. owns: malloc'ed. */
char *expression_result(Thread *th, const char *text);

typedef struct ExpressionCase {
    const char *text, *expected;
} ExpressionCase;
/* Evaluates all rows; prints each that differs, and fails the cmocka test if one does. */
void expression_check(Thread *th, const ExpressionCase *rows, size_t count);
/* Evaluates each row again and again with the n-th allocation failing, n = 1, 2, ...: each time the
 * result must be the expected one or a MemoryError. */
void expression_check_out_of_memory(Thread *th, const ExpressionCase *rows, size_t count);
/* cmocka group fixtures: *state is a Thread with natives. */
int expression_setup(void **state);
int expression_teardown(void **state);

#endif
