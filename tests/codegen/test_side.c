/*
 * Trees of random traces: side traces grow from exits, start from their location maps, and go back to
 * the root's loop head (link_head) with its invariants carried along, through side traces of side
 * traces too.  Machine code runs the whole tree in one cg_enter; the portable executor runs it trace
 * by trace; exit and frame must agree.
 */
#include "tests/codegen/random_trace.h"

enum { TREE_MAX = 8, STEPS_MAX = 500 };
typedef struct Tree {
    IrTrace *traces[TREE_MAX];
    CgCode *codes[TREE_MAX];
    IrWord *values[TREE_MAX];
    uint32_t parent[TREE_MAX], parent_snap[TREE_MAX];
    uint32_t count;
} Tree;

enum { HEAD_WORDS = 200 };
static uint32_t anew_count; /* traces that brought all that a loop has from before it */

static const CgCode *find(void *context, uint32_t id)
{
    const Tree *tree = context;
    return id < tree->count ? tree->codes[id] : NULL;
}

/* Runs the tree from the root. returns the trace that was left, *snap. IR_NONE: too many steps. */
static uint32_t run_portable(Tree *tree, Value *frame, uint32_t *snap)
{
    uint32_t at = 0;
    IrExit x = ir_execute(thread, tree->traces[0], frame, tree->values[0], NULL);
    for (int steps = 0; steps < STEPS_MAX; steps++) {
        if (x.link != IR_NONE) {
            IrWord phis[HEAD_WORDS];
            const IrTrace *t = tree->traces[at];
            ir_head_words(t, tree->values[at], phis);
            at = x.link;
            for (uint32_t k = 0; k < t->head_ref_count; k++) {
                tree->values[at][t->head_refs[k]] = phis[t->head_arg_count - t->head_ref_count + k];
            }
            x = ir_execute_head(thread, tree->traces[at], frame, frame, tree->values[at], phis,
                                NULL);
            continue;
        }
        uint32_t side = 1;
        while (side < tree->count &&
               (tree->parent[side] != at || tree->parent_snap[side] != x.snap)) {
            side++;
        }
        if (side == tree->count) {
            *snap = x.snap;
            ir_restore(thread, tree->traces[at], x.snap, frame, fetch_from_array, tree->values[at]);
            return at;
        }
        IrRef live[128];
        IrWord words[128];
        uint32_t n = ir_snap_live(tree->traces[at], x.snap, live, 128);
        for (uint32_t i = 0; i < n; i++) {
            words[i] = tree->values[at][live[i]];
        }
        at = side;
        x = ir_execute(thread, tree->traces[at], frame, tree->values[at], words);
    }
    return IR_NONE;
}

/* The one exit of a trace through a snapshot. */
static CgExit *exit_of(const Tree *tree, uint32_t id, uint32_t snap)
{
    CgExit *exit = NULL;
    for (uint32_t i = 0; i < tree->codes[id]->exit_count; i++) {
        if (tree->codes[id]->exits[i].snap == snap && !tree->codes[id]->exits[i].raises) {
            assert_null(exit);
            exit = &tree->codes[id]->exits[i];
        }
    }
    assert_non_null(exit);
    return exit;
}

/* New values for all that the root has from before its loop. false: some are no numbers. */
static bool bring_anew(Maker *m, const CgCode *code)
{
    uint32_t count = code->head_loc_count - code->head_phi_count;
    for (uint32_t k = 0; k < count; k++) {
        uint8_t type = code->head_locs[code->head_phi_count + k].type;
        if (type != IR_I && type != IR_F) {
            return false;
        }
    }
    m->t->head_refs = rt_malloc((count + 1) * sizeof *m->t->head_refs);
    for (uint32_t k = 0; k < count; k++) {
        const CgLoc *l = &code->head_locs[code->head_phi_count + k];
        m->t->head_refs[m->t->head_ref_count++] = l->ref;
        m->t->head_args[m->t->head_arg_count++] = some(m, (IrType)l->type);
    }
    return true;
}

/* A side trace for an exit: inherits, random uops, then an exit or a link to the root's head. */
static IrTrace *random_side(Random *r, const Tree *tree, uint32_t parent, uint32_t snap,
                            uint32_t calls)
{
    const IrTrace *from = tree->traces[parent], *root = tree->traces[0];
    Maker m = {.r = r, .t = ir_new()};
    m.t->id = tree->count;
    m.t->parent = parent;
    m.t->parent_exit = snap;
    IrRef live[128];
    uint32_t n = ir_snap_live(from, snap, live, 128);
    m.t->inherit_count = n;
    m.t->inherit_types = rt_malloc((n + 1) * sizeof *m.t->inherit_types);
    for (uint32_t i = 0; i < n; i++) {
        IrType type = ir_type_of(from, live[i]);
        m.t->inherit_types[i] = type;
        keep(&m, ir_emit(m.t, IR_inherit, type, IR_NONE, IR_NONE, IR_NONE, (int32_t)i, IR_NONE),
             type);
    }
    m.snap = new_snap(&m, rnd(r, 8));
    for (uint32_t i = rnd(r, 30); i > 0; i--) {
        random_uop(&m, calls);
    }
    const CgCode *code = tree->codes[0];
    bool carried = exit_of(tree, parent, snap)->carried_count >=
                   code->head_loc_count - code->head_phi_count; /* not before the loop */
    if (root->loop == IR_NONE || rnd(r, 4) == 0) {
        ir_emit(m.t, IR_exit, IR_N, IR_NONE, IR_NONE, IR_NONE, 0, new_snap(&m, rnd(r, 12)));
        return m.t;
    }
    uint32_t phis = 0;
    while (root->uops[root->loop + 1 + phis].op == IR_phi) {
        phis++;
    }
    m.t->head_args = rt_malloc((phis + code->head_loc_count) * sizeof *m.t->head_args);
    assert_true(code->head_loc_count < HEAD_WORDS);
    m.t->head_arg_count = phis;
    for (uint32_t i = 0; i < phis; i++) {
        m.t->head_args[i] = some(&m, (IrType)root->uops[root->loop + 1 + i].type);
    }
    m.t->head_args[0] = rnd(r, 3) == 0 ? ir_const_int(m.t, 7)
                                       : ir_emit(m.t, IR_and_int, IR_I, some(&m, IR_I),
                                                 ir_const_int(m.t, 31), IR_NONE, 0, IR_NONE);
    bool head = carried ? rnd(r, 2) == 0 || bring_anew(&m, code) : bring_anew(&m, code);
    anew_count += m.t->head_refs != NULL;
    ir_emit(m.t, head ? IR_link_head : IR_exit, IR_N, IR_NONE, IR_NONE, IR_NONE, 0,
            new_snap(&m, rnd(r, 12)));
    return m.t;
}

