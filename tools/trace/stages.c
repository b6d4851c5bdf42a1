/*
 * Stages: a trace's uops as recorded and after each pass, read back from the dumps that the JIT kept,
 * and where each uop comes from.
 *
 * Origins.  A recording's steps say which bytecode made which uops.  A uop that a pass keeps keeps its
 * origin; the copies that the loop pass makes have the origin of what they copy; a snapshot names its
 * bytecode itself; what remains stands with the uop before it.
 *
 * Threads: main.
 */
#include <stdio.h>

#include "runtime/abstract.h"
#include "runtime/memory.h"
#include "runtime/str.h"
#include "tools/trace/trace.h"

/* ---- origins -------------------------------------------------------------------------------------------- */

static const void *recorded_origin(const JitTrace *t, uint32_t uop, uint32_t *step)
{
    while (*step + 1 < t->step_count && t->steps[*step + 1].first_uop <= uop) {
        ++*step;
    }
    return t->step_count > 0 ? t->steps[*step].pc : NULL;
}

static void take_origins(const Stage *from, Stage *to, uint32_t first)
{
    Changes c;
    if (changes_find(from->ir, to->ir, first, &c)) {
        for (uint32_t i = first; i < to->ir->count; i++) {
            if (to->origins[i] == NULL && c.matches[i] != IR_NONE) {
                to->origins[i] = from->origins[c.matches[i]];
            }
        }
        changes_free(&c);
    }
}

static void find_origins(const JitTrace *t, const Stage *before, Stage *s)
{
    const IrTrace *ir = s->ir;
    s->origins = rt_calloc(ir->count + 1, sizeof *s->origins);
    if (s->origins == NULL) {
        return;
    }
    uint32_t step = 0;
    for (uint32_t i = 0; i < ir->count; i++) {
        uint32_t snap = ir->uops[i].snap;
        s->origins[i] = before == NULL    ? recorded_origin(t, i, &step)
                        : snap != IR_NONE ? ir->snaps[snap].pc
                                          : NULL;
    }
    if (before != NULL && before->origins != NULL) {
        take_origins(before, s, 0);
        if (ir->loop != IR_NONE && before->ir->loop == IR_NONE) {
            take_origins(before, s, ir->loop + 1);
        }
    }
    for (uint32_t i = 0; i < ir->count; i++) {
        if (ir->uops[i].op == IR_loop || ir->uops[i].op == IR_phi) {
            s->origins[i] = ir->head_pc;
        } else if (s->origins[i] == NULL) {
            s->origins[i] = i > 0 ? s->origins[i - 1] : ir->head_pc;
        }
    }
}

/* ---- reading dumps --------------------------------------------------------------------------------------- */

static bool split_lines(Stage *s)
{
    s->lines = rt_calloc(s->ir->count + 1, sizeof *s->lines);
    uint32_t n = 0;
    char *at = s->text;
    while (s->lines != NULL && at != NULL && *at != '\0' && n < s->ir->count) {
        char *end = strchr(at, '\n');
        if (end != NULL) {
            *end = '\0';
        }
        if (at[0] == 'v' && at[1] >= '0' && at[1] <= '9') {
            s->lines[n++] = at;
        }
        at = end != NULL ? end + 1 : NULL;
    }
    return n == s->ir->count;
}

/* The name of the first variable that each value is in some snapshot: by uop, or in out[0] for one. */
static void name_values(const Report *r, const JitTrace *t, const IrTrace *ir, IrRef only,
                        VariableName *out)
{
    for (uint32_t i = 0; i < ir->snap_count; i++) {
        const IrSnap *s = &ir->snaps[i];
        SnapFrame frames[SNAP_FRAMES_MAX];
        uint32_t frame, count = snap_frames(r, t, ir, i, frames);
        for (uint32_t k = 0; k < s->count; k++) {
            const IrSnapEntry *e = &ir->entries[s->first + k];
            bool wanted = e->kind == SNAP_VALUE && !ir_is_const(e->ref) && e->ref < ir->count &&
                          (only == IR_NONE || only == e->ref);
            char *name = wanted ? out[only == IR_NONE ? e->ref : 0] : NULL;
            if (name != NULL && name[0] == '\0' &&
                slot_name(r, frames, count, e->slot, name, sizeof *out, &frame) != SLOT_LOCAL) {
                name[0] = '\0';
            }
        }
    }
}

