/*
 * Support of the interpreter's unit tests: a started runtime, programs as text, and code put together
 * by hand.
 *
 * Threads: main, unless said otherwise.
 */
#ifndef ADDER_TESTS_INTERP_SUPPORT_H
#define ADDER_TESTS_INTERP_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "interp/compiler.h"
#include "interp/vm_internal.h"

/* Group set-up and tear-down: *state is the Thread. */
int interp_setup(void **state);
int interp_teardown(void **state);

/* Runs source as a module. owns: the new globals; absent: an exception is pending. */
Value run_source(Thread *th, const char *source);
/* Runs source, which must not raise; its global `name`. owns: new. */
Value run_for(Thread *th, const char *source, const char *name);
/* Calls function(k) so many times, while it returns True; prints what it raises. threads: any. */
bool call_again(Thread *th, Value function, int k, int times);
/* Is v the str text? Drops v. */
bool str_is_steal(Thread *th, Value v, const char *text);

/* A function of `args` parameters and 4 temporaries behind them that runs these instructions;
 * operands K are distances as in real code: insns[count + i] is constant i. owns: new. */
Value make_function(Thread *th, const Insn *insns, uint32_t count, const Value *consts,
                    uint32_t const_count, uint16_t args);

#endif
