/* parser.h - what the parser's files share: token access, node building, memos, error raising.
 *
 * A recursive-descent parser that fails softly: a rule gives NULL and the token position is then
 * meaningless; a caller that tries something else sets `mark` back. The grammar is written so that a
 * right program is parsed (nearly) without going back.
 *
 * When the first pass fails, a second one runs over the same tokens with `diagnosing` set. It visits
 * the alternatives of a rule in CPython's order, and the checks of diagnose*.c between them may raise
 * a SyntaxError with words of its own. In that pass rules remember their results by token (memos),
 * else nested alternatives would take exponential time. If no check raises, the error is "invalid
 * syntax" at the last token that the first pass has read.
 *
 * Invariants: token memory never moves; a rule that succeeds has consumed at least one token (but
 * where said otherwise); frontend->depth is restored by each rule that raises it.
 * Threads: a parser belongs to one parse.
 */
#ifndef ADDER_INTERP_FRONTEND_PARSER_H
#define ADDER_INTERP_FRONTEND_PARSER_H

#include "interp/frontend/lexer.h"

typedef enum MemoRule : uint8_t {
    MEMO_EXPRESSION,
    MEMO_DISJUNCTION,
    MEMO_NAMED_EXPRESSION_CHECK, /* no result: that the checks have run here */
    MEMO_STAR_EXPRESSION,
    MEMO_BITWISE_OR,
    MEMO_FACTOR,
    MEMO_PRIMARY,
    MEMO_ATOM,
    MEMO_ARGUMENTS,
    MEMO_BLOCK,
    MEMO_PATTERN,
} MemoRule;

struct Memo {
    Memo *next;
    void *result;
    int32_t end_mark;
    MemoRule rule;
};

typedef struct Parser {
    Frontend *frontend;
    Token **tokens;
    int32_t count;
    int32_t capacity;
    int32_t mark;
    bool diagnosing; /* the second pass */
    bool checks;     /* second pass: whether checks may raise now (off in some speculations) */
    bool memoizing;  /* results are remembered: in the second pass, or after a failed dict */
    bool fstring;    /* an expression inside an f-string */
    bool end_faked;  /* PARSE_SINGLE: the NEWLINE before the ENDMARKER has been given */
    struct Parser *parent; /* f-string: the parser of the text around it */
    int32_t first_lineno;  /* f-string: tokens of this line are moved right by first_col */
    int32_t first_col;
    Lexer lexer;
} Parser;

/* A growing list of nodes in scratch memory. */
typedef struct NodeList {
    AstNode **items;
    int32_t count;
    int32_t capacity;
} NodeList;

enum { PARSER_MAX_DEPTH = 2000 };

/* ---- tokens (parser.c) ---- */

typedef AstNode *ParseRule(Parser *p);

/* Runs both passes over the text. fails: never gives NULL; jumps out with the error. */
AstNode *parser_run(Parser *p, ParseRule *rule);

/* Starts a parser over a text; see lexer_init. */
void parser_init(Parser *p, Frontend *frontend, const char *text, int32_t lineno);

/* Reads one more token. may: jump out with an error of the lexer. */
void parser_fill(Parser *p);

/* Gives the token at the mark, or `ahead` tokens behind it. */
static inline Token *parser_peek(Parser *p)
{
    if (p->mark == p->count) {
        parser_fill(p);
    }
    return p->tokens[p->mark];
}

static inline Token *parser_peek_at(Parser *p, int32_t ahead)
{
    while (p->mark + ahead >= p->count) {
        parser_fill(p);
    }
    return p->tokens[p->mark + ahead];
}

static inline bool parser_at(Parser *p, TokenType type) { return parser_peek(p)->type == type; }

/* Takes the token at the mark if it has this type; else gives NULL. */
static inline Token *parser_accept(Parser *p, TokenType type)
{
    Token *token = parser_peek(p);
    if (token->type != type) {
        return NULL;
    }
    p->mark++;
    return token;
}

/* Takes a token that must be there; raises "expected 'text'" in either pass. */
Token *parser_force(Parser *p, TokenType type, const char *text);

/* Tells whether the token is the name `text` (soft keywords). */
bool parser_is_word(const Token *token, const char *text);

/* Gives the interned identifier of a NAME token. */
AstIdent *parser_name(Parser *p, Token *token);

