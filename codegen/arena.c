/*
 * Code memory: which part of the pages (pages.c) belongs to which trace.
 *
 * A trace's code is generated in scratch memory for a place in the code pages and then written
 * there.  Memory is taken from the start on; that of freed traces is kept in lists of blocks and
 * used again (first fit); then membarrier makes other cores forget what they had decoded.
 *
 * Invariant: blocks of the free lists and of live traces do not overlap.
 * Threads: under the JIT lock.
 */
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "codegen/internal.h"
#include "runtime/memory.h"

enum { PAGE = 4096, MIN_LIMIT = 32 * 1024 };

static size_t round_up(size_t n, size_t to) { return (n + to - 1) / to * to; }

static void index_forms(CgForms *f, const StencilTable *table)
{
    f->table = table;
    uint32_t n = 0;
    for (uint32_t op = 0; op < IR_OP_COUNT; op++) {
        f->first[op] = (uint16_t)n;
        for (uint32_t id = 0; id < ST_COUNT; id++) {
            const StencilForm *form = &st_forms[id];
            if (!form->glue && !form->inverted && form->op == (int)op &&
                table->stencils[id].present) {
                f->forms[n++] = (uint16_t)id;
            }
        }
    }
    f->first[IR_OP_COUNT] = (uint16_t)n;
    for (uint32_t id = 0; id < ST_COUNT; id++) {
        f->inverted[id] = ST_COUNT;
        const StencilForm *form = &st_forms[id];
        for (uint32_t other = 0; !form->glue && !form->inverted && other < ST_COUNT; other++) {
            const StencilForm *o = &st_forms[other];
            if (o->inverted && o->op == form->op && o->a == form->a && o->b == form->b &&
                table->stencils[other].present) {
                f->inverted[id] = (uint16_t)other;
            }
        }
    }
}

CgArena *cg_arena_new(Thread *th, size_t limit_bytes, const char **why)
{
    (void)th;
    const StencilTable *table = st_table_for_cpu();
    if (table == NULL) {
        *why = "no stencil table for this CPU";
        return NULL;
    }
    CgArena *a = rt_calloc(1, sizeof *a);
    if (a == NULL) {
        *why = "out of memory";
        return NULL;
    }
    limit_bytes = round_up(limit_bytes < MIN_LIMIT ? MIN_LIMIT : limit_bytes, PAGE);
    if (limit_bytes > (size_t)512 << 20) {
        limit_bytes = (size_t)512 << 20;
    }
    size_t data_size = round_up(limit_bytes / 4, PAGE);
    cg_debug_open(&a->debug);
    if (!cg_pages_open(&a->pages, limit_bytes - data_size, data_size, &a->debug, why)) {
        cg_debug_close(&a->debug);
        rt_free(a);
        return NULL;
    }
    index_forms(&a->forms, table);
    a->data = a->pages.base + a->pages.code_size;
    memcpy(a->data, table->literals, table->literal_bytes);
    a->literals = a->data;
    a->data_used = (uint32_t)round_up(table->literal_bytes, 64);
    syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0);
    a->stats.limit_bytes = limit_bytes;
    a->stats.table = table->name;
    return a;
}

void cg_arena_free(Thread *th, CgArena *a)
{
    (void)th;
    if (a == NULL) {
        return;
    }
    cg_pages_close(&a->pages);
    cg_debug_close(&a->debug);
    rt_free(a->free_code);
    rt_free(a->free_data);
    ir_scratch_free(&a->scratch);
    rt_free(a);
}

void cg_stats(const CgArena *a, CgStats *out) { *out = a->stats; }

static bool take_free(CgBlock *list, uint32_t *count, uint32_t size, CgBlock *out)
{
    for (uint32_t i = 0; i < *count; i++) {
        if (list[i].size >= size) {
            *out = list[i];
            list[i] = list[--*count];
            return true;
        }
    }
    return false;
}

