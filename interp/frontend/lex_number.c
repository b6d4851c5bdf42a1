/* lex_number.c - the spelling of numeric literals.
 *
 * Only finds where a number ends and refuses bad spellings with CPython's words; strings.c makes
 * values. A number directly followed by a letter is an error, except before a keyword that can
 * follow an expression (`1if x else 2`), which CPython still allows with a warning.
 * Threads: a lexer belongs to one parse.
 */
#include "interp/frontend/lexer.h"

static bool is_digit(int c) { return c >= '0' && c <= '9'; }

static bool is_hex_digit(int c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Tells whether `rest` follows the cursor and ends there as a word. */
static bool word_follows(const Lexer *lexer, const char *rest)
{
    const char *at = lexer->cursor;
    for (; *rest != '\0'; rest++, at++) {
        if (*at != *rest) {
            return false;
        }
    }
    return !lexer_continues_name((unsigned char)*at);
}

/* Looks at c, the character read behind a number, puts it back, and refuses a letter. */
static void end_number(Lexer *lexer, int c, const char *kind)
{
    bool keyword = false;
    switch (c) {
    case 'a': keyword = word_follows(lexer, "nd"); break;
    case 'e': keyword = word_follows(lexer, "lse"); break;
    case 'f': keyword = word_follows(lexer, "or"); break;
    case 'i':
        keyword = *lexer->cursor == 'f' || *lexer->cursor == 'n' || *lexer->cursor == 's';
        break;
    case 'o': keyword = word_follows(lexer, "r"); break;
    case 'n': keyword = word_follows(lexer, "ot"); break;
    default: break;
    }
    lexer_unget(lexer, c);
    if (!keyword && c < 128 && lexer_continues_name(c)) {
        lexer_error(lexer, "invalid %s literal", kind);
    }
}

/* Reads digits with single underscores between; gives the character behind them. */
static int decimal_tail(Lexer *lexer)
{
    for (;;) {
        int c;
        do {
            c = lexer_get(lexer);
        } while (is_digit(c));
        if (c != '_') {
            return c;
        }
        c = lexer_get(lexer);
        if (!is_digit(c)) {
            lexer_unget(lexer, c);
            lexer_error(lexer, "invalid decimal literal");
        }
    }
}

/* Reads the digits behind 0x, 0o or 0b. */
static void based_number(Lexer *lexer, int base, const char *kind)
{
    int c = lexer_get(lexer);
    do {
        if (c == '_') {
            c = lexer_get(lexer);
        }
        bool good = base == 16 ? is_hex_digit(c) : c >= '0' && c < '0' + base;
        if (!good) {
            if (is_digit(c)) {
                lexer_error(lexer, "invalid digit '%c' in %s literal", c, kind);
            }
            lexer_unget(lexer, c);
            lexer_error(lexer, "invalid %s literal", kind);
        }
        do {
            c = lexer_get(lexer);
        } while (base == 16 ? is_hex_digit(c) : c >= '0' && c < '0' + base);
    } while (c == '_');
    if (is_digit(c)) {
        lexer_error(lexer, "invalid digit '%c' in %s literal", c, kind);
    }
    end_number(lexer, c, kind);
}

/* Reads what may follow the integer part, from c on: fraction, exponent, j. */
static void number_rest(Lexer *lexer, int c)
{
    if (c == '.') {
        c = lexer_get(lexer);
        if (is_digit(c)) {
            c = decimal_tail(lexer);
        }
    }
    if (c == 'e' || c == 'E') {
        int e = c;
        c = lexer_get(lexer);
        if (c == '+' || c == '-') {
            c = lexer_get(lexer);
            if (!is_digit(c)) {
                lexer_unget(lexer, c);
                lexer_error(lexer, "invalid decimal literal");
            }
        } else if (!is_digit(c)) {
            lexer_unget(lexer, c);
            end_number(lexer, e, "decimal");
            return;
        }
        c = decimal_tail(lexer);
    }
    if (c == 'j' || c == 'J') {
        c = lexer_get(lexer);
        end_number(lexer, c, "imaginary");
        return;
    }
    end_number(lexer, c, "decimal");
}

/* Reads a number that begins with 0: another base, zeros, or a fraction or exponent. */
static void zero_number(Lexer *lexer)
{
    int c = lexer_get(lexer);
    switch (c) {
    case 'x':
    case 'X': based_number(lexer, 16, "hexadecimal"); return;
    case 'o':
    case 'O': based_number(lexer, 8, "octal"); return;
    case 'b':
    case 'B': based_number(lexer, 2, "binary"); return;
    default: break;
    }
    for (;;) {
        if (c == '_') {
            c = lexer_get(lexer);
            if (!is_digit(c)) {
                lexer_unget(lexer, c);
                lexer_error(lexer, "invalid decimal literal");
            }
        }
        if (c != '0') {
            break;
        }
        c = lexer_get(lexer);
    }
    const char *zeros_end = lexer->cursor;
    bool nonzero = is_digit(c);
    if (nonzero) {
        c = decimal_tail(lexer);
    }
    if (nonzero && c != '.' && c != 'e' && c != 'E' && c != 'j' && c != 'J') {
        lexer_unget(lexer, c);
        int32_t column = frontend_characters(lexer->line_start,
                                             (int32_t)(lexer->token_start + 1 - lexer->line_start));
        int32_t end =
            frontend_characters(lexer->line_start, (int32_t)(zeros_end - lexer->line_start));
        frontend_scan_outer(lexer->frontend);
        lexer->frontend->diag->end_column = end;
        frontend_raise_column(lexer->frontend, lexer->lineno, column, lexer->line_start,
                              "leading zeros in decimal integer literals are not permitted; use "
                              "an 0o prefix for octal integers");
    }
    number_rest(lexer, c);
}

void lexer_number(Lexer *lexer, int first)
{
    if (first == '0') {
        zero_number(lexer);
    } else if (first == '.') {
        number_rest(lexer, first);
    } else {
        number_rest(lexer, decimal_tail(lexer));
    }
}
