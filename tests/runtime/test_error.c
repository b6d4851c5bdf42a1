/*
 * Errors: raising, contexts, the texts of each kind of exception, attributes, tracebacks, and
 * raising without memory.
 */
#include "tests/runtime/cases.h"

#include "runtime/abstract.h"
#include "runtime/containers.h"
#include "runtime/int.h"
#include "runtime/memory.h"
#include "runtime/str.h"
#include "runtime/types.h"

static Exception *exception(Value v) { return (Exception *)value_object(v); }

/* type(*args) with args stolen. */
static Value make(Thread *th, uint32_t type_id, uint32_t count, Value *args)
{
    Value exc = rt_call(th, value_from_object(rt_type_by_id(type_id)), args, count, VALUE_ABSENT);
    for (uint32_t i = 0; i < count; i++) {
        rt_decref(th, args[i]);
    }
    return exc;
}

#define MAKE(type_id, ...)                                                        \
    make(th, type_id, (uint32_t)(sizeof((Value[]){__VA_ARGS__}) / sizeof(Value)), \
         (Value[]){__VA_ARGS__})
#define TEXT(s) str_from_cstr(th, s)
#define SMALL(x) value_from_small_int(x)

static void assert_str_steal(Thread *th, Value exc, const char *text)
{
    assert_true(exc != VALUE_ABSENT);
    Value shown = rt_str(th, exc);
    assert_true(shown != VALUE_ABSENT);
    assert_string_equal(str_utf8(th, shown, NULL), text);
    rt_decref(th, shown);
    rt_decref(th, exc);
}

static Value attribute(Thread *th, Value v, const char *name)
{
    Value key = str_intern_cstr(th, name);
    Value found = rt_getattr(th, v, key);
    rt_decref(th, key);
    return found;
}

static bool set_attribute(Thread *th, Value v, const char *name, Value item)
{
    Value key = str_intern_cstr(th, name);
    bool ok = rt_setattr(th, v, key, item);
    rt_decref(th, key);
    return ok;
}

static void test_messages_are_formatted(void **state)
{
    Thread *th = *state;
    Value s = TEXT("it's");
    assert_true(rt_raise(th, EXC_TYPE_ERROR, "%s %d %zd %lld %c%% %V %U %T", "x", -1, (size_t)7,
                         1LL << 40, 'q', s, s, s) == VALUE_ABSENT);
    assert_raised(th, EXC_TYPE_ERROR, "x -1 7 1099511627776 q% \"it's\" it's str");
    rt_decref(th, s);
}

static void test_hierarchy(void **state)
{
    Thread *th = *state;
    rt_raise(th, EXC_ZERO_DIVISION_ERROR, "division by zero");
    assert_true(rt_pending_is(th, EXC_ZERO_DIVISION_ERROR));
    assert_true(rt_pending_is(th, EXC_ARITHMETIC_ERROR));
    assert_true(rt_pending_is(th, EXC_BASE_EXCEPTION));
    assert_false(rt_pending_is(th, EXC_LOOKUP_ERROR));
    rt_clear_exception(th);
    assert_false(rt_pending_is(th, EXC_BASE_EXCEPTION));
    assert_string_equal(rt_type_by_id(EXC_TAB_ERROR)->base->base->name, "SyntaxError");
}

static void test_texts(void **state)
{
    Thread *th = *state;
    assert_str_steal(th, rt_exception_new(th, EXC_VALUE_ERROR, VALUE_ABSENT), "");
    assert_str_steal(th, MAKE(EXC_VALUE_ERROR, TEXT("a"), SMALL(1)), "('a', 1)");
    assert_str_steal(th, MAKE(EXC_KEY_ERROR, TEXT("k")), "'k'");
    assert_str_steal(th, MAKE(EXC_INDEX_ERROR, TEXT("k")), "k");
    assert_str_steal(th, MAKE(EXC_OS_ERROR, SMALL(5), TEXT("broken")), "[Errno 5] broken");
    assert_str_steal(th, MAKE(EXC_OS_ERROR, SMALL(2), TEXT("No such file"), TEXT("f")),
                     "[Errno 2] No such file: 'f'");
    assert_str_steal(th, MAKE(EXC_OS_ERROR, TEXT("only")), "only");
    assert_repr_steal(th, MAKE(EXC_OS_ERROR, SMALL(2), TEXT("x"), TEXT("f")),
                      "FileNotFoundError(2, 'x')");
    assert_repr_steal(th, MAKE(EXC_VALUE_ERROR, TEXT("a")), "ValueError('a')");
    assert_repr_steal(th, MAKE(EXC_VALUE_ERROR, TEXT("a"), SMALL(1)), "ValueError('a', 1)");
    assert_repr_steal(th, rt_exception_new(th, EXC_STOP_ITERATION, VALUE_ABSENT),
                      "StopIteration()");
    Value details[] = {TEXT("/tmp/x.py"), SMALL(3), SMALL(1), TEXT("x y")};
    Value tuple = tuple_new_steal(th, details, 4);
    assert_str_steal(th, MAKE(EXC_SYNTAX_ERROR, TEXT("invalid syntax"), tuple),
                     "invalid syntax (x.py, line 3)");
    assert_str_steal(th,
                     MAKE(EXC_UNICODE_ENCODE_ERROR, TEXT("ascii"), TEXT("\xc3\xa9"), SMALL(0),
                          SMALL(1), TEXT("ordinal not in range(128)")),
                     "'ascii' codec can't encode character '\\xe9' in position 0: ordinal not in "
                     "range(128)");
}

