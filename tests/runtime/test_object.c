/*
 * Object: biased counts in one and in several threads, freeing of deep structures, publishing of
 * private objects, types.
 */
#include "tests/runtime/cases.h"

#include <pthread.h>

#include "runtime/abstract.h"
#include "runtime/containers.h"
#include "runtime/epoch.h"
#include "runtime/memory.h"
#include "runtime/safepoint.h"
#include "runtime/str.h"
#include "runtime/types.h"

/* A type whose instances report that they are freed, and refer to one other object. */
typedef struct Probe {
    Object header;
    Value other;
    _Atomic int *freed;
} Probe;

enum { TYPE_PROBE = TYPE_USER_FIRST + 5000 };

static void probe_finalize(Thread *th, Object *o)
{
    Probe *p = (Probe *)o;
    atomic_fetch_add(p->freed, 1);
    rt_xdecref(th, p->other);
}

static void probe_traverse(Object *o, VisitFn visit, void *arg)
{
    Value other = ((Probe *)o)->other;
    if (value_is_object(other)) {
        visit(value_object(other), arg);
    }
}

static Type probe_type = {
    .id = TYPE_PROBE,
    .name = "Probe",
    .size_bytes = sizeof(Probe),
    .finalize = probe_finalize,
    .traverse = probe_traverse,
};

static Probe *probe_new_steal(Thread *th, Value other, _Atomic int *freed)
{
    Probe *p = rt_object_new(th, TYPE_PROBE, sizeof *p);
    assert_non_null(p);
    p->other = other;
    p->freed = freed;
    return p;
}

static void test_the_last_reference_frees(void **state)
{
    Thread *th = *state;
    _Atomic int freed = 0;
    Value v = value_from_object(probe_new_steal(th, VALUE_ABSENT, &freed));
    rt_incref(th, v);
    rt_incref(th, v);
    rt_decref(th, v);
    rt_decref(th, v);
    assert_int_equal(freed, 0);
    rt_decref(th, v);
    assert_int_equal(freed, 1);
}

static void test_a_million_links_do_not_recurse(void **state)
{
    Thread *th = *state;
    enum { LINKS = 1000000 };
    _Atomic int freed = 0;
    Value v = VALUE_ABSENT;
    for (int i = 0; i < LINKS; i++) {
        v = value_from_object(probe_new_steal(th, v, &freed));
    }
    rt_decref(th, v);
    assert_int_equal(freed, LINKS);
    assert_int_equal(th->dealloc_depth, 0);
    assert_null(th->dealloc_list);
}

static void test_large_counts_become_immortal(void **state)
{
    Thread *th = *state;
    _Atomic int freed = 0;
    Probe *p = probe_new_steal(th, VALUE_ABSENT, &freed);
    Value v = value_from_object(p);
    rt_incref_many(th, v, 1000);
    assert_int_equal(p->header.local, 1001);
    p->header.local = OBJECT_LOCAL_MAX; /* as if counted up to there */
    rt_incref(th, v);
    assert_true(p->header.owner == OWNER_IMMORTAL);
    for (int i = 0; i < 10; i++) {
        rt_decref(th, v);
    }
    assert_int_equal(freed, 0);
    rt_object_free(th, &p->header);

    p = probe_new_steal(th, VALUE_ABSENT, &freed);
    rt_incref_many(th, value_from_object(p), UINT64_C(1) << 40);
    assert_true(p->header.owner == OWNER_IMMORTAL);
    rt_object_free(th, &p->header);
}

/* What another thread does with an object of the main thread. */
typedef struct Visit {
    Runtime *rt;
    Value v;
    int increfs, decrefs;
    _Atomic int freed_inside;
    _Atomic int *freed;
} Visit;

static void *visit_thread(void *arg)
{
    Visit *visit = arg;
    Thread *th = rt_thread_attach(visit->rt);
    for (int i = 0; i < visit->increfs; i++) {
        rt_incref(th, visit->v);
    }
    for (int i = 0; i < visit->decrefs; i++) {
        rt_decref(th, visit->v);
    }
    visit->freed_inside = *visit->freed;
    rt_thread_detach(th);
    return NULL;
}

