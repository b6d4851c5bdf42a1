/*
 * Suggest: "Did you mean" for NameError and AttributeError, and what they must carry for it.
 *
 * The distance is CPython's: a move costs 2, a change of case 1; a candidate may need at most a third
 * of the characters changed; among 750 candidates or more nothing is suggested.
 *
 * Threads: the thread itself.
 */
#include "interp/slow.h"

enum { MOVE_COST = 2, CASE_COST = 1, STRING_MAX = 40, CANDIDATES_MAX = 750 };

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

static size_t substitution_cost(char a, char b)
{
    if (a == b) {
        return 0;
    }
    return lower(a) == lower(b) ? CASE_COST : MOVE_COST;
}

/* Edit distance of a and b, or something above max_cost. */
static size_t distance(const char *a, size_t a_size, const char *b, size_t b_size, size_t max_cost)
{
    while (a_size > 0 && b_size > 0 && a[0] == b[0]) {
        a++, b++, a_size--, b_size--;
    }
    while (a_size > 0 && b_size > 0 && a[a_size - 1] == b[b_size - 1]) {
        a_size--, b_size--;
    }
    if (a_size == 0 || b_size == 0) {
        return (a_size + b_size) * MOVE_COST;
    }
    if (a_size > STRING_MAX || b_size > STRING_MAX) {
        return max_cost + 1;
    }
    if (b_size < a_size) {
        const char *t = a;
        a = b;
        b = t;
        size_t n = a_size;
        a_size = b_size;
        b_size = n;
    }
    if ((b_size - a_size) * MOVE_COST > max_cost) {
        return max_cost + 1;
    }
    size_t row[STRING_MAX], result = 0;
    for (size_t i = 0; i < a_size; i++) {
        row[i] = (i + 1) * MOVE_COST;
    }
    for (size_t j = 0; j < b_size; j++) {
        size_t diagonal = j * MOVE_COST, minimum = SIZE_MAX;
        result = diagonal;
        for (size_t i = 0; i < a_size; i++) {
            size_t substitute = diagonal + substitution_cost(b[j], a[i]);
            diagonal = row[i];
            size_t insert_delete = (result < diagonal ? result : diagonal) + MOVE_COST;
            result = insert_delete < substitute ? insert_delete : substitute;
            row[i] = result;
            minimum = result < minimum ? result : minimum;
        }
        if (minimum > max_cost) {
            return max_cost + 1;
        }
    }
    return result;
}

typedef struct Search {
    Thread *th;
    const char *name;
    size_t size, best;
    Value found; /* borrowed */
} Search;

static void consider(Search *s, Value candidate)
{
    size_t size;
    const char *text = value_is_str(candidate) ? str_utf8(s->th, candidate, &size) : NULL;
    if (text == NULL || (size == s->size && memcmp(text, s->name, size) == 0)) {
        return;
    }
    size_t max = (s->size + size + 3) * MOVE_COST / 6;
    max = max < s->best - 1 ? max : s->best - 1;
    size_t d = distance(s->name, s->size, text, size, max);
    if (d <= max && d < s->best) {
        s->best = d;
        s->found = candidate;
    }
}

static void consider_dict(Search *s, Value dict)
{
    int64_t position = 0;
    Value key, v;
    if (!value_is_dict(dict) || dict_size(dict) >= CANDIDATES_MAX) {
        return;
    }
    while (dict_next(dict, &position, &key, &v)) {
        consider(s, key);
    }
}

static void consider_list(Search *s, Value list)
{
    int64_t count = list_size(list);
    for (int64_t i = 0; count < CANDIDATES_MAX && i < count; i++) {
        Value item = list_get(s->th, list, i);
        consider(s, item);
        rt_xdecref(s->th, item); /* the list keeps it */
    }
}

static void consider_code(Search *s, const Code *code)
{
    for (uint32_t i = 0; i < code->local_count; i++) {
        if (code->local_names[i] != VALUE_ABSENT &&
            str_char_at(value_str(code->local_names[i]), 0) != '.') {
            consider(s, code->local_names[i]);
        }
    }
    for (uint32_t i = 0; i < code->free_count; i++) {
        consider(s, code->free_names[i]);
    }
}

