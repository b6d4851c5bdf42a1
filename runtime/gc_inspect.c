/*
 * Gc, looking: lists of tracked objects, of what objects refer to, and of who refers to them.
 *
 * The world is stopped while objects are looked at and references are taken; the list is made
 * afterwards.  An object that was private to another thread is published there and then: from now on two
 * threads know it.
 *
 * Threads: stated per function (gc.h).
 */
#include <assert.h>

#include "runtime/containers.h"
#include "runtime/gc_internal.h"
#include "runtime/safepoint.h"

/* Objects, with a reference each. */
typedef struct Found {
    Thread *th;
    Value *items;
    size_t count, capacity;
    bool failed;
} Found;

static void found_add(Object *o, void *arg)
{
    Found *f = arg;
    if (f->count == f->capacity) {
        size_t capacity = f->capacity < 64 ? 64 : f->capacity * 2;
        Value *items = f->failed ? NULL : rt_realloc(f->items, capacity * sizeof *items);
        if (items == NULL) {
            f->failed = true;
            return;
        }
        f->items = items;
        f->capacity = capacity;
    }
    rt_publish_stopped(o);
    f->items[f->count++] = rt_newref(f->th, value_from_object(o));
}

/* The list of what was found; empties f. */
static Value found_list(Found *f)
{
    if (f->failed) {
        rt_raise_memory_error(f->th);
        for (size_t i = 0; i < f->count; i++) {
            rt_decref(f->th, f->items[i]);
        }
        rt_free(f->items);
        return VALUE_ABSENT;
    }
    Value list = list_new_steal(f->th, f->items, (int64_t)f->count);
    rt_free(f->items);
    return list;
}

Value gc_list(Thread *th, GcKeepFn keep, void *arg)
{
    Found f = {.th = th};
    world_stop(th);
    for (GcHeap *h = atomic_load(&th->rt->gc->heaps); h != NULL; h = h->next) {
        for (GcLink *l = gc_next(&h->objects); l != &h->objects; l = gc_next(l)) {
            Object *o = gc_object(l);
            if ((o->gc & GC_DYING) == 0 && keep(o, arg)) {
                found_add(o, &f);
            }
        }
    }
    world_start(th);
    return found_list(&f);
}

Value gc_referents(Thread *th, const Value *objects, uint32_t count)
{
    Found f = {.th = th};
    world_stop(th);
    for (uint32_t i = 0; i < count; i++) {
        const Type *type = rt_type_of(objects[i]);
        if (gc_is_tracked(objects[i]) && type->traverse != NULL) {
            type->traverse(value_object(objects[i]), found_add, &f);
        }
    }
    world_start(th);
    return found_list(&f);
}
