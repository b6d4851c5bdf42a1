/*
 * Gc: cycles through every kind of container are found and freed, what is referred to from outside is
 * not, deferred objects live as long as something names them, objects go home from other threads.
 */
#include "tests/runtime/cases.h"

#include <pthread.h>
#include <sched.h>

#include "runtime/abstract_internal.h"
#include "runtime/containers.h"
#include "runtime/epoch.h"
#include "runtime/gc_internal.h"
#include "runtime/memory.h"
#include "runtime/natives_internal.h"
#include "runtime/object_merge.h"
#include "runtime/safepoint.h"
#include "runtime/str.h"

/* A type with a finalizer, which counts, and one reference; Probe is never cleared, Clearing is. */
typedef struct Probe {
    Object header;
    Value other;
    _Atomic int *freed;
} Probe;

enum { TYPE_PROBE = TYPE_USER_FIRST + 6000, TYPE_CLEARING, TYPE_SLOW };

static void probe_finalize(Thread *th, Object *o)
{
    Probe *p = (Probe *)o;
    atomic_fetch_add(p->freed, 1);
    rt_xdecref(th, p->other);
}

static void probe_traverse(Object *o, VisitFn visit, void *arg)
{
    value_visit(((Probe *)o)->other, visit, arg);
}

static void probe_clear(Thread *th, Object *o)
{
    Value other = ((Probe *)o)->other;
    ((Probe *)o)->other = VALUE_ABSENT;
    rt_xdecref(th, other);
}

static Type probe_type = {
    .id = TYPE_PROBE,
    .name = "Probe",
    .flags = TYPE_FLAG_GC,
    .size_bytes = sizeof(Probe),
    .finalize = probe_finalize,
    .traverse = probe_traverse,
};
static Type clearing_type = {
    .id = TYPE_CLEARING,
    .name = "Clearing",
    .flags = TYPE_FLAG_GC,
    .size_bytes = sizeof(Probe),
    .finalize = probe_finalize,
    .traverse = probe_traverse,
    .clear = probe_clear,
};

static _Atomic int freed;

static Value probe_new(Thread *th, uint32_t type_id)
{
    Probe *p = rt_object_new(th, type_id, sizeof *p);
    assert_non_null(p);
    p->freed = &freed;
    return value_from_object(p);
}
static void probe_refer(Thread *th, Value probe, Value v)
{
    rt_store_barrier(th, value_object(probe), v);
    ((Probe *)value_object(probe))->other = rt_newref(th, v);
}

/* A probe that refers to v, and v (stolen) is dropped: the rest is up to the collector. */
static void close_steal(Thread *th, Value probe, Value v)
{
    assert_true(v != VALUE_ABSENT);
    probe_refer(th, probe, v);
    rt_decref(th, v);
    rt_decref(th, probe);
}

/* ---- a cycle through each type ----------------------------------------------------------------------- */

static Value in_list(Thread *th, Value probe) { return list_new(th, &probe, 1); }

static Value in_tuple_in_list(Thread *th, Value probe)
{
    return list_new_steal(th, (Value[]){tuple_new(th, &probe, 1)}, 1);
}

static Value in_dict_value(Thread *th, Value probe)
{
    Value dict = dict_new(th);
    assert_true(dict_set_cstr(th, dict, "key", probe));
    return dict;
}

static Value in_dict_key(Thread *th, Value probe)
{
    Value dict = dict_new(th);
    assert_true(dict_set(th, dict, probe, VALUE_NONE));
    return dict;
}

static Value in_dict_view(Thread *th, Value probe)
{
    Value dict = in_dict_value(th, probe), name = str_from_cstr(th, "values");
    Value method = rt_getattr(th, dict, name);
    Value view = rt_call(th, method, NULL, 0, VALUE_ABSENT);
    rt_decref(th, method);
    rt_decref(th, name);
    rt_decref(th, dict);
    return view;
}

static Value in_set(Thread *th, Value probe)
{
    Value set = set_new(th, false);
    assert_true(set_add(th, set, probe));
    return set;
}

