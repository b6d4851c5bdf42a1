/*
 * The sys module: what the process was started with, limits, streams, facts about numbers.
 *
 * Streams come from natives_init.  Not here: anything that needs frames (_getframe, settrace), which
 * the interpreter adds.
 *
 * Threads: functions any; the limits are written without order, they only bound later work.
 */
#include <float.h>
#include <limits.h>
#include <string.h>

#include "runtime/int.h"
#include "runtime/memory.h"
#include "runtime/natives_internal.h"

enum { VERSION_MAJOR = 3, VERSION_MINOR = 11, VERSION_MICRO = 0 };
static const char version_text[] = "3.11.0 (Adder 0.1.0) [Clang " __clang_version__ "]";

enum { STR_DIGITS_THRESHOLD = 640, STR_DIGITS_DEFAULT = 4300 };

static Value small(int64_t x) { return value_from_small_int(x); }

static Value sys_exit(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)kwnames;
    if (nargs == 0) {
        Value exit = rt_exception_new(th, EXC_SYSTEM_EXIT, VALUE_ABSENT);
        return exit == VALUE_ABSENT ? VALUE_ABSENT : rt_raise_steal(th, exit);
    }
    return rt_raise_value(th, EXC_SYSTEM_EXIT, args[0]);
}

static Value sys_getrecursionlimit(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)args, (void)nargs, (void)kwnames;
    return small(th->rt->recursion_limit);
}

static Value sys_setrecursionlimit(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    int64_t limit;
    if (!int_as_index(th, args[0], &limit, true)) {
        return VALUE_ABSENT;
    }
    if (limit > INT_MAX) {
        return rt_raise(th, EXC_OVERFLOW_ERROR, "Python int too large to convert to C int");
    }
    if (limit < 1) {
        return rt_raise(th, EXC_VALUE_ERROR, "recursion limit must be greater or equal than 1");
    }
    uint32_t depth = th->depth + 1; /* this call is a level too */
    if (depth >= (uint64_t)limit) {
        return rt_raise(th, EXC_RECURSION_ERROR,
                        "cannot set the recursion limit to %d at the recursion depth %u: "
                        "the limit is too low",
                        (int)limit, depth);
    }
    rt_set_recursion_limit(th->rt, (uint32_t)limit);
    return VALUE_NONE;
}

static Value sys_intern(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    if (!value_is_str(args[0])) {
        return rt_raise(th, EXC_TYPE_ERROR, "intern() argument must be str, not %T", args[0]);
    }
    return str_intern_steal(th, rt_newref(th, args[0]));
}

static Value sys_gil(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)args, (void)nargs, (void)kwnames;
    return value_from_bool(th->rt->gil);
}

/* The memory of the object itself; numbers in a Value take its 8 bytes. */
static Value sys_getsizeof(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)kwnames;
    if (nargs == 0) {
        return rt_raise(th, EXC_TYPE_ERROR,
                        "getsizeof() missing required argument 'object' (pos 1)");
    }
    Value v = args[0];
    size_t size = value_is_object(v) ? rt_type_of(v)->size_bytes : sizeof(Value);
    if (value_is_list(v)) {
        size = sizeof(List) + sizeof(ListTable) +
               (size_t)atomic_load_explicit(&value_list(v)->table, memory_order_acquire)->capacity *
                   sizeof(Value);
    } else if (value_is_tuple(v)) {
        size = sizeof(Tuple) + (size_t)value_tuple(v)->size * sizeof(Value);
    } else if (value_is_str(v)) {
        size = sizeof(Str) + (size_t)(value_str(v)->length + 1) * value_str(v)->kind;
    } else if (value_has_type(v, TYPE_INT)) {
        int64_t limbs = ((const Int *)value_object(v))->size;
        size = sizeof(Int) + (size_t)(limbs < 0 ? -limbs : limbs) * sizeof(uint64_t);
    }
    return int_from_i64(th, (int64_t)size);
}

static Value sys_getrefcount(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)nargs, (void)kwnames;
    if (!value_is_object(args[0]) || object_owner(value_object(args[0])) == OWNER_IMMORTAL) {
        return int_from_i64(th, UINT32_MAX);
    }
    const Object *o = value_object(args[0]);
    int64_t shared = (int32_t)atomic_load_explicit(&o->shared, memory_order_relaxed) >> 2;
    return int_from_i64(th, (int64_t)o->local + shared);
}

static Value sys_get_int_max_str_digits(Thread *th, const Value *args, uint32_t nargs,
                                        Value kwnames)
{
    (void)args, (void)nargs, (void)kwnames;
    return int_from_i64(th, (int64_t)th->rt->int_max_str_digits);
}

