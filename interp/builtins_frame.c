/*
 * Builtins that look at the running frame or run code: globals, locals, vars, dir, __import__,
 * compile, exec, eval.
 *
 * locals() of a function is a snapshot.  exec and compile know mode "exec" (module code) only; what is
 * not there yet is refused by name.
 *
 * Threads: any; each looks at its own frame.
 */
#include "interp/compiler.h"
#include "interp/vm_internal.h"
#include "runtime/natives.h"

#define BUILTIN(name) \
    static Value name(Thread *th, const Value *args, uint32_t nargs, Value kwnames)

/* The globals of the innermost Python frame. owns: borrowed. */
static Value current_globals(Thread *th)
{
    const Vm *vm = thread_vm(th);
    return vm->fp != NULL ? frame_function(vm->fp)->globals : vm->main_globals;
}

BUILTIN(builtin_globals)
{
    (void)args, (void)nargs, (void)kwnames;
    return rt_newref(th, current_globals(th));
}

static bool snapshot_value(Thread *th, Value dict, Value name, Value v)
{
    if (value_has_type(v, TYPE_CELL)) {
        v = atomic_load_explicit(&((Cell *)value_object(v))->value, memory_order_acquire);
    }
    if (v == VALUE_UNBOUND || name == VALUE_ABSENT || str_char_at(value_str(name), 0) == '.') {
        return true;
    }
    return dict_set(th, dict, name, v);
}

/* A dict of the frame's locals and free variables. owns: new. */
static Value snapshot(Thread *th, const Value *fp)
{
    const Function *fn = frame_function(fp);
    const Code *code = fn->code;
    Value dict = dict_new(th);
    bool ok = dict != VALUE_ABSENT;
    for (uint32_t i = 0; ok && i < code->local_count; i++) {
        ok = snapshot_value(th, dict, code->local_names[i], fp[i]);
    }
    for (uint32_t i = 0; ok && i < code->free_count; i++) {
        ok = snapshot_value(th, dict, code->free_names[i], fn->closure[i]);
    }
    if (!ok) {
        rt_xdecref(th, dict);
        return VALUE_ABSENT;
    }
    return dict;
}

static Value current_locals(Thread *th)
{
    const Vm *vm = thread_vm(th);
    if (vm->fp == NULL || (frame_code(vm->fp)->flags & CODE_MODULE) != 0) {
        return rt_newref(th, current_globals(th));
    }
    return snapshot(th, vm->fp);
}

BUILTIN(builtin_locals)
{
    (void)args, (void)nargs, (void)kwnames;
    return current_locals(th);
}

static Value attribute_optional(Thread *th, Value v, const char *name)
{
    Value key = str_intern_cstr(th, name);
    Value found = key == VALUE_ABSENT ? VALUE_ABSENT : rt_getattr_optional(th, v, key);
    rt_xdecref(th, key);
    return found;
}

BUILTIN(builtin_vars)
{
    (void)kwnames;
    if (nargs == 0) {
        return current_locals(th);
    }
    Value dict = attribute_optional(th, args[0], "__dict__");
    if (dict == VALUE_ABSENT && !rt_pending(th)) {
        return rt_raise(th, EXC_TYPE_ERROR, "vars() argument must have __dict__ attribute");
    }
    return dict;
}

/* ---- dir ---------------------------------------------------------------------------------------------- */

static bool add_keys(Thread *th, Value names, Value dict)
{
    int64_t position = 0;
    Value key, v;
    while (dict_next(dict, &position, &key, &v)) {
        if (!set_add(th, names, key)) {
            return false;
        }
    }
    return true;
}

static bool add_type_names(Thread *th, Value names, Type *type)
{
    for (; type != NULL; type = type->base) {
        Value attributes = rt_type_attributes(th, type);
        if (attributes == VALUE_ABSENT || !add_keys(th, names, attributes)) {
            return false;
        }
    }
    return true;
}

static bool add_names_of(Thread *th, Value names, Value v)
{
    if (value_has_type(v, TYPE_TYPE)) {
        return add_type_names(th, names, (Type *)value_object(v));
    }
    bool module = value_has_type(v, TYPE_MODULE);
    Value dict = attribute_optional(th, v, "__dict__");
    bool ok = !rt_pending(th) && (!value_is_dict(dict) || add_keys(th, names, dict));
    rt_xdecref(th, dict);
    return ok && (module || add_type_names(th, names, rt_type_of(v)));
}

Value vm_dir(Thread *th, Value v)
{
    Value names = set_new(th, false);
    Value list = names == VALUE_ABSENT ? VALUE_ABSENT : list_new(th, NULL, 0);
    bool ok = list != VALUE_ABSENT && add_names_of(th, names, v) && list_extend(th, list, names) &&
              list_sort(th, list, VALUE_ABSENT, false);
    rt_xdecref(th, names);
    if (!ok) {
        rt_xdecref(th, list);
        return VALUE_ABSENT;
    }
    return list;
}

BUILTIN(builtin_dir)
{
    (void)kwnames;
    if (nargs > 0) {
        return vm_dir(th, args[0]);
    }
    Value locals = current_locals(th);
    Value list = locals == VALUE_ABSENT ? VALUE_ABSENT : list_new(th, NULL, 0);
    bool ok = list != VALUE_ABSENT && list_extend(th, list, locals) &&
              list_sort(th, list, VALUE_ABSENT, false);
    rt_xdecref(th, locals);
    if (!ok) {
        rt_xdecref(th, list);
        return VALUE_ABSENT;
    }
    return list;
}

/* ---- import ------------------------------------------------------------------------------------------- */