static Value in_frozenset_in_list(Thread *th, Value probe)
{
    Value set = set_new(th, true);
    assert_true(set_add(th, set, probe));
    return list_new_steal(th, &set, 1);
}

static Value in_cell(Thread *th, Value probe) { return cell_new(th, probe); }

static Value iterator_of(Thread *th, Value v)
{
    Value it = rt_iter(th, v);
    rt_decref(th, v);
    return it;
}
static Value in_list_iterator(Thread *th, Value probe)
{
    return iterator_of(th, in_list(th, probe));
}
static Value in_dict_iterator(Thread *th, Value probe)
{
    return iterator_of(th, in_dict_value(th, probe));
}
static Value in_set_iterator(Thread *th, Value probe) { return iterator_of(th, in_set(th, probe)); }

static Value construct(Thread *th, uint32_t type_id, Value arg)
{
    Value v = rt_call(th, value_from_object(rt_type_by_id(type_id)), &arg, 1, VALUE_ABSENT);
    rt_decref(th, arg);
    return v;
}
static Value in_enumerate(Thread *th, Value probe)
{
    return construct(th, TYPE_ENUMERATE, in_list(th, probe));
}
static Value in_zip(Thread *th, Value probe) { return construct(th, TYPE_ZIP, in_list(th, probe)); }
static Value in_reversed(Thread *th, Value probe)
{
    return construct(th, TYPE_REVERSED, in_list(th, probe));
}
static Value in_map(Thread *th, Value probe)
{
    Value list = in_list(th, probe);
    Value args[2] = {value_from_object(rt_type_by_id(TYPE_LIST)), list};
    Value v = rt_call(th, value_from_object(rt_type_by_id(TYPE_MAP)), args, 2, VALUE_ABSENT);
    rt_decref(th, list);
    return v;
}

static Value in_bound_method(Thread *th, Value probe)
{
    Value list = in_list(th, probe), name = str_from_cstr(th, "append");
    Value method = rt_getattr(th, list, name);
    rt_decref(th, name);
    rt_decref(th, list);
    return method;
}

static Value in_slice(Thread *th, Value probe)
{
    Value list = in_list(th, probe);
    Value slice = slice_new(th, list, VALUE_NONE, VALUE_NONE);
    rt_decref(th, list);
    return slice;
}

static Value in_module(Thread *th, Value probe)
{
    Value module = module_new(th, "m");
    assert_true(module_add(th, module, "probe", rt_newref(th, probe)));
    return module;
}

static Value in_namespace(Thread *th, Value probe)
{
    Value list = in_list(th, probe);
    const NamespaceField field = {"list", list};
    return namespace_new(th, TYPE_NAMESPACE, "n", &field, 1);
}

static Value in_exception_context(Thread *th, Value probe)
{
    Value args = tuple_new(th, &probe, 1);
    Value inner = rt_exception_new(th, EXC_VALUE_ERROR, args);
    Value outer = rt_exception_new(th, EXC_VALUE_ERROR, VALUE_ABSENT);
    ((Exception *)value_object(outer))->context = inner;
    rt_decref(th, args);
    return outer;
}

typedef Value (*MakeFn)(Thread *th, Value probe);
static const struct {
    const char *name;
    MakeFn make;
} makers[] = {
    {"list", in_list},
    {"tuple", in_tuple_in_list},
    {"dict value", in_dict_value},
    {"dict key", in_dict_key},
    {"dict view", in_dict_view},
    {"set", in_set},
    {"frozenset", in_frozenset_in_list},
    {"cell", in_cell},
    {"list iterator", in_list_iterator},
    {"dict iterator", in_dict_iterator},
    {"set iterator", in_set_iterator},
    {"enumerate", in_enumerate},
    {"zip", in_zip},
    {"map", in_map},
    {"reversed", in_reversed},
    {"bound method", in_bound_method},
    {"slice", in_slice},
    {"module", in_module},
    {"namespace", in_namespace},
    {"exception", in_exception_context},
};
enum { MAKERS = sizeof makers / sizeof *makers };

