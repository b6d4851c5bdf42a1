/*
 * Json: --json, everything that is known, as one object.  tools/README.md documents its keys; `format`
 * grows when one of them changes its meaning or goes.
 *
 * Threads: main.
 */
#include "runtime/memory.h"
#include "tools/trace/json_write.h"
#include "tools/trace/trace.h"

enum { FORMAT = 1 };

/* ---- the run ---------------------------------------------------------------------------------------------- */

static void put_totals(const Report *r, Json *j)
{
    JitStats s;
    if (r->th->jit == NULL) {
        json_null(j, "engine");
        json_null(j, "totals");
        return;
    }
    jit_stats(r->th, &s);
    json_open(j, "engine", '{');
    json_text(j, "name", s.engine);
    json_text(j, "table", s.code.table);
    json_text(j, "why_portable", s.why_portable);
    json_close(j, '}');
    json_open(j, "totals", '{');
    json_number(j, "traces", s.traces);
    json_number(j, "side_traces", s.side_traces);
    json_number(j, "aborts", s.aborts);
    json_number(j, "retired", s.retired);
    json_number(j, "entries", s.entries);
    json_number(j, "exits", s.exits);
    json_number(j, "uops_recorded", s.uops_recorded);
    json_number(j, "uops_optimized", s.uops_optimized);
    json_number(j, "record_ns", s.record_ns);
    json_number(j, "optimize_ns", s.optimize_ns);
    json_number(j, "compile_ns", s.compile_ns);
    json_number(j, "code_bytes", s.code.code_bytes);
    json_number(j, "data_bytes", s.code.data_bytes);
    json_number(j, "metadata_bytes", s.code.metadata_bytes);
    json_number(j, "padding_bytes", s.code.padding_bytes);
    json_number(j, "limit_bytes", s.code.limit_bytes);
    json_close(j, '}');
}

static void put_event_times(const JitEvent *e, Json *j)
{
    json_number(j, "bytecodes", e->bytecodes);
    json_number(j, "uops_recorded", e->uops_recorded);
    json_number(j, "uops_optimized", e->uops_optimized);
    json_number(j, "code_bytes", e->code_bytes);
    json_number(j, "record_ns", e->record_ns);
    json_number(j, "optimize_ns", e->optimize_ns);
    json_number(j, "compile_ns", e->compile_ns);
}

static void put_event(const Event *event, Json *j)
{
    const JitEvent *e = &event->e;
    json_open(j, NULL, '{');
    json_text(j, "kind",
              e->kind == JIT_EVENT_ABORT    ? "abort"
              : e->kind == JIT_EVENT_RETIRE ? "retire"
                                            : "trace");
    json_number(j, "id", e->id);
    json_index(j, "parent", e->parent);
    json_index(j, "exit", e->exit);
    json_bool(j, "shared", e->shared);
    json_text(j, "file", event->file);
    json_signed(j, "line", e->lineno);
    json_signed(j, "end_line", e->end_lineno);
    json_text(j, "reason", e->kind == JIT_EVENT_TRACE ? NULL : event->reason);
    put_event_times(e, j);
    json_close(j, '}');
}

/* ---- a trace ------------------------------------------------------------------------------------------------ */

static void put_place(const Report *r, const void *pc, Json *j)
{
    Place at = place_at(r, pc);
    json_text(j, "function", at.code != NULL ? code_name(r, at.code) : NULL);
    json_index(j, "line", at.code != NULL ? (uint32_t)at.line : IR_NONE);
    json_index(j, "bytecode", at.code != NULL ? at.insn : IR_NONE);
}

