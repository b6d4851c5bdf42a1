/*
 * Where traces begin in a code object: per place (back edges and the first instruction) and form a trace,
 * and what ENTER_TRACE covers there.
 *
 * The table of a code is made once, before any ENTER_TRACE stands in it, and has all places from then on;
 * so the opcode that ENTER_TRACE covers is a constant, and who meets ENTER_TRACE finds it whatever happens
 * to the traces meanwhile.  ENTER_TRACE stays as long as there is a trace in either form; a thread that
 * meets it and finds none in its form runs the original.
 *
 * Publication is one release store, last: the opcode, or the word that callers jump through.
 *
 * Threads: readers take no lock (acquire); the table is made by whoever comes first (CAS); attaching and
 * detaching are under the JIT lock.
 */
#include <assert.h>

#include "interp/jit/recorder.h"
#include "runtime/memory.h"

typedef struct CodePlace {
    uint32_t insn;
    uint16_t opcode;         /* covered */
    JitTrace *_Atomic at[2]; /* by form */
} CodePlace;

/* Code.jit */
typedef struct CodeTraces {
    JitEntry entries[2]; /* by form */
    uint32_t count;
    CodePlace places[]; /* by rising insn */
} CodeTraces;

/* Another thread may have made this code's table and put ENTER_TRACE over a place. */
static uint16_t opcode_at(const Code *code, uint32_t i)
{
    return __atomic_load_n(&code->insns[i].op, __ATOMIC_ACQUIRE);
}

/* The instruction behind the one at i. The island of a wide code, behind a JMP_WIDE with a = 1 that leads over
 * it, is none. */
static uint32_t next_insn(const Code *code, uint32_t i, uint16_t op)
{
    const Insn *insn = &code->insns[i];
    if (op == BC_JMP_WIDE && insn->a == 1) {
        return i + ((uint32_t)insn->b | (uint32_t)insn->c << 16);
    }
    return i + 1u + bytecode_info[op].cache;
}

/* Writes at most max places; returns how many there are. IR_NONE: another thread has made the table. */
static uint32_t find_places(const Code *code, CodePlace *out, uint32_t max)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < code->insn_count;) {
        uint16_t op = opcode_at(code, i);
        if (op == BC_ENTER_TRACE) {
            return IR_NONE;
        }
        if (i == 0 || record_is_back_edge(op)) {
            if (n < max) {
                out[n] = (CodePlace){.insn = i, .opcode = op};
            }
            n++;
        }
        i = next_insn(code, i, op);
    }
    return n;
}

/* fails: NULL, out of memory, or another thread has made it. */
static CodeTraces *code_traces_new(const Code *code)
{
    uint32_t count = find_places(code, NULL, 0);
    CodeTraces *c = count == IR_NONE ? NULL : rt_calloc(1, sizeof *c + count * sizeof *c->places);
    if (c == NULL || find_places(code, c->places, count) != count) {
        rt_free(c);
        return NULL;
    }
    c->count = count;
    for (uint32_t form = 0; form < 2; form++) {
        c->entries[form].shared = form != 0;
        cg_entry_set(&c->entries[form].native, NULL);
    }
    return c;
}

static CodeTraces *traces_of(const Code *code)
{
    return __atomic_load_n(&code->jit, __ATOMIC_ACQUIRE);
}

JitEntry *jit_entry_if_made(const Code *code, bool shared)
{
    CodeTraces *c = traces_of(code);
    return c != NULL ? &c->entries[shared] : NULL;
}

JitEntry *jit_entry(Code *code, bool shared)
{
    CodeTraces *c = traces_of(code);
    if (c == NULL) {
        CodeTraces *made = code_traces_new(code);
        void *none = NULL;
        if (made == NULL || !__atomic_compare_exchange_n(&code->jit, &none, made, false,
                                                         __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
            rt_free(made);
        }
        c = traces_of(code);
    }
    return c != NULL ? &c->entries[shared] : NULL;
}

static CodePlace *place_of(CodeTraces *c, const Code *code, const Insn *pc)
{
    uint32_t insn = (uint32_t)(pc - code->insns), low = 0, high = c != NULL ? c->count : 0;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (c->places[middle].insn < insn) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return c != NULL && low < c->count && c->places[low].insn == insn ? &c->places[low] : NULL;
}

JitTrace *jit_trace_at(const Code *code, const Insn *pc, bool shared)
{
    CodePlace *p = place_of(traces_of(code), code, pc);
    return p != NULL ? atomic_load_explicit(&p->at[shared], memory_order_acquire) : NULL;
}

uint16_t jit_opcode(const Code *code, const Insn *pc)
{
    uint16_t op = __atomic_load_n(&pc->op, __ATOMIC_ACQUIRE);
    if (op != BC_ENTER_TRACE) {
        return op;
    }
    const CodePlace *p = place_of(traces_of(code), code, pc);
    assert(p != NULL);
    return p->opcode;
}

static void store_opcode(const Insn *pc, uint16_t op)
{
    __atomic_store_n((uint16_t *)(uintptr_t)&pc->op, op, __ATOMIC_RELEASE);
}

void jit_code_attach(JitTrace *t)
{
    CodeTraces *c = traces_of(t->code);
    CodePlace *p = place_of(c, t->code, t->pc);
    assert(p != NULL && JIT_LOAD(p->at[t->shared]) == NULL);
    t->original = p->opcode;
    if (t->is_function) {
        atomic_store_explicit(&c->entries[t->shared].root, t, memory_order_release);
        cg_entry_set(&c->entries[t->shared].native, t->native);
    }
    atomic_store_explicit(&p->at[t->shared], t, memory_order_release);
    store_opcode(t->pc, BC_ENTER_TRACE);
}

void jit_code_detach(JitTrace *t)
{
    CodeTraces *c = traces_of(t->code);
    CodePlace *p = place_of(c, t->code, t->pc);
    if (p == NULL || JIT_LOAD(p->at[t->shared]) != t) {
        return;
    }
    atomic_store_explicit(&p->at[t->shared], NULL, memory_order_release);
    if (JIT_LOAD(p->at[!t->shared]) == NULL) {
        store_opcode(t->pc, p->opcode);
    }
    JitEntry *entry = &c->entries[t->shared];
    if (JIT_LOAD(entry->root) == t) {
        atomic_store_explicit(&entry->root, NULL, memory_order_release);
        cg_entry_set(&entry->native, NULL);
    }
}
