/*
 * Log: the JIT's events in the order in which they happened.
 *
 * Threads: the observer runs on the thread that records.
 */
#include <string.h>

#include "runtime/memory.h"
#include "tools/trace/trace.h"

static char *copy_text(const char *text)
{
    size_t size = strlen(text != NULL ? text : "") + 1;
    char *copy = rt_malloc(size);
    if (copy != NULL) {
        memcpy(copy, text != NULL ? text : "", size);
    }
    return copy;
}

static void free_recording(JitTrace *t)
{
    for (uint32_t i = 0; t != NULL && i < t->dump_count; i++) {
        rt_free(t->dumps[i].text);
    }
    if (t != NULL) {
        rt_free(t->dumps);
        rt_free(t->steps);
        rt_free(t);
    }
}

/* A recording that was given up is freed with its report: what can be shown of it is copied. */
static JitTrace *copy_recording(const JitTrace *from)
{
    JitTrace *t = rt_calloc(1, sizeof *t);
    if (t == NULL) {
        return NULL;
    }
    t->id = from->id;
    t->root = from->root;
    t->parent = from->parent;
    t->parent_exit = from->parent_exit;
    t->dumps = rt_calloc(from->dump_count + 1, sizeof *t->dumps);
    t->steps = rt_calloc(from->step_count + 1, sizeof *t->steps);
    for (uint32_t i = 0; t->dumps != NULL && i < from->dump_count; i++) {
        t->dumps[i] = (JitDump){from->dumps[i].stage, copy_text(from->dumps[i].text)};
        t->dump_count++;
    }
    if (t->steps != NULL && from->step_count > 0) {
        memcpy(t->steps, from->steps, from->step_count * sizeof *t->steps);
        t->step_count = from->step_count;
    }
    return t;
}

void log_observe(void *context, const JitEvent *event)
{
    Log *log = context;
    if (log->count == log->capacity) {
        uint32_t capacity = log->capacity == 0 ? 64 : log->capacity * 2;
        Event *events = rt_realloc(log->events, capacity * sizeof *events);
        if (events == NULL) {
            log->failed = true;
            return;
        }
        log->events = events;
        log->capacity = capacity;
    }
    Event e = {.e = *event, .file = copy_text(event->file), .reason = copy_text(event->reason)};
    if (e.file == NULL || e.reason == NULL) {
        rt_free(e.file);
        rt_free(e.reason);
        log->failed = true;
        return;
    }
    e.e.file = e.file;
    e.e.reason = e.reason;
    if (event->kind == JIT_EVENT_ABORT && event->trace->dump_count > 0) {
        e.given_up = copy_recording(event->trace);
    }
    e.e.trace = NULL;
    log->events[log->count++] = e;
}

void log_free(Log *log)
{
    for (uint32_t i = 0; i < log->count; i++) {
        rt_free(log->events[i].file);
        rt_free(log->events[i].reason);
        free_recording(log->events[i].given_up);
    }
    rt_free(log->events);
    *log = (Log){0};
}