static void put_steps(const Report *r, const JitTrace *t, Json *j)
{
    json_open(j, "steps", '[');
    for (uint32_t i = 0; i < t->step_count; i++) {
        char text[120] = "";
        Place at = place_at(r, t->steps[i].pc);
        if (at.code != NULL) {
            bytecode_text(r, at.code, at.insn, text, sizeof text);
        }
        json_open(j, NULL, '{');
        put_place(r, t->steps[i].pc, j);
        json_text(j, "text", text);
        json_number(j, "depth", t->steps[i].depth);
        json_number(j, "first_uop", t->steps[i].first_uop);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_stage(const Report *r, const JitTrace *t, const Stage *s, Json *j)
{
    static const char types[][2] = {"", "I", "F", "V", "P", "", ""};
    json_open(j, NULL, '{');
    json_text(j, "name", s->name);
    json_open(j, "uops", '[');
    for (uint32_t i = 0; i < s->ir->count; i++) {
        const IrUop *u = &s->ir->uops[i];
        char comment[120];
        uop_comment(r, t, s, i, comment, sizeof comment);
        json_open(j, NULL, '{');
        json_text(j, "op", ir_ops[u->op].name);
        json_text(j, "type", types[u->type]);
        json_text(j, "text", s->lines[i]);
        json_text(j, "comment", comment);
        json_index(j, "exit", u->snap);
        put_place(r, s->origins != NULL ? s->origins[i] : NULL, j);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_close(j, '}');
}

static void put_snapshot(const Report *r, const JitTrace *t, uint32_t i, Json *j)
{
    const IrSnap *s = &t->ir->snaps[i];
    SnapFrame frames[SNAP_FRAMES_MAX];
    uint32_t count = snap_frames(r, t, t->ir, i, frames);
    json_open(j, NULL, '{');
    json_number(j, "id", i);
    put_place(r, s->pc, j);
    json_open(j, "slots", '[');
    for (uint32_t k = 0; k < s->count; k++) {
        const IrSnapEntry *e = &t->ir->entries[s->first + k];
        char name[48], value[80];
        uint32_t frame;
        slot_name(r, frames, count, e->slot, name, sizeof name, &frame);
        ref_text(r, t, t->ir, e->ref, value, sizeof value);
        json_open(j, NULL, '{');
        json_signed(j, "slot", e->slot);
        json_text(j, "function", code_name(r, frames[frame].code));
        json_text(j, "name", name);
        json_text(j, "value", value);
        json_bool(j, "raw", e->kind == SNAP_RAW);
        json_bool(j, "takes_reference", (e->flags & SNAP_INCREF) != 0);
        json_bool(j, "bool", (e->flags & SNAP_BOOL) != 0);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_close(j, '}');
}

static void put_locations(const CgLoc *locs, uint32_t count, const char *key, Json *j)
{
    json_open(j, key, '[');
    for (uint32_t i = 0; i < count; i++) {
        char where[24];
        location_text(&locs[i], where, sizeof where);
        json_open(j, NULL, '{');
        json_number(j, "value", locs[i].ref);
        json_text(j, "where", where);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_exit(const Report *r, const JitTrace *t, uint32_t i, Json *j)
{
    const CgExit *exit = native_exit(t, i);
    json_open(j, NULL, '{');
    json_number(j, "id", i);
    put_place(r, t->ir->snaps[i].pc, j);
    json_number(j, "count", t->exits[i].count);
    json_index(j, "side", t->exits[i].side);
    json_number(j, "given_up", t->exits[i].failures);
    if (exit != NULL) {
        put_locations(exit->locs, exit->live_count, "locations", j);
        put_locations(exit->locs + exit->live_count, exit->carried_count, "carried", j);
    } else {
        json_null(j, "locations");
        json_null(j, "carried");
    }
    json_close(j, '}');
}

static void put_code(const Report *r, const JitTrace *t, Json *j)
{
    uint32_t count;
    const CgCode *c = t->native;
    Insight *lines = c != NULL ? machine_lines(r, t, &count) : NULL;
    if (lines == NULL) {
        json_null(j, "code");
        return;
    }
    json_open(j, "code", '{');
    json_address(j, "address", (uintptr_t)c->entry);
    json_number(j, "size", c->code_bytes);
    json_index(j, "loop_offset", c->head != NULL ? (uint32_t)(c->head - c->entry) : IR_NONE);
    put_locations(c->head_locs, c->head_loc_count, "loop_locations", j);
    json_open(j, "lines", '[');
    for (uint32_t i = 0; i < count; i++) {
        json_open(j, NULL, '{');
        json_number(j, "offset", lines[i].offset);
        json_bytes(j, "bytes", c->entry + lines[i].offset, lines[i].size);
        json_text(j, "part", lines[i].part);
        json_index(j, "uop", lines[i].uop);
        json_text(j, "text", lines[i].text);
        json_text(j, "note", lines[i].note);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_close(j, '}');
    rt_free(lines);
}

static void put_head(const Report *r, const JitTrace *t, Json *j)
{
    char end[40];
    trace_end(t, end, sizeof end);
    json_number(j, "id", t->id);
    json_number(j, "root", t->root);
    json_index(j, "parent", t->parent);
    json_index(j, "exit", t->parent == IR_NONE ? IR_NONE : t->parent_exit);
    json_text(j, "file", t->event.file);
    put_place(r, t->pc, j);
    json_signed(j, "end_line", t->event.end_lineno);
    json_text(j, "ended", end);
    json_index(j, "entries",
               t->parent != IR_NONE      ? IR_NONE
               : t->entries < UINT32_MAX ? (uint32_t)t->entries
                                         : UINT32_MAX - 1);
    put_event_times(&t->event, j);
}

static void put_recording(const Report *r, const JitTrace *t, Json *j)
{
    Stages s;
    put_steps(r, t, j);
    stages_open(r, t, &s);
    json_open(j, "stages", '[');
    for (uint32_t i = 0; i < s.count; i++) {
        put_stage(r, t, &s.stages[i], j);
    }
    json_close(j, ']');
    stages_close(r, &s);
}

static void put_trace(const Report *r, const JitTrace *t, Json *j)
{
    json_open(j, NULL, '{');
    put_head(r, t, j);
    put_recording(r, t, j);
    json_open(j, "snapshots", '[');
    for (uint32_t i = 0; i < t->ir->snap_count; i++) {
        put_snapshot(r, t, i, j);
    }
    json_close(j, ']');
    json_open(j, "exits", '[');
    for (uint32_t i = 0; i < t->ir->snap_count; i++) {
        if (is_exit(t->ir, i)) {
            put_exit(r, t, i, j);
        }
    }
    json_close(j, ']');
    put_code(r, t, j);
    json_close(j, '}');
}

static void put_source(const Report *r, Json *j)
{
    json_open(j, "source", '[');
    for (uint32_t line = 1; line <= r->source_line_count; line++) {
        const char *text = r->source_lines[line - 1], *end = r->source_lines[line] - 1;
        if (line < r->source_line_count || end > text) {
            json_text_n(j, NULL, text, (size_t)(end - text));
        }
    }
    json_close(j, ']');
}

static void put_functions(const Report *r, Json *j)
{
    json_open(j, "functions", '[');
    for (uint32_t i = 0; i < r->code_count; i++) {
        const Code *code = r->codes[i];
        json_open(j, NULL, '{');
        json_text(j, "name", code_name(r, code));
        json_signed(j, "first_line", code->first_line);
        json_open(j, "bytecode", '[');
        for (uint32_t at = 0; at < code->insn_count;) {
            char text[120];
            json_open(j, NULL, '{');
            json_number(j, "index", at);
            json_signed(j, "line", code_position(code, at)->lineno);
            at = bytecode_text(r, code, at, text, sizeof text);
            json_text(j, "text", text);
            json_close(j, '}');
        }
        json_close(j, ']');
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_untraced(const Report *r, Json *j)
{
    static const char *const whys[] = {"waits", "never", "unrolled"};
    uint32_t count = 0;
    Untraced *loops = r->th->jit != NULL ? untraced_loops(r, &count) : NULL;
    json_open(j, "untraced", '[');
    for (uint32_t i = 0; loops != NULL && i < count; i++) {
        json_open(j, NULL, '{');
        put_place(r, loops[i].head.pc, j);
        json_text(j, "why", whys[loops[i].head.why]);
        json_number(j, "given_up", loops[i].head.failures);
        json_number(j, "wait", loops[i].head.wait);
        json_text(j, "reason", loops[i].reason);
        json_close(j, '}');
    }
    json_close(j, ']');
    rt_free(loops);
}

void report_json(const Report *r, bool in_html)
{
    Json j = {.out = r->out, .fresh = true, .in_html = in_html};
    json_open(&j, NULL, '{');
    json_number(&j, "format", FORMAT);
    json_text(&j, "adder", ADDER_VERSION);
    json_text(&j, "program", r->program->name);
    json_signed(&j, "status", r->status);
    json_number(&j, "wall_ns", r->wall_ns);
    put_totals(r, &j);
    json_bool(&j, "events_missing", r->log->failed);
    put_source(r, &j);
    put_functions(r, &j);
    json_open(&j, "events", '[');
    for (uint32_t i = 0; i < r->log->count; i++) {
        put_event(&r->log->events[i], &j);
    }
    json_close(&j, ']');
    json_open(&j, "traces", '[');
    for (uint32_t id = 1; id <= jit_trace_count(r->th); id++) {
        const JitTrace *t = jit_trace(r->th, id);
        if (t != NULL && t->state == JIT_PUBLISHED) {
            put_trace(r, t, &j);
        }
    }
    json_close(&j, ']');
    put_untraced(r, &j);
    json_open(&j, "given_up", '[');
    for (uint32_t i = 0; i < r->log->count; i++) {
        const Event *event = &r->log->events[i];
        if (event->given_up != NULL) {
            json_open(&j, NULL, '{');
            json_number(&j, "id", event->e.id);
            put_recording(r, event->given_up, &j);
            json_close(&j, '}');
        }
    }
    json_close(&j, ']');
    json_close(&j, '}');
    fputc('\n', r->out);
}
