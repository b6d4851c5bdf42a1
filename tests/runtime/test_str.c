/*
 * Text: kinds, UTF-8, hash, search, concatenation in place, methods.
 *
 * The table's results are CPython 3.11's.
 */
#include "tests/runtime/expression_table.h"

static const ExpressionCase cases[] = {
    {"str(1,2)", "TypeError: str() argument 'encoding' must be str, not int"},
    {"''.join(1)", "TypeError: can only join an iterable"},
    {"''.join([1])", "TypeError: sequence item 0: expected str instance, int found"},
    {"''.join(['a',1])", "TypeError: sequence item 1: expected str instance, int found"},
    {"'a'.split('')", "ValueError: empty separator"},
    {"'a'.split(1)", "TypeError: must be str or None, not int"},
    {"'a'.replace(1,'b')", "TypeError: replace() argument 1 must be str, not int"},
    {"'a'.startswith(1)", "TypeError: startswith first arg must be str or a tuple of str, not int"},
    {"'a'.startswith((1,))", "TypeError: tuple for startswith must only contain str, not int"},
    {"'a'.strip(1)", "TypeError: strip arg must be None or str"},
    {"'a'.center('b')", "TypeError: 'str' object cannot be interpreted as an integer"},
    {"'a'.center(5,'ab')", "TypeError: The fill character must be exactly one character long"},
    {"'a'.center(5,1)", "TypeError: The fill character must be a unicode character, not int"},
    {"'a'.find(1)", "TypeError: must be str, not int"},
    {"'a'.index('b')", "ValueError: substring not found"},
    {"'a'.split(foo=1)", "TypeError: 'foo' is an invalid keyword argument for split()"},
    {"'a'.split('a',sep='b')",
     "TypeError: argument for split() given by name ('sep') and position (1)"},
    {"'a'.split('a',1,2)", "TypeError: split() takes at most 2 arguments (3 given)"},
    {"'a'['b']", "TypeError: string indices must be integers, not 'str'"},
    {"'a'[5]", "IndexError: string index out of range"},
    {"'abc'[-1]", "'c'"},
    {"'a'+1", "TypeError: can only concatenate str (not \"int\") to str"},
    {"1+'a'", "TypeError: unsupported operand type(s) for +: 'int' and 'str'"},
    {"'a'*[1]", "TypeError: can't multiply sequence by non-int of type 'list'"},
    {"2*[1,2]", "[1, 2, 1, 2]"},
    {"'ab'*3", "'ababab'"},
    {"3*'ab'", "'ababab'"},
    {"'ab'*-1", "''"},
    {"1 in 'a'", "TypeError: 'in <string>' requires string as left operand, not int"},
    {"'a' in 'ab'", "True"},
    {"'' in ''", "True"},
    {"'ba' in 'ab'", "False"},
    {"'hello'[slice(None,None,-1)]", "'olleh'"},
    {"'hello'[slice(1,4)]", "'ell'"},
    {"'hello'[slice(0,5,2)]", "'hlo'"},
    {"hash([])", "TypeError: unhashable type: 'list'"},
    {"str.upper(5)",
     "TypeError: descriptor 'upper' for 'str' objects doesn't apply to a 'int' object"},
    {"'a'.encode('foo')", "LookupError: unknown encoding: foo"},
    {"'abc'.encode()", "b'abc'"},
    {"'abc'.encode('ascii')", "b'abc'"},
    {"'abc'.encode().decode()", "'abc'"},
    {"'abc'.encode()[0]", "97"},
    {"bytes('a')", "TypeError: string argument without an encoding"},
    {"bytes([1,2,255])", "b'\\x01\\x02\\xff'"},
    {"bytes([256])", "ValueError: bytes must be in range(0, 256)"},
    {"bytes(3)", "b'\\x00\\x00\\x00'"},
    {"bytes(-1)", "ValueError: negative count"},
    {"len('abc'.encode())", "3"},
    {"'a'.zfill('a')", "TypeError: 'str' object cannot be interpreted as an integer"},
    {"'a'.expandtabs('b')", "TypeError: 'str' object cannot be interpreted as an integer"},
    {"'ab'.translate(1)", "TypeError: 'int' object is not subscriptable"},
    {"'abc'.translate({97:'x',98:None,99:100})", "'xd'"},
    {"'abc'.translate(str.maketrans('ab','xy','c'))", "'xy'"},
    {"str.maketrans('ab','c')",
     "ValueError: the first two maketrans arguments must have equal length"},
    {"str.maketrans({'a':1})", "{97: 1}"},
    {"str.maketrans(1)", "TypeError: if you give only one argument to maketrans it must be a dict"},
    {"str.maketrans(1,2)", "TypeError: maketrans() argument 2 must be str, not int"},
    {"'a'.join()", "TypeError: str.join() takes exactly one argument (0 given)"},
    {"'a'.upper(1)", "TypeError: str.upper() takes no arguments (1 given)"},
    {"'abc' < 1", "TypeError: '<' not supported between instances of 'str' and 'int'"},
    {"'a'<'b'", "True"},
    {"'abc'>='abd'", "False"},
    {"'Hello World'.upper()", "'HELLO WORLD'"},
    {"'Hello World'.lower()", "'hello world'"},
    {"'Hello World'.swapcase()", "'hELLO wORLD'"},
    {"'hello world'.title()", "'Hello World'"},
    {"'HELLO'.capitalize()", "'Hello'"},
    {"'hello'.center(11,'*')", "'***hello***'"},
    {"'hello'.center(10)", "'  hello   '"},
    {"'hell'.center(11)", "'    hell   '"},
    {"'hello'.ljust(8)", "'hello   '"},
    {"'hello'.rjust(8,'-')", "'---hello'"},
    {"'-42'.zfill(6)", "'-00042'"},
    {"'+42'.zfill(6)", "'+00042'"},
    {"'42'.zfill(1)", "'42'"},
    {"'hello'.find('l')", "2"},
    {"'hello'.rfind('l')", "3"},
    {"'hello'.find('l',3)", "3"},
    {"'hello'.find('l',0,2)", "-1"},
    {"'hello'.find('')", "0"},
    {"'hello'.find('',10)", "-1"},
    {"'hello'.find('',5)", "5"},
    {"'hello'.rfind('')", "5"},
    {"'hello'.rfind('',2,3)", "3"},
    {"'hello'.count('l')", "2"},
    {"'hello'.count('')", "6"},
    {"'hello'.count('',10)", "0"},
    {"'aaa'.count('aa')", "1"},
    {"'hello'.index('lo')", "3"},
    {"'hello'.rindex('z')", "ValueError: substring not found"},
    {"'hello'.replace('l','L')", "'heLLo'"},
    {"'hello'.replace('l','L',1)", "'heLlo'"},
    {"'hello'.replace('','-')", "'-h-e-l-l-o-'"},
    {"'hello'.replace('','-',3)", "'-h-e-llo'"},
    {"''.replace('','x')", "'x'"},
    {"'hello'.replace('xyz','a')", "'hello'"},
    {"'a,b,,c'.split(',')", "['a', 'b', '', 'c']"},
    {"'a,b,,c'.split(',',1)", "['a', 'b,,c']"},
    {"'a,b,,c'.rsplit(',',1)", "['a,b,', 'c']"},
    {"'  a  b c '.split()", "['a', 'b', 'c']"},
    {"'  a  b c '.split(None,1)", "['a', 'b c ']"},
    {"'  a  b c '.rsplit(None,1)", "['  a  b', 'c']"},
    {"'a b c'.split(maxsplit=1)", "['a', 'b c']"},
    {"''.split()", "[]"},
    {"''.split(',')", "['']"},
    {"'a,b,,c'.partition(',')", "('a', ',', 'b,,c')"},
    {"'a,b,,c'.rpartition(',')", "('a,b,', ',', 'c')"},
    {"'abc'.partition('x')", "('abc', '', '')"},
    {"'abc'.rpartition('x')", "('', '', 'abc')"},
    {"'abc'.partition('')", "ValueError: empty separator"},
    {"'  abc  '.strip()", "'abc'"},
    {"'xxabcxx'.strip('x')", "'abc'"},
    {"'xxabcxx'.lstrip('x')", "'abcxx'"},
    {"'xxabcxx'.rstrip('x')", "'xxabc'"},
    {"'abc'.strip('')", "'abc'"},
    {"'abc'.startswith('ab')", "True"},
    {"'abc'.startswith(('x','a'))", "True"},
    {"'abc'.endswith('bc')", "True"},
    {"'abc'.endswith('b',0,2)", "True"},
    {"'abc'.startswith('',5)", "False"},
    {"'abc'.startswith('',3)", "True"},
    {"'abc'.removeprefix('a')", "'bc'"},
    {"'abc'.removesuffix('c')", "'ab'"},
    {"'abc'.removeprefix('x')", "'abc'"},
    {"'abc'.isalpha()", "True"},
    {"'123'.isdigit()", "True"},
    {"'12a'.isalnum()", "True"},
    {"''.isalpha()", "False"},
    {"' '.isspace()", "True"},
    {"'abc'.isidentifier()", "True"},
    {"'1bc'.isidentifier()", "False"},
    {"'Abc'.istitle()", "True"},
    {"'ABC'.isupper()", "True"},
    {"'abc'.islower()", "True"},
    {"'123'.isnumeric()", "True"},
    {"'123'.isdecimal()", "True"},
    {"'abc'.isascii()", "True"},
    {"''.isprintable()", "True"},
    {"','.join(['a','b','c'])", "'a,b,c'"},
    {"','.join(('a',))", "'a'"},
    {"''.join([])", "''"},
    {"'-'.join('abc')", "'a-b-c'"},
    {"','.join(str(1))", "'1'"},
    {"str(5)", "'5'"},
    {"str()", "''"},
    {"str('a')", "'a'"},
    {"str(object='a')", "'a'"},
    {"str([1,'a'])", "\"[1, 'a']\""},
    {"repr('a')", "\"'a'\""},
    {"iter((1,)).__length_hint__()", "1"},
    {"'a'=='b'", "False"},
    {"'a'!='b'", "True"},
    {"'a'==1", "False"},
    {"'abc'.casefold()", "'abc'"},
};

