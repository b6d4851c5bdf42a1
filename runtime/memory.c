/*
 * Memory: the allocator's one door, and the switch that makes the n-th allocation fail.
 *
 * Two back ends: mimalloc, and malloc for sanitizer builds.  The switch is process-wide state and
 * not in the Runtime because allocations are made before there is one and by code that knows no
 * thread; off, it costs one load and a predicted branch.  Counting is per system thread, so that
 * allocation writes no shared line.
 *
 * One request may not be larger than the machine's memory (or the control group's): mimalloc
 * reserves address space without asking whether it can be backed, and the process would be killed
 * where Python programs expect MemoryError.
 *
 * Threads: any.
 */
#include "runtime/memory.h"

#include <assert.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#if __has_feature(address_sanitizer)
#include <sanitizer/lsan_interface.h>
#endif

#include "runtime/error.h"
#include "runtime/gc_internal.h"

#ifdef ADDER_ALLOC_MIMALLOC
#include <mimalloc.h>
#define back_malloc(size) mi_malloc(size)
#define back_calloc(count, size) mi_calloc(count, size)
#define back_realloc(p, size) mi_realloc(p, size)
#define back_free(p) mi_free(p)
#else
#define back_malloc(size) malloc(size)
#define back_calloc(count, size) calloc(count, size)
#define back_realloc(p, size) realloc(p, size)
#define back_free(p) free(p)
#endif

enum { LARGE_REQUEST_BYTES = 64 << 20 };

/* shared: rt_alloc_fail_at writes, every allocation reads, relaxed: it publishes nothing */
static _Atomic int64_t fail_countdown; /* 0: off; n > 0: the n-th from now; -1: all fail */
static _Atomic bool fail_sticky;
static _Thread_local uint64_t allocations;

/* Out of line, only while the switch is on: does this allocation fail? */
static __attribute__((noinline)) bool stress_fails(void)
{
    int64_t left = atomic_load_explicit(&fail_countdown, memory_order_relaxed);
    while (left > 0) {
        int64_t next = left - 1;
        if (left == 1) {
            next = atomic_load_explicit(&fail_sticky, memory_order_relaxed) ? -1 : 0;
        }
        if (atomic_compare_exchange_weak_explicit(&fail_countdown, &left, next,
                                                  memory_order_relaxed, memory_order_relaxed)) {
            return left == 1;
        }
    }
    return left < 0;
}

/* The first number in a file; UINT64_MAX: no such file, or no number ("max"). */
static uint64_t file_number(const char *path)
{
    char text[32];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return UINT64_MAX;
    }
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n < 0 ? 0 : n] = '\0';
    return *text >= '0' && *text <= '9' ? strtoull(text, NULL, 10) : UINT64_MAX;
}

/* What one request may ask for: memory and swap, or the control group's limit if that is less. */
static uint64_t measure_request_limit(void)
{
    struct sysinfo info;
    uint64_t limit = UINT64_MAX;
    if (sysinfo(&info) == 0) {
        limit = ((uint64_t)info.totalram + info.totalswap) * info.mem_unit;
    }
    static const char *const files[] = {"/sys/fs/cgroup/memory.max",
                                        "/sys/fs/cgroup/memory/memory.limit_in_bytes"};
    for (int i = 0; i < 2; i++) {
        uint64_t bytes = file_number(files[i]);
        limit = bytes < limit ? bytes : limit;
    }
    return limit;
}

/* shared: 0 until the first large request measures it; every thread would store the same */
static _Atomic uint64_t request_limit;

static __attribute__((noinline)) bool too_large(size_t size_bytes)
{
    uint64_t limit = atomic_load_explicit(&request_limit, memory_order_relaxed);
    if (limit == 0) {
        limit = measure_request_limit();
        atomic_store_explicit(&request_limit, limit, memory_order_relaxed);
    }
    return size_bytes > limit;
}

static inline bool allocation_fails(size_t size_bytes)
{
    allocations++;
    if (__builtin_expect(size_bytes >= LARGE_REQUEST_BYTES, 0) && too_large(size_bytes)) {
        return true;
    }
    return __builtin_expect(atomic_load_explicit(&fail_countdown, memory_order_relaxed) != 0, 0) &&
           stress_fails();
}

void *rt_malloc(size_t size_bytes)
{
    if (allocation_fails(size_bytes)) {
        return NULL;
    }
    return back_malloc(size_bytes == 0 ? 1 : size_bytes);
}

