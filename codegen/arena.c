/*
 * Code memory: where traces' code and data slots lie.
 *
 * One reservation near the runtime's text (so that calls and jumps reach with 32 bits): first the
 * executable view of a memfd, then anonymous data pages.  A trace's code is generated in scratch
 * memory and then written to the memfd by pwrite(): nothing maps the code writable, and a new page
 * costs 1.2 us (through a shared mapping: 3 to 4, faults or populated).  Pages come into being when
 * a trace is written there.  Memory of freed traces is kept in lists of blocks and used again (first
 * fit); then membarrier makes other cores forget what they had decoded.
 *
 * Invariant: blocks of the free lists and of live traces do not overlap.
 * Threads: under the JIT lock.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "codegen/internal.h"
#include "runtime/memory.h"

enum { PAGE = 4096, MIN_LIMIT = 32 * 1024 };
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

static size_t round_up(size_t n, size_t to) { return (n + to - 1) / to * to; }

static int open_memfd(size_t size)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_FSIZE, &files) == 0 && files.rlim_cur < size) {
        return -1; /* a memfd is a file: growing it would raise SIGXFSZ */
    }
    int fd = (int)syscall(SYS_memfd_create, "adder-code", MFD_CLOEXEC | MFD_EXEC);
    if (fd < 0) {
        fd = (int)syscall(SYS_memfd_create, "adder-code", MFD_CLOEXEC);
    }
    if (fd >= 0 && ftruncate(fd, (off_t)size) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* Maps code and data at one place within reach of the text; NULL. */
static uint8_t *map_near_text(int fd, size_t code_size, size_t data_size)
{
    uintptr_t text = (uintptr_t)&cg_arena_new;
    for (intptr_t distance = 64 << 20; distance < (intptr_t)1 << 30; distance += 32 << 20) {
        for (int side = 0; side < 2; side++) {
            intptr_t hint = (intptr_t)text + (side == 0 ? distance : -distance);
            hint &= ~(intptr_t)0xFFFF;
            if (hint < 0x100000) {
                continue;
            }
            void *whole = mmap((void *)hint, code_size + data_size, PROT_NONE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
            if (whole == MAP_FAILED) {
                continue;
            }
            if (whole != (void *)hint) {
                munmap(whole, code_size + data_size);
                continue;
            }
            void *code =
                mmap(whole, code_size, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, fd, 0);
            void *data = mmap((uint8_t *)whole + code_size, data_size, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
            if (code != MAP_FAILED && data != MAP_FAILED) {
                return whole;
            }
            munmap(whole, code_size + data_size);
            return NULL;
        }
    }
    return NULL;
}

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

static int open_perf_map(void)
{
    const char *wanted = getenv("ADDER_PERF_MAP");
    if (wanted == NULL || wanted[0] == 0 || wanted[0] == '0') {
        return -1;
    }
    char path[64];
    snprintf(path, sizeof path, "/tmp/perf-%d.map", (int)getpid());
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
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
    a->data_size = round_up(limit_bytes / 4, PAGE);
    a->code_size = limit_bytes - a->data_size;
    a->perf_map = -1;
    a->fd = open_memfd(a->code_size);
    if (a->fd < 0) {
        *why = "memfd_create is refused";
        rt_free(a);
        return NULL;
    }
    a->base = map_near_text(a->fd, a->code_size, a->data_size);
    if (a->base == NULL) {
        *why = "no executable mapping of a memfd near the program";
        close(a->fd);
        rt_free(a);
        return NULL;
    }
    index_forms(&a->forms, table);
    memcpy(a->base + a->code_size, table->literals, table->literal_bytes);
    a->literals = a->base + a->code_size;
    a->data_used = (uint32_t)round_up(table->literal_bytes, 64);
    syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0);
    a->perf_map = open_perf_map();
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
    munmap(a->base, a->code_size + a->data_size);
    close(a->fd);
    if (a->perf_map >= 0) {
        close(a->perf_map);
    }
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
    if (take_free(a->free_code, &a->free_code_count, size, &r->code)) {
        r->recycled = true;
        return true;
    }
    if (a->code_size - a->code_used < size) {
        return false;
    }
    r->code = (CgBlock){a->code_used, (uint32_t)a->code_size - a->code_used};
    return true;
}

bool cg_region_open(CgArena *a, uint32_t code_bytes, CgRegion *r)
{
    *r = (CgRegion){0};
    uint32_t data_bytes = code_bytes / 4 + 64;
    if (take_free(a->free_data, &a->free_data_count, data_bytes, &r->data)) {
        r->data_recycled = true;
    } else {
        r->data = (CgBlock){a->data_used, (uint32_t)a->data_size - a->data_used};
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

bool cg_region_write(CgArena *a, const CgRegion *r, const void *code, uint32_t code_bytes)
{
    const char *from = code;
    off_t to = r->code.offset;
    while (code_bytes > 0) {
        ssize_t n = pwrite(a->fd, from, code_bytes, to);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        from += n;
        to += n;
        code_bytes -= (uint32_t)n;
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
