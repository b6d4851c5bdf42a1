/*
 * Reading traces: the inverse of ir/text.c, for tests, dumps cut down by hand and replays.
 *
 * Names are labels: v12 and @3 need not be dense, so lines may be deleted from a dump; uops and
 * snapshots are numbered anew in the order in which they stand.  A label may be used before its line
 * (phi, snapshots), so references are resolved at the end.  Only the shape of the text is checked
 * here; what a trace must obey is checked by ir_validate, which the caller runs.
 *
 * Threads: the thread that will own the trace.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ir/ir.h"
#include "runtime/helpers.h"
#include "runtime/memory.h"

/* While reading, operands hold labels: constants as they will be, vN as N.  `_` is IR_NONE. */
enum { LABEL_MAX = 1 << 20, ERROR_SIZE = 200 };

typedef struct Parser {
    Thread *th;
    IrTrace *t;
    const char *p; /* next character */
    uint32_t line;
    char *error;
    bool failed;
    uint32_t *uop_labels; /* label -> index + 1 */
    uint32_t *snap_labels;
    uint32_t uop_label_size, snap_label_size;
} Parser;

static bool fail(Parser *s, const char *what)
{
    if (!s->failed) {
        s->failed = true;
        int shown = (int)strcspn(s->p, " \n\t");
        snprintf(s->error, ERROR_SIZE, "%s at \"%.*s\"", what, shown > 40 ? 40 : shown, s->p);
    }
    return false;
}

static void skip_blanks(Parser *s)
{
    while (*s->p == ' ' || *s->p == '\t' || *s->p == '\r') {
        s->p++;
    }
    if (*s->p == ';') {
        s->p += strcspn(s->p, "\n");
    }
}

static bool at_end(Parser *s)
{
    skip_blanks(s);
    return *s->p == '\n' || *s->p == 0;
}

/* Takes the text if it stands here and ends where a word ends (or itself ends in a mark). */
static bool take(Parser *s, const char *word)
{
    size_t n = strlen(word);
    if (strncmp(s->p, word, n) != 0) {
        return false;
    }
    char last = word[n - 1], next = s->p[n];
    if ((isalnum((unsigned char)last) || last == '_') &&
        (isalnum((unsigned char)next) || next == '_')) {
        return false;
    }
    s->p += n;
    return true;
}

static bool take_unsigned(Parser *s, uint64_t *out)
{
    if (!isdigit((unsigned char)*s->p)) {
        return fail(s, "a number is expected");
    }
    bool hex = s->p[0] == '0' && s->p[1] == 'x';
    const char *digits = hex ? s->p + 2 : s->p;
    if (!isxdigit((unsigned char)*digits)) {
        return fail(s, "a number is expected");
    }
    uint64_t n = 0;
    for (; hex ? isxdigit((unsigned char)*digits) : isdigit((unsigned char)*digits); digits++) {
        unsigned char c = (unsigned char)*digits;
        uint64_t digit = isdigit(c) ? (uint64_t)(c - '0') : (uint64_t)(tolower(c) - 'a') + 10;
        if (__builtin_mul_overflow(n, hex ? 16u : 10u, &n) ||
            __builtin_add_overflow(n, digit, &n)) {
            return fail(s, "a number is too large");
        }
    }
    s->p = digits;
    *out = n;
    return true;
}

static bool take_signed(Parser *s, int64_t low, int64_t high, int64_t *out)
{
    bool negative = *s->p == '-';
    s->p += negative;
    uint64_t n;
    if (!take_unsigned(s, &n)) {
        return false;
    }
    if (n > (uint64_t)INT64_MAX + negative) {
        return fail(s, "a number is too large");
    }
    int64_t value = negative ? (int64_t)-n : (int64_t)n;
    if (value < low || value > high) {
        return fail(s, "a number is out of range");
    }
    *out = value;
    return true;
}

