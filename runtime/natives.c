/*
 * Natives: the builtins module, the registry of builtin modules, and the first standard streams.
 *
 * The builtins are four tables of functions (builtins_*.c, print.c), the types, the exceptions and
 * three constants.  sys is made at start, because print needs its streams; math and time when a
 * program imports them.
 *
 * Threads: natives_init and natives_stop while one thread runs; the rest: any.
 */
#include "runtime/natives_internal.h"

#include <signal.h>

#include "runtime/fork.h"
#include "runtime/memory.h"
#include "runtime/types.h"

typedef struct NativeModule {
    const char *name;
    Value (*make)(Thread *th);
} NativeModule;

static const NativeModule native_modules[] = {
    {"gc", gc_module_new},
    {"math", math_module_new},
    {"time", time_module_new},
    {"_thread", thread_module_new},
};

/* Types that programs know by name; the others are reached through type(). */
static const uint32_t builtin_type_ids[] = {
    TYPE_OBJECT,    TYPE_TYPE,  TYPE_BOOL,  TYPE_INT,    TYPE_FLOAT,    TYPE_STR,       TYPE_BYTES,
    TYPE_LIST,      TYPE_TUPLE, TYPE_RANGE, TYPE_DICT,   TYPE_SET,      TYPE_FROZENSET, TYPE_SLICE,
    TYPE_ENUMERATE, TYPE_ZIP,   TYPE_MAP,   TYPE_FILTER, TYPE_REVERSED,
};

bool rt_native_types_init(Thread *th)
{
    return function_types_init(th) && module_type_init(th) && iterator_types_init(th) &&
           file_type_init(th) && namespace_types_init(th) && thread_types_init(th);
}

static bool add_types(Thread *th, Value module)
{
    for (size_t i = 0; i < sizeof builtin_type_ids / sizeof *builtin_type_ids; i++) {
        Type *type = rt_type_by_id(builtin_type_ids[i]);
        if (type != NULL && !module_add(th, module, type->name, value_from_object(type))) {
            return false;
        }
    }
    for (uint32_t id = TYPE_EXCEPTION_FIRST; id < EXC_END; id++) {
        Type *type = rt_type_by_id(id);
        if (type != NULL && !module_add(th, module, type->name, value_from_object(type))) {
            return false;
        }
    }
    /* Two more names of OSError. */
    Value os_error = value_from_object(rt_type_by_id(EXC_OS_ERROR));
    return module_add(th, module, "IOError", os_error) &&
           module_add(th, module, "EnvironmentError", os_error);
}

