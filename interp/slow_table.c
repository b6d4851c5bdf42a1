/*
 * Slow table: which slow function runs each bytecode.
 *
 * Threads: immutable.
 */
#include "interp/slow.h"

const SlowFn slow_functions[BC_COUNT] = {
    /* clang-format off */
    [BC_ADD_RR ... BC_XOR_RI_T] = slow_binary,
    [BC_MATMUL_RR] = slow_binary, [BC_MATMUL_RR_T] = slow_binary,
    [BC_NEG ... BC_NOT_T] = slow_unary,
    [BC_LT ... BC_NOT_IN_T] = slow_compare,
    [BC_JLT_RR ... BC_JBGE_RK] = slow_jump_compare,
    [BC_JMP ... BC_JMPB_WIDE] = slow_never,
    [BC_JT ... BC_JF_KEEP] = slow_jump_truth,
    [BC_JNONE] = slow_jump_none, [BC_JNOTNONE] = slow_jump_none,
    [BC_MOVE] = slow_move, [BC_MOVE_T] = slow_move,
    [BC_TAKE ... BC_LOADI_T] = slow_never,
    [BC_LOADK] = slow_loadk, [BC_LOADK_T] = slow_loadk, [BC_LOADK_WIDE] = slow_loadk_wide,
    [BC_CLEAR] = slow_clear, [BC_UNBIND] = slow_never, [BC_DROP] = slow_never,
    [BC_COPY_T] = slow_copy,
    [BC_LOAD_GLOBAL] = slow_load_global, [BC_STORE_GLOBAL] = slow_store_global,
    [BC_DELETE_GLOBAL] = slow_delete_global,
    [BC_MAKE_CELL] = slow_make_cell,
    [BC_LOAD_CELL] = slow_load_cell, [BC_STORE_CELL] = slow_store_cell,
    [BC_DELETE_CELL] = slow_delete_cell,
    [BC_LOAD_FREE] = slow_load_cell, [BC_STORE_FREE] = slow_store_cell,
    [BC_DELETE_FREE] = slow_delete_cell, [BC_CLOSURE_CELL] = slow_closure_cell,
    [BC_MAKE_FUNCTION] = slow_make_function,
    [BC_GET_ATTR] = slow_get_attr, [BC_SET_ATTR] = slow_set_attr,
    [BC_DELETE_ATTR] = slow_delete_attr, [BC_LOAD_METHOD] = slow_load_method,
    [BC_GET_ITEM] = slow_get_item, [BC_GET_ITEM_T] = slow_get_item,
    [BC_SET_ITEM] = slow_set_item, [BC_SET_ITEM_I] = slow_set_item,
    [BC_DELETE_ITEM] = slow_delete_item, [BC_BUILD_SLICE] = slow_build_slice,
    [BC_BUILD_LIST ... BC_BUILD_DICT] = slow_build,
    [BC_LIST_APPEND] = slow_list_append, [BC_LIST_EXTEND] = slow_list_extend,
    [BC_LIST_TO_TUPLE] = slow_list_to_tuple,
    [BC_SET_ADD] = slow_set_add, [BC_SET_UPDATE] = slow_set_update,
    [BC_DICT_PUT] = slow_dict_put, [BC_DICT_UPDATE] = slow_dict_update,
    [BC_DICT_MERGE] = slow_dict_merge,
    [BC_FORMAT] = slow_format, [BC_CONCAT] = slow_concat,
    [BC_UNPACK] = slow_unpack, [BC_UNPACK_EX] = slow_unpack_ex,
    [BC_GET_ITER] = slow_get_iter, [BC_FOR] = slow_for, [BC_FOR_T] = slow_for,
    [BC_DROP_ITER] = slow_drop_iter,
    [BC_CALL] = slow_never, [BC_CALL_METHOD] = slow_never,
    [BC_CALL_KW] = slow_call_kw, [BC_CALL_METHOD_KW] = slow_call_kw, [BC_CALL_EX] = slow_call_ex,
    [BC_RETURN] = slow_never, [BC_RETURN_K] = slow_never,
    [BC_PUSH_EXC] = slow_push_exc, [BC_POP_EXC] = slow_pop_exc, [BC_JNO_MATCH] = slow_jno_match,
    [BC_RERAISE] = slow_never, [BC_RAISE] = slow_never,
    [BC_LOAD_ASSERTION_ERROR] = slow_load_assertion_error,
    [BC_IMPORT] = slow_import, [BC_IMPORT_FROM] = slow_import_from,
    [BC_IMPORT_STAR] = slow_import_star,
    [BC_ENTER_TRACE] = slow_never, [BC_HALT] = slow_never,
    /* clang-format on */
};
