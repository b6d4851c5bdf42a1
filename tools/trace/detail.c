/*
 * Detail: --trace N: what is known of one trace, in sections; here source, bytecode, snapshots, exits.
 *
 * Threads: main.
 */
#include <stdio.h>

#include "tools/trace/trace.h"

enum { CODES_MAX = 64, GAP_LINES = 4, LINE_COLUMNS = 100, REST_COLUMN = 22 };

/* The instructions of a code object that a recording ran through, from the first to the last. */
typedef struct Extent {
    const Code *code;
    uint32_t first, last;
} Extent;

/* By first step. returns how many. */
static uint32_t find_extents(const Report *r, const JitTrace *t, Extent *out)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->step_count; i++) {
        Place at = place_at(r, t->steps[i].pc);
        uint32_t k = 0;
        while (k < n && out[k].code != at.code) {
            k++;
        }
        if (at.code == NULL || k == CODES_MAX) {
            continue;
        }
        if (k == n) {
            out[n++] = (Extent){at.code, at.insn, at.insn};
        }
        out[k].first = at.insn < out[k].first ? at.insn : out[k].first;
        out[k].last = at.insn > out[k].last ? at.insn : out[k].last;
    }
    return n;
}

static bool ran_line(const Report *r, const JitTrace *t, const Code *code, int32_t line)
{
    for (uint32_t i = 0; i < t->step_count; i++) {
        Place at = place_at(r, t->steps[i].pc);
        if (at.code == code && at.line == line) {
            return true;
        }
    }
    return false;
}

static bool ran_insn(const JitTrace *t, const Code *code, uint32_t insn)
{
    for (uint32_t i = 0; i < t->step_count; i++) {
        if (t->steps[i].pc == code->insns + insn) {
            return true;
        }
    }
    return false;
}

/* ---- source ------------------------------------------------------------------------------------------- */

static void put_source_lines(const Report *r, const JitTrace *t, const Code *code, int32_t first,
                             int32_t last)
{
    int32_t skipped = 0;
    for (int32_t line = first; line <= last; line++) {
        int length;
        const char *text = source_line(r, code, line, &length);
        if (ran_line(r, t, code, line)) {
            bool head = place_at(r, t->pc).line == line && code == t->code;
            skipped = 0;
            fprintf(r->out, "  %5d %c %.*s\n", line, head ? '>' : '|', length, text);
        } else if (++skipped <= GAP_LINES) {
            fprintf(r->out, "  %5d   %.*s\n", line, length, text);
        } else if (skipped == GAP_LINES + 1) {
            fputs("    ...\n", r->out);
        }
    }
}

static void put_source(const Report *r, const JitTrace *t, const Extent *extents, uint32_t count)
{
    fputs("\nsource (> head, | recorded)\n", r->out);
    for (uint32_t k = 0; k < count; k++) {
        int32_t first = INT32_MAX, last = 0;
        for (uint32_t i = 0; i < t->step_count; i++) {
            Place at = place_at(r, t->steps[i].pc);
            if (at.code == extents[k].code) {
                first = at.line < first ? at.line : first;
                last = at.line > last ? at.line : last;
            }
        }
        fprintf(r->out, "  in %s\n", code_name(r, extents[k].code));
        put_source_lines(r, t, extents[k].code, first, last);
    }
}

/* ---- bytecode ------------------------------------------------------------------------------------------- */

static void put_bytecode(const Report *r, const JitTrace *t, const Extent *extents, uint32_t count)
{
    fputs("\nbytecode (* recorded)\n", r->out);
    for (uint32_t k = 0; k < count; k++) {
        const Code *code = extents[k].code;
        int32_t line = -1;
        fprintf(r->out, "  in %s\n", code_name(r, code));
        for (uint32_t at = 0; at <= extents[k].last;) {
            char text[120];
            uint32_t next = bytecode_text(r, code, at, text, sizeof text);
            if (at >= extents[k].first) {
                int32_t now = code_position(code, at)->lineno;
                fprintf(r->out, now != line ? "  %5d" : "       ", now);
                fprintf(r->out, " %c %5u  %s\n", ran_insn(t, code, at) ? '*' : ' ', at, text);
                line = now;
            }
            at = next;
        }
    }
}

/* ---- snapshots -------------------------------------------------------------------------------------------- */

