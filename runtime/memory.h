/*
 * Memory: the one interface to the allocator (mimalloc; malloc in sanitizer builds, meson option
 * `alloc`), object allocation, and the "fail the n-th allocation" switch.
 *
 * Every allocation of the runtime, the compiler and the JIT goes through here, so that the stress
 * switch reaches all of them and every caller handles NULL.
 *
 * Threads: any; a block may be freed by another thread than the one that allocated it.
 */
#ifndef ADDER_RUNTIME_MEMORY_H
#define ADDER_RUNTIME_MEMORY_H

#include "runtime/object.h"

/* Like malloc/calloc/realloc/free. size 0 gives a unique block.
 * fails: NULL, nothing changed; also when one request exceeds the memory of the machine. */
void *rt_malloc(size_t size_bytes);
void *rt_calloc(size_t count, size_t size_bytes);
void *rt_realloc(void *p, size_t size_bytes);
void rt_free(void *p);
/* Bytes of the block at p, at least what was asked for. */
size_t rt_usable_size(const void *p);

/* A new object of a type with size_bytes (header included, the rest zeroed): count 1, owned by th,
 * private if other threads run. Objects of types with TYPE_FLAG_GC get the collector's prefix before
 * their header (runtime/gc.h): their address is not that of a block.
 * owns: new. fails: NULL with MemoryError set, which itself needs no memory. */
void *rt_object_new(Thread *th, uint32_t type_id, size_t size_bytes);
/* The same where it is known that the type has TYPE_FLAG_GC. */
void *rt_object_new_gc(Thread *th, uint32_t type_id, size_t size_bytes);
/* As those, but what follows the header is not zeroed: the caller fills all of it before anything that
 * may come to a safepoint. The first: of types without TYPE_FLAG_GC, the second: of types with it. */
void *rt_object_new_unfilled(Thread *th, uint32_t type_id, size_t size_bytes);
void *rt_object_new_gc_unfilled(Thread *th, uint32_t type_id, size_t size_bytes);
/* Frees the memory of an object whose fields are dropped. Only rt_dealloc and failed constructors. */
void rt_object_free(Thread *th, Object *o);

/* Tells a leak checker, where there is one, that what these bytes refer to is in use to the end. */
void rt_memory_is_root(const void *p, size_t size_bytes);

/* Stress: from now on let the n-th allocation fail (and every allocation after it while
 * `sticky`), 0 switches off. rt_alloc_count(): how many the calling system thread has made so far. */
void rt_alloc_fail_at(uint64_t n, bool sticky);
uint64_t rt_alloc_count(void);

#endif