/* Old values in dead frames would look like references. */
static __attribute__((noinline)) void wipe_stack(void)
{
    volatile char space[4096];
    for (size_t i = 0; i < sizeof space; i++) {
        space[i] = 0;
    }
}

/* A cycle of a probe and what make gives; the probe, which has a reference to take if keep. */
static __attribute__((noinline)) Value make_cycle(Thread *th, MakeFn make, bool keep)
{
    Value probe = probe_new(th, TYPE_PROBE);
    if (keep) {
        rt_incref(th, probe);
    }
    close_steal(th, probe, make(th, probe));
    return probe;
}

static void check_heaps(Thread *th)
{
    (void)th;
#ifndef NDEBUG
    for (GcHeap *h = atomic_load(&th->rt->gc->heaps); h != NULL; h = h->next) {
        gc_heap_check(h);
    }
#endif
}

static void test_a_cycle_through_each_type_is_freed(void **state)
{
    Thread *th = *state;
    for (size_t i = 0; i < MAKERS; i++) { /* names are interned, methods made */
        rt_decref(th, makers[i].make(th, VALUE_NONE));
    }
    gc_collect(th);
    for (size_t i = 0; i < MAKERS; i++) {
        int64_t live = gc_live(th->rt);
        freed = 0;
        make_cycle(th, makers[i].make, false);
        wipe_stack();
        if (freed != 0) {
            fail_msg("%s: freed too early", makers[i].name);
        }
        uint64_t found = gc_collect(th);
        if (freed != 1 || found < 2 || gc_live(th->rt) != live) {
            fail_msg("%s: %d freed, %d found, %d left", makers[i].name, (int)freed, (int)found,
                     (int)(gc_live(th->rt) - live));
        }
        assert_int_equal(gc_collect(th), 0);
        check_heaps(th);
    }
}

static void test_a_reference_from_outside_keeps_all(void **state)
{
    Thread *th = *state;
    for (size_t i = 0; i < MAKERS; i++) {
        freed = 0;
        Value probe = make_cycle(th, makers[i].make, true);
        wipe_stack();
        gc_collect(th);
        if (freed != 0) {
            fail_msg("%s: freed while referred to", makers[i].name);
        }
        rt_decref(th, probe);
        wipe_stack();
        gc_collect(th);
        assert_int_equal(freed, 1);
    }
}

static void test_a_long_chain_needs_no_stack(void **state)
{
    Thread *th = *state;
    enum { LENGTH = 200000 };
    freed = 0;
    Value first = list_new(th, NULL, 0), last = first;
    for (int i = 0; i < LENGTH; i++) {
        Value next = list_new(th, &last, 1);
        if (last != first) {
            rt_decref(th, last);
        }
        last = next;
    }
    Value probe = probe_new(th, TYPE_PROBE);
    assert_true(list_append_steal(th, first, probe));
    gc_collect(th); /* reaches all of it from `first` and `last` */
    assert_int_equal(freed, 0);
    assert_true(list_append(th, first, last));
    rt_decref(th, last);
    rt_decref(th, first);
    assert_int_equal(gc_collect(th), LENGTH + 2);
    assert_int_equal(freed, 1);
}

static void test_what_cannot_be_cleared_is_uncollectable(void **state)
{
    Thread *th = *state;
    GcStats before, after;
    gc_stats(th->rt, &before);
    freed = 0;
    Value probe = probe_new(th, TYPE_PROBE);
    probe_refer(th, probe, probe);
    rt_decref(th, probe);
    assert_int_equal(gc_collect(th), 1);
    gc_stats(th->rt, &after);
    assert_int_equal(freed, 0);
    assert_int_equal(after.uncollectable - before.uncollectable, 1);
    check_heaps(th);
    value_object(probe)->type_id = TYPE_CLEARING;
    assert_int_equal(gc_collect(th), 1);
    assert_int_equal(freed, 1);
}