static bool take_u32(Parser *s, uint32_t max, uint32_t *out)
{
    uint64_t n;
    if (!take_unsigned(s, &n)) {
        return false;
    }
    if (n > max) {
        return fail(s, "a number is out of range");
    }
    *out = (uint32_t)n;
    return true;
}

static bool take_i32(Parser *s, int32_t *out)
{
    int64_t n;
    if (!take_signed(s, INT32_MIN, INT32_MAX, &n)) {
        return false;
    }
    *out = (int32_t)n;
    return true;
}

static bool take_pointer(Parser *s, const void **out)
{
    uint64_t n;
    if (!take_unsigned(s, &n)) {
        return false;
    }
    *out = (const void *)(uintptr_t)n;
    return true;
}

/* Does a float stand here (rather than an int)? */
static bool float_ahead(const Parser *s)
{
    const char *p = s->p + (*s->p == '-');
    if (*p == 'i' || *p == 'n') {
        return true;
    }
    bool hex = p[0] == '0' && (p[1] == 'x' || p[1] == 'X');
    size_t n = strcspn(p, " \t\r\n;+?");
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '.' || (!hex && p[i] == 'e') || p[i] == 'p') {
            return true;
        }
    }
    return false;
}

static bool take_double(Parser *s, double *out)
{
    if (take(s, "nan:")) {
        uint64_t bits;
        if (!take_unsigned(s, &bits)) {
            return false;
        }
        *out = double_from_bits(bits);
        return *out != *out || fail(s, "bits that are no nan");
    }
    char *end;
    double d = strtod(s->p, &end);
    if (end == s->p || d != d) {
        return fail(s, "a float is expected");
    }
    s->p = end;
    *out = d;
    return true;
}

/* After "V". */
static bool take_boxed(Parser *s, IrRef *out)
{
    uint64_t bits;
    if (take(s, "@") || take(s, ":#")) {
        if (!take_unsigned(s, &bits)) {
            return false;
        }
        *out = ir_const_uncounted(s->t, bits);
        return true;
    }
    if (!take(s, ":")) {
        return fail(s, "a value is expected");
    }
    if (float_ahead(s)) {
        double d;
        if (!take_double(s, &d)) {
            return false;
        }
        *out = ir_const_value(s->th, s->t, value_from_bits_double(d));
        return true;
    }
    int64_t n;
    if (!take_signed(s, SMALL_INT_MIN, SMALL_INT_MAX, &n)) {
        return false;
    }
    *out = ir_const_value(s->th, s->t, value_from_small_int(n));
    return true;
}

static bool take_const(Parser *s, IrRef *out)
{
    static const struct {
        const char *name;
        Value v;
    } names[] = {{"None", VALUE_NONE},
                 {"True", VALUE_TRUE},
                 {"False", VALUE_FALSE},
                 {"unbound", VALUE_UNBOUND},
                 {"absent", VALUE_ABSENT}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (take(s, names[i].name)) {
            *out = ir_const_value(s->th, s->t, names[i].v);
            return true;
        }
    }
    if (*s->p == 'V') {
        s->p++;
        return take_boxed(s, out);
    }
    if (take(s, "P:")) {
        const void *p;
        if (!take_pointer(s, &p)) {
            return false;
        }
        *out = ir_const_ptr(s->t, p);
        return true;
    }
    if (float_ahead(s)) {
        double d;
        if (!take_double(s, &d)) {
            return false;
        }
        *out = ir_const_float(s->t, d);
        return true;
    }
    int64_t n;
    if (!take_signed(s, INT64_MIN, INT64_MAX, &n)) {
        return false;
    }
    *out = ir_const_int(s->t, n);
    return true;
}

static bool take_ref(Parser *s, IrRef *out)
{
    if (take(s, "_")) {
        *out = IR_NONE;
        return true;
    }
    if (s->p[0] == 'v' && isdigit((unsigned char)s->p[1])) {
        s->p++;
        return take_u32(s, LABEL_MAX, out);
    }
    return take_const(s, out);
}

