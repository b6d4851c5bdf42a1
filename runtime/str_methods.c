/*
 * The table of str's methods, and those that fit nowhere else: padding, joining, translation.
 *
 * Threads: any.
 */
#include "runtime/bytes.h"
#include "runtime/str_internal.h"

/* s with left and right fill characters. */
static Value padded(Thread *th, Value self, int64_t left, int64_t right, uint32_t fill)
{
    if (left <= 0 && right <= 0) {
        return rt_newref(th, self);
    }
    StrBuilder b;
    str_builder_init(&b);
    str_builder_fill(&b, fill, left);
    str_builder_str(&b, self);
    str_builder_fill(&b, fill, right);
    return str_builder_finish(th, &b);
}

/* (self, width[, fillchar]) */
static bool pad_arguments(Thread *th, const char *method, const Value *args, uint32_t nargs,
                          int64_t *room, uint32_t *fill)
{
    if (!str_self(th, args[0], method) || !int_as_index(th, args[1], room, false)) {
        return false;
    }
    *fill = ' ';
    if (nargs > 2) {
        if (!value_is_str(args[2])) {
            rt_raise(th, EXC_TYPE_ERROR, "The fill character must be a unicode character, not %T",
                     args[2]);
            return false;
        }
        if (value_str(args[2])->length != 1) {
            rt_raise(th, EXC_TYPE_ERROR, "The fill character must be exactly one character long");
            return false;
        }
        *fill = str_char_at(value_str(args[2]), 0);
    }
    int64_t length = value_str(args[0])->length;
    *room = *room > length ? *room - length : 0;
    return true;
}

static STR_NATIVE(ljust)
{
    (void)kwnames;
    int64_t room;
    uint32_t fill;
    return pad_arguments(th, "ljust", args, nargs, &room, &fill)
               ? padded(th, args[0], 0, room, fill)
               : VALUE_ABSENT;
}

static STR_NATIVE(rjust)
{
    (void)kwnames;
    int64_t room;
    uint32_t fill;
    return pad_arguments(th, "rjust", args, nargs, &room, &fill)
               ? padded(th, args[0], room, 0, fill)
               : VALUE_ABSENT;
}

static STR_NATIVE(center)
{
    (void)kwnames;
    int64_t room;
    uint32_t fill;
    if (!pad_arguments(th, "center", args, nargs, &room, &fill)) {
        return VALUE_ABSENT;
    }
    int64_t width = room + value_str(args[0])->length;
    int64_t left = room / 2 + (room & width & 1);
    return padded(th, args[0], left, room - left, fill);
}

static STR_NATIVE(zfill)
{
    (void)nargs;
    (void)kwnames;
    int64_t room;
    uint32_t fill;
    if (!pad_arguments(th, "zfill", args, 2, &room, &fill)) {
        return VALUE_ABSENT;
    }
    const Str *s = value_str(args[0]);
    if (room == 0) {
        return rt_newref(th, args[0]);
    }
    bool sign = s->length > 0 && (str_char_at(s, 0) == '+' || str_char_at(s, 0) == '-');
    StrBuilder b;
    str_builder_init(&b);
    str_builder_part(&b, s, 0, sign);
    str_builder_fill(&b, '0', room);
    str_builder_part(&b, s, sign, s->length);
    return str_builder_finish(th, &b);
}

static STR_NATIVE(expandtabs)
{
    static const char *const names[] = {"tabsize"};
    static const ArgumentNames spec = {"expandtabs", names, 1, 0};
    Value bound[1];
    int64_t size = 8, column = 0;
    if (!str_self(th, args[0], "expandtabs") ||
        !arguments_bind(th, &spec, args + 1, nargs - 1, kwnames, bound) ||
        (bound[0] != VALUE_ABSENT && !int_as_index(th, bound[0], &size, false))) {
        return VALUE_ABSENT;
    }
    if (size > INT32_MAX) {
        return rt_raise(th, EXC_OVERFLOW_ERROR, "Python int too large to convert to C int");
    }
    const Str *s = value_str(args[0]);
    StrBuilder b;
    str_builder_init(&b);
    for (int64_t i = 0; i < s->length; i++) {
        uint32_t c = str_char_at(s, i);
        if (c == '\t') {
            int64_t count = size > 0 ? size - column % size : 0;
            str_builder_fill(&b, ' ', count);
            column += count;
        } else {
            str_builder_char(&b, c);
            column = c == '\n' || c == '\r' ? 0 : column + 1;
        }
    }
    return str_builder_finish(th, &b);
}