void *rt_calloc(size_t count, size_t size_bytes)
{
    size_t total;
    if (__builtin_mul_overflow(count, size_bytes, &total) || allocation_fails(total)) {
        return NULL;
    }
    if (count == 0 || size_bytes == 0) {
        count = size_bytes = 1;
    }
    return back_calloc(count, size_bytes);
}

void *rt_realloc(void *p, size_t size_bytes)
{
    if (allocation_fails(size_bytes)) {
        return NULL;
    }
    return back_realloc(p, size_bytes == 0 ? 1 : size_bytes);
}

void rt_free(void *p) { back_free(p); }

void rt_memory_is_root(const void *p, size_t size_bytes)
{
#if __has_feature(address_sanitizer)
    __lsan_register_root_region(p, size_bytes);
#else
    (void)p, (void)size_bytes;
#endif
}

size_t rt_usable_size(const void *p)
{
#ifdef ADDER_ALLOC_MIMALLOC
    return mi_usable_size(p);
#else
    return malloc_usable_size((void *)(uintptr_t)p);
#endif
}

void rt_alloc_fail_at(uint64_t n, bool sticky)
{
    int64_t countdown = n > (uint64_t)INT64_MAX ? INT64_MAX : (int64_t)n;
    atomic_store_explicit(&fail_sticky, sticky, memory_order_relaxed);
    atomic_store_explicit(&fail_countdown, countdown, memory_order_relaxed);
}

uint64_t rt_alloc_count(void) { return allocations; }

static inline void *small_alloc(size_t size_bytes)
{
#ifdef ADDER_ALLOC_MIMALLOC
    return __builtin_expect(size_bytes <= MI_SMALL_SIZE_MAX, 1) ? mi_malloc_small(size_bytes)
                                                                : mi_malloc(size_bytes);
#else
    return malloc(size_bytes);
#endif
}

/* prefix_bytes: 0, or sizeof(GcLink) for what the collector tracks. */
static inline Object *object_alloc(Thread *th, uint32_t type_id, size_t size_bytes,
                                   size_t prefix_bytes)
{
    assert(size_bytes >= sizeof(Object));
    size_t total = size_bytes + prefix_bytes;
    char *block = allocation_fails(total) ? NULL : small_alloc(total);
    if (__builtin_expect(block == NULL, 0)) {
        rt_raise_memory_error(th);
        return NULL;
    }
    Object *o = (Object *)(void *)(block + prefix_bytes);
    o->owner = th->tid;
    o->local = 1;
    atomic_init(&o->shared, 0);
    atomic_init(&o->lock, 0);
    o->gc = 0;
    o->flags = (uint16_t)(th->birth_flags | (prefix_bytes != 0 ? OBJECT_GC : 0));
    o->shape_id = 0;
    o->type_id = type_id;
    return o;
}

static inline Object *zero_fields(Object *o, size_t size_bytes)
{
    if (__builtin_expect(o != NULL, 1)) {
        memset((char *)o + sizeof(Object), 0, size_bytes - sizeof(Object));
    }
    return o;
}

static bool type_is_tracked(uint32_t type_id)
{
    const Type *type = rt_type_by_id(type_id);
    return type != NULL && (type->flags & TYPE_FLAG_GC) != 0;
}

void *rt_object_new_unfilled(Thread *th, uint32_t type_id, size_t size_bytes)
{
    assert(!type_is_tracked(type_id) && "rt_object_new_gc_unfilled");
    return object_alloc(th, type_id, size_bytes, 0);
}

void *rt_object_new(Thread *th, uint32_t type_id, size_t size_bytes)
{
    if (type_is_tracked(type_id)) {
        return rt_object_new_gc(th, type_id, size_bytes);
    }
    return zero_fields(object_alloc(th, type_id, size_bytes, 0), size_bytes);
}

void *rt_object_new_gc(Thread *th, uint32_t type_id, size_t size_bytes)
{
    Object *o = zero_fields(object_alloc(th, type_id, size_bytes, sizeof(GcLink)), size_bytes);
    if (__builtin_expect(o != NULL, 1)) {
        gc_track(th, o);
    }
    return o;
}

void *rt_object_new_gc_unfilled(Thread *th, uint32_t type_id, size_t size_bytes)
{
    Object *o = object_alloc(th, type_id, size_bytes, sizeof(GcLink));
    if (__builtin_expect(o != NULL, 1)) {
        gc_track(th, o);
    }
    return o;
}

void rt_object_free(Thread *th, Object *o)
{
    if ((o->flags & OBJECT_GC) != 0) {
        gc_free(th, o);
    } else {
        rt_free(o);
    }
}
