/*
 * Compile, names: loading, storing and deleting by where a name lives, and which locals are surely
 * bound (so that an operand needs no unbound check of its own).
 *
 * Threads: no shared state.
 */
#include "interp/compile.h"

static NameInfo *lookup(Compiler *c, const AstIdent *id)
{
    return symtable_lookup(c->unit->current, id);
}

bool name_is_local(Compiler *c, const AstIdent *id, int *reg)
{
    NameInfo *n = lookup(c, id);
    if (n != NULL && n->where == WHERE_LOCAL) {
        *reg = n->reg;
        return true;
    }
    return false;
}

void mark_bound(Compiler *c, int reg, bool yes) { c->unit->bound[reg] = yes; }

uint8_t *bound_save(Compiler *c)
{
    size_t n = c->unit->local_count + 1;
    uint8_t *copy = ast_alloc(c->ast, n);
    if (copy == NULL) {
        compile_fail_memory(c);
    }
    memcpy(copy, c->unit->bound, n);
    return copy;
}

void bound_restore(Compiler *c, const uint8_t *saved)
{
    memcpy(c->unit->bound, saved, c->unit->local_count + 1);
}

void bound_meet(Compiler *c, const uint8_t *other)
{
    for (uint32_t i = 0; i < c->unit->local_count; i++) {
        c->unit->bound[i] &= other[i];
    }
}

void load_name(Compiler *c, const AstNode *node, Dest d)
{
    AstIdent *id = node->Name.id;
    NameInfo *n = lookup(c, id);
    c->unit->at = node;
    if (n->where == WHERE_LOCAL) {
        if (d.local && d.reg == n->reg && c->unit->bound[d.reg]) {
            return;
        }
        emit(c, d.local ? BC_MOVE : BC_MOVE_T, d.reg, n->reg, 0);
        if (!d.local) {
            temp_def(c, d.reg);
        }
        return;
    }
    int t = d.local ? temp_push(c) : d.reg;
    if (n->where == WHERE_CELL) {
        emit(c, BC_LOAD_CELL, t, n->reg, 0);
    } else if (n->where == WHERE_FREE) {
        emit(c, BC_LOAD_FREE, t, n->reg, 0);
    } else {
        emit_const_b(c, BC_LOAD_GLOBAL, t, const_name(c, id), 0);
    }
    temp_def(c, t);
    if (d.local) {
        finish_temp(c, t, d);
    }
}

void store_name(Compiler *c, AstIdent *id, int temp)
{
    NameInfo *n = lookup(c, id);
    switch (n->where) {
    case WHERE_LOCAL:
        emit(c, BC_TAKE, n->reg, temp, 0);
        mark_bound(c, n->reg, (n->flags & NAME_DELETED) == 0);
        break;
    case WHERE_CELL: emit(c, BC_STORE_CELL, n->reg, temp, 0); break;
    case WHERE_FREE: emit(c, BC_STORE_FREE, n->reg, temp, 0); break;
    default: emit_const_b(c, BC_STORE_GLOBAL, temp, const_name(c, id), 0); break;
    }
    consume(c, temp);
}

void delete_name(Compiler *c, AstIdent *id)
{
    NameInfo *n = lookup(c, id);
    switch (n->where) {
    case WHERE_LOCAL:
        emit(c, BC_CLEAR, n->reg, 0, 0);
        mark_bound(c, n->reg, false);
        break;
    case WHERE_CELL: emit(c, BC_DELETE_CELL, n->reg, 0, 0); break;
    case WHERE_FREE: emit(c, BC_DELETE_FREE, n->reg, 0, 0); break;
    default: emit_const_b(c, BC_DELETE_GLOBAL, 0, const_name(c, id), 0); break;
    }
}

void unbind_name(Compiler *c, AstIdent *id)
{
    NameInfo *n = lookup(c, id);
    if (n->where == WHERE_LOCAL) {
        emit(c, BC_UNBIND, n->reg, 0, 0);
        mark_bound(c, n->reg, false);
        return;
    }
    int t = temp_push(c);
    load_const(c, const_steal(c, VALUE_NONE), (Dest){t, false});
    store_name(c, id, t);
    temp_pop_to(c, t);
    delete_name(c, id);
}
