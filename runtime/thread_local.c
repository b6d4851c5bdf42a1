/*
 * _thread._local: an object whose attributes each thread has for itself.
 *
 * A thread's dict for a local hangs from a LocalEntry, which is in two lists: that of its thread, which only the
 * thread itself walks and changes, and that of its local, under the locals' lock.  When the local dies its
 * entries lose their dicts and their local; their threads free them as they come by.  When the thread ends, its
 * entries leave the lists of their locals.  The dicts are published at birth: who drops the local drops the
 * dicts of all threads.
 *
 * Lock order: the lock of the entries is a leaf; nothing is freed under it.
 *
 * Threads: any.
 */
#include <sched.h>

#include "runtime/memory.h"
#include "runtime/module_thread.h"

typedef struct LocalEntry {
    struct LocalEntry *next; /* of its thread; owner only */
    Value dict;              /* owned by the entry; taken by the local's end, under the lock */
    /* shared: under the lock; `local` is written under it and read by the owner, acquire */
    struct Local *_Atomic local; /* NULL: it has died */
    struct LocalEntry *before, *after;
} LocalEntry;

typedef struct Local {
    Object header;
    LocalEntry *entries; /* under the lock */
} Local;

static Local *local_of(Value v) { return (Local *)value_object(v); }

/* One lock for all entries of the runtime: taken at the first use of a local in a thread, and at its end. */
static void entries_lock(Runtime *rt)
{
    while (atomic_exchange_explicit(&rt->locals_lock, 1, memory_order_acquire) != 0) {
        sched_yield();
    }
}
static void entries_unlock(Runtime *rt)
{
    atomic_store_explicit(&rt->locals_lock, 0, memory_order_release);
}

/* Frees the entries of th whose locals have died. */
static void sweep(Thread *th)
{
    for (LocalEntry **p = &th->locals; *p != NULL;) {
        LocalEntry *e = *p;
        if (atomic_load_explicit(&e->local, memory_order_acquire) == NULL) {
            *p = e->next;
            rt_free(e);
        } else {
            p = &e->next;
        }
    }
}

static LocalEntry *entry_new(Thread *th, Local *l)
{
    sweep(th);
    LocalEntry *e = rt_calloc(1, sizeof *e);
    Value dict = e == NULL ? VALUE_ABSENT : dict_new(th);
    if (dict == VALUE_ABSENT) {
        rt_free(e);
        rt_raise_memory_error(th);
        return NULL;
    }
    if ((value_object(dict)->flags & OBJECT_PRIVATE) != 0) {
        rt_publish(th, value_object(dict));
    }
    e->dict = dict;
    atomic_init(&e->local, l);
    e->next = th->locals;
    th->locals = e;
    entries_lock(th->rt);
    e->after = l->entries;
    if (e->after != NULL) {
        e->after->before = e;
    }
    l->entries = e;
    entries_unlock(th->rt);
    return e;
}

/* The calling thread's dict. owns: new. fails: absent, MemoryError. */
static Value local_dict(Thread *th, Local *l)
{
    for (LocalEntry *e = th->locals; e != NULL; e = e->next) {
        if (atomic_load_explicit(&e->local, memory_order_relaxed) == l) {
            return rt_newref(th, e->dict);
        }
    }
    LocalEntry *e = entry_new(th, l);
    return e == NULL ? VALUE_ABSENT : rt_newref(th, e->dict);
}

static void local_finalize(Thread *th, Object *o)
{
    Local *l = (Local *)o;
    for (;;) {
        entries_lock(th->rt);
        LocalEntry *e = l->entries;
        Value dict = VALUE_ABSENT;
        if (e != NULL) {
            l->entries = e->after;
            dict = e->dict;
            e->dict = VALUE_ABSENT;
            /* release: the owner frees the entry when it sees this */
            atomic_store_explicit(&e->local, NULL, memory_order_release);
        }
        entries_unlock(th->rt);
        if (e == NULL) {
            return;
        }
        rt_decref(th, dict);
    }
}

void thread_locals_clear(Thread *th)
{
    while (th->locals != NULL) {
        LocalEntry *e = th->locals;
        th->locals = e->next;
        entries_lock(th->rt);
        Local *l = atomic_load_explicit(&e->local, memory_order_relaxed);
        if (l != NULL) {
            if (e->before == NULL) {
                l->entries = e->after;
            } else {
                e->before->after = e->after;
            }
            if (e->after != NULL) {
                e->after->before = e->before;
            }
        }
        Value dict = e->dict;
        entries_unlock(th->rt);
        rt_free(e);
        rt_xdecref(th, dict);
    }
}

static Value local_construct(Thread *th, Type *type, const Value *args, uint32_t nargs,
                             Value kwnames)
{
    (void)type, (void)args;
    if (nargs != 0 || keyword_count(kwnames) != 0) {
        return rt_raise(th, EXC_TYPE_ERROR, "Initialization arguments are not supported");
    }
    Local *l = rt_object_new(th, TYPE_THREAD_LOCAL, sizeof *l);
    return l == NULL ? VALUE_ABSENT : value_from_object(l);
}

static Value local_getattr(Thread *th, Value self, Value name)
{
    Value dict = local_dict(th, local_of(self));
    if (dict == VALUE_ABSENT || str_is(name, "__dict__")) {
        return dict;
    }
    Value v;
    bool ok = dict_get(th, dict, name, &v);
    rt_decref(th, dict);
    return !ok || v != VALUE_ABSENT ? v : rt_generic_getattr(th, self, name);
}

static bool local_setattr(Thread *th, Value self, Value name, Value v)
{
    if (str_is(name, "__dict__")) {
        rt_raise(th, EXC_ATTRIBUTE_ERROR,
                 "'_thread._local' object attribute '__dict__' is read-only");
        return false;
    }
    Value dict = local_dict(th, local_of(self));
    if (dict == VALUE_ABSENT) {
        return false;
    }
    int done;
    if (v != VALUE_ABSENT) {
        done = dict_set(th, dict, name, v) ? 1 : -1;
    } else {
        done = dict_delete(th, dict, name);
    }
    rt_decref(th, dict);
    if (done == 0) {
        rt_raise(th, EXC_ATTRIBUTE_ERROR, "'_thread._local' object has no attribute '%U'", name);
    }
    return done > 0;
}

static void local_traverse(Object *o, VisitFn visit, void *arg)
{
    for (LocalEntry *e = ((Local *)o)->entries; e != NULL; e = e->after) {
        visit(value_object(e->dict), arg);
    }
}

static Type local_type = {
    .id = TYPE_THREAD_LOCAL,
    .name = "_thread._local",
    .flags = TYPE_FLAG_GC,
    .size_bytes = sizeof(Local),
    .finalize = local_finalize,
    .traverse = local_traverse,
    .construct = local_construct,
    .getattr = local_getattr,
    .setattr = local_setattr,
};

bool thread_local_type_init(Thread *th) { return rt_type_ready(th, &local_type); }
