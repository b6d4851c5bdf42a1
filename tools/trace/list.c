/*
 * List: the default view, one line an event, then a summary.
 *
 * Columns are as wide as their widest cell; the last one, exits or the reason of an abort, takes what
 * is left of LINE_COLUMNS.  Aborts that repeat without a change share a line.
 *
 * Threads: main.
 */
#include <stdio.h>
#include <stdlib.h>

#include "runtime/memory.h"
#include "tools/trace/trace.h"

enum { LINE_COLUMNS = 100, CELLS = 8, CELL_SIZE = 64 };
enum { CELL_NUMBER, CELL_KIND, CELL_WHERE, CELL_END, CELL_BYTECODES, CELL_UOPS, CELL_BYTES };
enum { CELL_ENTERED = CELLS - 1 };

typedef struct Row {
    char cells[CELLS][CELL_SIZE];
    const Event *event;
    const JitTrace *trace; /* NULL: an abort, or gone since */
    uint32_t repeats;      /* aborts in this row */
} Row;

const Event *report_event(const Report *r, uint32_t id)
{
    for (uint32_t i = 0; i < r->log->count; i++) {
        if (r->log->events[i].e.id == id) {
            return &r->log->events[i];
        }
    }
    return NULL;
}

/* ---- rows ----------------------------------------------------------------------------------------------- */

static bool same_abort(const Event *a, const Event *b)
{
    return a->e.kind == JIT_EVENT_ABORT && b->e.kind == JIT_EVENT_ABORT &&
           a->e.parent == b->e.parent && a->e.exit == b->e.exit && a->e.lineno == b->e.lineno &&
           a->e.end_lineno == b->e.end_lineno && a->e.shared == b->e.shared &&
           strcmp(a->file, b->file) == 0 && strcmp(a->reason, b->reason) == 0;
}

static void put_kind(const JitEvent *e, char *out)
{
    const char *kind = e->kind == JIT_EVENT_ABORT    ? "abort"
                       : e->kind == JIT_EVENT_RETIRE ? "retire"
                       : e->parent != IR_NONE        ? "side"
                                                     : "root";
    const char *form = e->shared ? " shared" : "";
    if (e->parent != IR_NONE) {
        snprintf(out, CELL_SIZE, "%s %u@%u%s", kind, e->parent, e->exit, form);
    } else {
        snprintf(out, CELL_SIZE, "%s%s", kind, form);
    }
}

static void fill_row(Row *row, const Event *last)
{
    const JitEvent *e = &row->event->e;
    if (row->repeats > 1) {
        snprintf(row->cells[CELL_NUMBER], CELL_SIZE, "%u..%u", e->id, last->e.id);
    } else {
        snprintf(row->cells[CELL_NUMBER], CELL_SIZE, "%u", e->id);
    }
    put_kind(e, row->cells[CELL_KIND]);
    char *where = row->cells[CELL_WHERE];
    int n = snprintf(where, CELL_SIZE, "%.40s:%d", base_name(row->event->file), e->lineno);
    if (e->end_lineno != e->lineno && e->end_lineno > 0) {
        snprintf(where + n, CELL_SIZE - (size_t)n, "..%d", e->end_lineno);
    }
    snprintf(row->cells[CELL_BYTECODES], CELL_SIZE, "%u", e->bytecodes);
    if (e->kind != JIT_EVENT_TRACE) {
        snprintf(row->cells[CELL_UOPS], CELL_SIZE, "%u", e->uops_recorded);
        return;
    }
    snprintf(row->cells[CELL_UOPS], CELL_SIZE, "%u>%u", e->uops_recorded, e->uops_optimized);
    if (e->code_bytes != 0) {
        snprintf(row->cells[CELL_BYTES], CELL_SIZE, "%u", e->code_bytes);
    }
    if (row->trace == NULL) {
        snprintf(row->cells[CELL_END], CELL_SIZE, "%.40s", row->event->reason);
        return;
    }
    trace_end(row->trace, row->cells[CELL_END], CELL_SIZE);
    if (e->parent == IR_NONE) {
        unsigned long long entries = row->trace->entries;
        snprintf(row->cells[CELL_ENTERED], CELL_SIZE, "%llu", entries);
    }
}