static Value sys_set_int_max_str_digits(Thread *th, const Value *args, uint32_t nargs,
                                        Value kwnames)
{
    static const char *const names[] = {"maxdigits"};
    static const NativeSignature signature = {"set_int_max_str_digits", names, 1, 1, 1};
    Value given;
    int64_t digits;
    if (!native_bind(th, &signature, args, nargs, kwnames, &given) ||
        !int_as_index(th, given, &digits, true)) {
        return VALUE_ABSENT;
    }
    if (digits > INT_MAX) {
        return rt_raise(th, EXC_OVERFLOW_ERROR, "Python int too large to convert to C int");
    }
    if (digits != 0 && digits < STR_DIGITS_THRESHOLD) {
        return rt_raise(th, EXC_VALUE_ERROR, "maxdigits must be 0 or larger than %d",
                        STR_DIGITS_THRESHOLD);
    }
    th->rt->int_max_str_digits = (int32_t)digits;
    return VALUE_NONE;
}

static Value sys_getdefaultencoding(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)args, (void)nargs, (void)kwnames;
    return str_intern_cstr(th, "utf-8");
}

static Value sys_exc_info(Thread *th, const Value *args, uint32_t nargs, Value kwnames)
{
    (void)args, (void)nargs, (void)kwnames;
    Value info[3] = {VALUE_NONE, VALUE_NONE, VALUE_NONE};
    Value handled = th->handled_exception;
    if (handled != VALUE_ABSENT && handled != VALUE_NONE) {
        info[0] = value_from_object(rt_type_of(handled));
        info[1] = handled;
        info[2] = ((const Exception *)value_object(handled))->traceback;
    }
    return tuple_new(th, info, 3);
}

const NativeDef sys_defs[] = {
    {"exit", sys_exit, 0, 1, NATIVE_FUNCTION},
    {"getrecursionlimit", sys_getrecursionlimit, 0, 0, NATIVE_FUNCTION},
    {"setrecursionlimit", sys_setrecursionlimit, 1, 1, NATIVE_FUNCTION},
    {"intern", sys_intern, 1, 1, NATIVE_FUNCTION},
    {"_is_gil_enabled", sys_gil, 0, 0, NATIVE_FUNCTION},
    {"getsizeof", sys_getsizeof, 0, 2, NATIVE_FUNCTION},
    {"getrefcount", sys_getrefcount, 1, 1, NATIVE_FUNCTION},
    {"get_int_max_str_digits", sys_get_int_max_str_digits, 0, 0, NATIVE_FUNCTION},
    {"set_int_max_str_digits", sys_set_int_max_str_digits, 0, -1,
     NATIVE_KEYWORDS | NATIVE_FUNCTION},
    {"getdefaultencoding", sys_getdefaultencoding, 0, 0, NATIVE_FUNCTION},
    {"getfilesystemencoding", sys_getdefaultencoding, 0, 0, NATIVE_FUNCTION},
    {"exc_info", sys_exc_info, 0, 0, NATIVE_FUNCTION},
    {NULL, NULL, 0, 0, 0},
};

static Value make_version_info(Thread *th)
{
    const NamespaceField fields[] = {
        {"major", small(VERSION_MAJOR)},
        {"minor", small(VERSION_MINOR)},
        {"micro", small(VERSION_MICRO)},
        {"releaselevel", str_intern_cstr(th, "final")},
        {"serial", small(0)},
    };
    return namespace_new(th, TYPE_STRUCT_SEQUENCE, "sys.version_info", fields,
                         sizeof fields / sizeof *fields);
}

static int64_t hex_version(void)
{
    return VERSION_MAJOR << 24 | VERSION_MINOR << 16 | VERSION_MICRO << 8 | 0xF0;
}

static Value make_implementation(Thread *th, Value version)
{
    const NamespaceField fields[] = {
        {"name", str_intern_cstr(th, "adder")},
        {"cache_tag", VALUE_NONE},
        {"version", rt_newref(th, version)},
        {"hexversion", small(hex_version())},
    };
    return namespace_new(th, TYPE_NAMESPACE, "namespace", fields, sizeof fields / sizeof *fields);
}

static Value make_flags(Thread *th, const NativeConfig *config)
{
    const NamespaceField fields[] = {
        {"debug", small(0)},
        {"inspect", small(0)},
        {"interactive", small(0)},
        {"optimize", small(0)},
        {"dont_write_bytecode", small(1)},
        {"no_user_site", small(0)},
        {"no_site", small(0)},
        {"ignore_environment", small(0)},
        {"verbose", small(0)},
        {"bytes_warning", small(0)},
        {"quiet", small(0)},
        {"hash_randomization", small(0)},
        {"isolated", small(0)},
        {"dev_mode", VALUE_FALSE},
        {"utf8_mode", small(1)},
        {"warn_default_encoding", small(0)},
        {"safe_path", VALUE_FALSE},
        {"int_max_str_digits", small(STR_DIGITS_DEFAULT)},
        {"gil", config->gil == NULL ? VALUE_NONE : small(config->gil[0] == '1')},
    };
    return namespace_new(th, TYPE_STRUCT_SEQUENCE, "sys.flags", fields,
                         sizeof fields / sizeof *fields);
}

