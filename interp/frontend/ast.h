/* ast.h - the syntax tree that the parser hands to the bytecode compiler.
 *
 * One struct for all nodes: a kind, a source range, and a union with one member per kind, named as
 * in Python 3.11's `ast` module: `node->kind == AST_BinOp`, `node->BinOp.left`. The table of kinds
 * and fields is ast.def; the structs here, the dumper and any walker are generated from it.
 *
 * The tree does not know the object model: constants are plain C data (AstConst), and identifiers
 * are interned (AstIdent), so two equal names of one tree are the same pointer.
 *
 * Long chains without brackets (1+1+1+.., a.b.c.., elif) make a tree as deep as the chain is long: who
 * walks a tree by recursion must bound its depth. All other nesting is bounded by the parser.
 *
 * Everything lives in one arena, owned by the Ast that parse_source returned, and dies with it.
 * Invariant: a node's storage ends after its own union member; never copy a node by `*a = *b`.
 * Threads: a finished tree is never written, so any number of threads may read it; the compiler
 * may write it only while it is the only one that holds it.
 */
#ifndef ADDER_INTERP_FRONTEND_AST_H
#define ADDER_INTERP_FRONTEND_AST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Ast Ast;
typedef struct AstNode AstNode;

/* An identifier after NFKC. bytes is UTF-8, NUL-terminated; index is dense from 0 to
 * ast_name_count() - 1, so side tables can be plain arrays. */
typedef struct AstIdent {
    uint32_t size_bytes;
    uint32_t index;
    uint32_t hash;
    char bytes[];
} AstIdent;

typedef struct AstSeq {
    int32_t count;
    AstNode **items;
} AstSeq;

typedef struct AstIdentSeq {
    int32_t count;
    AstIdent **items;
} AstIdentSeq;

/* All operators share one enum; the field's meaning says which part of it can occur. */
typedef enum AstOp : uint8_t {
    AST_OP_NONE,
    /* BinOp, AugAssign */
    AST_OP_ADD,
    AST_OP_SUB,
    AST_OP_MULT,
    AST_OP_MATMULT,
    AST_OP_DIV,
    AST_OP_MOD,
    AST_OP_POW,
    AST_OP_LSHIFT,
    AST_OP_RSHIFT,
    AST_OP_BITOR,
    AST_OP_BITXOR,
    AST_OP_BITAND,
    AST_OP_FLOORDIV,
    /* BoolOp */
    AST_OP_AND,
    AST_OP_OR,
    /* UnaryOp */
    AST_OP_INVERT,
    AST_OP_NOT,
    AST_OP_UADD,
    AST_OP_USUB,
    /* Compare */
    AST_OP_EQ,
    AST_OP_NOTEQ,
    AST_OP_LT,
    AST_OP_LTE,
    AST_OP_GT,
    AST_OP_GTE,
    AST_OP_IS,
    AST_OP_ISNOT,
    AST_OP_IN,
    AST_OP_NOTIN,
} AstOp;

typedef struct AstOpSeq {
    int32_t count;
    AstOp *items;
} AstOpSeq;

typedef enum AstContext : uint8_t { AST_LOAD, AST_STORE, AST_DEL } AstContext;

typedef enum AstConstKind : uint8_t {
    AST_CONST_NONE,
    AST_CONST_TRUE,
    AST_CONST_FALSE,
    AST_CONST_ELLIPSIS,
    AST_CONST_INT,
    AST_CONST_FLOAT,
    AST_CONST_IMAGINARY,
    AST_CONST_STR,
    AST_CONST_BYTES,
} AstConstKind;

typedef struct AstConst {
    AstConstKind kind;
    uint8_t base; /* INT: 2, 8, 10 or 16 */
    union {
        /* INT: digits of `base`, lower case, no prefix, no underscore, no leading zero ("0" is
         * zero), NUL-terminated. FLOAT and IMAGINARY do not use it.
         * STR: UTF-8, a lone surrogate as its 3-byte form; may hold NUL bytes; NUL-terminated.
         * BYTES: as they are; NUL-terminated besides. */
        struct {
            size_t size_bytes;
            const char *bytes;
        };
        double number; /* FLOAT, IMAGINARY (the real part is 0) */
    };
} AstConst;

typedef enum AstKind : uint8_t {
#define AST_BEGIN(Kind, group, positions) AST_##Kind,
#define AST_FIELD(Kind, type, name)
#define AST_END(Kind)
#include "interp/frontend/ast.def"
    AST_KIND_COUNT
} AstKind;

/* C types of the fields, by their type word in ast.def. */
#define AST_C_IDENT AstIdent *
#define AST_C_IDENT_OPT AstIdent *
#define AST_C_NODE AstNode *
#define AST_C_NODE_OPT AstNode *
#define AST_C_SEQ AstSeq
#define AST_C_IDENTS AstIdentSeq
#define AST_C_INT int32_t
#define AST_C_OP AstOp
#define AST_C_OPS AstOpSeq
#define AST_C_CTX AstContext
#define AST_C_CONST AstConst
#define AST_C_UFLAG bool

#define AST_BEGIN(Kind, group, positions) typedef struct Ast##Kind {
#define AST_FIELD(Kind, type, name) AST_C_##type name;
#define AST_END(Kind) \
    }                 \
    Ast##Kind;
#include "interp/frontend/ast.def"

/* lineno counts from 1, col_offset from 0 in UTF-8 bytes of the line; end is exclusive. Kinds
 * without positions in Python (Module, arguments, comprehension, withitem, match_case) hold 0. */
struct AstNode {
    AstKind kind;
    int32_t lineno;
    int32_t col_offset;
    int32_t end_lineno;
    int32_t end_col_offset;
    union {
#define AST_BEGIN(Kind, group, positions) Ast##Kind Kind;
#define AST_FIELD(Kind, type, name)
#define AST_END(Kind)
#include "interp/frontend/ast.def"
    };
};

/* Gives the root: Module, Expression or Interactive, by the mode of the parse.
 * owns: borrowed from ast. threads: any. */
AstNode *ast_root(const Ast *ast);

/* Gives how many different names the tree has; every AstIdent.index is below it. threads: any. */
uint32_t ast_name_count(const Ast *ast);

/* Interns `size_bytes` bytes of UTF-8 as they are (no NFKC) and gives the name.
 * owns: borrowed from ast. threads: only the holder. may: allocate. fails: NULL, tree unchanged. */
AstIdent *ast_intern(Ast *ast, const char *bytes, size_t size_bytes);

/* Gives zeroed memory that lives as long as the tree (for a compiler that rewrites parts of it).
 * owns: borrowed from ast. threads: only the holder. may: allocate. fails: NULL. */
void *ast_alloc(Ast *ast, size_t size_bytes);

/* Frees the tree with everything in it; NULL is allowed. threads: only the holder. */
void ast_free(Ast *ast);

/* Gives the kind's name as Python writes it ("BinOp"). threads: any. */
const char *ast_kind_name(AstKind kind);

/* Gives the operator's class name as Python writes it ("Add", "NotIn"). threads: any. */
const char *ast_op_name(AstOp op);

#endif
