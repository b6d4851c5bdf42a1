/*
 * Unwinding: whatever was being evaluated when an exception came, all references are given back, the
 * handled exception is what it was, and the frames are gone.
 */
#include "tests/interp/support.h"

#include <stdio.h>
#include <string.h>

/* Functions and the dict of their module form cycles, which stay until there is a cycle collector. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void) { return 1; }

/* Bodies of `def f(o):` that raise with o in some temporaries. bad() raises. */
static const char *const bodies[] = {
    "    return [o, o, bad(o)]\n",
    "    return (o, {o: [o, bad(o)]})\n",
    "    return f2(o, o, bad(o))\n",
    "    return f2(o, k=bad(o))\n",
    "    return f2(*[o, o], **{'k': bad(o)})\n",
    "    return f2(o, o, o)\n",
    "    return f2(o, zz=o)\n",
    "    return f2(*[o, o, o])\n",
    "    return f2(*[o], **{'a': o})\n",
    "    return o.missing(o)\n",
    "    return o + [bad(o)]\n",
    "    return o[bad(o)]\n",
    "    return o[len(o) + 100]\n",
    "    o[0] = bad(o)\n",
    "    for x in [o, o]:\n        for y in (o, x):\n            bad(y)\n",
    "    for x in iter([o, o]):\n        for y in {1: o}.values():\n            bad(y)\n",
    "    return [y for x in [o, o] for y in [x, bad(o)]]\n",
    "    return {bad(x): o for x in [o]}\n",
    "    a, b = o, bad(o)\n",
    "    a, b, c = [o, o]\n",
    "    a, b = [o, o, o]\n",
    "    a, *b, c = [o]\n",
    "    return f'{o!r} {bad(o)}'\n",
    "    try:\n        bad(o)\n    except KeyError:\n        pass\n",
    "    try:\n        bad(o)\n    except ValueError as e:\n        bad(o)\n",
    "    try:\n        bad(o)\n    except ValueError as e:\n        raise\n",
    "    try:\n        bad(o)\n    except ValueError as e:\n        raise KeyError(o) from e\n",
    "    try:\n        return o\n    finally:\n        bad(o)\n",
    "    try:\n        bad(o)\n    finally:\n        x = [o]\n",
    ("    for x in [o]:\n        try:\n            bad(o)\n        finally:\n"
     "            for z in [o, o]:\n                continue\n"),
    "    def g():\n        return [o, bad(o)]\n    return [o, g()]\n",
    "    return sorted([o, o], key=lambda q: bad(q))\n",
    "    return [o, list(map(bad, [o, o]))]\n",
    "    return max([o, o], key=bad)\n",
    "    return o < [o, bad(o)]\n",
    "    return [o] in [bad(o)]\n",
    "    del o\n    return [o]\n",
    "    x = o\n    x += bad(o)\n",
    "    o[bad(o):]\n",
    "    raise ValueError(o)\n",
    "    raise 5\n",
    "    assert o is None, o\n",
    "    return 1 if bad(o) else o\n",
    "    return [o] and (o and [o, bad(o)])\n",
    "    while o:\n        t = [o]\n        t.append(bad(o))\n",
};

static void check_body(Thread *th, const char *body)
{
    char source[1000];
    snprintf(source, sizeof source,
             "def bad(o):\n    t = [o]\n    raise ValueError('bad')\n"
             "def f2(a, b=1, *, k=2):\n    return a\n"
             "def f(o):\n%s",
             body);
    Value f = run_for(th, source, "f");
    Value o = list_new(th, NULL, 0);
    Value outer = rt_exception_new(th, EXC_TYPE_ERROR, VALUE_ABSENT);
    assert_true(list_append(th, o, value_from_small_int(5)) && outer != VALUE_ABSENT);
    th->handled_exception = rt_newref(th, outer);
    Value r = rt_call(th, f, &o, 1, VALUE_ABSENT);
    if (r != VALUE_ABSENT) {
        fail_msg("no exception from\n%s", body);
    }
    rt_clear_exception(th);
    if (th->handled_exception != outer) {
        fail_msg("another exception is being handled after\n%s", body);
    }
    rt_decref(th, outer);
    th->handled_exception = VALUE_ABSENT;
    assert_int_equal(th->depth, 0);
    assert_null(thread_vm(th)->fp);
    assert_null(thread_vm(th)->entry);
    if (value_object(outer)->local != 1) {
        fail_msg("the handled exception has %u references after\n%s", value_object(outer)->local,
                 body);
    }
    rt_decref(th, outer);
    if (value_object(o)->local != 1) {
        fail_msg("%u references to o are left after\n%s", value_object(o)->local, body);
    }
    rt_decref(th, o);
    rt_decref(th, f);
}

static void all_references_are_given_back(void **state)
{
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        check_body(*state, bodies[i]);
    }
}

static void failing_allocations_give_all_back(void **state)
{
    Thread *th = *state;
    Value f =
        run_for(th,
                "def g(o, *a, k=3, **kw):\n    return [o, a, kw, {o2: o for o2 in range(3)}]\n"
                "def f(o):\n"
                "    try:\n"
                "        x = [g(o, o, z=o), g(*[o, o]), f'{o}{o}', (o, o), {1: o}]\n"
                "        def h():\n            return o\n"
                "        for i in [o, o]:\n            x += [h(), str(o) + 'x', 2 ** 100]\n"
                "        raise KeyError(x)\n"
                "    except KeyError as e:\n"
                "        return repr(e)\n",
                "f");
    Value o = list_new(th, NULL, 0);
    for (uint64_t n = 1; n < 400; n++) {
        rt_alloc_fail_at(rt_alloc_count() + n, false);
        Value r = rt_call(th, f, &o, 1, VALUE_ABSENT);
        rt_alloc_fail_at(0, false);
        if (r == VALUE_ABSENT && !rt_pending_is(th, EXC_MEMORY_ERROR)) {
            vm_print_exception(th, th->exception);
            fail_msg("not a MemoryError at allocation %u", (unsigned)n);
        }
        rt_clear_exception(th);
        rt_xdecref(th, r);
        assert_int_equal(th->depth, 0);
        assert_int_equal(th->handled_exception, VALUE_ABSENT);
        if (value_object(o)->local != 1) {
            fail_msg("%u references left at allocation %u", value_object(o)->local, (unsigned)n);
        }
    }
    rt_decref(th, o);
    rt_decref(th, f);
}

static void recursion_ends_at_the_limit(void **state)
{
    Thread *th = *state;
    Value depth = run_for(th,
                          "depth = 0\n"
                          "def f():\n    global depth\n    depth += 1\n    f()\n"
                          "try:\n    f()\nexcept RecursionError as e:\n    text = str(e)\n",
                          "depth");
    assert_int_equal(value_int(depth), 999); /* and the module */
    assert_int_equal(th->depth, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_references_are_given_back),
        cmocka_unit_test(failing_allocations_give_all_back),
        cmocka_unit_test(recursion_ends_at_the_limit),
    };
    return cmocka_run_group_tests(tests, interp_setup, interp_teardown);
}
