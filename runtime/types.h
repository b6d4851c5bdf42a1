/*
 * Types: the list of initialisers that rt_start runs, so that every static Type of this library is
 * ready before the first program.
 *
 * Each group calls rt_type_ready() for its types, bases first.  A type's methods become attributes
 * only when somebody asks (rt_type_attributes), so an initialiser costs no allocation.
 *
 * Threads: rt_start only.
 */
#ifndef ADDER_RUNTIME_TYPES_H
#define ADDER_RUNTIME_TYPES_H

#include "runtime/thread.h"

/* object, type, None, bool, int, float, Hole, NotImplemented, Ellipsis, exceptions, traceback. */
bool rt_core_types_init(Thread *th);
/* str, bytes, list, tuple, range, slice, dict, set, frozenset, cell and their iterators. */
bool rt_container_types_init(Thread *th);
/* function-like natives, module, iterator tools, file. */
bool rt_native_types_init(Thread *th);

extern Type object_type, type_type, none_type, bool_type, int_type, float_type;
/* The Type of one exception: EXC_* id. */
Type *rt_exception_type(uint32_t type_id);

/* Groups of the core, each in its file. */
bool object_types_init(Thread *th);
bool int_types_init(Thread *th);
bool float_type_init(Thread *th);
bool exception_types_init(Thread *th);

/* rt_stop: drops all attribute dicts of the static types; forgets the registry. */
void types_clear(Thread *th);
void types_forget(void);

#endif
