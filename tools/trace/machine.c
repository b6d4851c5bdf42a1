/*
 * Machine: a trace's code, line by line, with its addresses named: exits, helpers, constants, slots,
 * spill slots, fields of the Thread, other traces.
 *
 * The code is in the order uops, stubs (where guards lead), cold paths, leave parts (codegen/exits.c).
 * A stub is known by the data slot that it jumps through: each exit has its own.
 *
 * Invariant (asserted): lines follow one another without gap or overlap, and cover code_bytes.
 * Threads: main; code is immutable.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "runtime/helpers.h"
#include "runtime/memory.h"
#include "tools/trace/trace.h"

typedef struct Machine {
    const Report *r;
    const JitTrace *t;
    const CgCode *code;
    Insight *lines;
    Decoded *decoded; /* by line */
    uint32_t count;
} Machine;

void location_text(const CgLoc *l, char *out, size_t size)
{
    static const char *const general[] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                          "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
    switch (l->kind) {
    case CG_GPR: snprintf(out, size, "%s", general[l->index & 15]); break;
    case CG_XMM: snprintf(out, size, "xmm%u", l->index); break;
    case CG_SPILL: snprintf(out, size, "spill %u", l->index); break;
    default: snprintf(out, size, "nowhere"); break;
    }
}

const CgExit *native_exit(const JitTrace *t, uint32_t snap)
{
    for (uint32_t i = 0; t->native != NULL && i < t->native->exit_count; i++) {
        if (t->native->exits[i].snap == snap) {
            return &t->native->exits[i];
        }
    }
    return NULL;
}

bool is_exit(const IrTrace *ir, uint32_t snap)
{
    for (uint32_t i = 0; i < ir->count; i++) {
        if (ir->uops[i].snap == snap) {
            return true;
        }
    }
    return false;
}

/* ---- decoding ----------------------------------------------------------------------------------------- */

static const char *part_of(const CgCode *c, uint32_t offset)
{
    return offset < c->stubs_offset    ? "uops"
           : offset < c->cold_offset   ? "stubs"
           : offset < c->leaves_offset ? "cold"
                                       : "leave";
}

/* The last uop whose code begins there or before: those without code lie at their successor's. */
static uint32_t uop_of(const CgCode *c, uint32_t offset)
{
    uint32_t found = IR_NONE;
    if (offset < c->stubs_offset) {
        for (uint32_t i = 0; i < c->uop_count && c->uop_offsets[i] <= offset; i++) {
            found = i;
        }
    }
    return found;
}

/* Up to eight bytes, none of the next uop. */
static void decode_bytes(const CgCode *c, Insight *line, Decoded *d, const uint8_t *at)
{
    uint32_t n = 1;
    while (n < 8 && line->offset + n < c->code_bytes && uop_of(c, line->offset + n) == line->uop &&
           part_of(c, line->offset + n) == line->part) {
        n++;
    }
    *d = (Decoded){.size = n};
    int length = snprintf(line->text, sizeof line->text, ".byte");
    for (uint32_t i = 0; i < n; i++) {
        length += snprintf(line->text + length, sizeof line->text - (size_t)length, " %02x", at[i]);
    }
}

static void decode_data(const Machine *m, Insight *line, Decoded *d, const uint8_t *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    *d = (Decoded){.size = 8};
    snprintf(line->text, sizeof line->text, ".quad 0x%" PRIx64, word);
    for (uint32_t i = 0; i < m->code->exit_count; i++) {
        if (word == (uintptr_t)&m->code->exits[i]) {
            snprintf(line->note, sizeof line->note, "exit %u", m->code->exits[i].snap);
        }
    }
}

