/*
 * Dis: bytecode as text, one line an instruction: line number, index, name, operands by their letters
 * (bytecode.def), and behind a semicolon what they mean: constants, local names, jump targets.
 *
 * The text is stable: no addresses, so that it can be compared.
 *
 * Threads: any; the code is only read.
 */
#include <stdarg.h>
#include <stdio.h>

#include "interp/frame.h"
#include "runtime/abstract.h"
#include "runtime/memory.h"
#include "runtime/str.h"

typedef struct Text {
    Thread *th;
    char *data;
    size_t length, capacity;
    bool failed;
} Text;

static void put(Text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(Text *t, const char *format, ...)
{
    char line[400];
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(line, sizeof line, format, ap);
    va_end(ap);
    size_t length = n < 0 ? 0 : (size_t)n < sizeof line ? (size_t)n : sizeof line - 1;
    if (t->length + length + 1 > t->capacity) {
        size_t capacity = (t->capacity + length + 1) * 2;
        char *p = rt_realloc(t->data, capacity);
        if (p == NULL) {
            t->failed = true;
            return;
        }
        t->data = p;
        t->capacity = capacity;
    }
    memcpy(t->data + t->length, line, length + 1);
    t->length += length;
}

static void put_value(Text *t, Value v)
{
    if (value_has_type(v, TYPE_CODE)) {
        const Code *code = (const Code *)value_object(v);
        put(t, "<code %s>", str_utf8(t->th, code->qualname, NULL));
        return;
    }
    Value text = rt_repr(t->th, v);
    const char *utf8 = text != VALUE_ABSENT ? str_utf8(t->th, text, NULL) : NULL;
    put(t, "%.80s", utf8 != NULL ? utf8 : "?");
    rt_xdecref(t->th, text);
    rt_clear_exception(t->th);
}

static void put_register(Text *t, const Code *code, uint32_t reg)
{
    if (reg >= code->local_count) {
        put(t, "t%u", reg - code->local_count);
        return;
    }
    const char *name = str_utf8(t->th, code->local_names[reg], NULL);
    put(t, "%s", name != NULL ? name : "?");
}

static void put_operand(Text *t, const Code *code, uint32_t at, char letter, uint16_t x)
{
    switch (letter) {
    case 'N': return;
    case 'K':
        put(t, " ");
        put_value(t, insn_constant(code->insns + at, x));
        return;
    case 'I': put(t, " #%d", (int16_t)x); return;
    case 'J': put(t, " -> %d", (int)at + (int16_t)x); return;
    case 'U': put(t, " %u", x); return;
    default:
        put(t, " ");
        put_register(t, code, x);
        return;
    }
}

static uint16_t opcode_at(Thread *th, const Code *code, uint32_t at)
{
    uint16_t op = code->insns[at].op;
    const Vm *vm = thread_vm(th);
    if (op == BC_ENTER_TRACE && vm != NULL && vm->config.jit != NULL) {
        op = vm->config.jit->original(code, code->insns + at);
    }
    return op;
}

/* Name and operands. returns the index of the next instruction. */
static uint32_t put_insn(Text *t, const Code *code, uint32_t at)
{
    const BytecodeInfo *info = &bytecode_info[opcode_at(t->th, code, at)];
    const Insn *insn = &code->insns[at];
    put(t, "%-18s", info->name);
    if (insn->op == BC_JMP_WIDE || insn->op == BC_JMPB_WIDE) {
        uint32_t target = at + (insn->b | (uint32_t)insn->c << 16);
        put(t, " -> %u", target);
        return insn->a == 1 ? target : at + 1; /* 1: an island of compile_wide.c */
    }
    put_operand(t, code, at, info->a, insn->a);
    put_operand(t, code, at, info->b, insn->b);
    put_operand(t, code, at, info->c, insn->c);
    return at + 1u + info->cache;
}

static void put_code(Text *t, const Code *code)
{
    put(t, "%s: %u parameters, %u locals, %u free, frame %u\n",
        str_utf8(t->th, code->qualname, NULL), code->param_count, code->local_count,
        code->free_count, code->frame_size);
    int32_t line = -1;
    for (uint32_t at = 0; at < code->insn_count;) {
        int32_t now = code_position(code, at)->lineno;
        if (now != line) {
            put(t, "%6d", now);
            line = now;
        } else {
            put(t, "      ");
        }
        put(t, " %5u  ", at);
        at = put_insn(t, code, at);
        put(t, "\n");
    }
    for (uint32_t i = 0; i < code->handler_count; i++) {
        const CodeHandler *h = &code->handlers[i];
        put(t, "       handler [%u, %u) -> %u, keeps t0..t%d\n", h->start, h->end, h->target,
            (int)h->depth - (int)code->local_count - 1);
    }
}

static void put_nested(Text *t, const Code *code, bool nested)
{
    put_code(t, code);
    for (uint32_t i = 0; nested && i < code->const_count; i++) {
        if (value_has_type(code->consts[i], TYPE_CODE)) {
            put(t, "\n");
            put_nested(t, (const Code *)value_object(code->consts[i]), nested);
        }
    }
}

char *code_disassemble(Thread *th, const Code *code, bool nested)
{
    Text t = {.th = th};
    put_nested(&t, code, nested);
    if (t.failed) {
        rt_free(t.data);
        return NULL;
    }
    return t.data;
}

char *code_disassemble_insn(Thread *th, const Code *code, uint32_t insn, uint32_t *next)
{
    Text t = {.th = th};
    *next = put_insn(&t, code, insn);
    if (t.failed) {
        rt_free(t.data);
        return NULL;
    }
    return t.data;
}
