/*
 * Methods of int, as a table for its Type. Private to int_type.c and int_methods.c.
 */
#ifndef ADDER_RUNTIME_INT_METHODS_H
#define ADDER_RUNTIME_INT_METHODS_H

#include "runtime/int.h"

extern const NativeDef int_methods[];

#endif
