/*
 * What exception_type.c (construction, text) and exception_attributes.c (attributes) share.
 * Private to these two.
 *
 * Where the data is: args in `args`; value / code / name and SyntaxError's details in `extra`; all
 * other attributes that somebody gave (path, obj, filename, __notes__, ...) in `dict`, which is
 * looked at before the type's getters, whose answers are the defaults.
 *
 * Threads: any.
 */
#ifndef ADDER_RUNTIME_EXCEPTION_INTERNAL_H
#define ADDER_RUNTIME_EXCEPTION_INTERNAL_H

#include "runtime/container_inline.h"
#include "runtime/types.h"

static inline Exception *exception_of(Value v) { return (Exception *)value_object(v); }
bool value_is_exception(Value v);

/* Replaces a field. v: stolen. */
void exception_set_field_steal(Thread *th, Value exc, Value *field, Value v);
/* Sets an attribute in the exception's dict. v: borrowed. */
bool exception_dict_set(Thread *th, Value exc, const char *name, Value v);
/* What the dict has under name. owns: new; absent without an exception: nothing. */
Value exception_dict_get(Thread *th, Value exc, const char *name);

Value exception_getattr(Thread *th, Value self, Value name);
bool exception_setattr(Thread *th, Value self, Value name, Value value);

/* Method and getter tables of the types that have their own. */
extern const NativeDef exception_base_methods[], stop_iteration_methods[], system_exit_methods[],
    name_error_methods[], attribute_error_methods[], import_error_methods[], os_error_methods[],
    syntax_error_methods[], unicode_error_methods[], traceback_methods[];

#endif