static void decode_all(Machine *m)
{
    const CgCode *c = m->code;
    uint32_t at = 0;
    bool data = false;
    while (at < c->code_bytes) {
        Insight *line = &m->lines[m->count];
        Decoded *d = &m->decoded[m->count++];
        const uint8_t *bytes = c->entry + at;
        uint32_t left = c->code_bytes - at;
        *line = (Insight){.offset = at, .uop = uop_of(c, at), .part = part_of(c, at)};
        if (data && left >= 8) {
            decode_data(m, line, d, bytes);
            data = false;
        } else if (decode(bytes, left, (uintptr_t)bytes, d)) {
            snprintf(line->text, sizeof line->text, "%s", d->text);
            data = at >= c->leaves_offset && d->is_call; /* the word behind the call */
        } else {
            decode_bytes(c, line, d, bytes);
        }
        line->size = d->size;
        at += d->size;
    }
    assert(at == c->code_bytes);
}

/* ---- naming --------------------------------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static void note(Insight *line, const char *format, ...)
{
    size_t n = strlen(line->note);
    va_list args;
    va_start(args, format);
    if (n > 0 && n + 3 < sizeof line->note) {
        n += (size_t)snprintf(line->note + n, sizeof line->note - n, ", ");
    }
    vsnprintf(line->note + n, sizeof line->note - n, format, args);
    va_end(args);
}

static const CgExit *exit_of_slot(const CgCode *c, uint64_t address)
{
    for (uint32_t i = 0; i < c->exit_count; i++) {
        if (address == (uintptr_t)c->exits[i].slot) {
            return &c->exits[i];
        }
    }
    return NULL;
}

/* The exit that the stub at that offset leads to: by the next jump through a slot. */
static const CgExit *exit_of_stub(const Machine *m, uint32_t offset)
{
    for (uint32_t i = 0; i < m->count; i++) {
        const Decoded *d = &m->decoded[i];
        if (m->lines[i].offset >= offset && d->is_branch && d->has_memory && d->base == BASE_RIP) {
            return exit_of_slot(m->code, d->memory);
        }
    }
    return NULL;
}

/* "exit 7", "trace 3 by exit 7", "link". */
static void note_exit(const Machine *m, Insight *line, const CgExit *exit)
{
    const IrUop *last = &m->t->ir->uops[m->t->ir->count - 1];
    bool link = last->op == IR_link || last->op == IR_link_head;
    uint32_t side = m->t->exits[exit->snap].side;
    if (link && last->snap == exit->snap && line->uop == m->t->ir->count - 1) {
        note(line, "link slot");
    } else if (side != IR_NONE) {
        note(line, "exit %u: trace %u", exit->snap, side);
    } else {
        note(line, "exit %u", exit->snap);
    }
}

/* The exit whose jump stands at that offset among the uops (where a loop closes). */
static const CgExit *exit_within(const Machine *m, uint32_t offset)
{
    for (uint32_t i = 0; i < m->count; i++) {
        const Decoded *d = &m->decoded[i];
        if (m->lines[i].offset == offset) {
            bool jump = d->is_branch && d->has_memory && d->base == BASE_RIP;
            return jump ? exit_of_slot(m->code, d->memory) : NULL;
        }
    }
    return NULL;
}

static void note_inside(const Machine *m, Insight *line, uint32_t offset)
{
    const CgCode *c = m->code;
    const CgExit *within = exit_within(m, offset);
    if (offset >= c->cold_offset) {
        note(line, offset < c->leaves_offset ? "cold path" : "leave");
    } else if (offset >= c->stubs_offset) {
        const CgExit *exit = exit_of_stub(m, offset);
        if (exit != NULL) {
            note_exit(m, line, exit);
        }
    } else if (within != NULL) {
        note_exit(m, line, within);
    } else if (c->head == c->entry + offset) {
        note(line, "loop");
    } else {
        note(line, "to v%u", uop_of(c, offset));
    }
}