static void test_an_object_that_dies_is_left_alone(void **state)
{
    Thread *th = *state;
    freed = 0;
    Value probe = probe_new(th, TYPE_CLEARING), other = probe_new(th, TYPE_PROBE);
    probe_refer(th, probe, other);
    rt_decref(th, other);
    value_object(probe)->gc |= GC_DYING; /* as while its fields are dropped */
    gc_collect(th);
    assert_int_equal(freed, 0);
    value_object(probe)->gc = 0;
    rt_decref(th, probe);
    assert_int_equal(freed, 2);
}

/* ---- when ------------------------------------------------------------------------------------------------ */

static void test_growth_asks_for_a_collection_at_a_safepoint(void **state)
{
    Thread *th = *state;
    assert_true(thread_safepoint(th)); /* what earlier tests have asked for */
    gc_collect(th);
    GcStats before, after;
    gc_stats(th->rt, &before);
    freed = 0;
    int made = 0;
    for (; made < 100000 && (atomic_load(&th->poll) & POLL_GC) == 0; made++) {
        Value probe = probe_new(th, TYPE_CLEARING);
        probe_refer(th, probe, probe);
        rt_decref(th, probe);
    }
    assert_true(made >= 9000 && made < 20000);
    assert_int_equal(freed, 0); /* not inside an allocation */
    assert_true(thread_safepoint(th));
    assert_int_equal(freed, made);
    gc_stats(th->rt, &after);
    assert_int_equal(after.automatic - before.automatic, 1);

    gc_enable(th->rt, false);
    for (int i = 0; i < 2 * made; i++) {
        Value probe = probe_new(th, TYPE_CLEARING);
        probe_refer(th, probe, probe);
        rt_decref(th, probe);
    }
    assert_int_equal(atomic_load(&th->poll) & POLL_GC, 0);
    gc_enable(th->rt, true);
    assert_int_equal(gc_collect(th), 2 * made);
}

/* ---- deferred objects -------------------------------------------------------------------------------------- */

static __attribute__((noinline)) Value deferred_new(Thread *th)
{
    Value probe = probe_new(th, TYPE_CLEARING);
    gc_defer(th, value_object(probe));
    return probe;
}

static __attribute__((noinline)) void make_garbage_of_deferred(Thread *th)
{
    Value a = deferred_new(th), b = deferred_new(th), list = list_new(th, &a, 1);
    probe_refer(th, a, b);
    probe_refer(th, b, list); /* a -> b -> list -> a */
    rt_decref(th, list);
}

/* Dead words on the stack may keep a few of them a while longer. */
enum { TRIPLES = 20, LOOKALIKES = 4 };
static int kept_by_lookalikes;

/* A function of its own: its frame is gone, and wiped, when the object is to be found no more. */
static __attribute__((noinline)) void keep_one_on_the_stack(Thread *th)
{
    volatile Value here = deferred_new(th);
    wipe_stack();
    gc_collect(th);
    assert_int_equal(freed, 0);
    assert_true(here != VALUE_ABSENT);
    here = VALUE_ABSENT;
}

static void test_deferred_objects_are_found_on_the_stack(void **state)
{
    Thread *th = *state;
    gc_collect(th);
    freed = 0;
    keep_one_on_the_stack(th);
    wipe_stack();
    for (int i = 0; i < TRIPLES; i++) {
        make_garbage_of_deferred(th);
    }
    wipe_stack();
    GcStats before, after;
    gc_stats(th->rt, &before);
    gc_collect(th);
    gc_stats(th->rt, &after);
    int all = 2 * TRIPLES + 1;
    assert_true(freed >= all - LOOKALIKES && freed <= all);
    assert_int_equal(after.deferred - before.deferred, freed);
    kept_by_lookalikes = all - freed;
    check_heaps(th);
}

static void test_deferred_objects_are_found_through_others(void **state)
{
    Thread *th = *state;
    freed = 0;
    Value list = list_new(th, NULL, 0);
    for (int i = 0; i < 100; i++) {
        assert_true(list_append(th, list, deferred_new(th)));
    }
    wipe_stack();
    gc_collect(th);
    assert_true(freed <= kept_by_lookalikes);
    rt_decref(th, list);
    wipe_stack();
    gc_hide(th);
    gc_collect(th);
    assert_true(freed <= kept_by_lookalikes); /* somebody hides references */
    gc_unhide(th);
    gc_collect(th);
    assert_true(freed >= 98); /* but for what dead words on the stack look like */
    wipe_stack();
    gc_collect(th);
}

