/*
 * Compile, targets: assignment, augmented assignment, unpacking, deletion.
 *
 * Order of evaluation is Python's: the value first, then each target from left to right, its object
 * before its index.
 *
 * Threads: no shared state.
 */
#include "interp/compile.h"

static AstSeq target_elements(const AstNode *t)
{
    return t->kind == AST_Tuple ? t->Tuple.elts : t->List.elts;
}

static void unpack(Compiler *c, const AstNode *target, int temp)
{
    AstSeq seq = target_elements(target);
    int32_t star = -1;
    for (int32_t i = 0; i < seq.count; i++) {
        if (seq.items[i]->kind == AST_Starred) {
            if (star >= 0) {
                compile_fail(c, target, "multiple starred expressions in assignment");
            }
            star = i;
        }
    }
    if (star > 255 || (star >= 0 && seq.count - star - 1 > 255)) {
        compile_fail(c, target, "too many expressions in star-unpacking assignment");
    }
    int base = c->unit->top;
    for (int32_t i = 0; i < seq.count; i++) {
        temp_push(c);
    }
    c->unit->at = target;
    if (star >= 0) {
        emit(c, BC_UNPACK_EX, base, temp, star | (seq.count - star - 1) << 8);
    } else {
        emit(c, BC_UNPACK, base, temp, seq.count);
    }
    consume(c, temp);
    for (int32_t i = 0; i < seq.count; i++) {
        temp_def(c, base + i);
    }
    for (int32_t i = 0; i < seq.count; i++) {
        const AstNode *e = seq.items[i];
        store_target(c, e->kind == AST_Starred ? e->Starred.value : e, base + i);
    }
    temp_pop_to(c, base);
}

void store_target(Compiler *c, const AstNode *target, int temp)
{
    int base = c->unit->top;
    switch (target->kind) {
    case AST_Name:
        c->unit->at = target;
        store_name(c, target->Name.id, temp);
        break;
    case AST_Attribute: {
        int o = expr_source(c, target->Attribute.value);
        c->unit->at = target;
        emit_const_c(c, BC_SET_ATTR, o, temp, const_name(c, target->Attribute.attr));
        consume(c, o);
        consume(c, temp);
        break;
    }
    case AST_Subscript: {
        int o = expr_source_before(c, target->Subscript.value, target->Subscript.slice);
        int i = index_source(c, target->Subscript.slice);
        c->unit->at = target;
        emit(c, BC_SET_ITEM, o, i, temp);
        consume(c, o);
        consume(c, i);
        consume(c, temp);
        break;
    }
    case AST_Tuple:
    case AST_List: unpack(c, target, temp); break;
    case AST_Starred:
        compile_fail(c, target, "starred assignment target must be in a list or tuple");
    default: compile_refuse(c, target, ast_kind_name(target->kind));
    }
    temp_pop_to(c, base);
}

/* a, b = x, y without building a tuple. */
static bool assign_parallel(Compiler *c, const AstNode *target, const AstNode *value)
{
    if ((target->kind != AST_Tuple && target->kind != AST_List) || value->kind != AST_Tuple) {
        return false;
    }
    AstSeq to = target_elements(target), from = value->Tuple.elts;
    if (to.count != from.count || to.count == 0 || to.count > 200) {
        return false;
    }
    for (int32_t i = 0; i < to.count; i++) {
        if (to.items[i]->kind == AST_Starred || from.items[i]->kind == AST_Starred) {
            return false;
        }
    }
    int base = c->unit->top;
    for (int32_t i = 0; i < from.count; i++) {
        expr_temp(c, from.items[i]);
    }
    for (int32_t i = 0; i < to.count; i++) {
        store_target(c, to.items[i], base + i);
    }
    temp_pop_to(c, base);
    return true;
}

/* One target: straight into a local, or into an item without a detour. */
static void assign_one(Compiler *c, const AstNode *target, const AstNode *value)
{
    int reg;
    int base = c->unit->top;
    if (target->kind == AST_Name && name_is_local(c, target->Name.id, &reg)) {
        expr(c, value, (Dest){reg, true});
        NameInfo *n = symtable_lookup(c->unit->current, target->Name.id);
        mark_bound(c, reg, (n->flags & NAME_DELETED) == 0);
    } else if (target->kind == AST_Subscript) {
        int16_t imm;
        if (small_immediate(c, value, &imm)) {
            int o = expr_source_before(c, target->Subscript.value, target->Subscript.slice);
            int i = index_source(c, target->Subscript.slice);
            c->unit->at = target;
            emit(c, BC_SET_ITEM_I, o, i, imm);
            consume(c, o);
            consume(c, i);
        } else {
            store_target(c, target, expr_value_source(c, value));
        }
    } else if (!assign_parallel(c, target, value)) {
        store_target(c, target, expr_temp(c, value));
    }
    temp_pop_to(c, base);
}