static void note_outside(const Machine *m, Insight *line, const Decoded *d)
{
    if (strcmp(line->part, "leave") == 0) {
        note(line, "leaves the trace");
        return;
    }
    for (uint32_t i = 0; i < HELPER_COUNT; i++) {
        if (d->target == (uintptr_t)helper_table[i].fn) {
            note(line, "%s", helper_table[i].name);
            return;
        }
    }
    for (uint32_t id = 1; id <= jit_trace_count(m->r->th); id++) {
        const JitTrace *other = jit_trace(m->r->th, id);
        if (other != NULL && other->native != NULL &&
            (d->target == (uintptr_t)other->native->entry ||
             d->target == (uintptr_t)other->native->head)) {
            bool entry = d->target == (uintptr_t)other->native->entry;
            note(line, "%strace %u", entry ? "" : "loop of ", id);
            return;
        }
    }
    if (line->uop != IR_NONE) { /* what an alloc_* uop calls has no other name */
        note(line, "%s", ir_ops[m->t->ir->uops[line->uop].op].name);
    }
}

static void note_target(const Machine *m, Insight *line, const Decoded *d)
{
    uint64_t offset = d->target - (uintptr_t)m->code->entry;
    if (offset < m->code->code_bytes) {
        size_t mnemonic = strcspn(line->text, " ");
        snprintf(line->text + mnemonic, sizeof line->text - mnemonic, " +%x", (uint32_t)offset);
        note_inside(m, line, (uint32_t)offset);
    } else {
        note_outside(m, line, d);
    }
}

/* A constant of the pool, or a literal of the stencil table. */
static void note_constant(Insight *line, const Decoded *d)
{
    uint64_t word;
    memcpy(&word, (const void *)(uintptr_t)d->memory, sizeof word);
    if (d->is_float) {
        double value;
        memcpy(&value, &word, sizeof value);
        note(line, "= %.17g", value);
    } else if (word < 1u << 20) {
        note(line, "= %" PRIu64, word);
    } else {
        note(line, "= 0x%" PRIx64, word);
    }
}

static void note_thread(Insight *line, int64_t offset)
{
    static const struct {
        size_t offset;
        const char *name;
    } fields[] = {
        {offsetof(Thread, tid), "tid"},
        {offsetof(Thread, exception), "exception"},
        {offsetof(Thread, poll), "poll"},
        {offsetof(Thread, stack_limit), "stack_limit"},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if ((int64_t)fields[i].offset == offset) {
            note(line, "thread %s", fields[i].name);
        }
    }
}

static void note_memory(const Machine *m, Insight *line, const Decoded *d)
{
    char name[40];
    switch (d->base) {
    case BASE_RIP: {
        const CgExit *exit = exit_of_slot(m->code, d->memory);
        if (exit != NULL) {
            note_exit(m, line, exit);
        } else {
            note_constant(line, d);
        }
        break;
    }
    case BASE_FRAME:
        if (d->disp % 8 == 0) {
            root_slot_name(m->r, m->t, (int32_t)(d->disp / 8), name, sizeof name);
            note(line, "slot %s", name);
        }
        break;
    case BASE_STACK: note(line, "spill %d", (int)(d->disp / 8)); break;
    case BASE_THREAD: note_thread(line, d->disp); break;
    default: break;
    }
}

static void name_all(Machine *m)
{
    for (uint32_t i = 0; i < m->count; i++) {
        const Decoded *d = &m->decoded[i];
        if (d->has_target) {
            note_target(m, &m->lines[i], d);
        }
        if (d->has_memory) {
            note_memory(m, &m->lines[i], d);
        }
    }
}

Insight *machine_lines(const Report *r, const JitTrace *t, uint32_t *count)
{
    Machine m = {.r = r, .t = t, .code = t->native};
    m.lines =
        rt_calloc(t->native->code_bytes + 1, sizeof *m.lines); /* a line has a byte at least */
    m.decoded = rt_calloc(t->native->code_bytes + 1, sizeof *m.decoded);
    *count = 0;
    if (m.lines == NULL || m.decoded == NULL || !decoder_open()) {
        rt_free(m.lines);
        rt_free(m.decoded);
        return NULL;
    }
    decode_all(&m);
    name_all(&m);
    decoder_close();
    rt_free(m.decoded);
    *count = m.count;
    return m.lines;
}
