/*
 * Compile, exceptions: try, raise, assert, and what break, continue and return must do on their way
 * out of blocks.
 *
 * A `finally` body is compiled twice: in line for each normal way out, and once behind a handler for
 * exceptions.  While cleanup code is emitted for a jump out of blocks, the handler ranges of those
 * blocks are interrupted, so that the cleanup is not covered by what it leaves (leave_blocks /
 * resume_blocks).  Temporaries of the blocks (FOR state, the PUSH_EXC pair) are interrupted likewise.
 *
 * Threads: no shared state.
 */
#include "interp/compile.h"

void block_push(Compiler *c, Block *b)
{
    b->outer = c->unit->blocks;
    b->start = c->unit->count;
    b->depth = c->unit->top;
    c->unit->blocks = b;
}

static bool covers(const Block *b)
{
    return b->kind == BLOCK_TRY || b->kind == BLOCK_FINALLY || b->kind == BLOCK_UNBIND;
}

static void close_range(Compiler *c, const Block *b)
{
    if (covers(b)) {
        handler_add(c, b->start, c->unit->count, b->handler_label, b->depth);
    }
}

void block_pop(Compiler *c)
{
    Block *b = c->unit->blocks;
    close_range(c, b);
    c->unit->blocks = b->outer;
}

/* Emits what must happen when control leaves blocks up to (not including) `until`. */
void leave_blocks(Compiler *c, Block *until)
{
    Unit *u = c->unit;
    Block *saved = u->blocks;
    for (Block *b = saved; b != until; b = b->outer) {
        close_range(c, b);
        u->blocks = b->outer;
        switch (b->kind) {
        case BLOCK_LOOP:
            if (b->iter_reg >= 0) {
                emit(c, BC_DROP_ITER, b->iter_reg, 0, 0);
                temp_use(c, b->iter_reg);
            }
            break;
        case BLOCK_HANDLED:
            emit(c, BC_POP_EXC, b->iter_reg, 0, 0);
            temp_use(c, b->iter_reg);
            break;
        case BLOCK_UNBIND: unbind_name(c, b->name); break;
        case BLOCK_FINALLY: body(c, b->final_body); break;
        case BLOCK_TRY: break;
        }
    }
    u->blocks = saved;
}

/* The jump is emitted: the blocks are in force again for the code that follows. */
void resume_blocks(Compiler *c, Block *until)
{
    for (Block *b = c->unit->blocks; b != until; b = b->outer) {
        b->start = c->unit->count;
        if (b->kind == BLOCK_LOOP && b->iter_reg >= 0) {
            temp_def_kind(c, b->iter_reg, LIVE_ITER);
        } else if (b->kind == BLOCK_HANDLED) {
            temp_def_kind(c, b->iter_reg, LIVE_HANDLED);
        }
    }
}

/* ---- handlers ------------------------------------------------------------------------------------- */

/* At a handler: the exception pair in two new temporaries. */
static int push_exc(Compiler *c, uint32_t label)
{
    label_here(c, label);
    int pair = temp_push(c);
    temp_push(c);
    emit(c, BC_PUSH_EXC, pair, 0, 0);
    temp_def_kind(c, pair, LIVE_HANDLED);
    return pair;
}

static void reraise(Compiler *c, int pair)
{
    emit(c, BC_RERAISE, pair, 0, 0);
    temp_use(c, pair);
    temp_pop_to(c, pair);
}

/* The body of `except ... as name`: the name is unbound on every way out. */
static void named_handler_body(Compiler *c, const AstExceptHandler *h, int pair)
{
    int copy = temp_push(c);
    emit(c, BC_COPY_T, copy, pair, 0);
    temp_def(c, copy);
    store_name(c, h->name, copy);
    temp_pop_to(c, copy);
    Block b = {.kind = BLOCK_UNBIND, .handler_label = label_new(c), .name = h->name};
    block_push(c, &b);
    body(c, h->body);
    block_pop(c);
    unbind_name(c, h->name);
    uint32_t done = label_new(c);
    emit_label(c, BC_JMP, 0, 0, done);
    int second = push_exc(c, b.handler_label);
    unbind_name(c, h->name);
    reraise(c, second);
    label_here(c, done);
}

