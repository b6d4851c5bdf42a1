/* number.c - the values of numeric literals.
 *
 * An int stays text: its digits, normalised, with their base, as the object model's ints are not known
 * here. Floats are read by strtod, which rounds correctly; the runtime keeps LC_NUMERIC at "C".
 * A decimal int of more than 4300 digits is refused as CPython does (its conversion is quadratic).
 * Threads: a parser belongs to one parse.
 */
#include "interp/frontend/parser.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_DECIMAL_DIGITS = 4300 };

static int base_of(const char *digits)
{
    if (digits[0] != '0') {
        return 10;
    }
    switch (digits[1]) {
    case 'x': return 16;
    case 'o': return 8;
    case 'b': return 2;
    default: return 10;
    }
}

static void finish_int(Parser *p, Token *token, AstConst *value, char *digits, size_t size_bytes)
{
    int base = base_of(digits);
    if (base != 10) {
        digits += 2;
        size_bytes -= 2;
    } else if (size_bytes > MAX_DECIMAL_DIGITS) {
        SourceRange range = {token->lineno, -1, token->end_lineno, RANGE_NO_END};
        parser_raise_range(p, range,
                           "Exceeds the limit (%d digits) for integer string conversion: value has "
                           "%zu digits; use sys.set_int_max_str_digits() to increase the limit - "
                           "Consider hexadecimal for huge integer literals to avoid decimal "
                           "conversion limits.",
                           MAX_DECIMAL_DIGITS, size_bytes);
    }
    while (size_bytes > 1 && digits[0] == '0') {
        digits++;
        size_bytes--;
    }
    value->kind = AST_CONST_INT;
    value->base = (uint8_t)base;
    value->size_bytes = size_bytes;
    value->bytes = digits;
}

AstNode *parser_number(Parser *p, Token *token)
{
    size_t room = (size_t)(token->end - token->start) + 1;
    char *digits = frontend_alloc(p->frontend, room);
    size_t size_bytes = 0;
    for (const char *at = token->start; at < token->end; at++) {
        if (*at != '_') {
            digits[size_bytes++] = (char)(*at >= 'A' && *at <= 'Z' ? *at + 32 : *at);
        }
    }
    AstNode *node = parser_node(p, AST_Constant, token);
    node->end_lineno = token->end_lineno;
    node->end_col_offset = token->end_col;
    AstConst *value = &node->Constant.value;
    bool based = base_of(digits) != 10;
    if (!based && digits[size_bytes - 1] == 'j') {
        digits[size_bytes - 1] = '\0';
        value->kind = AST_CONST_IMAGINARY;
        value->number = strtod(digits, NULL);
    } else if (!based && strpbrk(digits, ".e") != NULL) {
        value->kind = AST_CONST_FLOAT;
        value->number = strtod(digits, NULL);
    } else {
        finish_int(p, token, value, digits, size_bytes);
    }
    return node;
}