static STR_NATIVE(join)
{
    (void)nargs;
    (void)kwnames;
    return str_self(th, args[0], "join") ? str_join(th, args[0], args[1]) : VALUE_ABSENT;
}

STR_NATIVE(encode)
{
    static const char *const names[] = {"encoding", "errors"};
    static const ArgumentNames spec = {"encode", names, 2, 0};
    Value bound[2];
    if (!str_self(th, args[0], "encode") ||
        !arguments_bind(th, &spec, args + 1, nargs - 1, kwnames, bound)) {
        return VALUE_ABSENT;
    }
    for (int i = 0; i < 2; i++) {
        if (bound[i] != VALUE_ABSENT && !value_is_str(bound[i])) {
            return rt_raise(th, EXC_TYPE_ERROR, "encode() argument '%s' must be str, not %T",
                            names[i], bound[i]);
        }
    }
    return str_encode(th, args[0], bound[0], bound[1]);
}

/* Appends what the table says of one character. */
static bool translate_char(Thread *th, StrBuilder *b, Value table, uint32_t c)
{
    Value key = value_from_small_int(c), v = rt_getitem(th, table, key);
    if (v == VALUE_ABSENT) {
        if (!rt_pending_is(th, EXC_LOOKUP_ERROR)) {
            return false;
        }
        rt_clear_exception(th);
        str_builder_char(b, c);
        return true;
    }
    bool ok = true;
    int64_t code;
    if (value_is_str(v)) {
        str_builder_str(b, v);
    } else if (value_is_int_like(v)) {
        ok = int_to_i64(v, &code) && code >= 0 && code < 0x110000;
        if (ok) {
            str_builder_char(b, (uint32_t)code);
        } else {
            rt_raise(th, EXC_VALUE_ERROR, "character mapping must be in range(0x110000)");
        }
    } else if (v != VALUE_NONE) {
        rt_raise(th, EXC_TYPE_ERROR, "character mapping must return integer, None or str");
        ok = false;
    }
    rt_decref(th, v);
    return ok;
}

static STR_NATIVE(translate)
{
    (void)nargs;
    (void)kwnames;
    if (!str_self(th, args[0], "translate")) {
        return VALUE_ABSENT;
    }
    const Str *s = value_str(args[0]);
    StrBuilder b;
    str_builder_init(&b);
    for (int64_t i = 0; i < s->length; i++) {
        if (!translate_char(th, &b, args[1], str_char_at(s, i))) {
            str_builder_abandon(&b);
            return VALUE_ABSENT;
        }
    }
    return str_builder_finish(th, &b);
}

/* maketrans(x, y[, z]): characters of x to those of y, those of z to None. */
static bool maketrans_pairs(Thread *th, Value dict, const Value *args, uint32_t nargs)
{
    for (uint32_t i = 1; i < nargs; i++) {
        if (!value_is_str(args[i])) {
            rt_raise(th, EXC_TYPE_ERROR, "maketrans() argument %u must be str, not %T", i + 1,
                     args[i]);
            return false;
        }
    }
    if (!value_is_str(args[0])) {
        rt_raise(th, EXC_TYPE_ERROR,
                 "first maketrans argument must be a string if there is a second argument");
        return false;
    }
    const Str *x = value_str(args[0]), *y = value_str(args[1]);
    if (x->length != y->length) {
        rt_raise(th, EXC_VALUE_ERROR, "the first two maketrans arguments must have equal length");
        return false;
    }
    bool ok = true;
    for (int64_t i = 0; ok && i < x->length; i++) {
        ok = dict_set(th, dict, value_from_small_int(str_char_at(x, i)),
                      value_from_small_int(str_char_at(y, i)));
    }
    const Str *z = nargs > 2 ? value_str(args[2]) : NULL;
    for (int64_t i = 0; z != NULL && ok && i < z->length; i++) {
        ok = dict_set(th, dict, value_from_small_int(str_char_at(z, i)), VALUE_NONE);
    }
    return ok;
}