void assign(Compiler *c, const AstNode *n)
{
    AstSeq targets = n->Assign.targets;
    if (targets.count == 1) {
        assign_one(c, targets.items[0], n->Assign.value);
        return;
    }
    int t = expr_temp(c, n->Assign.value);
    for (int32_t i = 0; i < targets.count; i++) {
        int v = t;
        if (i + 1 < targets.count) {
            v = temp_push(c);
            emit(c, BC_COPY_T, v, t, 0);
            temp_def(c, v);
        }
        store_target(c, targets.items[i], v);
        temp_pop_to(c, t + 1);
    }
    temp_pop_to(c, t);
}

/* ---- augmented ------------------------------------------------------------------------------------- */

/* A copy of an operand that is needed again: locals as they are, temporaries by COPY. */
static int copy_operand(Compiler *c, int reg)
{
    if (!is_temp(c, reg)) {
        return reg;
    }
    int t = temp_push(c);
    emit(c, BC_COPY_T, t, reg, 0);
    temp_def(c, t);
    return t;
}

static void aug_name(Compiler *c, const AstNode *n)
{
    const AstNode *target = n->AugAssign.target;
    int reg;
    int base = c->unit->top;
    if (name_is_local(c, target->Name.id, &reg)) {
        int l = expr_source_before(c, target, n->AugAssign.value);
        binary_op(c, n, n->AugAssign.op, NULL, l, n->AugAssign.value, (Dest){reg, true}, true);
        return;
    }
    int t = temp_push(c);
    load_name(c, target, (Dest){t, false});
    int r = temp_push(c);
    binary_op(c, n, n->AugAssign.op, NULL, t, n->AugAssign.value, (Dest){r, false}, true);
    c->unit->at = target;
    store_name(c, target->Name.id, r);
    temp_pop_to(c, base);
}

static void aug_attribute(Compiler *c, const AstNode *n)
{
    const AstNode *target = n->AugAssign.target;
    uint32_t name = const_name(c, target->Attribute.attr);
    int o = expr_source(c, target->Attribute.value);
    int copy = copy_operand(c, o);
    int t = is_temp(c, copy) ? copy : temp_push(c);
    c->unit->at = target;
    emit_const_c(c, BC_GET_ATTR, t, copy, name);
    consume(c, copy);
    temp_def(c, t);
    int r = temp_push(c);
    binary_op(c, n, n->AugAssign.op, NULL, t, n->AugAssign.value, (Dest){r, false}, true);
    c->unit->at = target;
    emit_const_c(c, BC_SET_ATTR, o, r, name);
    consume(c, o);
    temp_use(c, r);
}

static void aug_subscript(Compiler *c, const AstNode *n)
{
    const AstNode *target = n->AugAssign.target;
    int o = expr_source_before(c, target->Subscript.value, target->Subscript.slice);
    int i = index_source(c, target->Subscript.slice);
    int o2 = copy_operand(c, o), i2 = copy_operand(c, i);
    int t = temp_push(c);
    c->unit->at = target;
    emit(c, BC_GET_ITEM_T, t, o2, i2);
    consume(c, o2);
    consume(c, i2);
    temp_def(c, t);
    int r = temp_push(c);
    binary_op(c, n, n->AugAssign.op, NULL, t, n->AugAssign.value, (Dest){r, false}, true);
    c->unit->at = target;
    emit(c, BC_SET_ITEM, o, i, r);
    consume(c, o);
    consume(c, i);
    temp_use(c, r);
}

void aug_assign(Compiler *c, const AstNode *n)
{
    int base = c->unit->top;
    switch (n->AugAssign.target->kind) {
    case AST_Name: aug_name(c, n); break;
    case AST_Attribute: aug_attribute(c, n); break;
    default: aug_subscript(c, n); break;
    }
    temp_pop_to(c, base);
}

void delete_target(Compiler *c, const AstNode *target)
{
    int base = c->unit->top;
    c->unit->at = target;
    switch (target->kind) {
    case AST_Name: delete_name(c, target->Name.id); break;
    case AST_Attribute: {
        int o = expr_source(c, target->Attribute.value);
        c->unit->at = target;
        emit_const_c(c, BC_DELETE_ATTR, o, 0, const_name(c, target->Attribute.attr));
        consume(c, o);
        break;
    }
    case AST_Subscript: {
        int o = expr_source_before(c, target->Subscript.value, target->Subscript.slice);
        int i = index_source(c, target->Subscript.slice);
        c->unit->at = target;
        emit(c, BC_DELETE_ITEM, o, i, 0);
        consume(c, o);
        consume(c, i);
        break;
    }
    default: {
        AstSeq seq = target_elements(target);
        for (int32_t i = 0; i < seq.count; i++) {
            delete_target(c, seq.items[i]);
        }
        break;
    }
    }
    temp_pop_to(c, base);
}