static void assert_attribute(Thread *th, Value exc, const char *name, const char *repr)
{
    assert_repr_steal(th, attribute(th, exc, name), repr);
}

static void test_attributes(void **state)
{
    Thread *th = *state;
    Value exc = MAKE(EXC_STOP_ITERATION, SMALL(7));
    assert_attribute(th, exc, "value", "7");
    assert_attribute(th, exc, "args", "(7,)");
    assert_attribute(th, exc, "__cause__", "None");
    assert_attribute(th, exc, "__suppress_context__", "False");
    assert_true(set_attribute(th, exc, "value", SMALL(8)));
    assert_attribute(th, exc, "value", "8");
    assert_true(set_attribute(th, exc, "mine", SMALL(9)));
    assert_attribute(th, exc, "mine", "9");
    assert_true(set_attribute(th, exc, "mine", VALUE_ABSENT));
    assert_true(attribute(th, exc, "mine") == VALUE_ABSENT);
    assert_raised(th, EXC_ATTRIBUTE_ERROR, "'StopIteration' object has no attribute 'mine'");
    assert_false(set_attribute(th, exc, "__cause__", SMALL(1)));
    assert_raised(th, EXC_TYPE_ERROR, "exception cause must be None or derive from BaseException");
    assert_true(set_attribute(th, exc, "__cause__", VALUE_NONE));
    assert_attribute(th, exc, "__suppress_context__", "True");
    assert_false(set_attribute(th, exc, "__traceback__", SMALL(1)));
    assert_raised(th, EXC_TYPE_ERROR, "__traceback__ must be a traceback or None");
    rt_decref(th, exc);

    exc = MAKE(EXC_SYSTEM_EXIT, SMALL(1), SMALL(2));
    assert_attribute(th, exc, "code", "(1, 2)");
    rt_decref(th, exc);
    exc = MAKE(EXC_OS_ERROR, SMALL(13), TEXT("no"), TEXT("f"));
    assert_attribute(th, exc, "errno", "13");
    assert_attribute(th, exc, "filename", "'f'");
    rt_decref(th, exc);
}

static void test_keywords(void **state)
{
    Thread *th = *state;
    Value names = MAKE(EXC_VALUE_ERROR, TEXT("name"));
    Value kwnames = exception(names)->args;
    Value args[2] = {TEXT("gone"), TEXT("x")};
    Value type = value_from_object(rt_type_by_id(EXC_NAME_ERROR));
    Value exc = rt_call(th, type, args, 1, kwnames);
    assert_attribute(th, exc, "name", "'x'");
    rt_decref(th, exc);
    type = value_from_object(rt_type_by_id(EXC_VALUE_ERROR));
    assert_true(rt_call(th, type, args, 1, kwnames) == VALUE_ABSENT);
    assert_raised(th, EXC_TYPE_ERROR, "ValueError() takes no keyword arguments");
    rt_decref(th, args[0]);
    rt_decref(th, args[1]);
    rt_decref(th, names);
}

static void test_notes(void **state)
{
    Thread *th = *state;
    Value exc = MAKE(EXC_VALUE_ERROR, TEXT("a"));
    Value method = attribute(th, exc, "add_note");
    Value note = TEXT("one");
    for (int i = 0; i < 2; i++) {
        assert_true(rt_call(th, method, &note, 1, VALUE_ABSENT) == VALUE_NONE);
    }
    assert_attribute(th, exc, "__notes__", "['one', 'one']");
    Value number = SMALL(1);
    assert_true(rt_call(th, method, &number, 1, VALUE_ABSENT) == VALUE_ABSENT);
    assert_raised(th, EXC_TYPE_ERROR, "note must be a str, not 'int'");
    rt_decref(th, note);
    rt_decref(th, method);
    rt_decref(th, exc);
}

static void test_context_is_what_is_handled(void **state)
{
    Thread *th = *state;
    Value first = MAKE(EXC_VALUE_ERROR, TEXT("first"));
    th->handled_exception = rt_newref(th, first);
    rt_raise(th, EXC_TYPE_ERROR, "second");
    Value second = rt_take_exception(th);
    assert_true(exception(second)->context == first);
    /* first is raised again while second is handled: the cycle is cut */
    rt_decref(th, th->handled_exception);
    th->handled_exception = rt_newref(th, second);
    rt_raise_steal(th, rt_newref(th, first));
    assert_true(exception(first)->context == second);
    assert_true(exception(second)->context == VALUE_NONE);
    /* and an exception is no context of itself */
    rt_decref(th, th->handled_exception);
    th->handled_exception = rt_newref(th, first);
    rt_raise_steal(th, rt_newref(th, first));
    assert_true(exception(first)->context == second);
    rt_clear_exception(th);
    rt_decref(th, th->handled_exception);
    th->handled_exception = VALUE_ABSENT;
    rt_decref(th, first);
    rt_decref(th, second);
}

