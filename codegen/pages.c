/*
 * The pages of code memory: where code and data lie, and how code gets there.
 *
 * Code is a memfd, mapped readable and executable; it is written by pwrite(), so nothing maps it
 * writable.  A new page costs 1.2 us that way (through a shared mapping: 3 to 4, faults or
 * populated).  Data pages are anonymous and follow the code.
 *
 * The place is cg_traces, a part of the program's own zeroed data: within reach of the text, and
 * covered by an FDE of the program's .eh_frame, so that every unwinder walks from a helper through a
 * trace, and those that called it, to cg_enter without being told anything.  It holds what lies in trace
 * frames (enter.c): CFA and return address are the same at each instruction; the registers that C wants
 * back are the trampoline's.  A second arena, or one
 * that is larger, lies elsewhere near the text and cannot be unwound.
 *
 * For profilers and debuggers (debug.c) pages are not a memfd, because perf asks its map of symbols
 * only for memory without a name: shared anonymous memory with a second, writable mapping.  For gdb
 * they lie elsewhere: it would show the area's name for every trace.
 *
 * A fork child has a copy of its own: the pages are shared memory, where parent and child would write over
 * each other's code.  One mmap() puts the copy where the original was; the bytes are the same.
 *
 * Threads: under the JIT lock.
 */
#include <errno.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "codegen/internal.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

enum { AREA_BYTES = 32 << 20 };
extern uint8_t cg_traces[];
static atomic_flag area_taken = ATOMIC_FLAG_INIT; /* there is one in the process */

/* The trace frame (enter.c) and the return address. */
_Static_assert(CG_FRAME_BYTES == 2096 && AREA_BYTES == 33554432, "numbers in the assembly");
__asm__(".section .bss.adder_traces,\"aw\",@nobits\n"
        ".p2align 12\n"
        ".globl cg_traces\n"
        ".type cg_traces,@function\n"
        "cg_traces:\n"
        "  .cfi_startproc\n"
        "  .cfi_def_cfa %rsp, 2096\n"
        "  .zero 33554432\n"
        "  .cfi_endproc\n"
        ".size cg_traces, .-cg_traces\n"
        ".text\n");

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

/* Maps code and data over what is at `at`. */
static bool map_at(CgPages *p, uint8_t *at)
{
    int kind = p->fd >= 0 ? MAP_SHARED : MAP_SHARED | MAP_ANONYMOUS;
    void *code = mmap(at, p->code_size, PROT_READ | PROT_EXEC, kind | MAP_FIXED, p->fd, 0);
    void *data = mmap(at + p->code_size, p->data_size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    p->base = at;
    return code != MAP_FAILED && data != MAP_FAILED;
}

static bool map_near_text(CgPages *p)
{
    size_t size = p->code_size + p->data_size;
    uintptr_t text = (uintptr_t)&cg_pages_open;
    for (intptr_t distance = 64 << 20; distance < (intptr_t)1 << 30; distance += 32 << 20) {
        for (int side = 0; side < 2; side++) {
            intptr_t hint = (intptr_t)text + (side == 0 ? distance : -distance);
            hint &= ~(intptr_t)0xFFFF;
            if (hint < 0x100000) {
                continue;
            }
            void *whole = mmap((void *)hint, size, PROT_NONE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
            if (whole == MAP_FAILED) {
                continue;
            }
            if (whole == (void *)hint && map_at(p, whole)) {
                return true;
            }
            munmap(whole, size);
            if (whole == (void *)hint) {
                return false;
            }
        }
    }
    return false;
}

/* The writable twin of anonymous code: an mremap() of size 0 maps the same memory again. */
static bool map_twin(CgPages *p)
{
    void *twin = mremap(p->base, 0, p->code_size, MREMAP_MAYMOVE);
    if (twin == MAP_FAILED || mprotect(twin, p->code_size, PROT_READ | PROT_WRITE) != 0) {
        return false;
    }
    p->twin = twin;
    return true;
}

/* The area is zeroed data again. */
static void leave_area(CgPages *p)
{
    mmap(cg_traces, p->code_size + p->data_size, PROT_READ | PROT_WRITE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    p->in_area = false;
    atomic_flag_clear(&area_taken);
}

static bool map_in_area(CgPages *p)
{
    if (p->code_size + p->data_size > AREA_BYTES || atomic_flag_test_and_set(&area_taken)) {
        return false;
    }
    p->in_area = true;
    if (!map_at(p, cg_traces)) {
        leave_area(p);
        return false;
    }
    return true;
}

bool cg_pages_open(CgPages *p, size_t code_size, size_t data_size, const CgDebug *debug,
                   const char **why)
{
    *p = (CgPages){.fd = -1, .code_size = code_size, .data_size = data_size};
    if (!debug->wanted && (p->fd = open_memfd(code_size)) < 0) {
        *why = "memfd_create is refused";
        return false;
    }
    bool mapped = (!debug->gdb && map_in_area(p)) || map_near_text(p);
    if (!mapped || (debug->wanted && !map_twin(p))) {
        *why = "no executable mapping of a memfd near the program";
        cg_pages_close(p);
        return false;
    }
    return true;
}

/* The code, `used` bytes of it, in a new memfd over the old mapping. */
static bool copy_to_memfd(CgPages *p, uint32_t used)
{
    CgPages copy = *p;
    copy.fd = open_memfd(p->code_size);
    bool ok = copy.fd >= 0 && cg_pages_write(&copy, 0, p->base, used) &&
              mmap(p->base, p->code_size, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, copy.fd,
                   0) != MAP_FAILED;
    if (!ok) {
        if (copy.fd >= 0) {
            close(copy.fd);
        }
        return false;
    }
    close(p->fd);
    p->fd = copy.fd;
    return true;
}

/* The same with anonymous memory and its twin. */
static bool copy_to_twin(CgPages *p, uint32_t used)
{
    void *twin =
        mmap(NULL, p->code_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (twin == MAP_FAILED) {
        return false;
    }
    memcpy(twin, p->base, used);
    void *code = mremap(twin, 0, p->code_size, MREMAP_MAYMOVE);
    if (code == MAP_FAILED || mprotect(code, p->code_size, PROT_READ | PROT_EXEC) != 0 ||
        mremap(code, p->code_size, p->code_size, MREMAP_MAYMOVE | MREMAP_FIXED, p->base) ==
            MAP_FAILED) {
        munmap(twin, p->code_size);
        return false;
    }
    munmap(p->twin, p->code_size);
    p->twin = twin;
    return true;
}

bool cg_pages_after_fork(CgPages *p, uint32_t used)
{
    return p->twin != NULL ? copy_to_twin(p, used) : copy_to_memfd(p, used);
}

void cg_pages_close(CgPages *p)
{
    size_t size = p->code_size + p->data_size;
    if (p->twin != NULL) {
        munmap(p->twin, p->code_size);
    }
    if (p->in_area) {
        leave_area(p);
    } else if (p->base != NULL) {
        munmap(p->base, size);
    }
    if (p->fd >= 0) {
        close(p->fd);
    }
    *p = (CgPages){.fd = -1};
}

bool cg_pages_write(CgPages *p, uint32_t offset, const void *code, uint32_t code_bytes)
{
    if (p->twin != NULL) {
        memcpy(p->twin + offset, code, code_bytes);
        return true;
    }
    const char *from = code;
    while (code_bytes > 0) {
        ssize_t n = pwrite(p->fd, from, code_bytes, offset);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        from += n;
        offset += (uint32_t)n;
        code_bytes -= (uint32_t)n;
    }
    return true;
}
