/*
 * Support of the interpreter's unit tests. Out of memory ends the test.
 *
 * Threads: main.
 */
#include "tests/interp/support.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/natives.h"

int interp_setup(void **state)
{
    static char name[] = "test";
    static char *argv[] = {name};
    Thread *th = rt_start();
    NativeConfig natives = {.argc = 1, .argv = argv, .executable = "test"};
    VmConfig vm = {.threshold = 61, .jit = NULL};
    if (th == NULL || !natives_init(th, &natives) || !vm_init(th, &vm)) {
        return -1;
    }
    *state = th;
    return 0;
}

int interp_teardown(void **state)
{
    Thread *th = *state;
    vm_done(th);
    rt_stop(th);
    return 0;
}

Value run_source(Thread *th, const char *source)
{
    Value code = compile_module(th, source, strlen(source), "<test>");
    if (code == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    Value globals = dict_new(th);
    assert_true(globals != VALUE_ABSENT);
    Value result = vm_run_module(th, code, globals);
    rt_decref(th, code);
    if (result == VALUE_ABSENT) {
        rt_decref(th, globals);
        return VALUE_ABSENT;
    }
    rt_decref(th, result);
    return globals;
}

Value run_for(Thread *th, const char *source, const char *name)
{
    Value globals = run_source(th, source);
    if (globals == VALUE_ABSENT) {
        vm_print_exception(th, th->exception);
    }
    assert_true(globals != VALUE_ABSENT);
    Value key = str_intern_cstr(th, name);
    Value v = dict_get_str(th, globals, key);
    assert_true(v != VALUE_ABSENT);
    rt_decref(th, key);
    rt_decref(th, globals);
    return v;
}

bool call_again(Thread *th, Value function, int k, int times)
{
    Value argument = value_from_small_int(k);
    bool ok = true;
    for (int i = 0; i < times && ok; i++) {
        Value r = vm_call(th, function, &argument, 1, VALUE_ABSENT);
        ok = r == VALUE_TRUE;
        if (r == VALUE_ABSENT) {
            vm_print_exception(th, th->exception);
        }
        rt_xdecref(th, r);
        rt_clear_exception(th);
    }
    return ok;
}

bool str_is_steal(Thread *th, Value v, const char *text)
{
    assert_true(value_is_str(v));
    const char *utf8 = str_utf8(th, v, &(size_t){0});
    bool same = strcmp(utf8, text) == 0;
    if (!same) {
        print_message("got \"%s\", expected \"%s\"\n", utf8, text);
    }
    rt_decref(th, v);
    return same;
}

Value make_function(Thread *th, const Insn *insns, uint32_t count, const Value *consts,
                    uint32_t const_count, uint16_t args)
{
    enum { TEMPORARIES = 4 };
    Code *code = rt_object_new(th, TYPE_CODE, sizeof *code);
    assert_non_null(code);
    code->insns = rt_malloc((count + const_count) * sizeof *insns);
    code->inplace_bits = rt_calloc(count / 8 + 1, 1);
    code->live = rt_calloc(1, sizeof *code->live);
    code->local_names = rt_calloc(args + 1u, sizeof(Value));
    assert_non_null(code->insns);
    memcpy(code->insns, insns, count * sizeof *insns);
    code->consts = (Value *)(void *)(code->insns + count);
    for (uint32_t i = 0; i < const_count; i++) {
        code->consts[i] = rt_newref(th, consts[i]);
    }
    code->insn_count = count;
    code->pool_count = code->const_count = const_count;
    code->name = str_intern_cstr(th, "made");
    code->qualname = rt_newref(th, code->name);
    code->filename = rt_newref(th, code->name);
    code->doc = VALUE_NONE;
    code->arg_count = code->param_count = code->local_count = args;
    code->frame_size = args + TEMPORARIES;
    Value globals = dict_new(th);
    Value f = function_new(th, value_from_object(code), globals);
    assert_true(f != VALUE_ABSENT);
    rt_decref(th, globals);
    rt_decref(th, value_from_object(code));
    return f;
}