static Value make_float_info(Thread *th)
{
    const NamespaceField fields[] = {
        {"max", value_from_double(DBL_MAX)},
        {"max_exp", small(DBL_MAX_EXP)},
        {"max_10_exp", small(DBL_MAX_10_EXP)},
        {"min", value_from_double(DBL_MIN)},
        {"min_exp", small(DBL_MIN_EXP)},
        {"min_10_exp", small(DBL_MIN_10_EXP)},
        {"dig", small(DBL_DIG)},
        {"mant_dig", small(DBL_MANT_DIG)},
        {"epsilon", value_from_double(DBL_EPSILON)},
        {"radix", small(FLT_RADIX)},
        {"rounds", small(1)},
    };
    return namespace_new(th, TYPE_STRUCT_SEQUENCE, "sys.float_info", fields,
                         sizeof fields / sizeof *fields);
}

static Value make_int_info(Thread *th)
{
    const NamespaceField fields[] = {
        {"bits_per_digit", small(64)},
        {"sizeof_digit", small(8)},
        {"default_max_str_digits", small(STR_DIGITS_DEFAULT)},
        {"str_digits_check_threshold", small(STR_DIGITS_THRESHOLD)},
    };
    return namespace_new(th, TYPE_STRUCT_SEQUENCE, "sys.int_info", fields,
                         sizeof fields / sizeof *fields);
}

static Value make_hash_info(Thread *th)
{
    const NamespaceField fields[] = {
        {"width", small(64)},     {"modulus", int_from_i64(th, (INT64_C(1) << 61) - 1)},
        {"inf", small(314159)},   {"nan", small(0)},
        {"imag", small(1000003)},
    };
    return namespace_new(th, TYPE_STRUCT_SEQUENCE, "sys.hash_info", fields,
                         sizeof fields / sizeof *fields);
}

static Value make_argv(Thread *th, const NativeConfig *config)
{
    Value list = list_new(th, NULL, 0);
    for (int i = 0; list != VALUE_ABSENT && i < config->argc; i++) {
        Value argument = str_from_cstr(th, config->argv[i]);
        if (argument == VALUE_ABSENT || !list_append_steal(th, list, argument)) {
            rt_decref(th, list);
            return VALUE_ABSENT;
        }
    }
    return list;
}

/* The folder of the script, as CPython's first entry. */
static Value make_path(Thread *th, const NativeConfig *config)
{
    const char *script = config->argc > 0 ? config->argv[0] : "";
    const char *slash = strrchr(script, '/');
    Value folder = str_from_utf8(th, script, slash == NULL ? 0 : (size_t)(slash - script));
    if (folder == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    return list_new_steal(th, &folder, 1);
}

static bool add_streams(Thread *th, Value module)
{
    static const char *const names[3][2] = {{"stdin", "__stdin__"},
                                            {"stdout", "__stdout__"},
                                            {"stderr", "__stderr__"}};
    for (int i = 0; i < 3; i++) {
        Value stream = th->rt->natives->streams[i];
        if (!module_add(th, module, names[i][0], rt_newref(th, stream)) ||
            !module_add(th, module, names[i][1], rt_newref(th, stream))) {
            return false;
        }
    }
    return true;
}

static bool add_facts(Thread *th, Value module, const NativeConfig *config)
{
    const char *executable = config->executable == NULL ? "" : config->executable;
    return module_add(th, module, "argv", make_argv(th, config)) &&
           module_add(th, module, "path", make_path(th, config)) &&
           module_add(th, module, "executable", str_from_cstr(th, executable)) &&
           module_add(th, module, "version", str_from_cstr(th, version_text)) &&
           module_add(th, module, "hexversion", small(hex_version())) &&
           module_add(th, module, "maxsize", int_from_i64(th, INT64_MAX)) &&
           module_add(th, module, "maxunicode", small(0x10FFFF)) &&
           module_add(th, module, "byteorder", str_from_cstr(th, "little")) &&
           module_add(th, module, "platform", str_from_cstr(th, "linux")) &&
           module_add(th, module, "float_repr_style", str_from_cstr(th, "short")) &&
           module_add(th, module, "dont_write_bytecode", VALUE_TRUE) &&
           module_add(th, module, "flags", make_flags(th, config)) &&
           module_add(th, module, "float_info", make_float_info(th)) &&
           module_add(th, module, "int_info", make_int_info(th)) &&
           module_add(th, module, "hash_info", make_hash_info(th)) &&
           module_add(th, module, "modules", rt_newref(th, th->rt->modules));
}

static bool add_version(Thread *th, Value module)
{
    Value version = make_version_info(th);
    if (version == VALUE_ABSENT) {
        return false;
    }
    bool done = module_add(th, module, "implementation", make_implementation(th, version));
    return module_add(th, module, "version_info", version) && done;
}

Value sys_module_new(Thread *th, const NativeConfig *config)
{
    Value module = module_new(th, "sys");
    if (module == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    if (module_add_natives(th, module, sys_defs) && add_streams(th, module) &&
        add_version(th, module) && add_facts(th, module, config)) {
        return module;
    }
    rt_decref(th, module);
    return VALUE_ABSENT;
}