/* ---- nodes (parser.c) ---- */

/* Makes a zeroed node that starts at `start`; its end is the end of the last token taken. */
AstNode *parser_node(Parser *p, AstKind kind, const Token *start);

/* Makes a node without positions. */
AstNode *parser_bare_node(Parser *p, AstKind kind);

/* Makes a Name (load) from a NAME token. */
AstNode *parser_name_node(Parser *p, Token *token);

/* Moves the node's end to the end of the last token taken. */
void parser_end_node(Parser *p, AstNode *node);

void parser_append(Parser *p, NodeList *list, AstNode *node);
AstSeq parser_seq(Parser *p, const NodeList *list);
AstSeq parser_seq_of(Parser *p, AstNode *node);

/* Tells whether the checks of the second pass are to run here. */
static inline bool parser_checking(const Parser *p) { return p->diagnosing && p->checks; }

/* Depth of recursion: enter raises MemoryError beyond the bound. */
static inline void parser_enter(Parser *p)
{
    if (++p->frontend->depth > PARSER_MAX_DEPTH ||
        (uintptr_t)__builtin_frame_address(0) < p->frontend->stack_limit) {
        frontend_raise_memory(p->frontend);
    }
}

static inline void parser_leave(Parser *p) { p->frontend->depth--; }

/* While memoizing: gives true and the remembered result of a rule at the mark. */
bool parser_recall(Parser *p, MemoRule rule, void **result);
/* While memoizing: remembers the result of a rule that began at `start`. */
void parser_remember(Parser *p, MemoRule rule, int32_t start, void *result);

/* Runs a rule, through the memo while memoizing. */
AstNode *parser_memoized(Parser *p, MemoRule memo, ParseRule *rule);

/* Runs a rule at the mark without keeping its tokens; tells whether it succeeded. */
bool parser_sees(Parser *p, ParseRule *rule);

/* ---- errors (parser_error.c) ---- */

