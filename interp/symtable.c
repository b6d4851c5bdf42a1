/*
 * Symtable: walk one collects what each scope binds and uses, walk two resolves from the outside in
 * and gives registers.  See symtable.h for the model.
 *
 * Errors are CPython's (global/nonlocal conflicts, duplicate arguments, walrus in comprehensions);
 * they leave by longjmp, since the walk is deep and everything hangs from the Symtable.
 *
 * Threads: no shared state.
 */
#include "interp/symtable.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include "runtime/memory.h"

typedef struct ScopeSlot {
    const AstNode *node;
    Scope *scope;
} ScopeSlot;

struct Symtable {
    Thread *th;
    Ast *ast;
    Scope *root;
    ScopeSlot *slots; /* open addressing by node address */
    uint32_t slot_count, slot_capacity;
    Scope *current;
    uint32_t depth, depth_max;
    int iterable_depth; /* inside a comprehension's iterable: walrus is refused */
    SymtableError *error;
    jmp_buf fail;
};

static _Noreturn void fail(Symtable *t, const AstNode *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static _Noreturn void fail(Symtable *t, const AstNode *node, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    vsnprintf(t->error->message, sizeof t->error->message, format, ap);
    va_end(ap);
    t->error->node = node;
    longjmp(t->fail, 1);
}

static _Noreturn void fail_memory(Symtable *t)
{
    t->error->node = NULL;
    longjmp(t->fail, 1);
}

/* CPython's bound on the depth of trees: three levels for one of recursion. */
static void enter(Symtable *t)
{
    const char *where = " during compilation";
    bool fits = ++t->depth <= t->depth_max;
    if (!fits) {
        rt_raise_recursion(t->th, where);
    }
    if (!fits || !rt_stack_check(t->th, where)) {
        t->error->too_deep = true;
        fail_memory(t);
    }
}

/* ---- scopes and names ------------------------------------------------------------------------ */

static uint32_t slot_of(const Symtable *t, const AstNode *node)
{
    uint32_t i = (uint32_t)(((uintptr_t)node >> 4) * 0x9E3779B1u) & (t->slot_capacity - 1);
    while (t->slots[i].node != NULL && t->slots[i].node != node) {
        i = (i + 1) & (t->slot_capacity - 1);
    }
    return i;
}

static void slots_grow(Symtable *t)
{
    uint32_t old_capacity = t->slot_capacity;
    ScopeSlot *old = t->slots;
    uint32_t capacity = old_capacity == 0 ? 64 : old_capacity * 2;
    ScopeSlot *slots = rt_calloc(capacity, sizeof *slots);
    if (slots == NULL) {
        fail_memory(t);
    }
    t->slots = slots;
    t->slot_capacity = capacity;
    for (uint32_t i = 0; i < old_capacity; i++) {
        if (old[i].node != NULL) {
            t->slots[slot_of(t, old[i].node)] = old[i];
        }
    }
    rt_free(old);
}

static Scope *scope_open(Symtable *t, ScopeKind kind, const AstNode *node)
{
    Scope *s = ast_alloc(t->ast, sizeof *s);
    if (s == NULL) {
        fail_memory(t);
    }
    s->kind = kind;
    s->node = node;
    s->parent = t->current;
    s->host = kind == SCOPE_COMPREHENSION ? t->current->host : s;
    if (s->parent != NULL) {
        if (s->parent->last_child != NULL) {
            s->parent->last_child->next_sibling = s;
        } else {
            s->parent->first_child = s;
        }
        s->parent->last_child = s;
    }
    if ((t->slot_count + 1) * 2 > t->slot_capacity) {
        slots_grow(t);
    }
    t->slots[slot_of(t, node)] = (ScopeSlot){node, s};
    t->slot_count++;
    t->current = s;
    return s;
}

enum { NAMES_SEARCHED = 8 }; /* so many are looked through one by one */

static uint32_t name_slot(const Scope *s, const AstIdent *ident)
{
    uint32_t i = (uint32_t)(((uintptr_t)ident >> 4) * 0x9E3779B1u) & (s->slot_count - 1);
    while (s->slots[i] != 0 && s->names[s->slots[i] - 1].ident != ident) {
        i = (i + 1) & (s->slot_count - 1);
    }
    return i;
}

static NameInfo *name_find(const Scope *s, const AstIdent *ident)
{
    if (s->slots != NULL) {
        uint32_t found = s->slots[name_slot(s, ident)];
        return found != 0 ? &s->names[found - 1] : NULL;
    }
    for (uint32_t i = 0; i < s->count; i++) {
        if (s->names[i].ident == ident) {
            return &s->names[i];
        }
    }
    return NULL;
}

/* After the arrays of names have grown: twice as many slots as names. */
static void name_slots_grow(Symtable *t, Scope *s)
{
    s->slot_count = s->capacity * 2;
    s->slots = ast_alloc(t->ast, s->slot_count * sizeof *s->slots);
    if (s->slots == NULL) {
        fail_memory(t);
    }
    for (uint32_t i = 0; i < s->count; i++) {
        s->slots[name_slot(s, s->names[i].ident)] = i + 1;
    }
}

static NameInfo *name_add(Symtable *t, Scope *s, AstIdent *ident, const AstNode *node,
                          uint32_t flags)
{
    NameInfo *n = name_find(s, ident);
    if (n == NULL) {
        if (s->count == s->capacity) {
            uint32_t capacity = s->capacity == 0 ? 8 : s->capacity * 2;
            NameInfo *names = ast_alloc(t->ast, capacity * sizeof *names);
            if (names == NULL) {
                fail_memory(t);
            }
            if (s->count > 0) {
                memcpy(names, s->names, s->count * sizeof *names);
            }
            s->names = names;
            s->capacity = capacity;
            if (capacity > NAMES_SEARCHED) {
                name_slots_grow(t, s);
            }
        }
        n = &s->names[s->count++];
        *n = (NameInfo){.ident = ident, .node = node, .reg = -1};
        if (s->slots != NULL) {
            s->slots[name_slot(s, ident)] = s->count;
        }
    }
    n->flags |= flags;
    return n;
}

/* ---- walk one: collect ------------------------------------------------------------------------- */

static void visit(Symtable *t, const AstNode *n);

static void visit_seq(Symtable *t, AstSeq seq)
{
    for (int32_t i = 0; i < seq.count; i++) {
        if (seq.items[i] != NULL) {
            visit(t, seq.items[i]);
        }
    }
}

static void visit_opt(Symtable *t, const AstNode *n)
{
    if (n != NULL) {
        visit(t, n);
    }
}

static void param_add(Symtable *t, const AstNode *arg)
{
    if (arg == NULL) {
        return;
    }
    NameInfo *n = name_find(t->current, arg->arg.arg);
    if (n != NULL && (n->flags & NAME_PARAM) != 0) {
        fail(t, arg, "duplicate argument '%s' in function definition", arg->arg.arg->bytes);
    }
    name_add(t, t->current, arg->arg.arg, arg, NAME_PARAM | NAME_BOUND);
}

static void visit_arg_annotations(Symtable *t, const AstNode *args)
{
    const Astarguments *a = &args->arguments;
    const AstSeq lists[] = {a->posonlyargs, a->args, a->kwonlyargs};
    for (int k = 0; k < 3; k++) {
        for (int32_t i = 0; i < lists[k].count; i++) {
            visit_opt(t, lists[k].items[i]->arg.annotation);
        }
    }
    if (a->vararg != NULL) {
        visit_opt(t, a->vararg->arg.annotation);
    }
    if (a->kwarg != NULL) {
        visit_opt(t, a->kwarg->arg.annotation);
    }
}

static void add_params(Symtable *t, const AstNode *args)
{
    const Astarguments *a = &args->arguments;
    const AstSeq lists[] = {a->posonlyargs, a->args, a->kwonlyargs};
    for (int k = 0; k < 3; k++) {
        for (int32_t i = 0; i < lists[k].count; i++) {
            param_add(t, lists[k].items[i]);
        }
    }
    param_add(t, a->vararg);
    param_add(t, a->kwarg);
}

static void visit_function(Symtable *t, const AstNode *n)
{
    const AstFunctionDef *f = &n->FunctionDef;
    name_add(t, t->current, f->name, n, NAME_BOUND);
    visit_seq(t, f->decorator_list);
    visit_seq(t, f->args->arguments.defaults);
    visit_seq(t, f->args->arguments.kw_defaults);
    visit_arg_annotations(t, f->args);
    visit_opt(t, f->returns);
    Scope *outer = t->current;
    int depth = t->iterable_depth;
    t->iterable_depth = 0;
    scope_open(t, SCOPE_FUNCTION, n);
    add_params(t, f->args);
    visit_seq(t, f->body);
    t->current = outer;
    t->iterable_depth = depth;
}

static void visit_lambda(Symtable *t, const AstNode *n)
{
    visit_seq(t, n->Lambda.args->arguments.defaults);
    visit_seq(t, n->Lambda.args->arguments.kw_defaults);
    Scope *outer = t->current;
    int depth = t->iterable_depth;
    t->iterable_depth = 0;
    scope_open(t, SCOPE_FUNCTION, n);
    add_params(t, n->Lambda.args);
    visit(t, n->Lambda.body);
    t->current = outer;
    t->iterable_depth = depth;
}

static void mark_targets(Symtable *t, const AstNode *target)
{
    if (target->kind == AST_Name) {
        name_find(t->current, target->Name.id)->flags |= NAME_TARGET;
    } else if (target->kind == AST_Tuple || target->kind == AST_List) {
        AstSeq seq = target->kind == AST_Tuple ? target->Tuple.elts : target->List.elts;
        for (int32_t i = 0; i < seq.count; i++) {
            mark_targets(t, seq.items[i]);
        }
    } else if (target->kind == AST_Starred) {
        mark_targets(t, target->Starred.value);
    }
}

static void visit_comprehension(Symtable *t, const AstNode *n, AstSeq generators, AstNode *elt,
                                AstNode *value)
{
    Scope *outer = t->current;
    t->iterable_depth++;
    visit(t, generators.items[0]->comprehension.iter);
    t->iterable_depth--;
    scope_open(t, SCOPE_COMPREHENSION, n);
    for (int32_t i = 0; i < generators.count; i++) {
        const Astcomprehension *g = &generators.items[i]->comprehension;
        if (i > 0) {
            t->iterable_depth++;
            visit(t, g->iter);
            t->iterable_depth--;
        }
        visit(t, g->target);
        mark_targets(t, g->target);
        visit_seq(t, g->ifs);
    }
    visit(t, elt);
    visit_opt(t, value);
    t->current = outer;
}

static void visit_walrus(Symtable *t, const AstNode *n)
{
    visit(t, n->NamedExpr.value);
    AstIdent *id = n->NamedExpr.target->Name.id;
    if (t->iterable_depth > 0) {
        fail(t, n, "assignment expression cannot be used in a comprehension iterable expression");
    }
    Scope *s = t->current;
    bool inside = false;
    while (s->kind == SCOPE_COMPREHENSION) {
        NameInfo *info = name_find(s, id);
        if (info != NULL && (info->flags & NAME_TARGET) != 0) {
            fail(t, n, "assignment expression cannot rebind comprehension iteration variable '%s'",
                 id->bytes);
        }
        s = s->parent;
        inside = true;
    }
    s->host->has_walrus = true;
    name_add(t, s, id, n, NAME_BOUND | NAME_USED);
    if (inside) {
        name_add(t, t->current, id, n, NAME_USED);
    }
}

static void declare(Symtable *t, const AstNode *n, AstIdentSeq names, uint32_t flag)
{
    const char *word = flag == NAME_GLOBAL ? "global" : "nonlocal";
    Scope *s = t->current;
    if (flag == NAME_NONLOCAL && s->kind == SCOPE_MODULE) {
        fail(t, n, "nonlocal declaration not allowed at module level");
    }
    for (int32_t i = 0; i < names.count; i++) {
        AstIdent *id = names.items[i];
        NameInfo *info = name_find(s, id);
        if (info != NULL) {
            if ((info->flags & NAME_PARAM) != 0) {
                fail(t, n, "name '%s' is parameter and %s", id->bytes, word);
            }
            if ((info->flags & (NAME_GLOBAL | NAME_NONLOCAL) & ~flag) != 0) {
                fail(t, n, "name '%s' is nonlocal and global", id->bytes);
            }
            if ((info->flags & flag) == 0 && (info->flags & NAME_USED) != 0) {
                fail(t, n, "name '%s' is used prior to %s declaration", id->bytes, word);
            }
            if ((info->flags & NAME_ANNOTATED) != 0) {
                fail(t, n, "annotated name '%s' can't be %s", id->bytes, word);
            }
            if ((info->flags & flag) == 0 && (info->flags & NAME_BOUND) != 0) {
                fail(t, n, "name '%s' is assigned to before %s declaration", id->bytes, word);
            }
        }
        name_add(t, s, id, n, flag);
    }
}

static void visit_import(Symtable *t, const AstNode *n, AstSeq names, bool from)
{
    for (int32_t i = 0; i < names.count; i++) {
        const Astalias *a = &names.items[i]->alias;
        if (from && strcmp(a->name->bytes, "*") == 0) {
            if (t->current->kind != SCOPE_MODULE) {
                fail(t, n, "import * only allowed at module level");
            }
            continue;
        }
        AstIdent *id = a->asname != NULL ? a->asname : a->name;
        const char *dot = a->asname == NULL ? strchr(id->bytes, '.') : NULL;
        if (dot != NULL) {
            id = ast_intern(t->ast, id->bytes, (size_t)(dot - id->bytes));
            if (id == NULL) {
                fail_memory(t);
            }
        }
        name_add(t, t->current, id, n, NAME_BOUND);
    }
}

/* Children in field order, for every kind that needs no special care. */
static void visit_fields(Symtable *t, const AstNode *n)
{
#define AST_VISIT_IDENT(x) (void)0
#define AST_VISIT_IDENT_OPT(x) (void)0
#define AST_VISIT_NODE(x) visit(t, x)
#define AST_VISIT_NODE_OPT(x) visit_opt(t, x)
#define AST_VISIT_SEQ(x) visit_seq(t, x)
#define AST_VISIT_IDENTS(x) (void)0
#define AST_VISIT_INT(x) (void)0
#define AST_VISIT_OP(x) (void)0
#define AST_VISIT_OPS(x) (void)0
#define AST_VISIT_CTX(x) (void)0
#define AST_VISIT_CONST(x) (void)0
#define AST_VISIT_UFLAG(x) (void)0
    switch (n->kind) {
#define AST_BEGIN(Kind, group, positions) case AST_##Kind:
#define AST_FIELD(Kind, type, name) AST_VISIT_##type(n->Kind.name);
#define AST_END(Kind) break;
#include "interp/frontend/ast.def"
    case AST_KIND_COUNT: break;
    }
}

static void visit_annotated(Symtable *t, const AstNode *n)
{
    const AstNode *target = n->AnnAssign.target;
    if (target->kind == AST_Name && n->AnnAssign.simple) {
        const NameInfo *info = name_find(t->current, target->Name.id);
        uint32_t declared = info == NULL ? 0 : info->flags & (NAME_GLOBAL | NAME_NONLOCAL);
        if (declared != 0 && t->current->kind != SCOPE_MODULE) {
            fail(t, n, "annotated name '%s' can't be %s", target->Name.id->bytes,
                 (declared & NAME_GLOBAL) != 0 ? "global" : "nonlocal");
        }
        name_add(t, t->current, target->Name.id, n, NAME_ANNOTATED);
    }
    visit_fields(t, n);
}

static void visit(Symtable *t, const AstNode *n)
{
    enter(t);
    switch (n->kind) {
    case AST_FunctionDef: visit_function(t, n); break;
    case AST_Lambda: visit_lambda(t, n); break;
    case AST_ClassDef:
        name_add(t, t->current, n->ClassDef.name, n, NAME_BOUND);
        break; /* refused by the compiler */
    case AST_ListComp:
        visit_comprehension(t, n, n->ListComp.generators, n->ListComp.elt, NULL);
        break;
    case AST_SetComp: visit_comprehension(t, n, n->SetComp.generators, n->SetComp.elt, NULL); break;
    case AST_GeneratorExp:
        visit_comprehension(t, n, n->GeneratorExp.generators, n->GeneratorExp.elt, NULL);
        break;
    case AST_DictComp:
        visit_comprehension(t, n, n->DictComp.generators, n->DictComp.key, n->DictComp.value);
        break;
    case AST_NamedExpr: visit_walrus(t, n); break;
    case AST_Global: declare(t, n, n->Global.names, NAME_GLOBAL); break;
    case AST_Nonlocal: declare(t, n, n->Nonlocal.names, NAME_NONLOCAL); break;
    case AST_Import: visit_import(t, n, n->Import.names, false); break;
    case AST_ImportFrom: visit_import(t, n, n->ImportFrom.names, true); break;
    case AST_ExceptHandler:
        if (n->ExceptHandler.name != NULL) {
            name_add(t, t->current, n->ExceptHandler.name, n, NAME_BOUND | NAME_DELETED);
        }
        visit_fields(t, n);
        break;
    case AST_AnnAssign: visit_annotated(t, n); break;
    case AST_Name: {
        uint32_t flag = n->Name.ctx == AST_LOAD    ? NAME_USED
                        : n->Name.ctx == AST_STORE ? NAME_BOUND
                                                   : NAME_BOUND | NAME_DELETED;
        name_add(t, t->current, n->Name.id, n, flag);
        break;
    }
    default: visit_fields(t, n); break;
    }
    t->depth--;
}

/* ---- walk two: resolve -------------------------------------------------------------------------- */

static int32_t free_index(Symtable *t, Scope *host, AstIdent *ident)
{
    for (uint32_t i = 0; i < host->free_count; i++) {
        if (host->free_names[i] == ident) {
            return (int32_t)i;
        }
    }
    AstIdent **names = ast_alloc(t->ast, (host->free_count + 1) * sizeof *names);
    if (names == NULL) {
        fail_memory(t);
    }
    if (host->free_count > 0) {
        memcpy(names, host->free_names, host->free_count * sizeof *names);
    }
    names[host->free_count] = ident;
    host->free_names = names;
    return (int32_t)host->free_count++;
}

/* Finds who binds a name that scope s (a host or comprehension) mentions but does not bind: marks the
 * binder's name a cell when a function lies between, and makes it free in each host on the way. */
static NameInfo *resolve_outward(Symtable *t, Scope *s, AstIdent *ident, bool *crossed)
{
    Scope *p = s->parent;
    if (p == NULL) {
        return NULL;
    }
    if (s->kind == SCOPE_FUNCTION) {
        *crossed = true;
    }
    NameInfo *n = name_find(p, ident);
    if (p->kind == SCOPE_MODULE) {
        return NULL;
    }
    if (n != NULL && (n->flags & NAME_GLOBAL) != 0) {
        return NULL;
    }
    if (n != NULL && (n->flags & NAME_BOUND) != 0 && (n->flags & NAME_NONLOCAL) == 0 &&
        !(p->kind == SCOPE_COMPREHENSION && (n->flags & NAME_TARGET) == 0)) {
        return n;
    }
    NameInfo *found = resolve_outward(t, p, ident, crossed);
    return found;
}

static bool binds_here(const Scope *s, const NameInfo *n)
{
    if ((n->flags & (NAME_GLOBAL | NAME_NONLOCAL)) != 0 || (n->flags & NAME_BOUND) == 0) {
        return false;
    }
    return s->kind == SCOPE_FUNCTION ||
           (s->kind == SCOPE_COMPREHENSION && (n->flags & NAME_TARGET) != 0);
}

/* First pass over a scope: bound names become locals with registers of the host. */
static void assign_locals(Scope *s)
{
    for (uint32_t i = 0; i < s->count; i++) {
        NameInfo *n = &s->names[i];
        if (binds_here(s, n)) {
            n->where = WHERE_LOCAL;
            n->reg = (int32_t)s->host->local_count++;
        }
    }
    for (Scope *c = s->first_child; c != NULL; c = c->next_sibling) {
        assign_locals(c);
    }
}

static void resolve_name(Symtable *t, Scope *s, NameInfo *n)
{
    if (n->where != WHERE_UNKNOWN) {
        return;
    }
    if ((n->flags & NAME_GLOBAL) != 0 || s->kind == SCOPE_MODULE) {
        n->where = WHERE_GLOBAL;
        return;
    }
    bool crossed = false;
    NameInfo *owner = resolve_outward(t, s, n->ident, &crossed);
    if (owner == NULL) {
        if ((n->flags & NAME_NONLOCAL) != 0) {
            fail(t, n->node, "no binding for nonlocal '%s' found", n->ident->bytes);
        }
        n->where = WHERE_GLOBAL;
        return;
    }
    if (!crossed) { /* a comprehension's view of its host's local: shared NameInfo semantics */
        n->where = WHERE_UNKNOWN;
        n->reg = -2;
        return;
    }
    owner->where = WHERE_CELL;
    n->where = WHERE_FREE;
    n->reg = free_index(t, s->host, n->ident);
    /* every host between here and the owner passes the cell on */
    for (Scope *p = s->host->parent; p != NULL; p = p->parent) {
        NameInfo *q = name_find(p, n->ident);
        if (q == owner) {
            break;
        }
        if (p->kind == SCOPE_FUNCTION) {
            bool bound_below = false;
            for (Scope *o = p->parent; o != NULL && !bound_below; o = o->parent) {
                bound_below = name_find(o, n->ident) == owner;
            }
            if (bound_below) {
                free_index(t, p, n->ident);
            }
        }
    }
}

static void resolve(Symtable *t, Scope *s)
{
    for (uint32_t i = 0; i < s->count; i++) {
        resolve_name(t, s, &s->names[i]);
    }
    for (Scope *c = s->first_child; c != NULL; c = c->next_sibling) {
        resolve(t, c);
    }
}

/* ---- interface ------------------------------------------------------------------------------------ */

Symtable *symtable_build(Thread *th, Ast *ast, SymtableError *error)
{
    Symtable *t = rt_calloc(1, sizeof *t);
    *error = (SymtableError){.node = NULL};
    if (t == NULL) {
        return NULL;
    }
    uint32_t limit = __atomic_load_n(&th->depth_limit, __ATOMIC_RELAXED);
    uint32_t left = limit > th->depth ? limit - th->depth : 0;
    t->depth_max = left < UINT32_MAX / 3 ? left * 3 : UINT32_MAX;
    t->th = th;
    t->ast = ast;
    t->error = error;
    if (setjmp(t->fail) != 0) {
        symtable_free(t);
        return NULL;
    }
    AstNode *root = ast_root(ast);
    t->root = scope_open(t, SCOPE_MODULE, root);
    visit_fields(t, root);
    assign_locals(t->root);
    resolve(t, t->root);
    return t;
}

void symtable_free(Symtable *t)
{
    if (t != NULL) {
        rt_free(t->slots);
        rt_free(t);
    }
}

Scope *symtable_scope(const Symtable *t, const AstNode *node)
{
    return t->slots[slot_of(t, node)].scope;
}

NameInfo *symtable_lookup(Scope *scope, const AstIdent *ident)
{
    NameInfo *n = name_find(scope, ident);
    while (scope->kind == SCOPE_COMPREHENSION && (n == NULL || n->where == WHERE_UNKNOWN)) {
        scope = scope->parent;
        n = name_find(scope, ident);
    }
    return n;
}
