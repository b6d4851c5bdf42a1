/*
 * Changes: which uops of a trace are still there after a pass.
 *
 * A pass emits the trace anew, so numbers shift.  Two uops may be the same if operation, type,
 * immediate and constant operands are equal; the longest common subsequence of those keys (Myers,
 * "An O(ND) difference algorithm", greedy form) pairs them.  Between two such pairs, uops with results
 * of one type are taken for each other, from both ends: a replacement, so that what uses it is as
 * before.  A pair that differs otherwise than in the order of commutative operands is a change.
 * Beyond EDITS_MAX differences the rest counts as rewritten.
 *
 * Threads: any; pure.
 */
#include "runtime/memory.h"
#include "tools/trace/trace.h"

enum { EDITS_MAX = 1500 };

static uint64_t mix(uint64_t h, uint64_t x)
{
    h = (h ^ x) * UINT64_C(0x9E3779B97F4A7C15);
    return h ^ h >> 29;
}

static bool is_commutative(const IrUop *u) { return (ir_ops[u->op].flags & IRF_COM) != 0; }

static uint64_t key_of(const IrTrace *t, uint32_t i)
{
    const IrUop *u = &t->uops[i];
    uint64_t h = mix(mix(u->op, u->type), (uint32_t)u->imm), operands[3];
    for (int k = 0; k < 3; k++) {
        IrRef r = ir_operand(u, k);
        const IrConst *c = ir_is_const(r) ? ir_const(t, r) : NULL;
        operands[k] = c != NULL ? mix(c->type + 2u, c->bits) : r == IR_NONE;
    }
    if (is_commutative(u)) {
        return mix(mix(h, operands[0] + operands[1]), operands[2]);
    }
    return mix(mix(mix(h, operands[0]), operands[1]), operands[2]);
}

static uint64_t *keys_of(const IrTrace *t, uint32_t from)
{
    uint64_t *keys = rt_malloc((t->count - from + 1) * sizeof *keys);
    for (uint32_t i = from; keys != NULL && i < t->count; i++) {
        keys[i - from] = key_of(t, i);
    }
    return keys;
}

/* One search: sequences a and b, and for each number of edits how far each diagonal got. */
typedef struct Search {
    const uint64_t *a, *b;
    int32_t a_count, b_count;
    int32_t **reached; /* by edits d: diagonals -d .. d, shifted by d */
    int32_t edits;     /* found, or -1 */
} Search;

static int32_t reached_at(const Search *s, int32_t d, int32_t diagonal)
{
    return diagonal < -d || diagonal > d ? -1 : s->reached[d][diagonal + d];
}

/* How far diagonal k gets with d edits: the better of one deletion and one insertion, then a run of
 * equal keys. */
static int32_t advance(const Search *s, int32_t d, int32_t k)
{
    int32_t x = 0;
    if (d > 0) {
        int32_t deleted = reached_at(s, d - 1, k - 1), inserted = reached_at(s, d - 1, k + 1);
        x = deleted + 1 > inserted && deleted >= 0 ? deleted + 1 : inserted;
    }
    if (x < 0 || x > s->a_count || x - k > s->b_count || x - k < 0) {
        return -1;
    }
    while (x < s->a_count && x - k < s->b_count && s->a[x] == s->b[x - k]) {
        x++;
    }
    return x;
}

/* false: out of memory. */
static bool search(Search *s)
{
    s->edits = -1;
    for (int32_t d = 0; d <= EDITS_MAX; d++) {
        s->reached[d] = rt_malloc((size_t)(2 * d + 1) * sizeof **s->reached);
        if (s->reached[d] == NULL) {
            return false;
        }
        for (int32_t k = -d; k <= d; k++) {
            int32_t x = (k + d) % 2 == 0 ? advance(s, d, k) : -1;
            s->reached[d][k + d] = x;
            if (x == s->a_count && x - k == s->b_count) {
                s->edits = d;
                return true;
            }
        }
    }
    return true;
}

/* Walks back from the end: runs of equal keys become pairs. */
static void pair_up(const Search *s, uint32_t from, Changes *out)
{
    int32_t x = s->a_count, y = s->b_count;
    for (int32_t d = s->edits; d >= 0; d--) {
        int32_t k = x - y, begin = 0;
        int32_t deleted = d > 0 ? reached_at(s, d - 1, k - 1) : -1;
        int32_t inserted = d > 0 ? reached_at(s, d - 1, k + 1) : -1;
        bool deletes = deleted + 1 > inserted && deleted >= 0;
        if (d > 0) {
            begin = deletes ? deleted + 1 : inserted;
        }
        while (x > begin) {
            x--;
            y--;
            out->matches[from + (uint32_t)y] = (uint32_t)x;
            out->kept[x] = from + (uint32_t)y;
        }
        x -= deletes && d > 0;
        y -= !deletes && d > 0;
    }
}