/* owns: rt_malloc'ed; NULL: out of memory. */
static Row *make_rows(const Report *r, uint32_t *count)
{
    Row *rows = rt_calloc(r->log->count + 1, sizeof *rows);
    *count = 0;
    for (uint32_t i = 0; rows != NULL && i < r->log->count;) {
        Row *row = &rows[(*count)++];
        row->event = &r->log->events[i];
        row->trace =
            row->event->e.kind == JIT_EVENT_TRACE ? jit_trace(r->th, row->event->e.id) : NULL;
        do {
            row->repeats++;
            i++;
        } while (i < r->log->count && same_abort(row->event, &r->log->events[i]));
        fill_row(row, &r->log->events[i - 1]);
    }
    return rows;
}

/* ---- the last column ---------------------------------------------------------------------------------- */

typedef struct HotExit {
    uint32_t snap, count;
} HotExit;

static int by_count(const void *a, const void *b)
{
    const HotExit *x = a, *y = b;
    return x->count != y->count ? (x->count < y->count) - (x->count > y->count)
                                : (x->snap > y->snap) - (x->snap < y->snap);
}

static bool was_left(const JitTrace *t)
{
    for (uint32_t i = 0; i < t->ir->snap_count; i++) {
        if (t->exits[i].count > 0) {
            return true;
        }
    }
    return false;
}

static void put_exits(const Report *r, const JitTrace *t, int room)
{
    HotExit *hot = rt_malloc((t->ir->snap_count + 1) * sizeof *hot);
    uint32_t n = 0;
    for (uint32_t i = 0; hot != NULL && i < t->ir->snap_count; i++) {
        if (t->exits[i].count > 0) {
            hot[n++] = (HotExit){i, t->exits[i].count};
        }
    }
    if (n > 0) {
        qsort(hot, n, sizeof *hot, by_count);
    }
    for (uint32_t i = 0; i < n; i++) {
        char text[80], side[20] = "";
        if (t->exits[hot[i].snap].side != IR_NONE) {
            snprintf(side, sizeof side, " >%u", t->exits[hot[i].snap].side);
        }
        Place at = place_at(r, t->ir->snaps[hot[i].snap].pc);
        int length = snprintf(text, sizeof text, "%s@%u :%d x%u%s", i > 0 ? ", " : "", hot[i].snap,
                              at.line, hot[i].count, side);
        if (i > 0 && length + (i + 1 < n ? 5 : 0) > room) {
            fprintf(r->out, " +%u", n - i);
            break;
        }
        fputs(text, r->out);
        room -= length;
    }
    rt_free(hot);
}

/* ---- printing ----------------------------------------------------------------------------------------------- */

static const char *const titles[CELLS] = {"#",  "kind", "where", "ended",
                                          "bc", "uops", "bytes", "entered"};
static const bool to_the_right[CELLS] = {true, false, false, false, true, true, true, true};

/* Prints cells up to `last`, the columns of text padded; returns the columns used. */
static int put_cells(const Report *r, const char (*cells)[CELL_SIZE], const int *widths, int last)
{
    int used = 0;
    for (int i = 0; i <= last; i++) {
        const char *gap = i > 0 ? "  " : "";
        fprintf(r->out, to_the_right[i] ? "%s%*s" : "%s%-*s", gap, widths[i], cells[i]);
        used += widths[i] + (int)strlen(gap);
    }
    return used;
}

static void put_row(const Report *r, const Row *row, const int *widths)
{
    int last = CELL_UOPS;
    for (int i = last; i < CELLS; i++) {
        last = row->cells[i][0] != '\0' ? i : last;
    }
    if (row->trace != NULL && was_left(row->trace)) {
        int used = put_cells(r, row->cells, widths, CELL_ENTERED);
        fputs("  ", r->out);
        put_exits(r, row->trace, LINE_COLUMNS - used - 2);
    } else {
        put_cells(r, row->cells, widths, last);
    }
    if (row->event->e.kind != JIT_EVENT_TRACE) {
        fprintf(r->out, "  %s", row->event->reason);
    }
    fputc('\n', r->out);
}