static bool take_type(Parser *s, IrType *out)
{
    static const char letters[] = "-IFVP";
    const char *found = *s->p == 0 ? NULL : strchr(letters, *s->p);
    if (found == NULL) {
        return fail(s, "a type is expected");
    }
    s->p++;
    *out = (IrType)(found - letters);
    return true;
}

/* Binds a label to an index. */
static bool define(Parser *s, uint32_t **labels, uint32_t *size, uint32_t label, uint32_t index)
{
    if (label >= *size) {
        uint32_t wanted = label * 2 + 64;
        uint32_t *p = rt_realloc(*labels, wanted * sizeof *p);
        if (p == NULL) {
            return fail(s, "out of memory");
        }
        memset(p + *size, 0, (wanted - *size) * sizeof *p);
        *labels = p;
        *size = wanted;
    }
    if ((*labels)[label] != 0) {
        return fail(s, "a label is defined twice");
    }
    (*labels)[label] = index + 1;
    return true;
}

static bool parse_flag(Parser *s, uint8_t *flags)
{
    static const char *const names[] = {"!sunk", "!invariant", "!live", "!borrowed", "!lent"};
    for (int f = 0; f < 5; f++) {
        if (take(s, names[f])) {
            *flags |= (uint8_t)(1 << f);
            return true;
        }
    }
    return fail(s, "an unknown flag");
}

static bool parse_helper(Parser *s, int32_t *imm)
{
    size_t n = strcspn(s->p, " \t\r\n;");
    HelperId id = helper_by_name(s->p, n);
    if (id == HELPER_COUNT) {
        return fail(s, "an unknown helper");
    }
    *imm = (int32_t)id;
    s->p += n;
    return true;
}

/* After the label: type, name, operands, #imm, @snapshot, flags. */
static bool parse_uop(Parser *s)
{
    IrType type;
    skip_blanks(s);
    if (!take_type(s, &type)) {
        return false;
    }
    skip_blanks(s);
    size_t n = strcspn(s->p, " \t\r\n;");
    IrOp op = ir_op_by_name(s->p, n);
    if (op == IR_OP_COUNT) {
        return fail(s, "an unknown uop");
    }
    s->p += n;
    IrRef operands[3] = {IR_NONE, IR_NONE, IR_NONE};
    int32_t imm = 0;
    uint32_t snap = IR_NONE, count = 0;
    uint8_t flags = 0;
    while (!at_end(s)) {
        bool good;
        if (take(s, "#")) {
            good = take_i32(s, &imm);
        } else if (take(s, "@")) {
            good = take_u32(s, LABEL_MAX, &snap);
        } else if (take(s, "$")) {
            good = parse_helper(s, &imm);
        } else if (*s->p == '!') {
            good = parse_flag(s, &flags);
        } else {
            good = count < 3 ? take_ref(s, &operands[count]) : fail(s, "too many operands");
            count++;
        }
        if (!good) {
            return false;
        }
    }
    IrRef r = ir_emit(s->t, op, type, operands[0], operands[1], operands[2], imm, snap);
    if (s->t->failed) {
        return fail(s, "out of memory");
    }
    s->t->uops[r].flags = flags;
    return true;
}

static bool parse_entry(Parser *s)
{
    int32_t slot;
    uint16_t kind = SNAP_VALUE, flags = 0;
    IrRef ref;
    if (!take_i32(s, &slot)) {
        return false;
    }
    if (take(s, "~")) {
        kind = SNAP_RAW;
    } else if (take(s, "!")) {
        kind = SNAP_DROP;
    } else if (!take(s, "=")) {
        return fail(s, "=, ~ or ! is expected");
    }
    if (!take_ref(s, &ref)) {
        return false;
    }
    while (*s->p == '+' || *s->p == '?') {
        flags |= *s->p == '+' ? SNAP_INCREF : SNAP_BOOL;
        s->p++;
    }
    ir_snap_entry(s->t, slot, kind, flags, ref);
    return true;
}

