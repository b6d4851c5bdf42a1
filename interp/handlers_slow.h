/*
 * Handlers of bytecodes that are always slow. Included by eval.c.
 */

// clang-format off
#define SLOW_OPS(X)                                                                                \
    X(LOADK_WIDE) X(DELETE_GLOBAL) X(MAKE_CELL) X(DELETE_CELL) X(DELETE_FREE) X(CLOSURE_CELL)      \
    X(MAKE_FUNCTION) X(SET_ATTR) X(DELETE_ATTR) X(DELETE_ITEM)                                     \
    X(BUILD_SLICE) X(BUILD_LIST) X(BUILD_TUPLE) X(BUILD_SET) X(BUILD_DICT) X(LIST_APPEND)          \
    X(LIST_EXTEND) X(LIST_TO_TUPLE) X(SET_ADD) X(SET_UPDATE) X(DICT_PUT) X(DICT_UPDATE)            \
    X(DICT_MERGE) X(FORMAT) X(CONCAT) X(UNPACK) X(UNPACK_EX) X(GET_ITER) X(DROP_ITER)              \
    X(LOAD_ASSERTION_ERROR) X(IMPORT) X(IMPORT_FROM) X(IMPORT_STAR) X(JNO_MATCH) X(PUSH_EXC)       \
    X(POP_EXC) X(CALL_KW) X(CALL_METHOD_KW) X(CALL_EX)
// clang-format on
#define SLOW_OP(name) \
    OP(name) { COLD(slow); }
SLOW_OPS(SLOW_OP)
