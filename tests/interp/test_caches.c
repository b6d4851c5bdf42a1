/*
 * Inline caches: what they hold dies when it must. Each program fills a cache and then changes what
 * was cached; `result` must be True.
 */
#include "tests/interp/support.h"

/* Functions and the dict of their module form cycles, which stay until there is a cycle collector. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void) { return 1; }

static const struct {
    const char *what, *source;
} programs[] = {
    {"a new global hides a builtin", "def f():\n    return len([1, 2])\n"
                                     "before = f()\nf()\nglobals()['len'] = lambda x: "
                                     "'mine'\nresult = (before, f()) == (2, 'mine')\n"},
    {"a deleted global shows the builtin again",
     "abs = lambda x: 'mine'\n"
     "def f():\n    return abs(-1)\nbefore = f()\nf()\ndel abs\nresult = (before, f()) == ('mine', "
     "1)\n"},
    {"a global deleted and stored again", "x = 1\n"
                                          "def f():\n    return x\n"
                                          "def g():\n    global x\n    x = 3\n"
                                          "f()\nf()\nx = 2\na = f()\ndel x\n"
                                          "try:\n    f()\n    b = 0\nexcept NameError:\n    b = 1\n"
                                          "g()\nresult = (a, b, f()) == (2, 1, 3)\n"},
    {"the globals' table grows", "x = 1\n"
                                 "def f():\n    return x\n"
                                 "f()\nf()\n"
                                 "for i in range(500):\n    globals()['name%d' % i] = i\n"
                                 "x = 2\nresult = f() == 2 and name499 == 499\n"},
    {"the globals are cleared and filled",
     "import sys\nx = 1\n"
     "def f():\n    return x\n"
     "def h(g):\n    keep = dict(g)\n    g.clear()\n    g.update(keep)\n    g['x'] = 5\n"
     "f()\nf()\nh(globals())\nresult = f() == 5\n"},
    {"one code in two dicts",
     "c = compile('def f():\\n    global y\\n    y = x\\n    return x, len(t)\\nx, t', 'c', "
     "'exec')\n"
     "d = [{'x': i, 't': 'a' * i} for i in range(3)]\n"
     "seen = []\n"
     "for i in (0, 1, 0, 2, 1, 0):\n    exec(c, d[i])\n    seen.append(d[i]['f']() == (i, i))\n"
     "    seen.append(d[0]['f']() == (0, 0))\n"
     "result = all(seen) and [e['y'] for e in d] == [0, 1, 2]\n"},
    {"a module's attribute is replaced and deleted",
     "import math\n"
     "def f():\n    return math.foo\n"
     "def g():\n    return math.foo2(1)\n"
     "math.foo = 1\na = f() + f()\nmath.foo = 5\nb = f()\n"
     "math.foo2 = lambda x: x + 1\nc = g() + g()\nmath.foo2 = lambda x: x + 2\nd = g()\n"
     "del math.foo\n"
     "try:\n    f()\n    e = 0\nexcept AttributeError:\n    e = 1\n"
     "math.foo = 7\nh = f()\ndel math.foo\ndel math.foo2\nresult = (a, b, c, d, e, h) == (2, 5, 4, "
     "3, 1, 7)\n"},
    {"one attribute place sees several modules",
     "import math, sys\n"
     "def f(m):\n    return m.__name__\n"
     "result = [f(m) for m in (math, sys, math, sys)] == ['math', 'sys', 'math', 'sys']\n"},
    {"one method place sees several types",
     "def f(x):\n    return x.count('a')\n"
     "result = [f(v) for v in ('banana', ['a'], ('a', 'a'), 'a', ['b'])] == [3, 1, 2, 1, 0]\n"},
    {"a method place sees an object without the method",
     "def f(x):\n    return x.append(1)\n"
     "f([])\nf([])\n"
     "try:\n    f(())\n    result = False\n"
     "except AttributeError as e:\n    result = str(e) == \"'tuple' object has no attribute "
     "'append'\"\n"},
};

static void caches_die_when_they_must(void **state)
{
    Thread *th = *state;
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        Value result = run_for(th, programs[i].source, "result");
        if (result != VALUE_TRUE) {
            fail_msg("%s", programs[i].what);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(caches_die_when_they_must)};
    return cmocka_run_group_tests(tests, interp_setup, interp_teardown);
}