static bool stage_open(const Report *r, const JitTrace *t, const JitDump *dump, Stage *s)
{
    char error[200];
    uint32_t line;
    size_t size = dump->text != NULL ? strlen(dump->text) + 1 : 0;
    *s = (Stage){.name = dump->stage};
    s->ir = size > 0 ? ir_parse(r->th, dump->text, error, &line) : NULL;
    s->text = s->ir != NULL ? rt_malloc(size) : NULL;
    if (s->text != NULL) {
        memcpy(s->text, dump->text, size);
    }
    s->variables = s->text != NULL ? rt_calloc(s->ir->count + 1, sizeof *s->variables) : NULL;
    if (s->variables == NULL) {
        return false;
    }
    name_values(r, t, s->ir, IR_NONE, s->variables);
    return split_lines(s);
}

static void stage_close(const Report *r, Stage *s)
{
    if (s->ir != NULL) {
        ir_free(r->th, s->ir);
    }
    rt_free(s->text);
    rt_free((void *)s->lines);
    rt_free((void *)s->origins);
    rt_free(s->variables);
}

void stages_open(const Report *r, const JitTrace *t, Stages *out)
{
    *out = (Stages){.trace = t};
    out->stages = rt_calloc(t->dump_count + 1, sizeof *out->stages);
    for (uint32_t i = 0; out->stages != NULL && i < t->dump_count; i++) {
        Stage *s = &out->stages[out->count];
        if (!stage_open(r, t, &t->dumps[i], s)) {
            stage_close(r, s);
            continue;
        }
        find_origins(t, out->count > 0 ? s - 1 : NULL, s);
        out->count++;
    }
}

void stages_close(const Report *r, Stages *s)
{
    for (uint32_t i = 0; i < s->count; i++) {
        stage_close(r, &s->stages[i]);
    }
    rt_free(s->stages);
    *s = (Stages){0};
}

/* ---- comments ----------------------------------------------------------------------------------------------- */

/* An object that the trace keeps alive, in a few words; false: it may be gone. */
static bool object_text(const Report *r, const JitTrace *t, Value v, char *out, size_t size)
{
    bool alive = false;
    for (uint32_t i = 0; t->ir != NULL && i < t->ir->const_count && !alive; i++) {
        alive = t->ir->consts[i].type == IR_V && t->ir->consts[i].v == v;
    }
    if (!alive) {
        return false;
    }
    const char *name = NULL;
    if (value_is_str(v)) {
        name = str_utf8(r->th, v, NULL);
        snprintf(out, size, "'%.40s'", name != NULL ? name : "?");
    } else if (value_is_function(v)) {
        name = str_utf8(r->th, value_function(v)->qualname, NULL);
        snprintf(out, size, "function %.40s", name != NULL ? name : "?");
    } else if (value_has_type(v, TYPE_TYPE)) {
        snprintf(out, size, "type %.40s", ((const Type *)value_object(v))->name);
    } else if (value_has_type(v, TYPE_NATIVE_FUNCTION)) {
        snprintf(out, size, "builtin %.40s", ((NativeFunction *)value_object(v))->def->name);
    } else {
        snprintf(out, size, "a %.40s", rt_type_name(v));
    }
    rt_clear_exception(r->th);
    return true;
}