static void expressions(void **state)
{
    (void)state;
    expression_check(th, cases, sizeof cases / sizeof cases[0]);
}

static void allocation_failures(void **state)
{
    (void)state;
    expression_check_out_of_memory(th, cases, sizeof cases / sizeof cases[0]);
}

enum { TEXT_MAX = 64 };

/* Random characters of which some need 2 or 4 bytes. */
static int64_t random_text(uint64_t *seed, uint32_t *out)
{
    static const uint32_t alphabets[3][4] = {{'a', 'b', 'c', ' '},
                                             {'a', 0xE9, 'b', 0x20AC},
                                             {'a', 0x1F600, 0xFF, 'b'}};
    const uint32_t *alphabet = alphabets[next_random(seed) % 3];
    int64_t length = (int64_t)(next_random(seed) % TEXT_MAX);
    for (int64_t i = 0; i < length; i++) {
        out[i] = alphabet[next_random(seed) % 4];
    }
    return length;
}

static Value text_value(const uint32_t *text, int64_t length)
{
    StrBuilder b;
    str_builder_init(&b);
    for (int64_t i = 0; i < length; i++) {
        str_builder_char(&b, text[i]);
    }
    return str_builder_finish(th, &b);
}

static void check_text(Value v, const uint32_t *text, int64_t length)
{
    const Str *s = value_str(v);
    uint32_t max = 0;
    assert_int_equal(s->length, length);
    for (int64_t i = 0; i < length; i++) {
        assert_int_equal(str_char_at(s, i), text[i]);
        max = text[i] > max ? text[i] : max;
    }
    assert_int_equal(s->kind, max < 0x100 ? 1 : max < 0x10000 ? 2 : 4);
    assert_int_equal(s->ascii, max < 0x80);
    assert_int_equal(str_char_at(s, length), 0);
}

