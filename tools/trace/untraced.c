/*
 * Untraced: hot loops without a trace of their own, and why.
 *
 * Threads: main.
 */
#include <stdio.h>
#include <stdlib.h>

#include "runtime/memory.h"
#include "tools/trace/trace.h"

static int by_place(const void *a, const void *b)
{
    const Untraced *x = a, *y = b;
    return x->line != y->line ? (x->line > y->line) - (x->line < y->line)
                              : (x->head.pc > y->head.pc) - (x->head.pc < y->head.pc);
}

/* A head is named by its line: events know no more. */
static const char *last_reason(const Report *r, int32_t line)
{
    for (uint32_t i = r->log->count; i-- > 0;) {
        const Event *event = &r->log->events[i];
        if (event->e.kind == JIT_EVENT_ABORT && event->e.parent == IR_NONE &&
            event->e.lineno == line) {
            return event->reason;
        }
    }
    return NULL;
}

Untraced *untraced_loops(const Report *r, uint32_t *count)
{
    uint32_t all = jit_untraced(r->th, NULL, 0);
    JitUntraced *heads = rt_calloc(all + 1, sizeof *heads);
    Untraced *out = rt_calloc(all + 1, sizeof *out);
    *count = 0;
    if (heads == NULL || out == NULL) {
        rt_free(heads);
        rt_free(out);
        return NULL;
    }
    jit_untraced(r->th, heads, all);
    for (uint32_t i = 0; i < all; i++) {
        Place at = place_at(r, heads[i].pc);
        if (at.code != NULL && at.code->insns[at.insn].op != BC_ENTER_TRACE) {
            out[(*count)++] = (Untraced){at.code, at.line, heads[i], last_reason(r, at.line)};
        }
    }
    rt_free(heads);
    if (*count > 0) {
        qsort(out, *count, sizeof *out, by_place);
    }
    return out;
}