/* ---- threads ------------------------------------------------------------------------------------------------- */

typedef struct Partner {
    Runtime *rt;
    pthread_t thread;
    _Atomic int step; /* the main thread counts up, the partner when it has done it */
    Value shared;
} Partner;

static void wait_for(Thread *th, _Atomic int *step, int wanted)
{
    while (atomic_load(step) != wanted) {
        if (atomic_load(&th->poll) != 0) {
            thread_safepoint(th);
        }
        sched_yield();
    }
}

enum { MANY = 1000 };

/* Cycles of its own, an object for the main thread, and frees of what the main thread made. */
static void *partner_main(void *arg)
{
    Partner *p = arg;
    Thread *th = rt_thread_attach(p->rt);
    for (int i = 0; i < MANY; i++) {
        Value probe = probe_new(th, TYPE_CLEARING); /* private garbage */
        probe_refer(th, probe, probe);
        rt_decref(th, probe);
    }
    Value mine = probe_new(th, TYPE_CLEARING);
    assert_true(list_append(th, p->shared, mine)); /* published */
    probe_refer(th, mine, p->shared);
    rt_decref(th, mine);
    atomic_store(&p->step, 1);
    wait_for(th, &p->step, 2);
    rt_thread_detach(th);
    atomic_store(&p->step, 3);
    return NULL;
}

static void test_cycles_across_threads(void **state)
{
    Thread *th = *state;
    gc_collect(th);
    int64_t live = gc_live(th->rt);
    freed = 0;
    Partner p = {.rt = th->rt, .shared = list_new(th, NULL, 0)};
    rt_publish(th, value_object(p.shared)); /* it may have been born private */
    pthread_create(&p.thread, NULL, partner_main, &p);
    wait_for(th, &p.step, 1);
    gc_collect(th); /* while the partner runs: stops it */
    assert_int_equal(freed, MANY);
    Value shared = p.shared;
    p.shared = VALUE_ABSENT;
    Value main_probe = probe_new(th, TYPE_PROBE);
    assert_true(list_append_steal(th, shared, main_probe));
    rt_decref(th, shared);
    gc_collect(th);
    assert_int_equal(freed, MANY + 2);
    atomic_store(&p.step, 2);
    wait_for(th, &p.step, 3);
    pthread_join(p.thread, NULL);
    gc_collect(th);
    assert_int_equal(gc_live(th->rt), live);
    check_heaps(th);
}

static void *freeing_main(void *arg)
{
    Partner *p = arg;
    Thread *th = rt_thread_attach(p->rt);
    rt_decref(th, p->shared); /* the main thread's list of MANY probes */
    Value mine = list_new(th, NULL, 0);
    for (int i = 0; i < MANY; i++) {
        assert_true(list_append_steal(th, mine, probe_new(th, TYPE_PROBE)));
    }
    rt_publish(th, value_object(mine));
    p->shared = mine;
    rt_thread_detach(th);
    atomic_store(&p->step, 1);
    return NULL;
}

static void test_objects_go_home_from_other_threads(void **state)
{
    Thread *th = *state;
    gc_collect(th);
    int64_t live = gc_live(th->rt);
    for (int round = 0; round < 3; round++) {
        freed = 0;
        Partner p = {.rt = th->rt, .shared = list_new(th, NULL, 0)};
        for (int i = 0; i < MANY; i++) {
            assert_true(list_append_steal(th, p.shared, probe_new(th, TYPE_PROBE)));
        }
        rt_publish(th, value_object(p.shared)); /* it may have been born private */
        pthread_create(&p.thread, NULL, freeing_main, &p);
        wait_for(th, &p.step, 1);
        pthread_join(p.thread, NULL);
        thread_safepoint(th);
        epoch_quiescent(th);
        gc_collect(th);
        assert_int_equal(freed, MANY);
        rt_decref(th, p.shared); /* of a heap that belongs to nobody now */
        assert_int_equal(freed, 2 * MANY);
        gc_collect(th);
        assert_int_equal(gc_live(th->rt), live);
        check_heaps(th);
    }
}