/* Blocks are merged with their neighbours. */
static void give_back(CgBlock **list, uint32_t *count, uint32_t *capacity, CgBlock b)
{
    if (b.size == 0) {
        return;
    }
    for (uint32_t i = 0; i < *count;) {
        CgBlock *other = &(*list)[i];
        bool before = other->offset + other->size == b.offset;
        bool after = b.offset + b.size == other->offset;
        if (!before && !after) {
            i++;
            continue;
        }
        b.offset = before ? other->offset : b.offset;
        b.size += other->size;
        *other = (*list)[--*count];
    }
    if (*count == *capacity) {
        uint32_t wanted = *capacity < 16 ? 16 : *capacity * 2;
        CgBlock *p = rt_realloc(*list, wanted * sizeof *p);
        if (p == NULL) {
            return; /* the block is lost, nothing else */
        }
        *list = p;
        *capacity = wanted;
    }
    (*list)[(*count)++] = b;
}

static void give_back_code(CgArena *a, CgBlock b)
{
    give_back(&a->free_code, &a->free_code_count, &a->free_code_capacity, b);
}
static void give_back_data(CgArena *a, CgBlock b)
{
    give_back(&a->free_data, &a->free_data_count, &a->free_data_capacity, b);
}

static bool open_code(CgArena *a, uint32_t size, CgRegion *r)
{
    bool fresh = a->pages.code_size - a->code_used >= size;
    if (!(a->poison && fresh) && take_free(a->free_code, &a->free_code_count, size, &r->code)) {
        r->recycled = true;
        return true;
    }
    if (!fresh) {
        return false;
    }
    r->code = (CgBlock){a->code_used, (uint32_t)a->pages.code_size - a->code_used};
    return true;
}

bool cg_region_open(CgArena *a, uint32_t code_bytes, CgRegion *r)
{
    *r = (CgRegion){0};
    uint32_t data_bytes = code_bytes / 4 + 64;
    if (!(a->poison && a->pages.data_size - a->data_used >= data_bytes) &&
        take_free(a->free_data, &a->free_data_count, data_bytes, &r->data)) {
        r->data_recycled = true;
    } else {
        r->data = (CgBlock){a->data_used, (uint32_t)a->pages.data_size - a->data_used};
        if (r->data.size < 64) {
            return false;
        }
    }
    if (!open_code(a, code_bytes, r)) {
        cg_region_close(a, r, 0, 0);
        return false;
    }
    return true;
}

void cg_region_close(CgArena *a, CgRegion *r, uint32_t code_used, uint32_t data_used)
{
    code_used = (uint32_t)round_up(code_used, 16);
    data_used = (uint32_t)round_up(data_used, 8);
    if (r->recycled) {
        give_back_code(a, (CgBlock){r->code.offset + code_used, r->code.size - code_used});
        if (code_used > 0) {
            syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0);
        }
    } else if (code_used > 0) {
        a->code_used = r->code.offset + code_used;
    }
    if (r->data_recycled) {
        give_back_data(a, (CgBlock){r->data.offset + data_used, r->data.size - data_used});
    } else {
        a->data_used = r->data.offset + data_used;
    }
}

void cg_region_free(CgArena *a, CgBlock code, CgBlock data)
{
    code.size = (uint32_t)round_up(code.size, 16);
    data.size = (uint32_t)round_up(data.size, 8);
    give_back_code(a, code);
    give_back_data(a, data);
}

void cg_arena_poison(CgArena *a) { a->poison = true; }

/* int3, and addresses that are not canonical. */
void cg_region_poison(CgArena *a, CgBlock code, CgBlock data)
{
    enum { INT3 = 0xCC, TRAP = 0xA5, CHUNK = 4096 };
    uint8_t traps[CHUNK];
    memset(traps, INT3, sizeof traps);
    for (uint32_t at = 0; a->poison && at < code.size; at += CHUNK) {
        uint32_t n = code.size - at < CHUNK ? code.size - at : CHUNK;
        cg_pages_write(&a->pages, code.offset + at, traps, n);
    }
    if (a->poison) {
        memset(a->data + data.offset, TRAP, data.size);
    }
}

bool cg_arena_holds(const CgArena *a, uintptr_t word)
{
    return word - (uintptr_t)a->pages.base <= a->pages.code_size;
}

bool cg_arena_after_fork(CgArena *a)
{
    if (a->debug.perf_map >= 0) { /* the parent's */
        close(a->debug.perf_map);
        a->debug.perf_map = -1;
    }
    syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0);
    return cg_pages_after_fork(&a->pages, a->code_used);
}