/* Appends to a line, or starts the next one where it would be longer than LINE_COLUMNS. */
static void put_wrapped(const Report *r, int *column, const char *text)
{
    int length = (int)strlen(text);
    if (*column + length > LINE_COLUMNS) {
        *column = fprintf(r->out, "\n         ") - 1;
    }
    *column += length;
    fputs(text, r->out);
}

static void put_entry(const Report *r, const JitTrace *t, const Stage *s, const IrSnapEntry *e,
                      const char *name, int *column)
{
    char ref[64], text[160];
    ref_text(r, t, s->ir, e->ref, ref, sizeof ref);
    snprintf(text, sizeof text, " %s=%s%s%s", name, ref, (e->flags & SNAP_INCREF) != 0 ? "+" : "",
             (e->flags & SNAP_BOOL) != 0 ? "?" : "");
    put_wrapped(r, column, text);
}

static void put_snapshot(const Report *r, const JitTrace *t, const Stage *s, uint32_t i)
{
    const IrSnap *snap = &s->ir->snaps[i];
    SnapFrame frames[SNAP_FRAMES_MAX];
    uint32_t count = snap_frames(r, t, s->ir, i, frames);
    Place at = place_at(r, snap->pc);
    int column = fprintf(r->out, "  @%-4u :%d in %s, bytecode %u", i, at.line,
                         code_name(r, at.code), at.insn);
    for (uint32_t f = 0; f < count; f++) {
        bool first = true;
        for (uint32_t k = 0; k < snap->count; k++) {
            const IrSnapEntry *e = &s->ir->entries[snap->first + k];
            char name[48];
            uint32_t frame;
            SlotKind kind = slot_name(r, frames, count, e->slot, name, sizeof name, &frame);
            if (frame != f || kind == SLOT_RETURN || kind == SLOT_DISTANCE) {
                continue;
            }
            if (first && count > 1) {
                column = fprintf(r->out, "\n        %s:", code_name(r, frames[f].code)) - 1;
            } else if (first) {
                fputc(':', r->out);
            }
            put_entry(r, t, s, e, name, &column);
            first = false;
        }
    }
    fputc('\n', r->out);
}

static void put_snapshots(const Report *r, const JitTrace *t, const Stage *s)
{
    fputs("\nsnapshots (+ takes a reference, ? is a bool)\n", r->out);
    for (uint32_t i = 0; i < s->ir->snap_count; i++) {
        put_snapshot(r, t, s, i);
    }
}

/* ---- exits --------------------------------------------------------------------------------------------------- */

/* Carried values have the numbers of the trace that they come from. */
static void put_locations(const Report *r, const JitTrace *t, const Stage *s, uint32_t snap,
                          int column)
{
    const CgExit *exit = native_exit(t, snap);
    uint32_t live = exit != NULL ? exit->live_count : 0;
    for (uint32_t i = 0; i < live; i++) {
        const CgLoc *l = &exit->locs[i];
        char where[24], text[120];
        location_text(l, where, sizeof where);
        const char *name = l->ref < s->ir->count ? s->variables[l->ref] : "";
        snprintf(text, sizeof text, name[0] != '\0' ? " v%u(%s) %s%s" : " v%u%s %s%s", l->ref, name,
                 where, i + 1 < live ? "," : "");
        put_wrapped(r, &column, text);
    }
    for (uint32_t i = 0; exit != NULL && i < exit->carried_count; i++) {
        const CgLoc *l = &exit->locs[live + i];
        char where[24], text[80];
        location_text(l, where, sizeof where);
        snprintf(text, sizeof text, "%s v%u %s", i > 0 ? "," : "; keeps", l->ref, where);
        put_wrapped(r, &column, text);
    }
}

static void put_exits(const Report *r, const JitTrace *t, const Stage *s)
{
    fprintf(r->out, "\nexits (times left%s)\n",
            t->native != NULL ? "; where values are; what is kept for a loop further out" : "");
    for (uint32_t i = 0; i < t->ir->snap_count && i < s->ir->snap_count; i++) {
        if (!is_exit(t->ir, i)) {
            continue;
        }
        Place at = place_at(r, t->ir->snaps[i].pc);
        const JitExit *x = &t->exits[i];
        int column = fprintf(r->out, "  @%-4u to :%-4d x%u", i, at.line, x->count);
        const CgExit *exit = native_exit(t, i);
        bool more = x->side != IR_NONE || x->failures > 0 ||
                    (exit != NULL && exit->live_count + exit->carried_count > 0);
        if (more && column < REST_COLUMN) {
            column += fprintf(r->out, "%*s", REST_COLUMN - column, "");
        }
        if (x->side != IR_NONE) {
            column += fprintf(r->out, " > trace %u ", x->side);
        }
        if (x->failures > 0) {
            column += fprintf(r->out, " (side recordings given up: %u) ", x->failures % 100);
        }
        put_locations(r, t, s, i, column);
        fputc('\n', r->out);
    }
}

