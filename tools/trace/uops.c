/*
 * Uops: the sections that print them: as recorded, what each pass changed, as compiled.
 *
 * Each uop is the line of the dump (`-X jit-dump`), so that what is read here can be cut out for a
 * test of a pass; behind a semicolon stands what the line does not say.  Uops stand under the source
 * line and the bytecode that they come from (stages.c has where that is known from).
 *
 * Threads: main.
 */
#include <stdio.h>

#include "tools/trace/trace.h"

enum { COMMENT_COLUMN = 46, RUN_SHOWN = 2 };

Place put_heading(const Report *r, Place before, const void *origin)
{
    Place at = place_at(r, origin);
    if (at.code == before.code && at.line == before.line) {
        return at;
    }
    if (at.code == NULL) {
        fputs("  (code that is gone)\n", r->out);
        return at;
    }
    int length;
    const char *text = source_line(r, at.code, at.line, &length);
    while (length > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        length--;
    }
    fprintf(r->out, "  :%d", at.line);
    if (at.code != before.code) {
        fprintf(r->out, " in %s", code_name(r, at.code));
    }
    fprintf(r->out, "   %.*s\n", length > 80 ? 80 : length, text);
    return at;
}

static void put_bytecode(const Report *r, const Place *at)
{
    char text[120];
    if (at->code != NULL) {
        bytecode_text(r, at->code, at->insn, text, sizeof text);
        fprintf(r->out, "  %6u %s\n", at->insn, text);
    }
}

static void put_line(const Report *r, const JitTrace *t, const Stage *s, uint32_t i,
                     const char *mark)
{
    char comment[120];
    uop_comment(r, t, s, i, comment, sizeof comment);
    if (comment[0] != '\0') {
        fprintf(r->out, "%s%-*s ; %s\n", mark, COMMENT_COLUMN, s->lines[i], comment);
    } else {
        fprintf(r->out, "%s%s\n", mark, s->lines[i]);
    }
}

static void put_uops(const Report *r, const JitTrace *t, const Stage *s)
{
    Place at = {0};
    const void *origin = NULL;
    for (uint32_t i = 0; i < s->ir->count; i++) {
        if (s->origins != NULL && (i == 0 || s->origins[i] != origin)) {
            origin = s->origins[i];
            at = put_heading(r, at, origin);
            put_bytecode(r, &at);
        }
        put_line(r, t, s, i, "           ");
    }
}

void put_recorded(const Report *r, const JitTrace *t, const Stages *s)
{
    if (s->count > 0) {
        fprintf(r->out, "\nuops as recorded (%u)\n", s->stages[0].ir->count);
        put_uops(r, t, &s->stages[0]);
    }
}

void put_final(const Report *r, const JitTrace *t, const Stages *s)
{
    const Stage *last = stages_last(s);
    if (last != NULL && s->count > 1) {
        fprintf(r->out, "\nuops after the last pass (%u)\n", last->ir->count);
        put_uops(r, t, last);
    }
}

/* ---- passes ------------------------------------------------------------------------------------------------ */

/* The uops before `end` that are as before: a few as they are, more than a few in one line. */
static void put_unchanged(const Report *r, const JitTrace *t, const Stage *s, uint32_t end,
                          uint32_t *run)
{
    if (*run > RUN_SHOWN) {
        fprintf(r->out, "      ... %u as before\n", *run);
    } else {
        for (uint32_t i = end - *run; i < end; i++) {
            put_line(r, t, s, i, "      ");
        }
    }
    *run = 0;
}

/* Both traces at once, in the order of `after`; what is gone stands where it was. */
static void put_changes(const Report *r, const JitTrace *t, const Stage *before, const Stage *after,
                        const Changes *c)
{
    uint32_t old = 0, run = 0;
    for (uint32_t i = 0; i <= after->ir->count; i++) {
        bool end = i == after->ir->count;
        uint32_t match = end ? before->ir->count : c->matches[i];
        while (old < before->ir->count && c->kept[old] == IR_NONE) {
            put_unchanged(r, t, after, i, &run);
            put_line(r, t, before, old++, "    - ");
        }
        if (end || (match != IR_NONE && c->same[i])) {
            old += !end;
            run += !end;
            continue;
        }
        put_unchanged(r, t, after, i, &run);
        if (match != IR_NONE) {
            put_line(r, t, before, old++, "    - ");
        }
        put_line(r, t, after, i, "    + ");
    }
    put_unchanged(r, t, after, after->ir->count, &run);
}

static void put_pass(const Report *r, const JitTrace *t, const Stage *before, const Stage *after)
{
    Changes c;
    if (!changes_find(before->ir, after->ir, 0, &c)) {
        return;
    }
    bool changes = c.removed + c.added + c.changed > 0;
    fprintf(r->out, "  %s: ", after->name);
    if (changes) {
        fprintf(r->out, "%u > %u uops; %u changed, %u removed, %u added\n", before->ir->count,
                after->ir->count, c.changed, c.removed, c.added);
    } else {
        fputs("nothing changed\n", r->out);
    }
    if (r->full) {
        put_uops(r, t, after);
    } else if (changes) {
        put_changes(r, t, before, after, &c);
    }
    changes_free(&c);
}

void put_passes(const Report *r, const JitTrace *t, const Stages *s)
{
    fputs("\npasses\n", r->out);
    for (uint32_t i = 1; i < s->count; i++) {
        put_pass(r, t, &s->stages[i - 1], &s->stages[i]);
    }
    if (s->count <= 1) {
        fputs("  none ran\n", r->out);
    }
}
