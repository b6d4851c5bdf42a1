/*
 * Places: from the addresses in traces to code objects, source lines and names of slots.
 *
 * The known code is what the program's module and the heads of its traces hold, with all code nested
 * in their constants: those objects are alive while the report is written.  An address outside of
 * them is never followed.
 *
 * Threads: main.
 */
#include <stdio.h>
#include <stdlib.h>

#include "runtime/memory.h"
#include "runtime/str.h"
#include "tools/trace/trace.h"

/* ---- known code ------------------------------------------------------------------------------------ */

static bool add_code(Report *r, const Code *code)
{
    for (uint32_t i = 0; i < r->code_count; i++) {
        if (r->codes[i] == code) {
            return true;
        }
    }
    if (r->code_count == r->code_capacity) {
        uint32_t capacity = r->code_capacity == 0 ? 32 : r->code_capacity * 2;
        const Code **codes = rt_realloc((void *)r->codes, capacity * sizeof *codes);
        if (codes == NULL) {
            return false;
        }
        r->codes = codes;
        r->code_capacity = capacity;
    }
    r->codes[r->code_count++] = code;
    for (uint32_t i = 0; i < code->const_count; i++) {
        if (value_has_type(code->consts[i], TYPE_CODE) &&
            !add_code(r, (const Code *)value_object(code->consts[i]))) {
            return false;
        }
    }
    return true;
}

static int by_address(const void *a, const void *b)
{
    uintptr_t x = (uintptr_t)(*(const Code *const *)a)->insns;
    uintptr_t y = (uintptr_t)(*(const Code *const *)b)->insns;
    return (x > y) - (x < y);
}

static bool split_source(Report *r)
{
    const char *at = r->program->source, *end = at + r->program->size_bytes;
    uint32_t count = 1;
    for (const char *p = at; p < end; p++) {
        count += *p == '\n';
    }
    r->source_lines = rt_malloc((count + 1) * sizeof *r->source_lines);
    if (r->source_lines == NULL) {
        return false;
    }
    r->source_lines[r->source_line_count++] = at;
    for (const char *p = at; p < end; p++) {
        if (*p == '\n') {
            r->source_lines[r->source_line_count++] = p + 1;
        }
    }
    r->source_lines[r->source_line_count] = end + 1; /* behind a newline that may be missing */
    return true;
}

bool places_open(Report *r, Value main_code)
{
    bool ok = split_source(r);
    if (main_code != VALUE_ABSENT) {
        ok = ok && add_code(r, (const Code *)value_object(main_code));
    }
    for (uint32_t id = 1; id <= jit_trace_count(r->th); id++) {
        const JitTrace *t = jit_trace(r->th, id);
        ok = ok && (t == NULL || t->code == NULL || add_code(r, t->code));
    }
    if (r->code_count > 0) {
        qsort((void *)r->codes, r->code_count, sizeof *r->codes, by_address);
    }
    for (uint32_t i = 0; i < r->log->count; i++) { /* recordings that were given up know no code */
        JitTrace *t = r->log->events[i].given_up;
        if (t != NULL && t->step_count > 0) {
            t->pc = t->steps[0].pc;
            t->code = (Code *)(uintptr_t)place_at(r, t->pc).code;
        }
    }
    return ok;
}

void places_close(Report *r)
{
    rt_free((void *)r->codes);
    rt_free((void *)r->source_lines);
    r->codes = NULL;
    r->source_lines = NULL;
    r->code_count = r->source_line_count = 0;
}