/* Replacements: what lies between two pairs, paired from the end, then from the start. */
static void pair_replaced(const IrTrace *before, const IrTrace *after, uint32_t from, Changes *out)
{
    uint32_t old = 0, new = from;
    while (old < before->count || new < after->count) {
        uint32_t old_end = old, new_end = new;
        while (old_end < before->count && out->kept[old_end] == IR_NONE) {
            old_end++;
        }
        while (new_end < after->count && out->matches[new_end] == IR_NONE) {
            new_end++;
        }
        uint32_t o = old_end, n = new_end;
        while (o > old && n > new && before->uops[o - 1].type == after->uops[n - 1].type) {
            out->matches[--n] = --o;
            out->kept[o] = n;
        }
        while (old < o && new < n && before->uops[old].type == after->uops[new].type) {
            out->matches[new] = old;
            out->kept[old++] = new ++;
        }
        old = old_end + 1;
        new = new_end + 1;
    }
}

static bool operand_same(const IrTrace *before, const IrTrace *after, IrRef old, IrRef new,
                         const Changes *c)
{
    if (old == IR_NONE || new == IR_NONE) {
        return old == new;
    }
    if (ir_is_const(old) || ir_is_const(new)) {
        return ir_is_const(old) && ir_is_const(new) &&
               ir_const(before, old)->type == ir_const(after, new)->type &&
               ir_const(before, old)->bits == ir_const(after, new)->bits;
    }
    return new < after->count && c->matches[new] == old;
}

static bool uops_same(const IrTrace *before, const IrTrace *after, uint32_t i, const Changes *c)
{
    const IrUop *u = &after->uops[i], *old = &before->uops[c->matches[i]];
    if (u->op != old->op || u->type != old->type || u->imm != old->imm || u->flags != old->flags ||
        (u->snap == IR_NONE) != (old->snap == IR_NONE)) {
        return false;
    }
    bool third = operand_same(before, after, old->c, u->c, c);
    bool straight = operand_same(before, after, old->a, u->a, c) &&
                    operand_same(before, after, old->b, u->b, c);
    bool swapped = is_commutative(u) && operand_same(before, after, old->a, u->b, c) &&
                   operand_same(before, after, old->b, u->a, c);
    return third && (straight || swapped);
}

static void judge(const IrTrace *before, const IrTrace *after, uint32_t from, Changes *out)
{
    for (uint32_t i = from; i < after->count; i++) {
        bool matched = out->matches[i] != IR_NONE;
        out->same[i] = matched && uops_same(before, after, i, out);
        out->added += !matched;
        out->changed += matched && !out->same[i];
    }
    for (uint32_t i = 0; i < before->count; i++) {
        out->removed += out->kept[i] == IR_NONE;
    }
}

bool changes_find(const IrTrace *before, const IrTrace *after, uint32_t from, Changes *out)
{
    *out = (Changes){0};
    out->matches = rt_malloc((after->count + 1) * sizeof *out->matches);
    out->kept = rt_malloc((before->count + 1) * sizeof *out->kept);
    out->same = rt_calloc(after->count + 1, sizeof *out->same);
    uint64_t *a = keys_of(before, 0), *b = keys_of(after, from);
    int32_t **reached = rt_calloc(EDITS_MAX + 1, sizeof *reached);
    bool ok = out->matches != NULL && out->kept != NULL && out->same != NULL && a != NULL &&
              b != NULL && reached != NULL;
    if (ok) {
        memset(out->matches, 0xFF, (after->count + 1) * sizeof *out->matches);
        memset(out->kept, 0xFF, (before->count + 1) * sizeof *out->kept);
        Search s = {a, b, (int32_t)before->count, (int32_t)(after->count - from), reached, -1};
        ok = search(&s);
        if (ok && s.edits >= 0) {
            pair_up(&s, from, out);
            pair_replaced(before, after, from, out);
        }
        judge(before, after, from, out);
    }
    for (int32_t d = 0; reached != NULL && d <= EDITS_MAX; d++) {
        rt_free(reached[d]);
    }
    rt_free(reached);
    rt_free(a);
    rt_free(b);
    if (!ok) {
        changes_free(out);
    }
    return ok;
}

void changes_free(Changes *c)
{
    rt_free(c->matches);
    rt_free(c->kept);
    rt_free(c->same);
    *c = (Changes){0};
}
