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
    log->events[log->count++] = e;
}

void log_free(Log *log)
{
    for (uint32_t i = 0; i < log->count; i++) {
        rt_free(log->events[i].file);
        rt_free(log->events[i].reason);
    }
    rt_free(log->events);
    *log = (Log){0};
}
