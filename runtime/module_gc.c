/*
 * The gc module: the collector as Python sees it.
 *
 * There are no generations: every collection looks at all objects, so collect(0) does what collect(2)
 * does, and the statistics stand in the third dict, with times in nanoseconds as further keys.  Of the
 * thresholds the first is how many objects must be new before a collection may happen by itself (a
 * quarter of those that live is the other bound); the other two are kept and mean nothing.  freeze and
 * debugging are not there and say so.
 *
 * Threads: any.
 */
#include "runtime/abstract_internal.h"
#include "runtime/gc_internal.h"
#include "runtime/int.h"
#include "runtime/natives_internal.h"

enum { DEBUG_STATS = 1, DEBUG_COLLECTABLE = 2, DEBUG_UNCOLLECTABLE = 4, DEBUG_SAVEALL = 32 };
enum { DEBUG_LEAK = DEBUG_COLLECTABLE | DEBUG_UNCOLLECTABLE | DEBUG_SAVEALL, GENERATIONS = 3 };

#define FUNCTION(name) \
    static Value name(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
#define UNUSED_ARGUMENTS ((void)th, (void)args, (void)nargs, (void)kwnames)

/* ---- callbacks ------------------------------------------------------------------------------------------ */

static bool set_steal(Thread *th, Value dict, const char *key, Value v)
{
    bool ok = v != VALUE_ABSENT && dict_set_cstr(th, dict, key, v);
    rt_xdecref(th, v);
    return ok;
}

static void report_ignored(Thread *th, Value callback)
{
    Value exc = th->exception;
    th->exception = VALUE_ABSENT;
    Value text =
        str_from_format(th, "Exception ignored in: %R\n%s: %V\n", callback, rt_type_name(exc), exc);
    if (text != VALUE_ABSENT) {
        size_t length;
        const char *utf8 = str_utf8(th, text, &length);
        if (utf8 != NULL) {
            natives_write(th, 2, utf8, length);
        }
        rt_decref(th, text);
    }
    rt_clear_exception(th);
    rt_decref(th, exc);
}

void gc_call_back(Thread *th, const char *phase, uint64_t collected, uint64_t uncollectable)
{
    Value list = th->rt->gc->callbacks;
    if (list == VALUE_ABSENT || list_size(list) == 0 || rt_pending(th)) {
        return;
    }
    Value args[2] = {str_from_cstr(th, phase), dict_new(th)};
    bool ok = args[0] != VALUE_ABSENT && args[1] != VALUE_ABSENT &&
              set_steal(th, args[1], "generation", value_from_small_int(GENERATIONS - 1)) &&
              set_steal(th, args[1], "collected", value_from_small_int((int64_t)collected)) &&
              set_steal(th, args[1], "uncollectable", value_from_small_int((int64_t)uncollectable));
    for (int64_t i = 0; ok && i < list_size(list); i++) {
        Value callback = list_get(th, list, i);
        if (callback == VALUE_ABSENT) {
            break; /* the list has become shorter */
        }
        Value r = rt_call(th, callback, args, 2, VALUE_ABSENT);
        if (r == VALUE_ABSENT) {
            report_ignored(th, callback);
        } else {
            rt_decref(th, r);
        }
        rt_decref(th, callback);
    }
    rt_clear_exception(th);
    rt_xdecref(th, args[0]);
    rt_xdecref(th, args[1]);
}

/* ---- collecting ------------------------------------------------------------------------------------------- */

FUNCTION(gc_collect_function)
{
    static const char *const names[] = {"generation"};
    static const NativeSignature signature = {"collect", names, 1, 0, 1};
    Value given[1];
    if (!native_bind(th, &signature, args, nargs, kwnames, given)) {
        return VALUE_ABSENT;
    }
    int64_t generation = GENERATIONS - 1;
    if (given[0] != VALUE_ABSENT && !int_as_index(th, given[0], &generation, false)) {
        return VALUE_ABSENT;
    }
    if (generation < 0 || generation >= GENERATIONS) {
        return rt_raise(th, EXC_VALUE_ERROR, "invalid generation");
    }
    return int_from_i64(th, (int64_t)gc_collect(th));
}

FUNCTION(gc_enable_function)
{
    UNUSED_ARGUMENTS;
    gc_enable(th->rt, true);
    return VALUE_NONE;
}

FUNCTION(gc_disable_function)
{
    UNUSED_ARGUMENTS;
    gc_enable(th->rt, false);
    return VALUE_NONE;
}

FUNCTION(gc_isenabled)
{
    UNUSED_ARGUMENTS;
    return value_from_bool(gc_enabled(th->rt));
}

static Value three(Thread *th, int64_t a, int64_t b, int64_t c)
{
    const Value items[GENERATIONS] = {value_from_small_int(a), value_from_small_int(b),
                                      value_from_small_int(c)};
    return tuple_new(th, items, GENERATIONS);
}

FUNCTION(gc_get_count)
{
    UNUSED_ARGUMENTS;
    return three(th, gc_new(th->rt), 0, 0);
}

FUNCTION(gc_get_threshold)
{
    UNUSED_ARGUMENTS;
    const struct GcState *gc = th->rt->gc;
    return three(th, atomic_load_explicit(&gc->growth, memory_order_relaxed), gc->thresholds[0],
                 gc->thresholds[1]);
}

FUNCTION(gc_set_threshold)
{
    (void)kwnames;
    int64_t given[GENERATIONS];
    for (uint32_t i = 0; i < nargs; i++) {
        if (!int_as_index(th, args[i], &given[i], false)) {
            return VALUE_ABSENT;
        }
        if (given[i] < INT32_MIN || given[i] > INT32_MAX) {
            return rt_raise(th, EXC_OVERFLOW_ERROR, "Python int too large to convert to C int");
        }
    }
    gc_set_growth(th->rt, given[0] < 0 ? 0 : given[0]);
    for (uint32_t i = 1; i < nargs; i++) {
        th->rt->gc->thresholds[i - 1] = (int32_t)given[i];
    }
    return VALUE_NONE;
}

/* ---- statistics ------------------------------------------------------------------------------------------- */

static bool add_times(Thread *th, Value dict, const char *const *names, const GcTimes *times)
{
    return set_steal(th, dict, names[0], int_from_i64(th, (int64_t)times->last_ns)) &&
           set_steal(th, dict, names[1], int_from_i64(th, (int64_t)times->max_ns)) &&
           set_steal(th, dict, names[2], int_from_i64(th, (int64_t)times->total_ns));
}

static Value stats_dict(Thread *th, const GcStats *s)
{
    static const char *const stop[] = {"stop_last_ns", "stop_max_ns", "stop_total_ns"};
    static const char *const pause[] = {"pause_last_ns", "pause_max_ns", "pause_total_ns"};
    static const char *const clear[] = {"clear_last_ns", "clear_max_ns", "clear_total_ns"};
    Value dict = dict_new(th);
    if (dict == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    const struct {
        const char *name;
        uint64_t n;
    } rows[] = {{"collections", s->collections},     {"collected", s->collected},
                {"uncollectable", s->uncollectable}, {"automatic", s->automatic},
                {"deferred", s->deferred},           {"tracked", s->live}};
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof rows / sizeof *rows; i++) {
        ok = set_steal(th, dict, rows[i].name, int_from_i64(th, (int64_t)rows[i].n));
    }
    ok = ok && add_times(th, dict, stop, &s->stop) && add_times(th, dict, pause, &s->pause) &&
         add_times(th, dict, clear, &s->clear);
    if (!ok) {
        rt_decref(th, dict);
        return VALUE_ABSENT;
    }
    return dict;
}

FUNCTION(gc_get_stats)
{
    UNUSED_ARGUMENTS;
    GcStats stats[GENERATIONS] = {{0}};
    gc_stats(th->rt, &stats[GENERATIONS - 1]);
    Value list = list_new(th, NULL, 0);
    for (int i = 0; list != VALUE_ABSENT && i < GENERATIONS; i++) {
        Value dict = stats_dict(th, &stats[i]);
        if (dict == VALUE_ABSENT || !list_append_steal(th, list, dict)) {
            rt_decref(th, list);
            return VALUE_ABSENT;
        }
    }
    return list;
}

/* ---- looking ------------------------------------------------------------------------------------------------ */

static bool keep_all(Object *o, void *arg)
{
    (void)o, (void)arg;
    return true;
}

FUNCTION(gc_get_objects)
{
    static const char *const names[] = {"generation"};
    static const NativeSignature signature = {"get_objects", names, 1, 0, 1};
    Value given[1];
    if (!native_bind(th, &signature, args, nargs, kwnames, given)) {
        return VALUE_ABSENT;
    }
    if (given[0] == VALUE_ABSENT || given[0] == VALUE_NONE) {
        return gc_list(th, keep_all, NULL);
    }
    int64_t generation;
    if (!int_as_index(th, given[0], &generation, false)) {
        return VALUE_ABSENT;
    }
    if (generation == -1) {
        return gc_list(th, keep_all, NULL);
    }
    if (generation < 0 || generation >= GENERATIONS) {
        return rt_raise(
            th, EXC_VALUE_ERROR,
            generation < 0
                ? "generation parameter cannot be negative"
                : "generation parameter must be less than the number of available generations (3)");
    }
    return generation == GENERATIONS - 1 ? gc_list(th, keep_all, NULL) : list_new(th, NULL, 0);
}

typedef struct Referrers {
    const Value *objects;
    uint32_t count;
    bool found;
} Referrers;

static void compare_child(Object *child, void *arg)
{
    Referrers *r = arg;
    for (uint32_t i = 0; i < r->count; i++) {
        r->found = r->found || r->objects[i] == value_from_object(child);
    }
}

static bool refers(Object *o, void *arg)
{
    Referrers *r = arg;
    const Type *type = rt_type_by_id(o->type_id);
    r->found = false;
    if (type->traverse != NULL) {
        type->traverse(o, compare_child, r);
    }
    return r->found;
}

FUNCTION(gc_get_referrers)
{
    (void)kwnames;
    Referrers r = {args, nargs, false};
    return gc_list(th, refers, &r);
}

FUNCTION(gc_get_referents)
{
    (void)kwnames;
    return gc_referents(th, args, nargs);
}

FUNCTION(gc_is_tracked_function)
{
    UNUSED_ARGUMENTS;
    return value_from_bool(gc_is_tracked(args[0]));
}

/* Finalizers are of builtin types, which run when counts have freed the object. */
FUNCTION(gc_is_finalized)
{
    UNUSED_ARGUMENTS;
    return VALUE_FALSE;
}

/* ---- what is not there --------------------------------------------------------------------------------------- */

FUNCTION(gc_set_debug)
{
    (void)nargs, (void)kwnames;
    int64_t flags;
    if (!int_as_index(th, args[0], &flags, false)) {
        return VALUE_ABSENT;
    }
    return flags == 0 ? VALUE_NONE
                      : rt_raise(th, EXC_NOT_IMPLEMENTED_ERROR,
                                 "Adder has no debugging flags of gc yet (see -X gc-stats)");
}

FUNCTION(gc_zero)
{
    UNUSED_ARGUMENTS;
    return value_from_small_int(0);
}

FUNCTION(gc_no_freeze)
{
    UNUSED_ARGUMENTS;
    return rt_raise(th, EXC_NOT_IMPLEMENTED_ERROR, "Adder's gc does not freeze objects yet");
}

const NativeDef gc_defs[] = {
    {"collect", gc_collect_function, 0, 1, NATIVE_FUNCTION | NATIVE_KEYWORDS},
    {"enable", gc_enable_function, 0, 0, NATIVE_FUNCTION},
    {"disable", gc_disable_function, 0, 0, NATIVE_FUNCTION},
    {"isenabled", gc_isenabled, 0, 0, NATIVE_FUNCTION},
    {"get_count", gc_get_count, 0, 0, NATIVE_FUNCTION},
    {"get_threshold", gc_get_threshold, 0, 0, NATIVE_FUNCTION},
    {"set_threshold", gc_set_threshold, 1, 3, NATIVE_FUNCTION},
    {"get_stats", gc_get_stats, 0, 0, NATIVE_FUNCTION},
    {"get_objects", gc_get_objects, 0, 1, NATIVE_FUNCTION | NATIVE_KEYWORDS},
    {"get_referrers", gc_get_referrers, 0, -1, NATIVE_FUNCTION},
    {"get_referents", gc_get_referents, 0, -1, NATIVE_FUNCTION},
    {"is_tracked", gc_is_tracked_function, 1, 1, NATIVE_FUNCTION},
    {"is_finalized", gc_is_finalized, 1, 1, NATIVE_FUNCTION},
    {"get_debug", gc_zero, 0, 0, NATIVE_FUNCTION},
    {"set_debug", gc_set_debug, 1, 1, NATIVE_FUNCTION},
    {"freeze", gc_no_freeze, 0, 0, NATIVE_FUNCTION},
    {"unfreeze", gc_no_freeze, 0, 0, NATIVE_FUNCTION},
    {"get_freeze_count", gc_zero, 0, 0, NATIVE_FUNCTION},
    {NULL, NULL, 0, 0, 0},
};

static bool add_names(Thread *th, Value module)
{
    static const struct {
        const char *name;
        int64_t v;
    } flags[] = {{"DEBUG_STATS", DEBUG_STATS},
                 {"DEBUG_COLLECTABLE", DEBUG_COLLECTABLE},
                 {"DEBUG_UNCOLLECTABLE", DEBUG_UNCOLLECTABLE},
                 {"DEBUG_SAVEALL", DEBUG_SAVEALL},
                 {"DEBUG_LEAK", DEBUG_LEAK}};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        if (!module_add(th, module, flags[i].name, value_from_small_int(flags[i].v))) {
            return false;
        }
    }
    struct GcState *gc = th->rt->gc;
    if (gc->callbacks == VALUE_ABSENT) {
        gc->callbacks = list_new(th, NULL, 0);
    }
    return gc->callbacks != VALUE_ABSENT &&
           module_add(th, module, "callbacks", rt_newref(th, gc->callbacks)) &&
           module_add(th, module, "garbage", list_new(th, NULL, 0));
}

Value gc_module_new(Thread *th)
{
    Value module = module_new(th, "gc");
    if (module != VALUE_ABSENT &&
        (!module_add_natives(th, module, gc_defs) || !add_names(th, module))) {
        rt_decref(th, module);
        return VALUE_ABSENT;
    }
    return module;
}
