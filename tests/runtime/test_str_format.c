/*
 * str.format and format_map: fields, nesting, numbering, errors.
 *
 * The table's results are CPython 3.11's.
 */
#include "tests/runtime/expression_table.h"

static const ExpressionCase cases[] = {
    {"'{} {0}'.format(1)",
     "ValueError: cannot switch from automatic field numbering to manual field specification"},
    {"'{0} {}'.format(1)",
     "ValueError: cannot switch from manual field specification to automatic field numbering"},
    {"'{'.format()", "ValueError: Single '{' encountered in format string"},
    {"'}'.format()", "ValueError: Single '}' encountered in format string"},
    {"'{0'.format(1)", "ValueError: expected '}' before end of string"},
    {"'{!}'.format(1)", "ValueError: unmatched '{' in format spec"},
    {"'{!x}'.format(1)", "ValueError: Unknown conversion specifier x"},
    {"'{!rx}'.format(1)", "ValueError: expected ':' after conversion specifier"},
    {"'{0[}'.format([1])", "ValueError: expected '}' before end of string"},
    {"'{0[a}'.format([1])", "ValueError: expected '}' before end of string"},
    {"'{0[]}'.format([1])", "ValueError: Empty attribute in format string"},
    {"'{0.}'.format([1])", "ValueError: Empty attribute in format string"},
    {"'{0[0]x}'.format([1])",
     "ValueError: Only '.' or '[' may follow ']' in format field specifier"},
    {"'{:{:{}}}'.format(1,2,3)", "ValueError: Max string recursion exceeded"},
    {"'{:{'.format(1)", "ValueError: unmatched '{' in format spec"},
    {"'{a{b}}'.format(a=1)", "ValueError: unexpected '{' in field name"},
    {"'{!'.format(1)", "ValueError: end of string while looking for conversion specifier"},
    {"'{!r'.format(1)", "ValueError: unmatched '{' in format spec"},
    {"'{1}'.format(1)", "IndexError: Replacement index 1 out of range for positional args tuple"},
    {"'{x}'.format()", "KeyError: 'x'"},
    {"'{}'.format_map({})", "ValueError: Format string contains positional fields"},
    {"'{0}'.format_map([1])", "ValueError: Format string contains positional fields"},
    {"'{a} {b[0]}'.format_map({'a':1,'b':[5]})", "'1 5'"},
    {"'{:}}'.format(1)", "ValueError: Single '}' encountered in format string"},
    {"'{a[b:c]}'.format(a={'b:c':1})", "'1'"},
    {"'{:>{w}}|{!r:>5}'.format('a','b',w=4)", "\"   a|  'b'\""},
    {"'{0.real} {0[0]}'.format([1])", "AttributeError: 'list' object has no attribute 'real'"},
    {"'{:d}'.format('a')", "ValueError: Unknown format code 'd' for object of type 'str'"},
    {"'{:s}'.format(1)", "ValueError: Unknown format code 's' for object of type 'int'"},
    {"'{} {} {}'.format(1, 'a', [1.5])", "'1 a [1.5]'"},
    {"'{{}} {}'.format(1)", "'{} 1'"},
    {"'{:5}|{:<5}|{:^5}|{:>5}|{:*^7}'.format('a','b','c','d','e')",
     "'a    |b    |  c  |    d|***e***'"},
    {"'{:.2}'.format('abc')", "'ab'"},
    {"'abc'.format()", "'abc'"},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(expressions, table_setup, expression_teardown),
        cmocka_unit_test_setup_teardown(allocation_failures, table_setup, expression_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
