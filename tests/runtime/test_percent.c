/*
 * pattern % args: every conversion, flags, mapping keys, errors.
 *
 * The table's results are CPython 3.11's.
 */
#include "tests/runtime/expression_table.h"

static const ExpressionCase cases[] = {
    {"'%d'%'a'", "TypeError: %d format: a real number is required, not str"},
    {"'%x'%1.5", "TypeError: %x format: an integer is required, not float"},
    {"'%y'%1", "ValueError: unsupported format character 'y' (0x79) at index 1"},
    {"'%('%{}", "ValueError: incomplete format key"},
    {"'%(a'%{}", "ValueError: incomplete format key"},
    {"'%(a)s'%1", "TypeError: format requires a mapping"},
    {"'%'%()", "ValueError: incomplete format"},
    {"'%*d'%('a',1)", "TypeError: * wants int"},
    {"'%s%s'%1", "TypeError: not enough arguments for format string"},
    {"'%s'%(1,2)", "TypeError: not all arguments converted during string formatting"},
    {"'%5%'%()", "TypeError: not enough arguments for format string"},
    {"'%5%'%(1,)", "ValueError: unsupported format character '%' (0x25) at index 2"},
    {"'%%'%()", "'%'"},
    {"'%c'%'ab'", "TypeError: %c requires int or char"},
    {"'%c'%-1", "OverflowError: %c arg not in range(0x110000)"},
    {"'%c'%1.5", "TypeError: %c requires int or char"},
    {"'%f'%'a'", "TypeError: must be real number, not str"},
    {"'%s'%[1]", "'[1]'"},
    {"''%[1]", "''"},
    {"''%1", "TypeError: not all arguments converted during string formatting"},
    {"''%{}", "''"},
    {"'%d'%None", "TypeError: %d format: a real number is required, not NoneType"},
    {"'%.3s|%-5s|%5s'%('abcd','a','b')", "'abc|a    |    b'"},
    {"'%#x %#o %#X %+d % d %05d %-5d|'%(255,8,255,3,3,-3,3)",
     "'0xff 0o10 0XFF +3  3 -0003 3    |'"},
    {"'%#.5x %08.5d'%(3,3)", "'0x00003 00000003'"},
    {"'%05f %05f'%(float('inf'),float('-inf'))", "'00inf -0inf'"},
    {"'%e %g %G %.3f %#g'%(1.5,1e-10,1e20,2.5,1.0)", "'1.500000e+00 1e-10 1E+20 2.500 1.00000'"},
    {"'%c%c'%(65,8364)", "'A€'"},
    {"'%d'%1e20", "'100000000000000000000'"},
    {"'%d'%True", "'1'"},
    {"'%i %u'%(3.9,-3.9)", "'3 -3'"},
    {"'%(a)s %(b)d'%{'a':1,'b':2}", "'1 2'"},
    {"'%(a(b))s'%{'a(b)':3}", "'3'"},
    {"'%0*d|%-*d|%.*f'%(5,3,5,3,2,1.0)", "'00003|3    |1.00'"},
    {"'%ld'%3", "'3'"},
    {"'%s' % {'a':1}", "\"{'a': 1}\""},
    {"'%s %s' % ({},)", "TypeError: not enough arguments for format string"},
    {"'%r %a %s'%('a','b','c')", "\"'a' 'b' c\""},
    {"'%-010d|%+08.3f|% .2e'%(42,3.14159,12345.678)", "'42        |+003.142| 1.23e+04'"},
    {"'%s'%None", "'None'"},
    {"'%10.3s|'%'abcdef'", "'       abc|'"},
    {"'%x %X %o'%(-255,-255,-8)", "'-ff -FF -10'"},
    {"'%d'%(2**100)", "'1267650600228229401496703205376'"},
    {"'%#x'%(2**70)", "'0x400000000000000000'"},
    {"'%.0f %.1f'%(0.5,0.25)", "'0 0.2'"},
    {"'%d %s'%(1,)", "TypeError: not enough arguments for format string"},
    {"'%z'%(1,)", "ValueError: unsupported format character 'z' (0x7a) at index 1"},
    {"'%.2147483648d'%1", "ValueError: precision too big"},
    {"'%99999999999999999999d'%1", "ValueError: width too big"},
    {"'%*d'%(2**70,1)", "OverflowError: Python int too large to convert to C ssize_t"},
    {"'%.*d'%(2**31,1)", "OverflowError: Python int too large to convert to C int"},
    {"'%5.1f|'%2.25", "'  2.2|'"},
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