static int64_t model_find(const uint32_t *text, int64_t length, const uint32_t *part, int64_t n)
{
    for (int64_t i = 0; i + n <= length; i++) {
        if (memcmp(text + i, part, (size_t)n * sizeof *part) == 0) {
            return i;
        }
    }
    return -1;
}

static void random_operations(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int round = 0; round < 3000; round++) {
        uint32_t x[2 * TEXT_MAX], y[TEXT_MAX];
        int64_t n = random_text(&seed, x), m = random_text(&seed, y) % 4;
        Value a = text_value(x, n), b = text_value(y, m);
        check_text(a, x, n);
        assert_int_equal(str_find(value_str(a), value_str(b), 0, n), model_find(x, n, y, m));
        int64_t low = (int64_t)(next_random(&seed) % (uint64_t)(n + 1));
        int64_t high = low + (int64_t)(next_random(&seed) % (uint64_t)(n - low + 1));
        Value part = str_substring(th, a, low, high);
        check_text(part, x + low, high - low);
        Value same = text_value(x + low, high - low);
        assert_true(str_equal(part, same));
        assert_int_equal(str_hash(value_str(part)), str_hash(value_str(same)));
        size_t bytes;
        const char *utf8 = str_utf8(th, a, &bytes);
        Value back = str_from_utf8(th, utf8, bytes);
        check_text(back, x, n);
        Value sum = str_concat(th, a, b);
        memcpy(x + n, y, (size_t)m * sizeof *y);
        check_text(sum, x, n + m);
        Value values[] = {part, same, back, sum, a, b};
        for (size_t i = 0; i < 6; i++) {
            rt_decref(th, values[i]);
        }
    }
}

