/*
 * What tests of the runtime share: cmocka's includes, start and stop of the runtime around a group,
 * and files of cases whose results CPython 3.11 gave (make_cases.py).
 *
 * A line of a case file: result, operation, operands, separated by tabs.  Operands: int in
 * hexadecimal, !bits of a double, stext, T, F, N.  Result: int in hexadecimal, else repr, or the
 * exception's type and text.
 *
 * Threads: one.
 */
#ifndef ADDER_TESTS_RUNTIME_CASES_H
#define ADDER_TESTS_RUNTIME_CASES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/error.h"

/* Group fixtures: *state is the Thread. */
int runtime_setup(void **state);
int runtime_teardown(void **state);

/* Runs every line of a file in this folder; fails the test at the first difference, showing it. */
void run_cases(Thread *th, const char *file_name);

/* Takes the pending exception and asserts its type and text. */
void assert_raised(Thread *th, uint32_t type_id, const char *text);
/* Asserts the text of repr(v), and drops v. */
void assert_repr_steal(Thread *th, Value v, const char *text);

/* Calls operation(th, arg) with the 1st, 2nd, ... allocation failing until one run succeeds.  It
 * returns a new reference or absent with MemoryError pending, which is asserted. */
void sweep_failures(Thread *th, Value (*operation)(Thread *th, void *arg), void *arg);

/* xorshift, so that every run sees the same numbers. */
uint64_t random_word(uint64_t *state);

#endif