static void handler(Compiler *c, const AstNode *n, int pair, uint32_t end)
{
    const AstExceptHandler *h = &n->ExceptHandler;
    uint32_t next = label_new(c);
    c->unit->at = n;
    if (h->type != NULL) {
        int t = expr_temp(c, h->type);
        c->unit->at = h->type;
        emit_label(c, BC_JNO_MATCH, pair, t, next);
        temp_use(c, t);
        temp_pop_to(c, t);
    }
    c->unit->at = n;
    Block handled = {.kind = BLOCK_HANDLED, .iter_reg = pair};
    block_push(c, &handled);
    if (h->name != NULL) {
        named_handler_body(c, h, pair);
    } else {
        body(c, h->body);
    }
    block_pop(c);
    emit(c, BC_POP_EXC, pair, 0, 0);
    temp_use(c, pair);
    emit_label(c, BC_JMP, 0, 0, end);
    label_here(c, next);
    temp_def_kind(c, pair, LIVE_HANDLED);
}

static void try_except(Compiler *c, const AstNode *n)
{
    const AstTry *t = &n->Try;
    for (int32_t i = 0; i + 1 < t->handlers.count; i++) {
        if (t->handlers.items[i]->ExceptHandler.type == NULL) {
            compile_fail(c, t->handlers.items[i], "default 'except:' must be last");
        }
    }
    uint32_t end = label_new(c);
    uint8_t *before = bound_save(c);
    Block b = {.kind = BLOCK_TRY, .handler_label = label_new(c)};
    block_push(c, &b);
    body(c, t->body);
    block_pop(c);
    body(c, t->orelse);
    emit_label(c, BC_JMP, 0, 0, end);
    uint8_t *after = bound_save(c);
    bound_restore(c, before);
    c->unit->at = n;
    int pair = push_exc(c, b.handler_label);
    for (int32_t i = 0; i < t->handlers.count; i++) {
        bound_restore(c, before);
        handler(c, t->handlers.items[i], pair, end);
        bound_meet(c, after);
        after = bound_save(c);
    }
    reraise(c, pair);
    bound_restore(c, after);
    label_here(c, end);
}

static void try_finally(Compiler *c, const AstNode *n)
{
    const AstTry *t = &n->Try;
    uint8_t *before = bound_save(c);
    Block b = {.kind = BLOCK_FINALLY, .handler_label = label_new(c), .final_body = t->finalbody};
    block_push(c, &b);
    if (t->handlers.count > 0) {
        try_except(c, n);
    } else {
        body(c, t->body);
    }
    block_pop(c);
    body(c, t->finalbody);
    uint8_t *after = bound_save(c);
    uint32_t end = label_new(c);
    emit_label(c, BC_JMP, 0, 0, end);
    bound_restore(c, before);
    int pair = push_exc(c, b.handler_label);
    Block handled = {.kind = BLOCK_HANDLED, .iter_reg = pair};
    block_push(c, &handled);
    body(c, t->finalbody);
    block_pop(c);
    reraise(c, pair);
    bound_restore(c, after);
    label_here(c, end);
}

void try_statement(Compiler *c, const AstNode *n)
{
    if (n->Try.finalbody.count > 0) {
        try_finally(c, n);
    } else {
        try_except(c, n);
    }
}

/* ---- raise, assert ------------------------------------------------------------------------------------ */

void raise_statement(Compiler *c, const AstNode *n)
{
    int base = c->unit->top;
    int count = 0;
    temp_push(c);
    temp_pop_to(c, base);
    if (n->Raise.exc != NULL) {
        expr_temp(c, n->Raise.exc);
        count = 1;
        if (n->Raise.cause != NULL) {
            expr_temp(c, n->Raise.cause);
            count = 2;
        }
    }
    c->unit->at = n;
    emit(c, BC_RAISE, base, count, 0);
    for (int i = 0; i < count; i++) {
        temp_use(c, base + i);
    }
    temp_pop_to(c, base);
}

void assert_statement(Compiler *c, const AstNode *n)
{
    uint32_t ok = label_new(c);
    const AstNode *test = n->Assert.test;
    jump_if(c, test, ok, true);
    int t = temp_push(c);
    c->unit->at = n;
    emit(c, BC_LOAD_ASSERTION_ERROR, t, 0, 0);
    temp_def(c, t);
    if (n->Assert.msg != NULL) {
        temp_push(c);
        temp_push(c);
        int m = expr_temp(c, n->Assert.msg);
        c->unit->at = n;
        emit(c, BC_CALL, t, 1, 0);
        temp_use(c, t);
        temp_use(c, m);
        temp_pop_to(c, t + 1);
        temp_def(c, t);
    }
    c->unit->at = test;
    emit(c, BC_RAISE, t, 1, 0);
    temp_use(c, t);
    temp_pop_to(c, t);
    label_here(c, ok);
}