static void test_tracebacks_grow_outward(void **state)
{
    Thread *th = *state;
    Value exc = MAKE(EXC_VALUE_ERROR, TEXT("a"));
    Value inner = TEXT("inner code"), outer = TEXT("outer code");
    rt_traceback_add(th, exc, inner, 10, 1);
    rt_traceback_add(th, exc, outer, 20, 2);
    const Traceback *tb = (const Traceback *)value_object(exception(exc)->traceback);
    assert_int_equal(tb->lineno, 20);
    assert_true(tb->code == outer);
    const Traceback *next = (const Traceback *)value_object(tb->next);
    assert_int_equal(next->lineno, 10);
    assert_true(next->next == VALUE_NONE);
    rt_alloc_fail_at(1, true);
    rt_traceback_add(th, exc, outer, 30, 3); /* no memory: the shorter one is kept */
    rt_alloc_fail_at(0, false);
    assert_false(rt_pending(th));
    assert_true((const Traceback *)value_object(exception(exc)->traceback) == tb);
    assert_attribute(th, exception(exc)->traceback, "tb_lineno", "20");
    rt_decref(th, inner);
    rt_decref(th, outer);
    rt_decref(th, exc);
}

static Value raise_something(Thread *th, void *arg)
{
    rt_raise(th, EXC_KEY_ERROR, "%V and %s", *(Value *)arg, "more");
    if (!rt_pending_is(th, EXC_KEY_ERROR)) {
        return VALUE_ABSENT;
    }
    return rt_take_exception(th);
}

static void test_raising_without_memory(void **state)
{
    Thread *th = *state;
    Value v = TEXT("text");
    sweep_failures(th, raise_something, &v);
    rt_decref(th, v);
    rt_alloc_fail_at(1, true);
    rt_raise_memory_error(th);
    rt_raise_memory_error(th); /* again while it is pending */
    rt_alloc_fail_at(0, false);
    assert_true(th->exception == th->memory_error);
    rt_clear_exception(th);
    assert_int_equal(value_object(th->memory_error)->local, 1);
}

static Value use_attributes(Thread *th, void *arg)
{
    (void)arg;
    Value message = TEXT("m");
    Value exc = message == VALUE_ABSENT ? VALUE_ABSENT : MAKE(EXC_IMPORT_ERROR, message);
    if (exc == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value key = str_intern_cstr(th, "mine");
    bool ok = key != VALUE_ABSENT && rt_setattr(th, exc, key, SMALL(1));
    Value found = ok ? rt_getattr(th, exc, key) : VALUE_ABSENT;
    rt_xdecref(th, key);
    Value text = found == VALUE_ABSENT ? VALUE_ABSENT : rt_repr(th, exc);
    rt_decref(th, exc);
    return text;
}

static void test_attributes_without_memory(void **state)
{
    sweep_failures(*state, use_attributes, NULL);
}

static void test_recursion_is_bounded(void **state)
{
    Thread *th = *state;
    uintptr_t limit = th->c_stack_limit;
    th->c_stack_limit = UINTPTR_MAX;
    assert_false(rt_enter_recursive(th, " in comparison"));
    th->c_stack_limit = limit;
    assert_raised(th, EXC_RECURSION_ERROR, "maximum recursion depth exceeded in comparison");
    assert_int_equal(th->depth, 0);
    assert_true(rt_enter_recursive(th, ""));
    rt_leave_recursive(th);
}

static void test_long_chains_are_freed(void **state)
{
    Thread *th = *state;
    Value chain = VALUE_NONE;
    for (int i = 0; i < 200000; i++) {
        Value exc = rt_exception_new(th, EXC_VALUE_ERROR, VALUE_ABSENT);
        exception(exc)->context = chain;
        chain = exc;
    }
    rt_decref(th, chain); /* must not recurse */
    assert_null(th->dealloc_list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages_are_formatted),
        cmocka_unit_test(test_hierarchy),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_attributes),
        cmocka_unit_test(test_keywords),
        cmocka_unit_test(test_notes),
        cmocka_unit_test(test_context_is_what_is_handled),
        cmocka_unit_test(test_tracebacks_grow_outward),
        cmocka_unit_test(test_raising_without_memory),
        cmocka_unit_test(test_attributes_without_memory),
        cmocka_unit_test(test_recursion_is_bounded),
        cmocka_unit_test(test_long_chains_are_freed),
    };
    return cmocka_run_group_tests(tests, runtime_setup, runtime_teardown);
}
