/*
 * The algebra of sets, for the operators and methods in set_methods.c.
 *
 * self: a set or frozenset; other: any iterable.  Results are new and of self's type.  fails:
 * absent, false or -1 with the exception set.  may: run Python.  Threads: any.
 */
#ifndef ADDER_RUNTIME_SET_ALGEBRA_H
#define ADDER_RUNTIME_SET_ALGEBRA_H

#include "runtime/set_table.h"

Value set_copy_as(Thread *th, Value iterable, bool frozen);
Value set_union(Thread *th, Value self, Value other);
Value set_intersection(Thread *th, Value self, Value other);
Value set_difference(Thread *th, Value self, Value other);
Value set_symmetric_difference(Thread *th, Value self, Value other);
bool set_intersection_update(Thread *th, Value self, Value other);
bool set_difference_update(Thread *th, Value self, Value other);
bool set_symmetric_update(Thread *th, Value self, Value other);
int set_is_subset(Thread *th, Value self, Value other);
int set_is_superset(Thread *th, Value self, Value other);
int set_is_disjoint(Thread *th, Value self, Value other);

#endif
