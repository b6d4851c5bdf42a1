/*
 * Import: of modules that are there already or are builtin; and taking names from them.
 *
 * Files are not imported yet: ModuleNotFoundError, as for any module that does not exist.
 * Threads: any; rt->modules locks itself.
 */
#include "interp/slow.h"
#include "runtime/natives.h"

Value vm_import(Thread *th, Value name)
{
    Value module = VALUE_ABSENT;
    if (!dict_get(th, th->rt->modules, name, &module)) {
        return VALUE_ABSENT;
    }
    if (module != VALUE_ABSENT) {
        if (module != VALUE_NONE) {
            return module;
        }
        return rt_raise(th, EXC_MODULE_NOT_FOUND_ERROR, "import of %U halted; None in sys.modules",
                        name);
    }
    module = natives_import(th, name);
    if (module == VALUE_ABSENT && !rt_pending(th)) {
        rt_raise(th, EXC_MODULE_NOT_FOUND_ERROR, "No module named '%U'", name);
        Value key = str_intern_cstr(th, "name");
        Value exc = rt_take_exception(th);
        if (key != VALUE_ABSENT && exc != VALUE_ABSENT && rt_setattr(th, exc, key, name)) {
            th->exception = exc;
        } else {
            rt_xdecref(th, exc);
        }
        rt_xdecref(th, key);
    }
    return module;
}

/* Module `a.b.c`: all of a, a.b, a.b.c are imported; the result is a.b.c if whole, else a. */
Value vm_import_name(Thread *th, Value name, bool whole)
{
    const Str *s = value_str(name);
    int64_t start = 0;
    Value top = VALUE_ABSENT, module = VALUE_ABSENT;
    while (start <= s->length) {
        int64_t end = start;
        while (end < s->length && str_char_at(s, end) != '.') {
            end++;
        }
        Value prefix = str_substring(th, name, 0, end);
        Value next = prefix == VALUE_ABSENT ? VALUE_ABSENT : vm_import(th, prefix);
        rt_xdecref(th, prefix);
        if (next == VALUE_ABSENT) {
            rt_xdecref(th, top);
            rt_xdecref(th, module);
            return VALUE_ABSENT;
        }
        if (top == VALUE_ABSENT) {
            top = rt_newref(th, next);
        }
        rt_xdecref(th, module);
        module = next;
        start = end + 1;
    }
    rt_decref(th, whole ? top : module);
    return whole ? module : top;
}

VmState slow_import(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    Value module = vm_import_name(th, insn_constant(pc, pc->b), pc->c == 1);
    if (module == VALUE_ABSENT) {
        return VM_RAISED;
    }
    fp[pc->a] = module;
    return vm_next(pc, fp, op);
}

static Value module_attribute(Thread *th, Value module, const char *name)
{
    Value key = str_intern_cstr(th, name);
    Value v = key == VALUE_ABSENT ? VALUE_ABSENT : rt_getattr_optional(th, module, key);
    rt_xdecref(th, key);
    return v;
}

Value vm_import_from(Thread *th, Value module, Value name)
{
    Value v = rt_getattr_optional(th, module, name);
    if (v != VALUE_ABSENT || rt_pending(th)) {
        return v;
    }
    Value module_name = module_attribute(th, module, "__name__");
    Value file = rt_pending(th) ? VALUE_ABSENT : module_attribute(th, module, "__file__");
    if (!rt_pending(th)) {
        if (module_name == VALUE_ABSENT) {
            module_name = str_from_cstr(th, "<unknown module name>");
        }
        if (file == VALUE_ABSENT) {
            file = str_from_cstr(th, "unknown location");
        }
        if (module_name != VALUE_ABSENT && file != VALUE_ABSENT) {
            rt_raise(th, EXC_IMPORT_ERROR, "cannot import name %V from %V (%U)", name, module_name,
                     file);
        }
    }
    rt_xdecref(th, module_name);
    rt_xdecref(th, file);
    return VALUE_ABSENT;
}

VmState slow_import_from(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    Value v = vm_import_from(th, fp[pc->b], insn_constant(pc, pc->c));
    if (v == VALUE_ABSENT) {
        return VM_RAISED;
    }
    fp[pc->a] = v;
    return vm_next(pc, fp, op);
}

/* The names that * means: __all__, or those of the dict without a leading underscore. owns: new list. */
static Value star_names(Thread *th, Value module, bool *all)
{
    Value names = module_attribute(th, module, "__all__");
    *all = names != VALUE_ABSENT;
    if (names != VALUE_ABSENT || rt_pending(th)) {
        return names;
    }
    Value dict = module_attribute(th, module, "__dict__");
    if (dict == VALUE_ABSENT) {
        return rt_pending(th) ? VALUE_ABSENT
                              : rt_raise(th, EXC_IMPORT_ERROR,
                                         "from-import-* object has no __dict__ and no __all__");
    }
    names = list_new(th, NULL, 0);
    if (names != VALUE_ABSENT && !list_extend(th, names, dict)) {
        rt_decref(th, names);
        names = VALUE_ABSENT;
    }
    rt_decref(th, dict);
    return names;
}

bool vm_import_star(Thread *th, Value module, Value globals)
{
    bool all;
    Value names = star_names(th, module, &all);
    Value iterator = names == VALUE_ABSENT ? VALUE_ABSENT : rt_iter(th, names);
    rt_xdecref(th, names);
    if (iterator == VALUE_ABSENT) {
        return false;
    }
    bool ok = true;
    while (ok) {
        Value name = rt_next(th, iterator);
        if (name == VALUE_ABSENT) {
            ok = !rt_pending(th);
            break;
        }
        bool skip = !value_is_str(name) ||
                    (!all && value_str(name)->length > 0 && str_char_at(value_str(name), 0) == '_');
        if (!skip) {
            Value v = rt_getattr(th, module, name);
            ok = v != VALUE_ABSENT && dict_set(th, globals, name, v);
            rt_xdecref(th, v);
        }
        rt_decref(th, name);
    }
    rt_decref(th, iterator);
    return ok;
}

VmState slow_import_star(Thread *th, const Insn *pc, Value *fp, uint32_t op)
{
    if (!vm_import_star(th, fp[pc->a], frame_function(fp)->globals)) {
        return VM_RAISED;
    }
    rt_decref(th, fp[pc->a]);
    return vm_next(pc, fp, op);
}