static void run_visit(Thread *th, Visit *visit)
{
    pthread_t thread;
    epoch_park(th);
    assert_int_equal(pthread_create(&thread, NULL, visit_thread, visit), 0);
    pthread_join(thread, NULL);
    epoch_unpark(th);
}

static void test_references_taken_by_another_thread(void **state)
{
    Thread *th = *state;
    _Atomic int freed = 0;
    Value v = value_from_object(probe_new_steal(th, VALUE_ABSENT, &freed));
    Visit visit = {.rt = th->rt, .v = v, .increfs = 5, .decrefs = 3, .freed = &freed};
    run_visit(th, &visit);
    rt_decref(th, v); /* the owner's last: merged, two are left */
    assert_int_equal(freed, 0);
    rt_decref(th, v);
    rt_decref(th, v);
    assert_int_equal(freed, 1);
}

static void test_a_reference_handed_to_another_thread(void **state)
{
    Thread *th = *state;
    _Atomic int freed = 0;
    Value v = value_from_object(probe_new_steal(th, VALUE_ABSENT, &freed));
    rt_incref(th, v);
    /* the other drops both of our references: its count falls below zero, and we merge */
    Visit visit = {.rt = th->rt, .v = v, .decrefs = 2, .freed = &freed};
    thread_share(th);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, visit_thread, &visit), 0);
    pthread_join(thread, NULL);
    assert_int_equal(visit.freed_inside, 0);
    epoch_quiescent(th);
    assert_int_equal(freed, 1);
}

static void test_the_queue_of_a_parked_owner_is_drained(void **state)
{
    Thread *th = *state;
    _Atomic int freed = 0;
    Value v = value_from_object(probe_new_steal(th, VALUE_ABSENT, &freed));
    rt_incref(th, v);
    Visit visit = {.rt = th->rt, .v = v, .decrefs = 2, .freed = &freed};
    run_visit(th, &visit);
    assert_int_equal(visit.freed_inside, 1);
}

typedef struct Gift {
    Runtime *rt;
    Value v;
    _Atomic int *freed;
} Gift;

static void *gift_thread(void *arg)
{
    Gift *gift = arg;
    Thread *th = rt_thread_attach(gift->rt);
    gift->v = value_from_object(probe_new_steal(th, VALUE_ABSENT, gift->freed));
    rt_incref(th, gift->v);
    rt_publish(th, value_object(gift->v));
    rt_thread_detach(th);
    return NULL;
}

static void test_an_object_outlives_its_thread(void **state)
{
    Thread *th = *state;
    _Atomic int freed = 0;
    Gift gift = {.rt = th->rt, .freed = &freed};
    pthread_t thread;
    epoch_park(th);
    assert_int_equal(pthread_create(&thread, NULL, gift_thread, &gift), 0);
    pthread_join(thread, NULL);
    epoch_unpark(th);
    assert_true(value_object(gift.v)->owner != th->tid);
    rt_incref(th, gift.v);
    rt_decref(th, gift.v);
    rt_decref(th, gift.v);
    assert_int_equal(freed, 0);
    rt_decref(th, gift.v);
    assert_int_equal(freed, 1);
}

enum { HAMMER_THREADS = 4, HAMMER_ROUNDS = 20000 };

static void *hammer_thread(void *arg)
{
    Visit *visit = arg;
    Thread *th = rt_thread_attach(visit->rt);
    for (int i = 0; i < HAMMER_ROUNDS; i++) {
        rt_incref(th, visit->v);
        rt_incref(th, visit->v);
        rt_decref(th, visit->v);
        rt_decref(th, visit->v);
    }
    rt_decref(th, visit->v); /* the reference that this thread was given */
    rt_thread_detach(th);
    return NULL;
}

static void test_threads_hammer_one_count(void **state)
{
    Thread *th = *state;
    _Atomic int freed = 0;
    Value v = value_from_object(probe_new_steal(th, VALUE_ABSENT, &freed));
    Visit visit = {.rt = th->rt, .v = v, .freed = &freed};
    pthread_t threads[HAMMER_THREADS];
    rt_incref_many(th, v, HAMMER_THREADS);
    thread_share(th);
    for (int i = 0; i < HAMMER_THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, hammer_thread, &visit), 0);
    }
    for (int i = 0; i < HAMMER_ROUNDS; i++) {
        rt_incref(th, v);
        rt_decref(th, v);
        epoch_quiescent(th);
    }
    epoch_park(th);
    for (int i = 0; i < HAMMER_THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    epoch_unpark(th);
    epoch_quiescent(th);
    assert_int_equal(freed, 0);
    rt_decref(th, v);
    epoch_quiescent(th);
    assert_int_equal(freed, 1);
}