/* s += x changes s itself only when nobody else has it; hash and UTF-8 follow. */
static void appending_in_place(void **state)
{
    (void)state;
    Value s = str_from_cstr(th, "start"), x = str_from_cstr(th, "ab");
    int64_t length = 5, moves = 0;
    for (int i = 0; i < 20000; i++) {
        Value before = s;
        Value kept = i % 1000 == 0 ? rt_newref(th, s) : VALUE_ABSENT;
        str_hash(value_str(s));
        s = str_append_steal(th, s, x);
        length += 2;
        assert_int_equal(value_str(s)->length, length);
        moves += s != before;
        if (kept != VALUE_ABSENT) {
            assert_int_not_equal(s, kept);
            assert_int_equal(value_str(kept)->length, length - 2);
            rt_decref(th, kept);
        }
    }
    assert_true(moves < 80);
    Value y = str_from_char(th, 0x20AC), wide = str_append_steal(th, s, y);
    assert_int_equal(value_str(wide)->kind, 2);
    assert_int_equal(str_char_at(value_str(wide), length), 0x20AC);
    Value fresh = text_value((const uint32_t[]){'q', 'r'}, 2),
          ab = text_value((const uint32_t[]){'q', 'r', 'a', 'b'}, 4);
    str_hash(value_str(fresh));
    fresh = str_append_steal(th, fresh, x);
    assert_int_equal(str_hash(value_str(fresh)), str_hash(value_str(ab)));
    Value all[] = {wide, x, y, fresh, ab};
    for (size_t i = 0; i < 5; i++) {
        rt_decref(th, all[i]);
    }
}

static void interned_are_unique(void **state)
{
    (void)state;
    Value a = str_intern_cstr(th, "some name"), b = str_intern_cstr(th, "some name");
    assert_int_equal(a, b);
    assert_int_equal(str_intern_cstr(th, "x"), str_from_char(th, 'x'));
    rt_decref(th, a);
    rt_decref(th, b);
}

