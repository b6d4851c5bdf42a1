/*
 * Symtable: the scopes of a module, and what each name means in each of them.
 *
 * One Scope per module, function, lambda and comprehension.  A comprehension is compiled in place:
 * its scope is `inlined` into the next enclosing function or module (its host), and its names
 * become hidden local registers there.  Resolution: a name bound in a function is local (a cell if an inner
 * function uses it), else free if an enclosing function binds it, else global.
 *
 * Threads: a table belongs to the compilation that made it.
 */
#ifndef ADDER_INTERP_SYMTABLE_H
#define ADDER_INTERP_SYMTABLE_H

#include "interp/frontend/ast.h"
#include "runtime/error.h"

typedef enum ScopeKind { SCOPE_MODULE, SCOPE_FUNCTION, SCOPE_COMPREHENSION } ScopeKind;

enum { /* how a scope mentions a name */
       NAME_BOUND = 1,
       NAME_USED = 2,
       NAME_PARAM = 4,
       NAME_GLOBAL = 8,
       NAME_NONLOCAL = 16,
       NAME_DELETED = 32,    /* del, or the name of an except clause: may be unbound anywhere */
       NAME_TARGET = 64,     /* iteration variable of a comprehension */
       NAME_ANNOTATED = 128, /* `x: T` with x as it stands there, not in brackets */
};
typedef enum NameWhere {
    WHERE_UNKNOWN,
    WHERE_LOCAL,
    WHERE_CELL,
    WHERE_FREE,
    WHERE_GLOBAL
} NameWhere;

typedef struct NameInfo {
    AstIdent *ident;
    uint32_t flags;
    NameWhere where;
    int32_t reg; /* LOCAL, CELL: register in the host; FREE: index into the host's closure */
    const AstNode *node; /* first mention, for errors */
} NameInfo;

typedef struct Scope {
    ScopeKind kind;
    const AstNode *node;
    struct Scope *parent, *host;
    struct Scope *first_child, *next_sibling, *last_child;
    NameInfo *names;
    uint32_t count, capacity;
    uint32_t *slots; /* of a hash table of the names, once there are many: index + 1, or 0 */
    uint32_t slot_count;
    /* hosts only */
    uint32_t local_count, free_count;
    AstIdent **free_names;
    bool has_walrus;
} Scope;

typedef struct Symtable Symtable;
typedef struct SymtableError {
    const AstNode *node; /* NULL: out of memory, or too deep */
    bool too_deep;       /* the exception that says so is pending */
    char message[200];
} SymtableError;

/* A tree that this accepts is at most 3 levels deep for each that th's recursion limit leaves.
 * fails: NULL with *error filled. owns: new; symtable_free. */
Symtable *symtable_build(Thread *th, Ast *ast, SymtableError *error);
void symtable_free(Symtable *t);
/* The scope that a Module, FunctionDef, Lambda or comprehension node opens. */
Scope *symtable_scope(const Symtable *t, const AstNode *node);
/* What a name means in a scope (resolved through inlined comprehensions). never NULL after build for
 * names that the scope mentions. */
NameInfo *symtable_lookup(Scope *scope, const AstIdent *ident);

#endif