static void put_rows(const Report *r, const Row *rows, uint32_t count)
{
    int widths[CELLS];
    char cells[CELLS][CELL_SIZE] = {""};
    for (int c = 0; c < CELLS; c++) {
        snprintf(cells[c], CELL_SIZE, "%s", titles[c]);
        widths[c] = (int)strlen(titles[c]);
        for (uint32_t i = 0; i < count; i++) {
            int n = (int)strlen(rows[i].cells[c]);
            widths[c] = n > widths[c] ? n : widths[c];
        }
    }
    put_cells(r, cells, widths, CELL_ENTERED);
    fputs("  hottest exits\n", r->out);
    for (uint32_t i = 0; i < count; i++) {
        put_row(r, &rows[i], widths);
    }
}

static void put_abort_counts(const Report *r)
{
    const Log *log = r->log;
    bool *seen = rt_calloc(log->count + 1, sizeof *seen);
    for (uint32_t i = 0; seen != NULL && i < log->count; i++) {
        uint32_t times = 0;
        if (log->events[i].e.kind != JIT_EVENT_ABORT || seen[i]) {
            continue;
        }
        for (uint32_t k = i; k < log->count; k++) {
            if (log->events[k].e.kind == JIT_EVENT_ABORT &&
                strcmp(log->events[k].reason, log->events[i].reason) == 0) {
                seen[k] = true;
                times++;
            }
        }
        fprintf(r->out, "given up: %u x %s\n", times, log->events[i].reason);
    }
    rt_free(seen);
}

static void put_legend(const Report *r)
{
    fputs("side 1@5: from exit 5 of trace 1; bc: bytecodes recorded; uops: recorded>after the "
          "passes;\n"
          "@5 :12 x8 >3: exit 5 goes on at line 12, was taken 8 times, since then by trace 3\n\n",
          r->out);
}

static void put_untraced(const Report *r)
{
    uint32_t count;
    Untraced *loops = untraced_loops(r, &count);
    for (uint32_t i = 0; loops != NULL && i < count; i++) {
        const Untraced *u = &loops[i];
        fprintf(r->out, "hot without a trace: :%d in %s, ", u->line, code_name(r, u->code));
        if (u->head.why == JIT_UNROLLED) {
            fputs("short: recorded as part of the loop around it", r->out);
        } else {
            fprintf(r->out, "given up %u times%s%s%s", u->head.failures,
                    u->head.why == JIT_NEVER ? " and for good" : "", u->reason != NULL ? ": " : "",
                    u->reason != NULL ? u->reason : "");
        }
        fputc('\n', r->out);
    }
    rt_free(loops);
}

static void put_summary(const Report *r)
{
    JitStats s;
    jit_stats(r->th, &s);
    if (s.why_portable != NULL) {
        fprintf(r->out, "engine: %s, no machine code (%s)\n", s.engine, s.why_portable);
    } else {
        fprintf(r->out, "engine: %s (%s), %zu bytes of code, %zu of data, %zu of metadata\n",
                s.engine, s.code.table, s.code.code_bytes, s.code.data_bytes,
                s.code.metadata_bytes);
    }
    fprintf(r->out, "traces: %u roots, %u side traces, %u recordings given up",
            s.traces - s.side_traces, s.side_traces, s.aborts);
    if (s.retired > 0) {
        fprintf(r->out, ", %u retired", s.retired);
    }
    fprintf(r->out, "\nuops: %llu recorded, %llu after the passes; %llu entries, %llu exits\n",
            (unsigned long long)s.uops_recorded, (unsigned long long)s.uops_optimized,
            (unsigned long long)s.entries, (unsigned long long)s.exits);
    put_abort_counts(r);
    put_untraced(r);
    fprintf(r->out, "time: %.3f ms; of it %.3f recording, %.3f optimizing, %.3f compiling\n",
            (double)r->wall_ns / 1e6, (double)s.record_ns / 1e6, (double)s.optimize_ns / 1e6,
            (double)s.compile_ns / 1e6);
    if (r->log->failed) {
        fputs("out of memory: some events are missing\n", r->out);
    }
}

void report_list(const Report *r)
{
    if (r->th->jit == NULL) {
        fputs("the JIT is off (-X jit=0): nothing was traced\n", r->out);
        return;
    }
    uint32_t count;
    Row *rows = make_rows(r, &count);
    if (rows == NULL) {
        fputs("out of memory\n", r->out);
        return;
    }
    if (count > 0) {
        put_rows(r, rows, count);
        put_legend(r);
    } else {
        fputs("nothing was recorded: no loop was hot for long enough\n", r->out);
    }
    rt_free(rows);
    put_summary(r);
}
