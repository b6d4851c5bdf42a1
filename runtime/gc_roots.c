/*
 * Gc, roots of deferred objects: conservative scanning.
 *
 * Nobody counts deferred objects, so a local variable of C, a register of tier 1 or a spilled register of
 * a trace may be all that refers to one.  Every word of each thread's C stack, of the registers that a
 * call preserves, and of what hooks.visit_roots names is looked up in a table of the addresses of all
 * deferred objects.  A word that looks like an address by chance keeps an object until it is gone.
 *
 * Counted objects need none of this: whoever uses one holds a count, or borrows from somebody who does.
 *
 * Threads: the world is stopped. A thread that is parked or waits has noted its stack (gc_note_stack).
 */
#include "runtime/gc_internal.h"
#include "runtime/safepoint_internal.h"

/* Open addressing; 0 is free. */
typedef struct GcTable {
    uint64_t mask, used;
    uintptr_t low, high; /* of the addresses in it */
    uintptr_t at[];
} GcTable;

bool gc_table_prepare(struct GcState *gc, uint64_t count)
{
    uint64_t slots = 256;
    while (slots < 2 * count) {
        slots *= 2;
    }
    GcTable *t = gc->table;
    if (t == NULL || t->mask + 1 < slots) {
        t = rt_malloc(sizeof *t + slots * sizeof t->at[0]);
        if (t == NULL) {
            return false;
        }
        rt_free(gc->table);
        gc->table = t;
        t->mask = slots - 1;
    }
    memset(t->at, 0, (t->mask + 1) * sizeof t->at[0]);
    t->used = 0;
    t->low = UINTPTR_MAX;
    t->high = 0;
    return true;
}

static inline uint64_t slot_of(const GcTable *t, uintptr_t address)
{
    return (uint64_t)address * 0x9E3779B97F4A7C15u >> 20 & t->mask;
}

void gc_table_add(struct GcState *gc, Object *o)
{
    GcTable *t = gc->table;
    uintptr_t address = (uintptr_t)o;
    uint64_t i = slot_of(t, address);
    while (t->at[i] != 0) {
        i = (i + 1) & t->mask;
    }
    t->at[i] = address;
    t->used++;
    t->low = address < t->low ? address : t->low;
    t->high = address > t->high ? address : t->high;
}

void gc_table_free(struct GcState *gc)
{
    rt_free(gc->table);
    gc->table = NULL;
}

static inline Object *find(const GcTable *t, uintptr_t word)
{
    if (word < t->low || word > t->high) {
        return NULL;
    }
    for (uint64_t i = slot_of(t, word); t->at[i] != 0; i = (i + 1) & t->mask) {
        if (t->at[i] == word) {
            return (Object *)word;
        }
    }
    return NULL;
}

#ifdef GC_FAKE_STACK
__attribute__((no_sanitize("address"))) static void
scan_fake_frame(const GcTable *t, void *fake_stack, uintptr_t word, VisitFn visit, void *arg)
{
    void *from = NULL, *to = NULL;
    if (fake_stack == NULL ||
        __asan_addr_is_in_fake_stack(fake_stack, (void *)word, &from, &to) == NULL) {
        return;
    }
    for (const uintptr_t *p = from; p + 1 <= (const uintptr_t *)to; p++) {
        Object *o = find(t, *p);
        if (o != NULL) {
            visit(o, arg);
        }
    }
}
#else
static inline void scan_fake_frame(const GcTable *t, void *fake_stack, uintptr_t word,
                                   VisitFn visit, void *arg)
{
    (void)t, (void)fake_stack, (void)word, (void)visit, (void)arg;
}
#endif

/* Reads what belongs to another thread and lies between variables. */
__attribute__((no_sanitize("address", "thread"))) static void
scan(const GcTable *t, void *fake_stack, uintptr_t from, uintptr_t to, VisitFn visit, void *arg)
{
    from = (from + sizeof(uintptr_t) - 1) & ~(sizeof(uintptr_t) - 1);
    for (; from + sizeof(uintptr_t) <= to; from += sizeof(uintptr_t)) {
        uintptr_t word = *(const volatile uintptr_t *)from;
        Object *o = find(t, word);
        if (o != NULL) {
            visit(o, arg);
        }
        scan_fake_frame(t, fake_stack, word, visit, arg);
    }
}

void gc_scan_words(Thread *th, const void *from, const void *to, VisitFn visit, void *arg)
{
    const GcTable *t = th->rt->gc->table;
    if (t != NULL && t->used != 0) {
        scan(t, NULL, (uintptr_t)from, (uintptr_t)to, visit, arg);
    }
}

static void scan_thread(const GcTable *table, Thread *t, VisitFn visit, void *arg)
{
    void *fake = t->c_fake_stack;
    scan(table, fake, (uintptr_t)t->c_registers, (uintptr_t)(t->c_registers + 6), visit, arg);
    if (t->c_stack_at != 0) { /* else it has been attached, and has not run yet */
        scan(table, fake, t->c_stack_at, t->c_stack_base, visit, arg);
    }
    const Value held[] = {t->temp, t->exception, t->handled_exception};
    scan(table, NULL, (uintptr_t)held, (uintptr_t)(held + 3), visit, arg);
    if (t->rt->hooks.visit_roots != NULL) {
        t->rt->hooks.visit_roots(t, visit, arg);
    }
}

__attribute__((noinline)) void gc_scan_roots(Thread *th, VisitFn visit, void *arg)
{
    gc_note_stack(th);
    threads_lock(th->rt);
    for (Thread *t = th->rt->threads; t != NULL; t = t->next) {
        scan_thread(th->rt->gc->table, t, visit, arg);
    }
    threads_unlock(th->rt);
}
