/* ast.c - the tree as a whole: its arena, its interned identifiers, its tables of names.
 *
 * Identifiers are interned in an open-addressing table with linear probing, at most half full; the
 * table is in the arena as well, so growing it leaves the old one behind (in sum less than twice
 * the final size). Equal names of one tree are therefore pointer-equal, and their indexes dense.
 * Threads: a finished tree may be read by any number of threads.
 */
#include "interp/frontend/ast_internal.h"

#include <string.h>

#include "runtime/memory.h"

Ast *ast_new(void)
{
    Ast *ast = rt_malloc(sizeof(Ast));
    if (ast == NULL) {
        return NULL;
    }
    *ast = (Ast){0};
    arena_init(&ast->arena);
    return ast;
}

void ast_free(Ast *ast)
{
    if (ast == NULL) {
        return;
    }
    arena_clear(&ast->arena);
    rt_free(ast);
}

AstNode *ast_root(const Ast *ast) { return ast->root; }

uint32_t ast_name_count(const Ast *ast) { return ast->name_count; }

void *ast_alloc(Ast *ast, size_t size_bytes) { return arena_alloc(&ast->arena, size_bytes); }

static uint32_t hash_bytes(const char *bytes, size_t size_bytes)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < size_bytes; i++) {
        hash = (hash ^ (uint8_t)bytes[i]) * 16777619u;
    }
    return hash;
}

static bool grow_names(Ast *ast)
{
    uint32_t capacity = ast->name_capacity == 0 ? 64 : ast->name_capacity * 2;
    AstIdent **names = arena_alloc(&ast->arena, (size_t)capacity * sizeof(AstIdent *));
    if (names == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < ast->name_capacity; i++) {
        AstIdent *name = ast->names[i];
        if (name == NULL) {
            continue;
        }
        uint32_t at = name->hash & (capacity - 1);
        while (names[at] != NULL) {
            at = (at + 1) & (capacity - 1);
        }
        names[at] = name;
    }
    ast->names = names;
    ast->name_capacity = capacity;
    return true;
}

AstIdent *ast_intern(Ast *ast, const char *bytes, size_t size_bytes)
{
    if (size_bytes > INT32_MAX) {
        return NULL;
    }
    if (ast->name_count * 2 >= ast->name_capacity && !grow_names(ast)) {
        return NULL;
    }
    uint32_t hash = hash_bytes(bytes, size_bytes);
    uint32_t at = hash & (ast->name_capacity - 1);
    for (AstIdent *name = ast->names[at]; name != NULL; name = ast->names[at]) {
        if (name->hash == hash && name->size_bytes == size_bytes &&
            memcmp(name->bytes, bytes, size_bytes) == 0) {
            return name;
        }
        at = (at + 1) & (ast->name_capacity - 1);
    }
    AstIdent *name = arena_alloc(&ast->arena, sizeof(AstIdent) + size_bytes + 1);
    if (name == NULL) {
        return NULL;
    }
    name->size_bytes = (uint32_t)size_bytes;
    name->hash = hash;
    name->index = ast->name_count++;
    memcpy(name->bytes, bytes, size_bytes);
    ast->names[at] = name;
    return name;
}

static const char *const kind_names[AST_KIND_COUNT] = {
#define AST_BEGIN(Kind, group, positions) #Kind,
#define AST_FIELD(Kind, type, name)
#define AST_END(Kind)
#include "interp/frontend/ast.def"
};

const char *ast_kind_name(AstKind kind) { return kind_names[kind]; }

static const uint8_t kind_sizes[AST_KIND_COUNT] = {
#define AST_BEGIN(Kind, group, positions) \
    (uint8_t)(offsetof(AstNode, Kind) + sizeof(((AstNode *)0)->Kind)),
#define AST_FIELD(Kind, type, name)
#define AST_END(Kind)
#include "interp/frontend/ast.def"
};
_Static_assert(sizeof(AstNode) < 256, "a node's size must fit kind_sizes");

size_t ast_kind_size(AstKind kind) { return kind_sizes[kind]; }

const char *ast_op_name(AstOp op)
{
    static const char *const names[] = {
        [AST_OP_NONE] = "",           [AST_OP_ADD] = "Add",
        [AST_OP_SUB] = "Sub",         [AST_OP_MULT] = "Mult",
        [AST_OP_MATMULT] = "MatMult", [AST_OP_DIV] = "Div",
        [AST_OP_MOD] = "Mod",         [AST_OP_POW] = "Pow",
        [AST_OP_LSHIFT] = "LShift",   [AST_OP_RSHIFT] = "RShift",
        [AST_OP_BITOR] = "BitOr",     [AST_OP_BITXOR] = "BitXor",
        [AST_OP_BITAND] = "BitAnd",   [AST_OP_FLOORDIV] = "FloorDiv",
        [AST_OP_AND] = "And",         [AST_OP_OR] = "Or",
        [AST_OP_INVERT] = "Invert",   [AST_OP_NOT] = "Not",
        [AST_OP_UADD] = "UAdd",       [AST_OP_USUB] = "USub",
        [AST_OP_EQ] = "Eq",           [AST_OP_NOTEQ] = "NotEq",
        [AST_OP_LT] = "Lt",           [AST_OP_LTE] = "LtE",
        [AST_OP_GT] = "Gt",           [AST_OP_GTE] = "GtE",
        [AST_OP_IS] = "Is",           [AST_OP_ISNOT] = "IsNot",
        [AST_OP_IN] = "In",           [AST_OP_NOTIN] = "NotIn",
    };
    return names[op];
}