static Value builtins_module_new(Thread *th)
{
    Value module = module_new(th, "builtins");
    if (module == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    if (module_add_natives(th, module, builtin_number_defs) &&
        module_add_natives(th, module, builtin_sequence_defs) &&
        module_add_natives(th, module, builtin_object_defs) &&
        module_add_natives(th, module, builtin_io_defs) && add_types(th, module) &&
        module_add(th, module, "Ellipsis", rt_ellipsis()) &&
        module_add(th, module, "NotImplemented", rt_not_implemented()) &&
        module_add(th, module, "__debug__", VALUE_TRUE) &&
        module_add(th, module, "None", VALUE_NONE) && module_add(th, module, "True", VALUE_TRUE) &&
        module_add(th, module, "False", VALUE_FALSE)) {
        return module;
    }
    rt_decref(th, module);
    return VALUE_ABSENT;
}

static bool make_streams(Thread *th, struct NativeState *state, const NativeConfig *config)
{
    static const char *const names[3] = {"stdin", "stdout", "stderr"};
    static const char *const shown[3] = {"<stdin>", "<stdout>", "<stderr>"};
    for (int fd = 0; fd < 3; fd++) {
        state->stream_names[fd] = str_intern_cstr(th, names[fd]);
        state->streams[fd] = file_new(th, fd, fd != 0, shown[fd]);
        if (state->stream_names[fd] == VALUE_ABSENT || state->streams[fd] == VALUE_ABSENT) {
            return false;
        }
    }
    value_file(state->streams[1])->write_through = config->unbuffered;
    File *errors = value_file(state->streams[2]);
    errors->line_buffered = true;
    errors->write_through = config->unbuffered;
    errors->escape_surrogates = true;
    return true;
}

/* Puts module (stolen) into sys.modules. */
static bool register_module_steal(Thread *th, Value module, const char *name)
{
    if (module == VALUE_ABSENT) {
        return false;
    }
    bool done = dict_set_cstr(th, th->rt->modules, name, module);
    rt_decref(th, module);
    return done;
}

static bool make_builtins(Thread *th)
{
    Value module = builtins_module_new(th);
    if (module == VALUE_ABSENT) {
        return false;
    }
    rt_xdecref(th, th->rt->builtins);
    th->rt->builtins = rt_newref(th, ((const Module *)value_object(module))->dict);
    return register_module_steal(th, module, "builtins");
}

static bool make_sys(Thread *th, struct NativeState *state, const NativeConfig *config)
{
    Value module = sys_module_new(th, config);
    if (module != VALUE_ABSENT) {
        state->sys_dict = rt_newref(th, ((const Module *)value_object(module))->dict);
    }
    return register_module_steal(th, module, "sys");
}

bool natives_init(Thread *th, const NativeConfig *config)
{
    struct NativeState *state = rt_calloc(1, sizeof *state);
    if (state == NULL) {
        rt_raise_memory_error(th);
        return false;
    }
    th->rt->natives = state;
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an OSError of write */
    if (th->rt->modules == VALUE_ABSENT && (th->rt->modules = dict_new(th)) == VALUE_ABSENT) {
        return false;
    }
    return make_streams(th, state, config) && make_builtins(th) && make_sys(th, state, config);
}

void natives_stop(Thread *th)
{
    struct NativeState *state = th->rt->natives;
    if (state == NULL) {
        return;
    }
    natives_flush(th);
    rt_clear_exception(th);
    if (state->sys_dict != VALUE_ABSENT) { /* sys.modules holds sys: open the cycle */
        Value name = str_intern_cstr(th, "modules");
        if (name != VALUE_ABSENT) {
            dict_delete(th, state->sys_dict, name);
            rt_decref(th, name);
        }
        rt_clear_exception(th);
        rt_decref(th, state->sys_dict);
    }
    for (int i = 0; i < 3; i++) {
        rt_xdecref(th, state->streams[i]);
        rt_xdecref(th, state->stream_names[i]);
    }
    th->rt->natives = NULL;
    rt_free(state);
}

Value natives_import(Thread *th, Value name)
{
    Value module = VALUE_ABSENT;
    if (!dict_get(th, th->rt->modules, name, &module) || module != VALUE_ABSENT) {
        return module;
    }
    for (size_t i = 0; i < sizeof native_modules / sizeof *native_modules; i++) {
        if (!str_is(name, native_modules[i].name)) {
            continue;
        }
        module = native_modules[i].make(th);
        if (module == VALUE_ABSENT) {
            return VALUE_ABSENT;
        }
        /* Of two threads that import at once, both get the module that came first. */
        Value first = dict_setdefault(th, th->rt->modules, name, module);
        rt_decref(th, module);
        return first;
    }
    return VALUE_ABSENT;
}

bool natives_add_builtin(Thread *th, const NativeDef *def)
{
    Value name = str_from_cstr(th, "builtins");
    Value function = name == VALUE_ABSENT ? VALUE_ABSENT : native_function_new(th, def, name);
    rt_xdecref(th, name);
    if (function == VALUE_ABSENT) {
        return false;
    }
    bool done = dict_set_cstr(th, th->rt->builtins, def->name, function);
    rt_decref(th, function);
    return done;
}

const NativeDef *natives_find(const char *module, const char *name)
{
    static const NativeDef *const builtin_tables[] = {builtin_number_defs, builtin_sequence_defs,
                                                      builtin_object_defs, builtin_io_defs, NULL};
    static const NativeDef *const math_tables[] = {math_float_defs, math_number_defs, math_int_defs,
                                                   NULL};
    static const NativeDef *const time_tables[] = {time_defs, NULL};
    static const NativeDef *const thread_tables[] = {thread_defs, NULL};
    static const NativeDef *const gc_tables[] = {gc_defs, NULL};
    const NativeDef *const *tables = strcmp(module, "builtins") == 0  ? builtin_tables
                                     : strcmp(module, "math") == 0    ? math_tables
                                     : strcmp(module, "time") == 0    ? time_tables
                                     : strcmp(module, "_thread") == 0 ? thread_tables
                                     : strcmp(module, "gc") == 0      ? gc_tables
                                                                      : NULL;
    for (; tables != NULL && *tables != NULL; tables++) {
        for (const NativeDef *def = *tables; def->name != NULL; def++) {
            if (strcmp(def->name, name) == 0) {
                return def;
            }
        }
    }
    return NULL;
}

void natives_fork_prepare(Runtime *rt)
{
    for (int i = 0; rt->natives != NULL && i < 3; i++) {
        pthread_mutex_lock(&value_file(rt->natives->streams[i])->mutex);
    }
}

void natives_fork_done(Runtime *rt)
{
    for (int i = 0; rt->natives != NULL && i < 3; i++) {
        pthread_mutex_unlock(&value_file(rt->natives->streams[i])->mutex);
    }
}

bool natives_flush(Thread *th)
{
    struct NativeState *state = th->rt->natives;
    bool ok = true;
    for (int i = 1; i < 3 && state != NULL; i++) {
        Value stream = state->streams[i];
        if (stream != VALUE_ABSENT && !value_file(stream)->closed &&
            !file_flush(th, value_file(stream))) {
            ok = false;
        }
    }
    return ok;
}

bool natives_write(Thread *th, int stream, const char *text, size_t length)
{
    struct NativeState *state = th->rt->natives;
    if (state == NULL || state->streams[stream] == VALUE_ABSENT) {
        rt_raise(th, EXC_RUNTIME_ERROR, "lost sys.%s", stream == 1 ? "stdout" : "stderr");
        return false;
    }
    return file_write_bytes(th, value_file(state->streams[stream]), text, length);
}