Place place_at(const Report *r, const void *pc)
{
    uintptr_t address = (uintptr_t)pc;
    uint32_t low = 0, high = r->code_count;
    while (low < high) { /* the first that begins behind pc */
        uint32_t middle = (low + high) / 2;
        if ((uintptr_t)r->codes[middle]->insns <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0) {
        return (Place){0};
    }
    const Code *code = r->codes[low - 1];
    uint64_t insn = (address - (uintptr_t)code->insns) / sizeof(Insn);
    if (insn >= code->insn_count) {
        return (Place){0};
    }
    return (Place){code, (uint32_t)insn, code_position(code, (uint32_t)insn)->lineno};
}

static const char *utf8(const Report *r, Value v)
{
    const char *text = value_is_str(v) ? str_utf8(r->th, v, NULL) : NULL;
    rt_clear_exception(r->th);
    return text != NULL ? text : "?";
}

const char *code_name(const Report *r, const Code *code)
{
    return code != NULL ? utf8(r, code->qualname) : "?";
}

const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

const char *source_line(const Report *r, const Code *code, int32_t line, int *length)
{
    *length = 0;
    if (code == NULL || line < 1 || (uint32_t)line > r->source_line_count ||
        strcmp(utf8(r, code->filename), r->program->name) != 0) {
        return "";
    }
    const char *at = r->source_lines[line - 1], *end = r->source_lines[line] - 1;
    while (end > at && (end[-1] == '\r' || end[-1] == ' ')) {
        end--;
    }
    *length = (int)(end - at);
    return at;
}

uint32_t bytecode_text(const Report *r, const Code *code, uint32_t insn, char *out, size_t size)
{
    uint32_t next;
    char *text = code_disassemble_insn(r->th, code, insn, &next);
    snprintf(out, size, "%s", text != NULL ? text : "?");
    rt_free(text);
    return next;
}

/* ---- frames and slots ------------------------------------------------------------------------------- */

const Code *root_code(const Report *r, const JitTrace *t)
{
    const JitTrace *root = jit_trace(r->th, t->root);
    return root != NULL ? root->code : t->root == t->id ? t->code : NULL;
}

/* The word that a snapshot gives to a slot of a frame header, if it says it. */
static bool raw_word(const IrTrace *ir, const IrSnap *s, int32_t slot, uint64_t *out)
{
    for (uint32_t i = 0; i < s->count; i++) {
        const IrSnapEntry *e = &ir->entries[s->first + i];
        if (e->slot == slot && e->kind == SNAP_RAW && ir_is_const(e->ref)) {
            *out = ir_const(ir, e->ref)->bits;
            return true;
        }
    }
    return false;
}

uint32_t snap_frames(const Report *r, const JitTrace *t, const IrTrace *ir, uint32_t snap,
                     SnapFrame *out)
{
    const IrSnap *s = &ir->snaps[snap];
    SnapFrame frames[SNAP_FRAMES_MAX];
    uint32_t n = 0;
    int32_t base = s->base;
    const void *pc = s->pc;
    while (n < SNAP_FRAMES_MAX - 1 && base > 0) {
        uint64_t back, distance;
        frames[n++] = (SnapFrame){base, place_at(r, pc).code, pc};
        if (!raw_word(ir, s, base - 2, &back) || !raw_word(ir, s, base - 1, &distance) ||
            distance == 0 || distance > (uint64_t)base * sizeof(Value)) {
            break; /* made by an ancestor: not in this snapshot */
        }
        base -= (int32_t)(distance / sizeof(Value));
        pc = (const void *)(uintptr_t)back;
    }
    bool whole = n == 0 || base == 0;
    frames[n++] = (SnapFrame){0, root_code(r, t), whole ? pc : NULL};
    for (uint32_t i = 0; i < n; i++) {
        out[i] = frames[n - 1 - i];
    }
    return n;
}

SlotKind slot_name(const Report *r, const SnapFrame *frames, uint32_t count, int32_t slot,
                   char *name, size_t size, uint32_t *frame)
{
    uint32_t f = 0;
    while (f + 1 < count && slot >= frames[f + 1].base - FRAME_HEADER_WORDS) {
        f++;
    }
    *frame = f;
    int32_t reg = slot - frames[f].base;
    if (reg < 0) {
        static const char *const header[] = {"(function)", "(return to)", "(distance)"};
        int32_t at = reg + FRAME_HEADER_WORDS;
        snprintf(name, size, "%s", at >= 0 && at < 3 ? header[at] : "?");
        return at == 0 ? SLOT_FUNCTION : at == 1 ? SLOT_RETURN : SLOT_DISTANCE;
    }
    const Code *code = frames[f].code;
    if (code != NULL && reg < code->local_count) {
        snprintf(name, size, "%s", utf8(r, code->local_names[reg]));
        return SLOT_LOCAL;
    }
    snprintf(name, size, "t%d", code != NULL ? reg - code->local_count : reg);
    return SLOT_TEMP;
}

SlotKind root_slot_name(const Report *r, const JitTrace *t, int32_t slot, char *name, size_t size)
{
    SnapFrame root = {0, root_code(r, t), NULL};
    uint32_t frame;
    return slot_name(r, &root, 1, slot, name, size, &frame);
}

void trace_end(const JitTrace *t, char *out, size_t size)
{
    const IrUop *last = t->ir->count > 0 ? &t->ir->uops[t->ir->count - 1] : NULL;
    switch (last != NULL ? (IrOp)last->op : IR_nop) {
    case IR_jump: snprintf(out, size, "loop"); break;
    case IR_link:
    case IR_link_head: snprintf(out, size, "link %d", last->imm); break;
    case IR_exit: snprintf(out, size, "exit"); break;
    case IR_ret: snprintf(out, size, "return"); break;
    default: snprintf(out, size, "%s", t->event.reason != NULL ? t->event.reason : "?"); break;
    }
}
