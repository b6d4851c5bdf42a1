/*
 * Slow: all slow functions by name; slow_functions[] (slow_table.c) says whose they are.
 *
 * Threads: the thread that owns the stack.
 */
#ifndef ADDER_INTERP_SLOW_H
#define ADDER_INTERP_SLOW_H

#include "interp/vm_internal.h"
#include "runtime/container_inline.h"

#define SLOW_FUNCTION_LIST(X)                                                                    \
    X(move) X(loadk) X(loadk_wide) X(clear) X(copy) X(never)                                       \
    X(binary) X(unary) X(compare) X(jump_compare) X(jump_truth) X(jump_none)                       \
    X(load_global) X(store_global) X(delete_global) X(make_cell) X(load_cell) X(store_cell)        \
    X(delete_cell) X(closure_cell) X(make_function)                                                \
    X(get_attr) X(set_attr) X(delete_attr) X(load_method) X(get_item) X(set_item) X(delete_item)   \
    X(build_slice) X(build) X(list_append) X(list_extend) X(list_to_tuple) X(set_add)              \
    X(set_update) X(dict_put) X(dict_update) X(dict_merge) X(format) X(concat) X(unpack)           \
    X(unpack_ex) X(get_iter) X(for) X(drop_iter)                                                   \
    X(call_kw) X(call_ex) X(push_exc) X(pop_exc) X(jno_match) X(load_assertion_error)              \
    X(import) X(import_from) X(import_star)

#define DECLARE_SLOW(name) VmState slow_##name(Thread *th, const Insn *pc, Value *fp, uint32_t op);
SLOW_FUNCTION_LIST(DECLARE_SLOW)
#undef DECLARE_SLOW

#endif