/* Raises at the last token read. */
[[noreturn]] void parser_raise(Parser *p, SyntaxKind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Raises at a token, at a node, or from one position to another. */
[[noreturn]] void parser_raise_token(Parser *p, const Token *token, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
[[noreturn]] void parser_raise_node(Parser *p, const AstNode *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
[[noreturn]] void parser_raise_range(Parser *p, SourceRange range, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

SourceRange parser_range_nodes(const AstNode *first, const AstNode *last);
SourceRange parser_range_tokens(const Token *first, const Token *last);
SourceRange parser_range_mixed(const AstNode *first, const Token *last);

/* Moves the range's end to where the lexer stands. */
void parser_range_to_cursor(const Parser *p, SourceRange *range);

/* Raises for a TOKEN_ERROR: what the lexer's status means. */
[[noreturn]] void parser_raise_lexer(Parser *p);

/* Raises "'(' was never closed" for the innermost open bracket. */
[[noreturn]] void parser_raise_unclosed(Parser *p);

/* Raises what CPython reports when neither pass found words: `last` is the last token read in the
 * first pass. */
[[noreturn]] void parser_raise_generic(Parser *p, const Token *last);

/* ---- expressions (parser_expr.c, parser_atom.c, parser_call.c, parser_params.c) ---- */

AstNode *parser_expression(Parser *p);
AstNode *parser_disjunction(Parser *p);
AstNode *parser_named_expression(Parser *p);
AstNode *parser_star_expression(Parser *p);
AstNode *parser_star_expressions(Parser *p);
AstNode *parser_star_named_expression(Parser *p);
/* One expression, or several as a tuple, without stars. */
AstNode *parser_expressions(Parser *p);
AstNode *parser_bitwise_or(Parser *p);
AstNode *parser_primary(Parser *p);
AstNode *parser_atom(Parser *p);
AstNode *parser_yield(Parser *p);
AstNode *parser_lambda(Parser *p);
/* yield_expr or star_expressions */
AstNode *parser_value(Parser *p);
/* NAME ':=' expression, or an expression not followed by ':=' */
AstNode *parser_walrus_or_expression(Parser *p);
/* An expression without any checks inside. */
AstNode *parser_plain_expression(Parser *p);
/* '*' bitwise_or */
AstNode *parser_starred(Parser *p);
/* Elements separated by ',' into *list, from `first` on; gives false when one fails behind none. */
bool parser_star_named_list(Parser *p, NodeList *list);

/* Targets: parse without context; NULL where the tokens are no target at all. */
AstNode *parser_star_targets(Parser *p);
AstNode *parser_star_target(Parser *p);
/* Gives the node the context if it is a target of its kind; else false (nodes half changed). */
bool parser_to_store(AstNode *node);
bool parser_to_single_store(AstNode *node);
bool parser_to_delete(AstNode *node);

/* The 'for' clauses of a comprehension; NULL when there is none, or a broken one. */
AstSeq *parser_clauses(Parser *p);

/* A call's arguments up to, not including, ')': a Call without func, or NULL. May be none. `genexp`:
 * a bare generator expression is taken as the only argument. (parser_call.c) */
AstNode *parser_arguments(Parser *p, bool genexp);
/* At least one argument; stops before what is none, without a trailing comma. */
AstNode *parser_args(Parser *p);
/* '(' genexp ')' as the only argument; NULL if it is not one. */
AstNode *parser_genexp(Parser *p);
/* What stands between '[' and ']'. */
AstNode *parser_slices(Parser *p);

/* Parameters up to, not including, `closing` (')' or ':'): an arguments node. */
AstNode *parser_parameters(Parser *p, bool lambda);

/* All STRING tokens at the mark as one node (strings.c). */
AstNode *parser_strings(Parser *p);
/* A NUMBER token's value (number.c). */
AstNode *parser_number(Parser *p, Token *token);

/* ---- statements (parser_stmt.c, parser_block.c, parser_pattern.c) ---- */

/* All statements up to ENDMARKER. */
AstNode *parser_module(Parser *p);
AstNode *parser_interactive(Parser *p);
AstNode *parser_eval_input(Parser *p);
/* The inside of an f-string's braces. */
AstNode *parser_fstring_input(Parser *p);
/* One statement line or compound statement appended to *list; false on failure. */
bool parser_statement(Parser *p, NodeList *list);
AstNode *parser_import(Parser *p);
AstNode *parser_import_from(Parser *p);
/* Tells whether an operator of augmented assignment is at the mark. */
bool parser_at_augmented(Parser *p);
/* One compound statement at the mark, or NULL. */
AstNode *parser_compound(Parser *p);
/* One statement line (simple statements with ';') appended to *list; false on failure. */
bool parser_simple_line(Parser *p, NodeList *list);
/* NEWLINE INDENT statements DEDENT, or a statement line. NULL on failure. */
AstSeq *parser_block(Parser *p);
/* `match` as a statement; NULL where it is a name. */
AstNode *parser_match(Parser *p);

/* ---- checks of the second pass (diagnose*.c) ---- */

void diagnose_expression(Parser *p);
void diagnose_named_expression(Parser *p);
/* Tells whether a list, tuple or generator expression (not in a group) is at the mark. */
bool diagnose_at_display(Parser *p, bool genexp);
void diagnose_group(Parser *p);
void diagnose_comprehension(Parser *p);
void diagnose_dict(Parser *p);
void diagnose_dict_comprehension(Parser *p);
void diagnose_for_target(Parser *p);
void diagnose_arguments(Parser *p);
void diagnose_keyword_argument(Parser *p);
void diagnose_parameters(Parser *p, bool lambda);
void diagnose_assignment(Parser *p);
void diagnose_delete(Parser *p);
void diagnose_with_item(Parser *p);
void diagnose_with(Parser *p);
void diagnose_except(Parser *p);
void diagnose_mixed_handler(Parser *p);
/* Raises "cannot assign to ..." / "cannot delete ..." if the node holds no target. */
typedef enum TargetKind { TARGET_STAR, TARGET_FOR, TARGET_DELETE } TargetKind;
void diagnose_target(Parser *p, AstNode *node, TargetKind kind);
/* After "header ':'": raises if a NEWLINE without INDENT follows. */
void diagnose_indent(Parser *p, const char *what, int32_t lineno);
/* Raises "expected ':'" if a NEWLINE is at the mark. */
void diagnose_missing_colon(Parser *p);

/* Gives CPython's word for the kind of an expression ("function call"). */
const char *diagnose_expression_name(const AstNode *node);

#endif