static void add_trace(Tree *tree, IrTrace *t, uint32_t parent, uint32_t snap)
{
    uint32_t id = tree->count;
    char message[200];
    if (!ir_validate(t, message, sizeof message)) {
        fail_msg("seed %u trace %u: %s\n%s", check_seed, id, message, ir_print(t));
    }
    CgContext context = {.find = find, .context = tree};
    CgExit *exit = id > 0 ? exit_of(tree, parent, snap) : NULL;
    context.parent = exit;
    tree->traces[id] = t;
    tree->codes[id] = compiled(t, &context);
    tree->values[id] = calloc(t->count, sizeof(IrWord));
    tree->parent[id] = parent;
    tree->parent_snap[id] = snap;
    tree->count++;
    if (exit != NULL) {
        cg_attach(exit, tree->codes[id]);
    }
}

static bool compare(Tree *tree, const Value *frame, uint32_t *at, uint32_t *snap)
{
    Value portable[FRAME_SLOTS], native[FRAME_SLOTS];
    memcpy(portable, frame, sizeof portable);
    memcpy(native, frame, sizeof native);
    *at = run_portable(tree, portable, snap);
    if (*at == IR_NONE) {
        return false; /* goes round for ever */
    }
    CgState state;
    cg_enter(thread, tree->codes[0], native, &state);
    if (state.exit->code != tree->codes[*at] || state.exit->snap != *snap) {
        fail_msg("seed %u: left trace %u by %u, machine code %u by %u", check_seed, *at, *snap,
                 state.exit->code->ir->id, state.exit->snap);
    }
    cg_restore(thread, &state);
    for (int i = 0; i < FRAME_SLOTS; i++) {
        if (!same_number(portable[i], native[i])) {
            fail_msg("seed %u: slot %d: %llx, machine code %llx, trace %u exit %u", check_seed, i,
                     (unsigned long long)portable[i], (unsigned long long)native[i], *at, *snap);
        }
    }
    drop_boxed(frame, portable);
    drop_boxed(frame, native);
    return true;
}

static void grow_trees(uint32_t count, uint32_t size, uint32_t calls)
{
    uint32_t traces = 0;
    for (uint32_t seed = 1; seed <= count; seed++) {
        check_seed = seed;
        Random r = {seed * 0x9E3779B97F4A7C15u + size};
        rnd(&r, 2);
        Tree tree = {0};
        IrTrace *root = random_root(&r, size, 30, calls);
        root->id = 0;
        root->parent = IR_NONE;
        add_trace(&tree, root, IR_NONE, IR_NONE);
        Value frame[FRAME_SLOTS];
        random_frame(&r, frame);
        uint32_t at, snap;
        while (compare(&tree, frame, &at, &snap) && tree.count < TREE_MAX &&
               tree.traces[at]->uops[tree.traces[at]->count - 1].op != IR_nop) {
            const IrTrace *t = tree.traces[at];
            const IrUop *last = &t->uops[t->count - 1];
            if (last->op == IR_exit && last->snap == snap) {
                break;
            }
            add_trace(&tree, random_side(&r, &tree, at, snap, calls), at, snap);
        }
        traces += tree.count;
        for (uint32_t i = tree.count; i-- > 0;) {
            cg_code_free(thread, arena, tree.codes[i]);
            ir_free(thread, tree.traces[i]);
            free(tree.values[i]);
        }
    }
    assert_true(traces > 2 * count); /* the trees do grow */
    assert_true(anew_count > count / 10);
    anew_count = 0;
}

static void small_trees(void **state)
{
    (void)state;
    grow_trees(1500, 8, 0);
}
static void trees_under_pressure(void **state)
{
    (void)state;
    grow_trees(300, 150, 0);
}
static void trees_with_calls(void **state)
{
    (void)state;
    grow_trees(500, 16, 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_trees),
        cmocka_unit_test(trees_under_pressure),
        cmocka_unit_test(trees_with_calls),
    };
    return cmocka_run_group_tests(tests, codegen_setup, codegen_teardown);
}