static void *publish_thread(void *arg)
{
    Visit *visit = arg;
    Thread *th = rt_thread_attach(visit->rt);
    enum { CHAIN = 100000 };
    Value v = VALUE_ABSENT;
    for (int i = 0; i < CHAIN; i++) {
        v = value_from_object(probe_new_steal(th, v, visit->freed));
        assert_true((value_object(v)->flags & OBJECT_PRIVATE) != 0);
    }
    rt_store_barrier(th, value_object(visit->v), v); /* visit->v is not private */
    int count = 0;
    for (Value w = v; w != VALUE_ABSENT; w = ((Probe *)value_object(w))->other) {
        const Object *o = value_object(w);
        assert_int_equal(o->flags & OBJECT_PRIVATE, 0);
        assert_int_equal(atomic_load(&o->shared), 0);
        assert_int_equal(atomic_load(&o->lock), 0);
        assert_int_equal(o->gc, 0);
        count++;
    }
    assert_int_equal(count, CHAIN);
    rt_decref(th, v);
    rt_thread_detach(th);
    return NULL;
}

static void test_publishing_is_transitive(void **state)
{
    Thread *th = *state;
    _Atomic int freed = 0, unused = 0;
    Value container = value_from_object(probe_new_steal(th, VALUE_ABSENT, &unused));
    rt_publish(th, value_object(container));
    assert_int_equal(value_object(container)->flags & OBJECT_PRIVATE, 0);
    Visit visit = {.rt = th->rt, .v = container, .freed = &freed};
    pthread_t thread;
    epoch_park(th);
    assert_int_equal(pthread_create(&thread, NULL, publish_thread, &visit), 0);
    pthread_join(thread, NULL);
    epoch_unpark(th);
    assert_int_equal(freed, 100000);
    rt_decref(th, container);
}

static void test_types_of_values(void **state)
{
    (void)state;
    assert_ptr_equal(rt_type_of(VALUE_NONE), &none_type);
    assert_ptr_equal(rt_type_of(VALUE_TRUE), &bool_type);
    assert_ptr_equal(rt_type_of(value_from_small_int(-5)), &int_type);
    assert_ptr_equal(rt_type_of(value_from_double(-0.0)), &float_type);
    assert_string_equal(rt_type_of(rt_not_implemented())->name, "NotImplementedType");
    assert_string_equal(rt_type_of(rt_ellipsis())->name, "ellipsis");
    assert_true(rt_type_is_subtype(&bool_type, &int_type));
    assert_false(rt_type_is_subtype(&int_type, &bool_type));
    assert_true(rt_type_is_subtype(&int_type, &object_type));
    assert_null(rt_type_by_id(TYPE_USER_FIRST + 1));
    assert_null(rt_type_by_id(UINT32_MAX));
}

static void test_slots_are_inherited(void **state)
{
    (void)state;
    assert_ptr_equal(bool_type.binary[BIN_ADD], int_type.binary[BIN_ADD]);
    assert_ptr_not_equal(bool_type.binary[BIN_AND], int_type.binary[BIN_AND]);
    assert_ptr_equal(bool_type.hash, int_type.hash);
    assert_true((bool_type.flags & TYPE_FLAG_INT) != 0);
    assert_ptr_equal(probe_type.hash, object_type.hash);
    assert_ptr_equal(probe_type.base, &object_type);
}