static bool parse_snap(Parser *s)
{
    uint32_t label, depth = 0;
    const void *pc = NULL;
    int32_t base = 0, top = 0;
    skip_blanks(s);
    if (!take_u32(s, LABEL_MAX, &label)) {
        return false;
    }
    while (!at_end(s) && !take(s, ":")) {
        bool good = take(s, "pc=")      ? take_pointer(s, &pc)
                    : take(s, "base=")  ? take_i32(s, &base)
                    : take(s, "top=")   ? take_i32(s, &top)
                    : take(s, "depth=") ? take_u32(s, 1 << 20, &depth)
                                        : fail(s, "an unknown field");
        if (!good) {
            return false;
        }
    }
    uint32_t i = ir_snap_new(s->t, pc, base, top, depth);
    if (s->t->failed) {
        return fail(s, "out of memory");
    }
    if (!define(s, &s->snap_labels, &s->snap_label_size, label, i)) {
        return false;
    }
    while (!at_end(s)) {
        if (!parse_entry(s)) {
            return false;
        }
    }
    return true;
}

static bool take_form(Parser *s)
{
    s->t->shared = take(s, "shared");
    return s->t->shared || take(s, "alone") || fail(s, "shared or alone is expected");
}

static bool parse_trace(Parser *s)
{
    IrTrace *t = s->t;
    skip_blanks(s);
    if (!take_u32(s, UINT32_MAX, &t->id)) {
        return false;
    }
    while (!at_end(s)) {
        bool good = take(s, "head=")        ? take_pointer(s, &t->head_pc)
                    : take(s, "parent=")    ? take_u32(s, UINT32_MAX, &t->parent)
                    : take(s, "exit=")      ? take_u32(s, UINT32_MAX, &t->parent_exit)
                    : take(s, "head_snap=") ? take_u32(s, LABEL_MAX, &t->head_snap)
                    : take(s, "hoisted=")   ? take_u32(s, MEM_ALL, &t->hoisted_reads)
                    : take(s, "writes=")    ? take_u32(s, MEM_ALL, &t->writes)
                    : take(s, "form=")      ? take_form(s)
                                            : fail(s, "an unknown field");
        if (!good) {
            return false;
        }
    }
    return true;
}

static bool append(Parser *s, void **array, uint32_t *count, const void *element, size_t size)
{
    void *p = rt_realloc(*array, (*count + 1) * size);
    if (p == NULL) {
        return fail(s, "out of memory");
    }
    memcpy((char *)p + *count * size, element, size);
    *array = p;
    ++*count;
    return true;
}

static bool parse_inherit(Parser *s)
{
    while (!at_end(s)) {
        IrType type;
        if (!take_type(s, &type) ||
            !append(s, (void **)&s->t->inherit_types, &s->t->inherit_count, &type, sizeof type)) {
            return false;
        }
    }
    return true;
}

static bool parse_head_args(Parser *s)
{
    while (!at_end(s)) {
        IrRef r;
        if (!take_ref(s, &r) ||
            !append(s, (void **)&s->t->head_args, &s->t->head_arg_count, &r, sizeof r)) {
            return false;
        }
    }
    return true;
}

/* Numbers of the target's uops; an empty list is one, too. */
static bool parse_head_refs(Parser *s)
{
    s->t->head_refs = rt_malloc(sizeof *s->t->head_refs);
    if (s->t->head_refs == NULL) {
        return fail(s, "out of memory");
    }
    while (!at_end(s)) {
        uint32_t ref;
        skip_blanks(s);
        if (!take_u32(s, IR_REF_CONST - 1, &ref) ||
            !append(s, (void **)&s->t->head_refs, &s->t->head_ref_count, &ref, sizeof ref)) {
            return false;
        }
    }
    return true;
}

