/*
 * Assembly: the section with the machine code, side by side with the uops that it was copied for.
 *
 * Left the offset and the instruction, right the uop whose stencil begins there, then what addresses
 * mean.  Uops without code (they are folded into others, or are values that are in place) have a line
 * without an instruction.
 *
 * Threads: main.
 */
#include <inttypes.h>
#include <stdio.h>

#include "runtime/memory.h"
#include "tools/trace/trace.h"

enum { TEXT_COLUMNS = 42 };

typedef struct Assembly {
    const Report *r;
    const JitTrace *t;
    const Stage *stage;
    Place at;
    uint32_t next_uop; /* whose line is yet to be printed */
} Assembly;

/* uop: whose line stands to the right, IR_NONE: no one's. */
static void put_text(const Assembly *a, const Insight *line, uint32_t uop)
{
    char comment[120] = "";
    if (uop != IR_NONE && (line == NULL || line->note[0] == '\0')) {
        uop_comment(a->r, a->t, a->stage, uop, comment, sizeof comment);
    }

    const char *text = line != NULL ? line->text : "";
    const char *note = line != NULL && line->note[0] != '\0' ? line->note : comment;
    bool alone = uop == IR_NONE && note[0] == '\0';
    if (line != NULL) {
        fprintf(a->r->out, "  %5x  %-*s", line->offset, alone ? 0 : TEXT_COLUMNS, text);
    } else {
        fprintf(a->r->out, "         %-*s", TEXT_COLUMNS, text);
    }
    if (uop != IR_NONE) {
        fprintf(a->r->out, " %s", a->stage->lines[uop]);
    }
    if (note[0] != '\0') {
        fprintf(a->r->out, " ; %s", note);
    }
    fputc('\n', a->r->out);
}

static void head_uop(Assembly *a, uint32_t uop)
{
    if (a->stage->origins != NULL) {
        a->at = put_heading(a->r, a->at, a->stage->origins[uop]);
    }
}

/* The uops before `uop`, which have no code. */
static void put_silent(Assembly *a, uint32_t uop)
{
    for (; a->next_uop < uop; a->next_uop++) {
        head_uop(a, a->next_uop);
        put_text(a, NULL, a->next_uop);
    }
}

static void put_uop_code(Assembly *a, const Insight *line)
{
    if (line->uop != IR_NONE && line->uop >= a->next_uop) {
        put_silent(a, line->uop);
        head_uop(a, line->uop);
        put_text(a, line, line->uop);
        a->next_uop = line->uop + 1;
    } else {
        put_text(a, line, IR_NONE);
    }
}

static const char *part_title(const char *part)
{
    return strcmp(part, "stubs") == 0  ? "stubs: where guards lead"
           : strcmp(part, "cold") == 0 ? "cold paths"
                                       : "leave parts: an exit without a side trace";
}

/* Leave parts are all alike: one line for all of them. */
static void put_leaves(const Assembly *a, const Insight *lines, uint32_t count)
{
    const CgCode *c = a->t->native;
    if (count > 0) {
        fprintf(a->r->out, "  %5x  %u bytes: %u times `call leave`, then the address of the exit\n",
                lines[0].offset, c->code_bytes - lines[0].offset, c->exit_count);
    }
}

static void put_lines(Assembly *a, const Insight *lines, uint32_t count)
{
    const char *part = "uops";
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(lines[i].part, part) != 0) {
            if (strcmp(part, "uops") == 0) {
                put_silent(a, a->stage->ir->count);
            }
            part = lines[i].part;
            fprintf(a->r->out, "  %s\n", part_title(part));
        }
        if (!a->r->full && strcmp(part, "leave") == 0) {
            put_leaves(a, lines + i, count - i);
            break;
        }
        put_uop_code(a, &lines[i]);
    }
}

static void put_head_locations(const Assembly *a)
{
    const CgCode *c = a->t->native;
    if (c->head_loc_count == 0) {
        return;
    }
    fputs("  at the loop head:", a->r->out);
    for (uint32_t i = 0; i < c->head_loc_count; i++) {
        char where[24];
        location_text(&c->head_locs[i], where, sizeof where);
        IrRef ref = c->head_locs[i].ref;
        const char *name = ref < a->stage->ir->count ? a->stage->variables[ref] : "";
        fprintf(a->r->out, name[0] != '\0' ? "%s v%u(%s) %s" : "%s v%u%s %s", i > 0 ? "," : "", ref,
                name, where);
    }
    fputc('\n', a->r->out);
}

void put_machine(const Report *r, const JitTrace *t, const Stages *s)
{
    Assembly a = {.r = r, .t = t, .stage = stages_last(s)};
    if (t->native == NULL) {
        JitStats stats;
        jit_stats(r->th, &stats);
        fprintf(r->out, "\nmachine code\n  none: %s (%s)\n", stats.engine,
                stats.why_portable != NULL ? stats.why_portable : "?");
        return;
    }
    uint32_t count;
    Insight *lines = machine_lines(r, t, &count);
    if (lines == NULL || a.stage == NULL) {
        fputs("\nmachine code\n  out of memory\n", r->out);
        rt_free(lines);
        return;
    }
    fprintf(r->out, "\nmachine code (%u bytes at 0x%" PRIxPTR "; rbx: frame, r15: thread)\n",
            t->native->code_bytes, (uintptr_t)t->native->entry);
    if (decoder_missing != NULL) {
        fprintf(r->out, "  %s\n", decoder_missing);
    }
    put_head_locations(&a);
    put_lines(&a, lines, count);
    rt_free(lines);
}