/* The globals of __main__; before there is such a module, of the module that this thread runs. */
static void consider_main(Search *s)
{
    Thread *th = s->th;
    Value name = str_intern_cstr(th, "__main__");
    Value module = name == VALUE_ABSENT || th->rt->modules == VALUE_ABSENT
                       ? VALUE_ABSENT
                       : dict_get_str(th, th->rt->modules, name);
    Value globals = thread_vm(th)->main_globals;
    if (module != VALUE_ABSENT && value_has_type(module, TYPE_MODULE)) {
        globals = ((const Module *)value_object(module))->dict;
    }
    if (globals != VALUE_ABSENT) {
        consider_dict(s, globals);
    }
    rt_xdecref(th, module);
    rt_xdecref(th, name);
    rt_clear_exception(th);
}

/* Locals of the frame that raised, then globals, then builtins: the first that has anything. */
static Value suggest_name(Search *s, const Exception *e)
{
    Value tb = slot_load_acquire(&e->traceback);
    if (!value_has_type(tb, TYPE_TRACEBACK)) {
        return VALUE_ABSENT;
    }
    const Traceback *t = (const Traceback *)value_object(tb);
    while (value_has_type(t->next, TYPE_TRACEBACK)) {
        t = (const Traceback *)value_object(t->next);
    }
    consider_code(s, (const Code *)value_object(t->code));
    if (s->found == VALUE_ABSENT) {
        consider_main(s);
    }
    if (s->found == VALUE_ABSENT) {
        consider_dict(s, s->th->rt->builtins);
    }
    return s->found == VALUE_ABSENT ? VALUE_ABSENT : rt_newref(s->th, s->found);
}

static Value attribute(Thread *th, Value v, const char *name)
{
    Value key = str_intern_cstr(th, name);
    Value r = key == VALUE_ABSENT ? VALUE_ABSENT : rt_getattr_optional(th, v, key);
    rt_xdecref(th, key);
    return r;
}

static Value suggest_attribute(Search *s, Value exception)
{
    Value object = attribute(s->th, exception, "obj");
    Value result = VALUE_ABSENT;
    if (object != VALUE_ABSENT && object != VALUE_NONE) {
        Value list = vm_dir(s->th, object);
        if (list != VALUE_ABSENT) {
            consider_list(s, list);
            result = s->found == VALUE_ABSENT ? VALUE_ABSENT : rt_newref(s->th, s->found);
            rt_decref(s->th, list);
        }
    }
    rt_xdecref(s->th, object);
    return result;
}

Value vm_suggestion(Thread *th, Value exception)
{
    bool is_name = rt_type_is_subtype(rt_type_of(exception), rt_type_by_id(EXC_NAME_ERROR));
    bool is_attribute =
        rt_type_is_subtype(rt_type_of(exception), rt_type_by_id(EXC_ATTRIBUTE_ERROR));
    if (!is_name && !is_attribute) {
        return VALUE_ABSENT;
    }
    Value name = attribute(th, exception, "name");
    Value result = VALUE_ABSENT;
    if (name != VALUE_ABSENT && value_is_str(name)) {
        Search s = {th, NULL, 0, SIZE_MAX, VALUE_ABSENT};
        s.name = str_utf8(th, name, &s.size);
        if (s.name != NULL) {
            result = is_name ? suggest_name(&s, (const Exception *)value_object(exception))
                             : suggest_attribute(&s, exception);
        }
    }
    rt_xdecref(th, name);
    rt_clear_exception(th);
    return result;
}

/* ---- what exceptions carry ------------------------------------------------------------------------------ */

static void set_attribute(Thread *th, Value exc, const char *name, Value v)
{
    Value key = str_intern_cstr(th, name);
    if (key != VALUE_ABSENT) {
        rt_setattr(th, exc, key, v);
        rt_decref(th, key);
    }
    rt_clear_exception(th);
}

void vm_note_name_error(Thread *th, Value name)
{
    if (rt_pending_is(th, EXC_NAME_ERROR)) {
        Value exc = rt_take_exception(th);
        set_attribute(th, exc, "name", name);
        th->exception = exc;
    }
}