static Value lookup(Thread *th, void *arg)
{
    Value name = str_intern_cstr(th, arg);
    if (name == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value found = rt_type_lookup(th, &bool_type, name);
    rt_decref(th, name);
    return found;
}

static void test_lookup_goes_through_bases(void **state)
{
    Thread *th = *state;
    Value found = lookup(th, (void *)"bit_length");
    assert_true(found != VALUE_ABSENT);
    rt_decref(th, found);
    assert_true(lookup(th, (void *)"no_such_method") == VALUE_ABSENT);
    assert_false(rt_pending(th));
}

static void test_lookup_without_memory(void **state)
{
    Thread *th = *state;
    types_clear(th);
    sweep_failures(th, lookup, (void *)"bit_length");
}

static void test_calling_types(void **state)
{
    Thread *th = *state;
    Value args[1] = {value_from_double(2.5)};
    Value type = value_from_object(&type_type);
    assert_repr_steal(th, rt_call(th, type, args, 1, VALUE_ABSENT), "<class 'float'>");
    assert_true(rt_call(th, type, args, 0, VALUE_ABSENT) == VALUE_ABSENT);
    assert_raised(th, EXC_TYPE_ERROR, "type() takes 1 or 3 arguments");
    Value none = value_from_object(&none_type);
    assert_true(rt_call(th, none, args, 0, VALUE_ABSENT) == VALUE_NONE);
    assert_true(rt_call(th, none, args, 1, VALUE_ABSENT) == VALUE_ABSENT);
    assert_raised(th, EXC_TYPE_ERROR, "NoneType takes no arguments");
    Value object = rt_call(th, value_from_object(&object_type), args, 0, VALUE_ABSENT);
    assert_true(value_has_type(object, TYPE_OBJECT));
    assert_int_equal(rt_equal(th, object, object), 1);
    rt_decref(th, object);
    assert_repr_steal(th, rt_ellipsis(), "Ellipsis");
}

static int setup(void **state)
{
    return runtime_setup(state) != 0 || !rt_type_ready(*state, &probe_type);
}

static void test_each_type_that_drops_references_shows_them(void **state)
{
    (void)state;
    for (uint32_t id = 1; id < TYPE_USER_FIRST; id++) {
        const Type *type = rt_type_by_id(id);
        bool leaf = type == NULL || type->finalize == NULL || id == TYPE_STR;
        if (!leaf && type->traverse == NULL) {
            fail_msg("%s has no traverse", type->name);
        }
    }
}

static void *check_thread(void *arg)
{
    Visit *visit = arg;
    Thread *th = rt_thread_attach(visit->rt);
    Value inner = list_new(th, NULL, 0), middle = tuple_new(th, &inner, 1);
    assert_true((value_object(inner)->flags & OBJECT_PRIVATE) != 0);
    assert_true(dict_set(th, visit->v, value_from_small_int(1), middle)); /* visit->v is shared */
    assert_int_equal(value_object(inner)->flags & OBJECT_PRIVATE, 0);
    assert_null(rt_check_published(value_object(visit->v)));
    value_object(inner)->flags |= OBJECT_PRIVATE; /* what a forgotten barrier leaves behind */
    assert_ptr_equal(rt_check_published(value_object(visit->v)), value_object(inner));
    value_object(inner)->flags &= (uint16_t)~OBJECT_PRIVATE;
    rt_decref(th, inner);
    rt_decref(th, middle);
    rt_thread_detach(th);
    return NULL;
}

static void test_a_check_finds_what_was_not_published(void **state)
{
    Thread *th = *state;
    Visit visit = {.rt = th->rt, .v = dict_new(th)};
    rt_publish(th, value_object(visit.v));
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, check_thread, &visit), 0);
    epoch_park(th);
    pthread_join(thread, NULL);
    epoch_unpark(th);
    rt_decref(th, visit.v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_last_reference_frees),
        cmocka_unit_test(test_a_million_links_do_not_recurse),
        cmocka_unit_test(test_large_counts_become_immortal),
        cmocka_unit_test(test_references_taken_by_another_thread),
        cmocka_unit_test(test_a_reference_handed_to_another_thread),
        cmocka_unit_test(test_the_queue_of_a_parked_owner_is_drained),
        cmocka_unit_test(test_an_object_outlives_its_thread),
        cmocka_unit_test(test_threads_hammer_one_count),
        cmocka_unit_test(test_publishing_is_transitive),
        cmocka_unit_test(test_types_of_values),
        cmocka_unit_test(test_slots_are_inherited),
        cmocka_unit_test(test_lookup_goes_through_bases),
        cmocka_unit_test(test_lookup_without_memory),
        cmocka_unit_test(test_calling_types),
        cmocka_unit_test(test_each_type_that_drops_references_shows_them),
        cmocka_unit_test(test_a_check_finds_what_was_not_published),
    };
    return cmocka_run_group_tests(tests, setup, runtime_teardown);
}