/* ---- the whole ------------------------------------------------------------------------------------------------- */

static void put_title(const Report *r, const JitTrace *t)
{
    char end[40];
    const JitEvent *e = &t->event;
    trace_end(t, end, sizeof end);
    fprintf(r->out, "\ntrace %u: ", t->id);
    if (t->parent != IR_NONE) {
        fprintf(r->out, "side trace of %u at exit %u", t->parent, t->parent_exit);
    } else {
        fprintf(r->out, "root, entered %llu times", (unsigned long long)t->entries);
    }
    if (t->shared) {
        fputs(", for many threads", r->out);
    }
    fprintf(r->out, ", %s:%d in %s, ends in %s\n", base_name(e->file), e->lineno,
            code_name(r, t->code), end);
    fprintf(r->out,
            "  %u bytecodes, %u uops recorded, %u after the passes, %u bytes of code\n"
            "  %.1f us recording, %.1f optimizing, %.1f compiling\n",
            e->bytecodes, e->uops_recorded, e->uops_optimized, e->code_bytes,
            (double)e->record_ns / 1e3, (double)e->optimize_ns / 1e3, (double)e->compile_ns / 1e3);
}

static void put_sections(const Report *r, const JitTrace *t, const Stages *s)
{
    Extent extents[CODES_MAX];
    uint32_t count = find_extents(r, t, extents);
    const Stage *last = stages_last(s);
    if ((r->sections & SECTION_SOURCE) != 0) {
        put_source(r, t, extents, count);
    }
    if ((r->sections & SECTION_BYTECODE) != 0) {
        put_bytecode(r, t, extents, count);
    }
    if ((r->sections & SECTION_UOPS) != 0) {
        put_recorded(r, t, s);
    }
    if ((r->sections & SECTION_PASSES) != 0 && (t->ir != NULL || s->count > 1)) {
        put_passes(r, t, s);
    }
    if ((r->sections & SECTION_FINAL) != 0) {
        put_final(r, t, s);
    }
    if ((r->sections & SECTION_SNAPSHOTS) != 0 && last != NULL) {
        put_snapshots(r, t, last);
    }
    if ((r->sections & SECTION_EXITS) != 0 && last != NULL) {
        put_exits(r, t, last);
    }
    if ((r->sections & SECTION_MACHINE) != 0) {
        put_machine(r, t, s);
    }
}

/* What of a recording that was given up can be shown: what it saw until then. */
static void put_given_up(const Report *r, const Event *event)
{
    const JitEvent *e = &event->e;
    const JitTrace *t = event->given_up;
    fprintf(r->out, "\ntrace %u: ", e->id);
    if (e->parent != IR_NONE) {
        fprintf(r->out, "side trace of %u at exit %u, ", e->parent, e->exit);
    }
    fprintf(r->out, "given up at %s:%d..%d after %u bytecodes, %u uops: %s\n",
            base_name(event->file), e->lineno, e->end_lineno, e->bytecodes, e->uops_recorded,
            event->reason);
    if (t != NULL) {
        Report shown = *r;
        shown.sections &= ~(uint32_t)(SECTION_EXITS | SECTION_MACHINE);
        Stages s;
        stages_open(r, t, &s);
        put_sections(&shown, t, &s);
        stages_close(r, &s);
    }
}

void report_trace(const Report *r, uint32_t id)
{
    const JitTrace *t = jit_trace(r->th, id);
    const Event *event = report_event(r, id);
    if (t != NULL && t->state == JIT_PUBLISHED) {
        Stages s;
        stages_open(r, t, &s);
        put_title(r, t);
        put_sections(r, t, &s);
        stages_close(r, &s);
    } else if (event != NULL && event->e.kind == JIT_EVENT_ABORT) {
        put_given_up(r, event);
    } else if (event != NULL) {
        fprintf(r->out, "\ntrace %u: retired; only its line in the list is left\n", id);
    } else {
        fprintf(r->out, "\ntrace %u: there is none\n", id);
    }
}