BUILTIN(builtin_import)
{
    (void)kwnames;
    if (!value_is_str(args[0])) {
        return rt_raise(th, EXC_TYPE_ERROR, "__import__() argument 1 must be str, not %T", args[0]);
    }
    if (value_str(args[0])->length == 0) {
        return rt_raise(th, EXC_VALUE_ERROR, "Empty module name");
    }
    int whole = nargs > 3 ? rt_truth(th, args[3]) : 0;
    return whole < 0 ? VALUE_ABSENT : vm_import_name(th, args[0], whole != 0);
}

/* ---- running code --------------------------------------------------------------------------------------- */

/* Text of a str or bytes as source. */
static const char *source_text(Thread *th, Value v, const char *function, size_t *length)
{
    if (value_is_str(v)) {
        const char *text = str_utf8(th, v, length);
        if (text != NULL && strlen(text) != *length) {
            rt_raise(th, EXC_VALUE_ERROR, "source code string cannot contain null bytes");
            return NULL;
        }
        return text;
    }
    rt_raise(th, EXC_TYPE_ERROR, "%s() arg 1 must be a string, bytes or code object", function);
    return NULL;
}

BUILTIN(builtin_compile)
{
    (void)kwnames;
    (void)nargs;
    size_t length;
    const char *source = source_text(th, args[0], "compile", &length);
    if (source == NULL) {
        return VALUE_ABSENT;
    }
    if (!value_is_str(args[1]) || !value_is_str(args[2])) {
        return rt_raise(th, EXC_TYPE_ERROR, "compile() arguments 2 and 3 must be str");
    }
    const char *file_name = str_utf8(th, args[1], &(size_t){0});
    const char *mode = file_name == NULL ? NULL : str_utf8(th, args[2], &(size_t){0});
    if (mode == NULL) {
        return VALUE_ABSENT;
    }
    if (strcmp(mode, "eval") == 0 || strcmp(mode, "single") == 0) {
        return rt_raise(th, EXC_NOT_IMPLEMENTED_ERROR,
                        "Adder does not support compile() in mode '%s' yet", mode);
    }
    if (strcmp(mode, "exec") != 0) {
        return rt_raise(th, EXC_VALUE_ERROR, "compile() mode must be 'exec', 'eval' or 'single'");
    }
    return compile_module(th, source, length, file_name);
}

static bool add_builtins(Thread *th, Value globals)
{
    Value key = str_intern_cstr(th, "__builtins__");
    Value name = key == VALUE_ABSENT ? VALUE_ABSENT : str_intern_cstr(th, "builtins");
    Value module = name == VALUE_ABSENT ? VALUE_ABSENT : vm_import(th, name);
    Value kept = module == VALUE_ABSENT ? VALUE_ABSENT : dict_setdefault(th, globals, key, module);
    rt_xdecref(th, key);
    rt_xdecref(th, name);
    rt_xdecref(th, module);
    rt_xdecref(th, kept);
    return kept != VALUE_ABSENT;
}

bool vm_globals_prepare(Thread *th, Value globals)
{
    dict_watch(globals);
    return add_builtins(th, globals);
}

BUILTIN(builtin_exec)
{
    (void)kwnames;
    Value globals = nargs > 1 && args[1] != VALUE_NONE ? args[1] : current_globals(th);
    if (!value_is_dict(globals)) {
        return rt_raise(th, EXC_TYPE_ERROR, "exec() globals must be a dict, not %T", globals);
    }
    bool own_locals = nargs > 2 && args[2] != VALUE_NONE && args[2] != globals;
    const Vm *vm = thread_vm(th);
    bool in_function =
        nargs < 2 && vm->fp != NULL && (frame_code(vm->fp)->flags & CODE_MODULE) == 0;
    if (own_locals || in_function) {
        return rt_raise(th, EXC_NOT_IMPLEMENTED_ERROR,
                        "Adder does not support exec() with locals apart from globals yet");
    }
    Value code = args[0];
    if (value_has_type(code, TYPE_CODE)) {
        rt_incref(th, code);
    } else {
        size_t length;
        const char *source = source_text(th, code, "exec", &length);
        code = source == NULL ? VALUE_ABSENT : compile_module(th, source, length, "<string>");
    }
    if (code == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value result = vm_run_module(th, code, globals);
    rt_decref(th, code);
    return result;
}

BUILTIN(builtin_eval)
{
    (void)args, (void)nargs, (void)kwnames;
    return rt_raise(th, EXC_NOT_IMPLEMENTED_ERROR, "Adder does not support eval() yet");
}

static const NativeDef frame_builtins[] = {
    {"globals", builtin_globals, 0, 0, NATIVE_FUNCTION},
    {"locals", builtin_locals, 0, 0, NATIVE_FUNCTION},
    {"vars", builtin_vars, 0, 1, NATIVE_FUNCTION},
    {"dir", builtin_dir, 0, 1, NATIVE_FUNCTION},
    {"__import__", builtin_import, 1, 5, NATIVE_FUNCTION},
    {"compile", builtin_compile, 3, 6, NATIVE_FUNCTION},
    {"exec", builtin_exec, 1, 3, NATIVE_FUNCTION},
    {"eval", builtin_eval, 1, 3, NATIVE_FUNCTION},
    {NULL, NULL, 0, 0, 0},
};

bool vm_frame_builtins_init(Thread *th)
{
    for (const NativeDef *def = frame_builtins; def->name != NULL; def++) {
        if (!natives_add_builtin(th, def)) {
            return false;
        }
    }
    return true;
}