/* The list's owner is parked. step: how many fewer objects live when it has been freed here and swept. */
static void *sweeping_main(void *arg)
{
    Partner *p = arg;
    Thread *th = rt_thread_attach(p->rt);
    int64_t live = gc_live(th->rt);
    rt_decref(th, p->shared);
    thread_raise_poll(th, POLL_SWEEP);
    thread_safepoint(th);
    atomic_store(&p->step, (int)(live - gc_live(th->rt)));
    rt_thread_detach(th);
    return NULL;
}

static void test_objects_of_a_parked_thread_are_freed(void **state)
{
    Thread *th = *state;
    gc_collect(th);
    Partner p = {.rt = th->rt, .shared = list_new(th, NULL, 0)};
    for (int i = 0; i < MANY; i++) {
        assert_true(list_append_steal(th, p.shared, list_new(th, NULL, 0)));
    }
    rt_publish(th, value_object(p.shared)); /* it may have been born private */
    pthread_create(&p.thread, NULL, sweeping_main, &p);
    epoch_park(th);
    pthread_join(p.thread, NULL);
    epoch_unpark(th);
    assert_int_equal(atomic_load(&p.step), MANY + 1);
    check_heaps(th);
}

static void *working_main(void *arg)
{
    Partner *p = arg;
    Thread *th = rt_thread_attach(p->rt);
    while (atomic_load(&p->step) == 0) {
        Value probe = probe_new(th, TYPE_CLEARING), list = list_new(th, &probe, 1);
        probe_refer(th, probe, list);
        rt_decref(th, list);
        rt_decref(th, probe);
        Value other = list_new(th, NULL, 0);
        assert_true(list_append_steal(th, p->shared, other));
        rt_xdecref(th, list_pop(th, p->shared, -1));
        if (atomic_load(&th->poll) != 0) {
            thread_safepoint(th);
        }
    }
    rt_thread_detach(th);
    return NULL;
}

static void test_collections_while_threads_work(void **state)
{
    Thread *th = *state;
    enum { THREADS = 3, ROUNDS = 15 };
    gc_collect(th);
    int64_t live = gc_live(th->rt);
    Partner p[THREADS];
    Value shared = list_new(th, NULL, 0);
    for (int i = 0; i < MANY; i++) {
        assert_true(list_append_steal(th, shared, list_new(th, NULL, 0)));
    }
    rt_publish(th, value_object(shared)); /* it was born private */
    for (int i = 0; i < THREADS; i++) {
        p[i] = (Partner){.rt = th->rt, .shared = shared};
        pthread_create(&p[i].thread, NULL, working_main, &p[i]);
    }
    for (int i = 0; i < ROUNDS; i++) {
        thread_safepoint(th);
        sched_yield();
        gc_collect(th);
    }
    for (int i = 0; i < THREADS; i++) {
        atomic_store(&p[i].step, 1);
    }
    epoch_park(th);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(p[i].thread, NULL);
    }
    epoch_unpark(th);
    rt_decref(th, shared);
    epoch_adopt(th); /* what the threads have left */
    epoch_drain(th);
    thread_drain_merges(th);
    gc_collect(th);
    assert_int_equal(gc_live(th->rt), live);
    check_heaps(th);
}

/* A probe whose finalizer, in a collection, waits until another thread has made HASTY_CYCLES more. */
enum { HASTY_CYCLES = 20000, HASTY_GROWTH = 1000 };

static Partner *hasty;

static void *hasty_main(void *arg)
{
    Partner *p = arg;
    Thread *th = rt_thread_attach(p->rt);
    wait_for(th, &p->step, 1);
    for (int i = 0; i < HASTY_CYCLES; i++) {
        Value probe = probe_new(th, TYPE_CLEARING);
        close_steal(th, probe, list_new(th, &probe, 1));
        if (atomic_load(&th->poll) != 0) {
            thread_safepoint(th);
        }
    }
    atomic_store(&p->step, 2);
    rt_thread_detach(th);
    return NULL;
}