/* Method results on text that is not ASCII: {source as UTF-8, expected}. */
static Value call0(Value self, const char *method)
{
    Value name = str_intern_cstr(th, method);
    bool is_method;
    Value function = rt_getmethod(th, self, name, &is_method);
    Value result = rt_call(th, function, &self, is_method ? 1 : 0, VALUE_ABSENT);
    rt_decref(th, function);
    rt_decref(th, name);
    return result;
}

static void unicode_methods(void **state)
{
    (void)state;
    static const struct {
        const char *method, *text, *result;
    } rows[] = {
        {"upper",
         "stra\xc3\x9f"
         "e",
         "STRASSE"},
        {"lower", "\xce\x91\xce\xa3", "\xce\xb1\xcf\x82"},
        {"lower", "\xce\xa3\xce\x91", "\xcf\x83\xce\xb1"},
        {"lower", "\xc4\xb0", "i\xcc\x87"},
        {"title",
         "\xc7\x86"
         "a b",
         "\xc7\x85"
         "a B"},
        {"casefold",
         "Stra\xc3\x9f"
         "e",
         "strasse"},
        {"capitalize", "\xef\xac\x81x", "Fix"},
        {"swapcase", "\xc3\xa4\xc3\x96", "\xc3\x84\xc3\xb6"},
        {"strip", "\xc2\xa0\xe3\x80\x80x\xe2\x80\xa8", "x"},
        {"__repr__", "\xe2\x82\xac\xc2\x85\xe2\x80\xa8", "'\xe2\x82\xac\\x85\\u2028'"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        Value self = str_from_cstr(th, rows[i].text);
        Value result = strcmp(rows[i].method, "__repr__") == 0 ? str_repr(th, self)
                                                               : call0(self, rows[i].method);
        assert_string_equal(str_utf8(th, result, NULL), rows[i].result);
        rt_decref(th, result);
        rt_decref(th, self);
    }
    static const struct {
        const char *method, *text;
        Value result;
    } tests[] = {
        {"isalpha", "\xc3\xa9\xe4\xb8\xad", VALUE_TRUE},
        {"isdigit", "\xc2\xb2", VALUE_TRUE},
        {"isdecimal", "\xc2\xb2", VALUE_FALSE},
        {"isdecimal", "\xd9\xa3", VALUE_TRUE},
        {"isnumeric", "\xe4\xb8\x80\xc2\xbd", VALUE_TRUE},
        {"islower", "\xc2\xaa", VALUE_TRUE},
        {"isupper", "\xe2\x85\xa0", VALUE_TRUE},
        {"isspace", "\xc2\xa0", VALUE_TRUE},
        {"isprintable", "\xc2\xa0", VALUE_FALSE},
        {"isidentifier",
         "\xc3\xa9"
         "1",
         VALUE_TRUE},
        {"isidentifier", "1\xc3\xa9", VALUE_FALSE},
        {"isascii", "\xc3\xa9", VALUE_FALSE},
    };
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        Value self = str_from_cstr(th, tests[i].text);
        assert_int_equal(call0(self, tests[i].method), tests[i].result);
        rt_decref(th, self);
    }
}

static void malformed_utf8_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\xff",      "a\xc3", "\xe2\x82", "\xc0\x80", "\xf5\x80\x80\x80", "\xf0\x80\x80\x80",
        "\xe2(\xa1", "\x80"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(str_from_cstr(th, bad[i]), VALUE_ABSENT);
        assert_true(rt_pending_is(th, EXC_UNICODE_DECODE_ERROR));
        rt_clear_exception(th);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(expressions, table_setup, expression_teardown),
        cmocka_unit_test_setup_teardown(allocation_failures, table_setup, expression_teardown),
        cmocka_unit_test_setup_teardown(random_operations, table_setup, expression_teardown),
        cmocka_unit_test_setup_teardown(appending_in_place, table_setup, expression_teardown),
        cmocka_unit_test_setup_teardown(interned_are_unique, table_setup, expression_teardown),
        cmocka_unit_test_setup_teardown(unicode_methods, table_setup, expression_teardown),
        cmocka_unit_test_setup_teardown(malformed_utf8_is_refused, table_setup,
                                        expression_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