/* maketrans(dict): one-character strings become their codes. */
static bool maketrans_dict(Thread *th, Value dict, Value from)
{
    if (!value_is_dict(from)) {
        rt_raise(th, EXC_TYPE_ERROR,
                 "if you give only one argument to maketrans it must be a dict");
        return false;
    }
    Value key, v;
    for (int64_t at = 0; dict_next(from, &at, &key, &v);) {
        if (value_is_str(key)) {
            if (value_str(key)->length != 1) {
                rt_raise(th, EXC_VALUE_ERROR, "string keys in translate table must be of length 1");
                return false;
            }
            key = value_from_small_int(str_char_at(value_str(key), 0));
        } else if (!value_is_int_like(key)) {
            rt_raise(th, EXC_TYPE_ERROR, "keys in translate table must be strings or integers");
            return false;
        }
        if (!dict_set(th, dict, key, v)) {
            return false;
        }
    }
    return true;
}

static STR_NATIVE(maketrans)
{
    (void)kwnames;
    Value dict = dict_new(th);
    if (dict == VALUE_ABSENT) {
        return VALUE_ABSENT;
    }
    if (nargs == 1 ? maketrans_dict(th, dict, args[0]) : maketrans_pairs(th, dict, args, nargs)) {
        return dict;
    }
    rt_decref(th, dict);
    return VALUE_ABSENT;
}

const NativeDef str_natives[] = {
    {"capitalize", str_method_capitalize, 1, 1, 0},
    {"casefold", str_method_casefold, 1, 1, 0},
    {"center", str_method_center, 2, 3, 0},
    {"count", str_method_count, 2, 4, NATIVE_PARSED},
    {"encode", str_method_encode, 1, -1, NATIVE_KEYWORDS},
    {"endswith", str_method_endswith, 2, 4, NATIVE_PARSED},
    {"expandtabs", str_method_expandtabs, 1, -1, NATIVE_KEYWORDS},
    {"find", str_method_find, 2, 4, NATIVE_PARSED},
    {"format", str_method_format, 1, -1, NATIVE_KEYWORDS},
    {"format_map", str_method_format_map, 2, 2, 0},
    {"index", str_method_index, 2, 4, NATIVE_PARSED},
    {"isalnum", str_method_isalnum, 1, 1, 0},
    {"isalpha", str_method_isalpha, 1, 1, 0},
    {"isascii", str_method_isascii, 1, 1, 0},
    {"isdecimal", str_method_isdecimal, 1, 1, 0},
    {"isdigit", str_method_isdigit, 1, 1, 0},
    {"isidentifier", str_method_isidentifier, 1, 1, 0},
    {"islower", str_method_islower, 1, 1, 0},
    {"isnumeric", str_method_isnumeric, 1, 1, 0},
    {"isprintable", str_method_isprintable, 1, 1, 0},
    {"isspace", str_method_isspace, 1, 1, 0},
    {"istitle", str_method_istitle, 1, 1, 0},
    {"isupper", str_method_isupper, 1, 1, 0},
    {"join", str_method_join, 2, 2, 0},
    {"ljust", str_method_ljust, 2, 3, 0},
    {"lower", str_method_lower, 1, 1, 0},
    {"lstrip", str_method_lstrip, 1, 2, 0},
    {"maketrans", str_method_maketrans, 1, 3, NATIVE_STATIC},
    {"partition", str_method_partition, 2, 2, 0},
    {"removeprefix", str_method_removeprefix, 2, 2, 0},
    {"removesuffix", str_method_removesuffix, 2, 2, 0},
    {"replace", str_method_replace, 3, 4, 0},
    {"rfind", str_method_rfind, 2, 4, NATIVE_PARSED},
    {"rindex", str_method_rindex, 2, 4, NATIVE_PARSED},
    {"rjust", str_method_rjust, 2, 3, 0},
    {"rpartition", str_method_rpartition, 2, 2, 0},
    {"rsplit", str_method_rsplit, 1, -1, NATIVE_KEYWORDS},
    {"rstrip", str_method_rstrip, 1, 2, 0},
    {"split", str_method_split, 1, -1, NATIVE_KEYWORDS},
    {"splitlines", str_method_splitlines, 1, -1, NATIVE_KEYWORDS},
    {"startswith", str_method_startswith, 2, 4, NATIVE_PARSED},
    {"strip", str_method_strip, 1, 2, 0},
    {"swapcase", str_method_swapcase, 1, 1, 0},
    {"title", str_method_title, 1, 1, 0},
    {"translate", str_method_translate, 2, 2, 0},
    {"upper", str_method_upper, 1, 1, 0},
    {"zfill", str_method_zfill, 2, 2, 0},
    {0},
};