static void slow_finalize(Thread *th, Object *o)
{
    probe_finalize(th, o);
    atomic_store(&hasty->step, 1);
    wait_for(th, &hasty->step, 2);
}

static Type slow_type = {
    .id = TYPE_SLOW,
    .name = "Slow",
    .flags = TYPE_FLAG_GC,
    .size_bytes = sizeof(Probe),
    .finalize = slow_finalize,
    .traverse = probe_traverse,
    .clear = probe_clear,
};

/* Who makes garbage faster than it is freed waits; but goes on if the collection waits for it. */
static void test_others_wait_for_a_collection_that_falls_behind(void **state)
{
    Thread *th = *state;
    gc_collect(th);
    int64_t live = gc_live(th->rt);
    uint64_t waits = atomic_load(&th->rt->gc->waits);
    gc_set_growth(th->rt, HASTY_GROWTH);
    Partner h = {.rt = th->rt};
    hasty = &h;
    pthread_create(&h.thread, NULL, hasty_main, &h);
    Value probe = probe_new(th, TYPE_SLOW);
    close_steal(th, probe, list_new(th, &probe, 1));
    gc_collect(th);
    epoch_park(th);
    pthread_join(h.thread, NULL);
    epoch_unpark(th);
    assert_true(atomic_load(&th->rt->gc->waits) > waits);
    gc_set_growth(th->rt, 10000);
    gc_collect(th);
    assert_int_equal(gc_live(th->rt), live);
    check_heaps(th);
}

/* ---- memory ----------------------------------------------------------------------------------------------------- */

static void test_a_collection_needs_no_memory(void **state)
{
    Thread *th = *state;
    freed = 0;
    for (int i = 0; i < 100; i++) {
        Value probe = probe_new(th, TYPE_CLEARING);
        probe_refer(th, probe, probe);
        rt_decref(th, probe);
        make_garbage_of_deferred(th);
    }
    rt_alloc_fail_at(1, true);
    gc_collect(th);
    rt_alloc_fail_at(0, false);
    assert_true(freed >= 100);
    wipe_stack();
    gc_collect(th);
    check_heaps(th);
}

static Value list_with_referents(Thread *th, void *arg) { return gc_referents(th, arg, 1); }

static void test_no_memory_for_a_list(void **state)
{
    Thread *th = *state;
    Value list = list_new(th, NULL, 0);
    for (int i = 0; i < 200; i++) {
        assert_true(list_append_steal(th, list, list_new(th, NULL, 0)));
    }
    sweep_failures(th, list_with_referents, &list);
    rt_decref(th, list);
}

static int setup(void **state)
{
    return runtime_setup(state) != 0 || !rt_type_ready(*state, &probe_type) ||
           !rt_type_ready(*state, &clearing_type) || !rt_type_ready(*state, &slow_type);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_cycle_through_each_type_is_freed),
        cmocka_unit_test(test_a_reference_from_outside_keeps_all),
        cmocka_unit_test(test_a_long_chain_needs_no_stack),
        cmocka_unit_test(test_what_cannot_be_cleared_is_uncollectable),
        cmocka_unit_test(test_an_object_that_dies_is_left_alone),
        cmocka_unit_test(test_growth_asks_for_a_collection_at_a_safepoint),
        cmocka_unit_test(test_deferred_objects_are_found_on_the_stack),
        cmocka_unit_test(test_deferred_objects_are_found_through_others),
        cmocka_unit_test(test_cycles_across_threads),
        cmocka_unit_test(test_objects_go_home_from_other_threads),
        cmocka_unit_test(test_objects_of_a_parked_thread_are_freed),
        cmocka_unit_test(test_collections_while_threads_work),
        cmocka_unit_test(test_others_wait_for_a_collection_that_falls_behind),
        cmocka_unit_test(test_a_collection_needs_no_memory),
        cmocka_unit_test(test_no_memory_for_a_list),
    };
    return cmocka_run_group_tests(tests, setup, runtime_teardown);
}
