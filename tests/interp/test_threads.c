/*
 * Tier 1 in several threads: each test calls one Python function, worker(k), from THREADS system
 * threads at once, ROUNDS times each, and then looks at the module's global `check`, a function that
 * must return True.  What they do to shared lists, dicts, cells and globals must neither be lost nor
 * torn; run under TSan, this is the proof of the many-thread handlers.
 */
#include "tests/interp/support.h"

#include <pthread.h>

#include "runtime/epoch.h"

/* Functions and the dict of their module form cycles, which stay until there is a cycle collector. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void) { return 1; }

enum { THREADS = 3, ROUNDS = 20 };

static const struct {
    const char *what, *source;
} programs[] = {
    {"counts of objects that another thread owns",
     "class_like = [[i, str(i)] for i in range(50)]\ntexts = tuple(['t%d' % i for i in "
     "range(50)])\n"
     "def worker(k):\n    s = 0\n    for i in range(50):\n        a = class_like[i]\n"
     "        b = class_like[i][1]\n        c = texts[i]\n        keep = [a, b, c]\n"
     "        s += len(keep) + class_like[i][0] - a[0]\n        a = b = c = None\n"
     "    for p in class_like:\n        for x in p:\n            y = x\n"
     "    for t in texts:\n        y = t\n    return s == 150\n"
     "def check():\n    return [p[1] for p in class_like] == [str(i) for i in range(50)]\n"},
    {"items of a list that shrinks and grows",
     "l = ['x' * 3] * 40\n"
     "def worker(k):\n    n = 0\n    for i in range(60):\n        if k == 0:\n"
     "            l.pop()\n            l.append('abc'.upper())\n"
     "        if k == 1 and i % 16 == 0:\n            l[10:] = [str(i)] * 30\n"
     "        for v in l:\n            n += len(v)\n"
     "        try:\n            n += len(l[i % 40]) + len(l[-1])\n        except IndexError:\n"
     "            n += 1\n    return n > 0\n"
     "def check():\n    return all([isinstance(v, str) for v in l])\n"},
    {"stores into one list",
     "l = [None] * 30\n"
     "def worker(k):\n    for i in range(300):\n        l[i % 30] = (k, i)\n"
     "        v = l[(i * 7) % 30]\n        if v is not None and len(v) != 2:\n"
     "            return False\n    return True\n"
     "def check():\n    return all([len(v) == 2 for v in l])\n"},
    {"stores of what is not private into one list, which shrinks",
     "l = [0] * 30\ntexts = ['t%d' % i for i in range(30)]\n"
     "def worker(k):\n    m = l\n    t = texts\n    for i in range(300):\n        x = t[i % 30]\n"
     "        try:\n            m[i % 30] = x\n            m[-1] = i\n            m[i % 7] = t[3]\n"
     "            m[5] = 7\n            m[i % 30] = 1.5\n            m[29 - i % 30] = x\n"
     "        except IndexError:\n            pass\n        if k == 0 and i % 10 == 0:\n"
     "            m.pop()\n            m.append(x)\n    return True\n"
     "def check():\n    n = 0\n    for i in range(len(l)):\n        l[i] = 0\n"
     "    return len(l) == 30 and sum(l) == 0 and texts == ['t%d' % i for i in range(30)]\n"},
    {"globals that change, grow and go",
     "g = 0\nnamed = {}\n"
     "def read():\n    return g\n"
     "def worker(k):\n    global g, h\n    for i in range(100):\n        g = [k, i]\n"
     "        v = read()\n        if len(v) != 2 or v[1] >= 100:\n            return False\n"
     "        if i % 10 == 0:\n            globals()['n%d_%d' % (k, i)] = i\n"
     "        h = i\n        try:\n            if k == 2:\n                del h\n            h\n"
     "        except NameError:\n            pass\n    return True\n"
     "def check():\n    return len(g) == 2 and n0_90 + n1_90 + n2_90 == 270\n"},
    {"a builtin is hidden and shown again",
     "def f():\n    return abs(-3)\n"
     "def worker(k):\n    for i in range(60):\n        if k == 0:\n"
     "            globals()['abs'] = lambda x: 3\n"
     "        if f() != 3:\n            return False\n"
     "        if k == 0:\n            del globals()['abs']\n    return True\n"
     "def check():\n    return f() == 3 and 'abs' not in globals()\n"},
    {"cells", "def make():\n    n = [0]\n    def get():\n        return n\n    def put(v):\n"
              "        nonlocal n\n        n = v\n    def gone():\n        nonlocal n\n"
              "        try:\n            del n\n        except NameError:\n            pass\n"
              "    return get, put, gone\n"
              "get, put, gone = make()\n"
              "def worker(k):\n    for i in range(200):\n        put([i])\n        try:\n"
              "            if len(get()) != 1:\n                return False\n"
              "        except NameError:\n            pass\n        if k == 1 and i % 20 == 0:\n"
              "            gone()\n    put([0])\n    return True\n"
              "def check():\n    return get() == [0]\n"},
    {"methods and modules",
     "import math\nshared = []\n"
     "def worker(k):\n    mine = []\n    for i in range(100):\n        "
     "mine.append(math.sqrt(4.0))\n"
     "        shared.append(i)\n        math.mark = [i]\n        if math.mark[0] > 99:\n"
     "            return False\n    return sum(mine) == 200.0\n"
     "def check():\n    n = len(shared)\n    shared.clear()\n    return n == 6000\n"},
    {"exceptions, and functions made and given defaults",
     "E = ValueError('one')\ndef f(a, b=[1]):\n    return a + len(b)\n"
     "def worker(k):\n    for i in range(50):\n        def g(x, y=i):\n            return x + y\n"
     "        g.__defaults__ = (i + 1,)\n        g.tag = k\n        f.__defaults__ = ([i],)\n"
     "        f.seen = i\n        if g(1) != i + 2 or f(2) != 3 or f.seen > 49:\n"
     "            return False\n"
     "        try:\n            raise KeyError(i)\n        except KeyError as e:\n"
     "            if e.args != (i,):\n                return False\n"
     "        try:\n            raise E\n        except ValueError as e:\n            pass\n"
     "    return True\n"
     "def check():\n    return f(1) == 2\n"},
    {"unpacking of a list that changes",
     "pair = [1, 2]\n"
     "def worker(k):\n    for i in range(200):\n        if k == 0:\n            pair.append(3)\n"
     "            pair.pop()\n        try:\n            a, b = pair\n"
     "            if a + b != 3:\n                return False\n"
     "        except ValueError:\n            pass\n        a, *r = pair\n"
     "        if len(r) not in (1, 2):\n            return False\n    return True\n"
     "def check():\n    return pair == [1, 2]\n"},
    {"importing", "def worker(k):\n    import math, sys\n    from time import time\n"
                  "    return math.pi > 3 and sys.modules['math'] is math and time() > 0\n"
                  "def check():\n    return True\n"},
};

typedef struct Worker {
    Runtime *rt;
    Value function;
    int k;
    bool ok;
    pthread_barrier_t *barrier;
} Worker;

static void *work(void *argument)
{
    Worker *w = argument;
    Thread *th = rt_thread_attach(w->rt);
    if (th == NULL || !vm_thread_started(th)) {
        return NULL;
    }
    epoch_park(th);
    pthread_barrier_wait(w->barrier);
    epoch_unpark(th);
    w->ok = call_again(th, w->function, w->k, ROUNDS);
    vm_thread_ended(th);
    rt_thread_detach(th);
    return NULL;
}

static Value global(Thread *th, Value globals, const char *name)
{
    Value key = str_intern_cstr(th, name);
    Value v = dict_get_str(th, globals, key);
    assert_true(v != VALUE_ABSENT);
    rt_decref(th, key);
    return v;
}

static void run_program(Thread *th, const char *what, const char *source)
{
    Value globals = run_source(th, source);
    if (globals == VALUE_ABSENT) {
        print_message("%s:\n", what);
        vm_print_exception(th, th->exception);
    }
    assert_true(globals != VALUE_ABSENT);
    Value worker = global(th, globals, "worker"), check = global(th, globals, "check");
    rt_publish(th, value_object(worker));
    assert_null(rt_check_published(value_object(worker)));
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, NULL, THREADS);
    pthread_t ids[THREADS];
    Worker workers[THREADS];
    epoch_park(th);
    for (int k = 0; k < THREADS; k++) {
        workers[k] = (Worker){th->rt, worker, k, false, &barrier};
        assert_int_equal(pthread_create(&ids[k], NULL, work, &workers[k]), 0);
    }
    bool ok = true;
    for (int k = 0; k < THREADS; k++) {
        pthread_join(ids[k], NULL);
        if (!workers[k].ok) {
            print_message("%s: worker %d failed\n", what, k);
            ok = false;
        }
    }
    epoch_unpark(th);
    pthread_barrier_destroy(&barrier);
    assert_null(rt_check_published(value_object(worker)));
    Value r = vm_call(th, check, NULL, 0, VALUE_ABSENT);
    if (r == VALUE_ABSENT) {
        vm_print_exception(th, th->exception);
    }
    if (r != VALUE_TRUE) {
        print_message("%s: check failed\n", what);
    }
    assert_true(ok && r == VALUE_TRUE);
    rt_decref(th, worker);
    rt_decref(th, check);
    rt_decref(th, globals);
}

static void test_programs(void **state)
{
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        run_program(*state, programs[i].what, programs[i].source);
    }
}

/* The table in Thread.dispatch is the one for Thread.alone. */
static void test_dispatch_follows_alone(void **state)
{
    Thread *th = *state;
    const void *alone = th->dispatch;
    assert_ptr_equal(alone, vm_dispatch_normal(th));
    th->alone = 0;
    assert_false(vm_dispatch_fits(th, alone));
    vm_alone_changed(th);
    assert_ptr_not_equal(th->dispatch, alone);
    assert_true(vm_dispatch_fits(th, th->dispatch));
    th->dispatch = vm_dispatch_recording(); /* goes on: it is the JIT's to end it */
    th->alone = 1;
    vm_alone_changed(th);
    assert_ptr_equal(th->dispatch, vm_dispatch_recording());
    th->dispatch = alone;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dispatch_follows_alone),
        cmocka_unit_test(test_programs),
    };
    return cmocka_run_group_tests(tests, interp_setup, interp_teardown);
}