static bool parse_fact(Parser *s)
{
    IrPhiFact f = {.slot = -1, .low = INT64_MIN, .high = INT64_MAX};
    skip_blanks(s);
    if (!take_ref(s, &f.phi)) {
        return false;
    }
    if (f.phi == IR_NONE || ir_is_const(f.phi)) {
        return fail(s, "a phi is expected");
    }
    while (!at_end(s)) {
        bool good = take(s, "slot=")   ? take_i32(s, &f.slot)
                    : take(s, "low=")  ? take_signed(s, INT64_MIN, INT64_MAX, &f.low)
                    : take(s, "high=") ? take_signed(s, INT64_MIN, INT64_MAX, &f.high)
                                       : fail(s, "an unknown field");
        if (!good) {
            return false;
        }
    }
    return append(s, (void **)&s->t->facts, &s->t->fact_count, &f, sizeof f);
}

static bool parse_line(Parser *s)
{
    if (at_end(s)) {
        return true;
    }
    if (s->p[0] == 'v' && isdigit((unsigned char)s->p[1])) {
        uint32_t label;
        s->p++;
        return take_u32(s, LABEL_MAX, &label) &&
               define(s, &s->uop_labels, &s->uop_label_size, label, s->t->count) && parse_uop(s);
    }
    bool good = take(s, "snap")        ? parse_snap(s)
                : take(s, "trace")     ? parse_trace(s)
                : take(s, "inherit")   ? parse_inherit(s)
                : take(s, "head_args") ? parse_head_args(s)
                : take(s, "head_refs") ? parse_head_refs(s)
                : take(s, "fact")      ? parse_fact(s)
                                       : fail(s, "an unknown line");
    return good && (at_end(s) || fail(s, "unexpected text"));
}

static bool resolve(Parser *s, const uint32_t *labels, uint32_t size, uint32_t *r, bool constants)
{
    if (*r == IR_NONE || (constants && ir_is_const(*r))) {
        return true;
    }
    if (*r >= size || labels[*r] == 0) {
        s->p = "";
        fail(s, "a label is not defined");
        snprintf(s->error, ERROR_SIZE, "label %s%u is not defined", constants ? "v" : "@", *r);
        return false;
    }
    *r = labels[*r] - 1;
    return true;
}

static bool resolve_all(Parser *s)
{
    IrTrace *t = s->t;
    const uint32_t *labels = s->uop_labels;
    uint32_t size = s->uop_label_size;
    bool good = true;
    for (uint32_t i = 0; i < t->count && good; i++) {
        IrUop *u = &t->uops[i];
        good = resolve(s, labels, size, &u->a, true) && resolve(s, labels, size, &u->b, true) &&
               resolve(s, labels, size, &u->c, true) &&
               resolve(s, s->snap_labels, s->snap_label_size, &u->snap, false);
    }
    for (uint32_t i = 0; i < t->entry_count && good; i++) {
        good = resolve(s, labels, size, &t->entries[i].ref, true);
    }
    for (uint32_t i = 0; i < t->fact_count && good; i++) {
        good = resolve(s, labels, size, &t->facts[i].phi, true);
    }
    for (uint32_t i = 0; i < t->head_arg_count && good; i++) {
        good = resolve(s, labels, size, &t->head_args[i], true);
    }
    return good && resolve(s, s->snap_labels, s->snap_label_size, &t->head_snap, false);
}

IrTrace *ir_parse(Thread *th, const char *text, char *error, uint32_t *line)
{
    Parser s = {.th = th, .t = ir_new(), .p = text, .line = 1, .error = error};
    if (s.t == NULL) {
        fail(&s, "out of memory");
    }
    while (!s.failed && *s.p != 0) {
        if (parse_line(&s) && *s.p == '\n') {
            s.p++;
            s.line++;
        }
    }
    if (!s.failed && s.t->failed) {
        fail(&s, "out of memory");
    }
    if (!s.failed) {
        resolve_all(&s);
    }
    *line = s.line;
    rt_free(s.uop_labels);
    rt_free(s.snap_labels);
    if (s.failed) {
        ir_free(th, s.t);
        return NULL;
    }
    return s.t;
}