static bool constant_text(const Report *r, const JitTrace *t, const IrConst *k, char *out,
                          size_t size)
{
    if (k->type == IR_V) {
        return value_is_object(k->v) && object_text(r, t, k->v, out, size);
    }
    if (k->type != IR_P) {
        return false;
    }
    for (uint32_t i = 0; i < r->code_count; i++) {
        if (k->p == r->codes[i]) {
            snprintf(out, size, "code of %s", code_name(r, r->codes[i]));
            return true;
        }
    }
    Place at = place_at(r, k->p);
    if (at.code != NULL) {
        snprintf(out, size, "%s %u", code_name(r, at.code), at.insn);
    }
    return at.code != NULL;
}

void ref_text(const Report *r, const JitTrace *t, const IrTrace *ir, IrRef ref, char *out,
              size_t size)
{
    if (!ir_is_const(ref) || !constant_text(r, t, ir_const(ir, ref), out, size)) {
        ir_print_ref(ir, ref, out, size);
    }
}

/* The variable that the parent's exit hands over as value imm. */
static bool inherited_text(const Report *r, const JitTrace *t, int32_t imm, char *out, size_t size)
{
    enum { LIVE_MAX = 256 };
    IrRef live[LIVE_MAX];
    const JitTrace *parent = t->parent != IR_NONE ? jit_trace(r->th, t->parent) : NULL;
    if (parent == NULL || t->parent_exit >= parent->ir->snap_count || imm < 0) {
        return false;
    }
    uint32_t n = ir_snap_live(parent->ir, t->parent_exit, live, LIVE_MAX);
    if (n > LIVE_MAX || (uint32_t)imm >= n) {
        return false;
    }
    VariableName name = "";
    name_values(r, parent, parent->ir, live[imm], &name);
    snprintf(out, size, "%s%sv%u of trace %u", name, name[0] != '\0' ? ", " : "", live[imm],
             t->parent);
    return true;
}

static void append(char *out, size_t size, const char *text)
{
    size_t n = strlen(out);
    snprintf(out + n, size - n, "%s%s", n > 0 ? ", " : "", text);
}

/* The name that a load of a global is for: the constant that its bytecode names. */
static bool global_name(const Report *r, const Stage *s, uint32_t i, char *out, size_t size)
{
    Place at = place_at(r, s->origins != NULL ? s->origins[i] : NULL);
    if (at.code == NULL || at.code->insns[at.insn].op != BC_LOAD_GLOBAL) {
        return false;
    }
    const Insn *insn = &at.code->insns[at.insn];
    Value name = insn_constant(insn, insn->b);
    const char *text = value_is_str(name) ? str_utf8(r->th, name, NULL) : NULL;
    snprintf(out, size, "%s", text != NULL ? text : "?");
    rt_clear_exception(r->th);
    return text != NULL;
}

void uop_comment(const Report *r, const JitTrace *t, const Stage *s, uint32_t i, char *out,
                 size_t size)
{
    const IrUop *u = &s->ir->uops[i];
    char text[80];
    out[0] = '\0';
    if (u->op == IR_slot || u->op == IR_store_slot || u->op == IR_store_slot_ptr) {
        root_slot_name(r, t, u->imm, text, sizeof text);
        append(out, size, text);
    } else if (u->op == IR_inherit && inherited_text(r, t, u->imm, text, sizeof text)) {
        append(out, size, text);
    } else if (u->op == IR_guard_type) {
        const Type *type = rt_type_by_id((uint32_t)u->imm);
        append(out, size, type != NULL ? type->name : "?");
    } else if (u->op == IR_load_global && global_name(r, s, i, text, sizeof text)) {
        append(out, size, text);
    } else if (s->variables[i][0] != '\0') {
        append(out, size, s->variables[i]);
    }
    for (int k = 0; k < 3; k++) {
        IrRef o = ir_operand(u, k);
        if (ir_is_const(o) && constant_text(r, t, ir_const(s->ir, o), text, sizeof text)) {
            append(out, size, text);
        }
    }
}
