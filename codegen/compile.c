/*
 * cg_compile: from a trace to published code.
 *
 * Order: memory, liveness, the state of a side trace's start, lowering, stubs, cold paths, then the
 * CgCode (its size is known now) and the leave parts that name its exits.
 *
 * All arrays, and the code until it is whole, lie in scratch memory.
 */
#include <time.h>

#include "codegen/internal.h"
#include "runtime/memory.h"

const char *cg_status_text(CgStatus s)
{
    switch (s) {
    case CG_OK: return "ok";
    case CG_NO_MEMORY: return "out of memory";
    case CG_ARENA_FULL: return "code memory is full";
    case CG_TOO_LARGE: return "trace too large";
    case CG_NO_REGISTERS: return "values do not fit registers and spill slots";
    case CG_NO_STENCIL: return "no stencil for a uop";
    }
    return "unknown";
}

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void *carve(uint8_t **at, size_t count, size_t size)
{
    void *p = *at;
    *at += (count * size + 15) & ~(size_t)15;
    return p;
}

/* Arrays in the scratch block; the ones that must start as zeros are first. */
static bool allocate(Cg *cg)
{
    const IrTrace *t = cg->t;
    size_t n = cg->value_count;
    size_t zeroed = 3 * (t->snap_count + 16) * sizeof(uint32_t) + t->snap_count + 16 +
                    (t->const_count + 16) * sizeof(uint32_t);
    size_t size = zeroed + n * (sizeof(CgValue) + 2 * sizeof(IrRef) + sizeof(CgPlace)) +
                  t->count * 3 * sizeof(uint32_t) + t->snap_count * sizeof(uint32_t) +
                  t->entry_count * sizeof(IrRef) + 1024;
    uint8_t *p = ir_scratch_alloc(cg->scratch, size);
    if (p == NULL) {
        return false;
    }
    memset(p, 0, zeroed);
    cg->snap_first = carve(&p, t->snap_count, sizeof(uint32_t));
    cg->snap_exit = carve(&p, t->snap_count * 2, sizeof(uint32_t));
    cg->snap_kinds = carve(&p, t->snap_count, sizeof(uint8_t));
    cg->const_data = carve(&p, t->const_count, sizeof(uint32_t));
    cg->values = carve(&p, n, sizeof(CgValue));
    cg->head_refs = carve(&p, n, sizeof(IrRef));
    cg->carried_refs = carve(&p, cg->carried_count, sizeof(IrRef));
    cg->head = carve(&p, n, sizeof(CgPlace));
    cg->next_use = carve(&p, t->count, 3 * sizeof(uint32_t));
    cg->snap_live = carve(&p, t->snap_count, sizeof(uint32_t));
    cg->g.live = carve(&p, t->entry_count, sizeof(IrRef)); /* enough without virtual objects */
    cg->g.live_capacity = t->entry_count;
    return true;
}

/* A value of the parent's exit is where the exit's map says. */
static void take_over(Cg *cg, IrRef ref, const CgLoc *l)
{
    CgValue *v = &cg->values[ref];
    v->vector = l->type == IR_F;
    v->type = l->type;
    int reg = l->kind == CG_GPR ? l->index : l->kind == CG_XMM ? l->index + REG_XMM0 : REG_NONE;
    if (reg != REG_NONE && cg->owner[reg] == IR_NONE) {
        cg_bind(cg, ref, reg);
    } else if (l->kind == CG_SPILL) {
        v->slot = (int16_t)l->index;
        cg->slots[l->index / 64] |= UINT64_C(1) << (l->index % 64);
    } else {
        cg_fail(cg, CG_NO_REGISTERS);
    }
}

/* The inherited value that lies in the same place, because the exit named it too; IR_NONE. */
static IrRef inherited_from(const Cg *cg, const CgLoc *l)
{
    if (l->kind == CG_GPR || l->kind == CG_XMM) {
        return cg->owner[l->kind == CG_GPR ? l->index : l->index + REG_XMM0];
    }
    for (uint32_t i = 0; i < cg->t->count; i++) {
        if (cg->t->uops[i].op == IR_inherit && cg->values[i].end != 0 &&
            cg->values[i].slot == (int16_t)l->index) {
            return i;
        }
    }
    return IR_NONE;
}

static void start_state(Cg *cg)
{
    cg->free = REGS_ALL;
    cg->pos = 0;
    for (int r = 0; r < REG_COUNT; r++) {
        cg->owner[r] = IR_NONE;
    }
    const CgExit *parent = cg->context != NULL ? cg->context->parent : NULL;
    if (parent == NULL) {
        return;
    }
    cg->spill_used = parent->code->spill_used;
    for (uint32_t i = 0; i < cg->t->count; i++) {
        const IrUop *u = &cg->t->uops[i];
        if (u->op == IR_inherit && cg->values[i].end != 0) {
            if (u->imm < 0 || (uint32_t)u->imm >= parent->live_count) {
                cg_fail(cg, CG_NO_REGISTERS);
                return;
            }
            take_over(cg, i, &parent->locs[u->imm]);
        }
    }
    for (uint32_t k = 0; k < cg->carried_count; k++) {
        const CgLoc *l = &parent->locs[parent->live_count + k];
        IrRef ref = inherited_from(cg, l);
        if (ref == IR_NONE) {
            ref = cg->t->count + k;
            take_over(cg, ref, l);
        }
        cg->carried_refs[k] = ref;
        if (cg->values[ref].end != POS_END) {
            cg->values[ref].end = POS_END;
            cg->invariants[cg->values[ref].vector]++;
        }
    }
}

static CgLoc loc_of_place(const CgPlace *p, IrRef ref, uint8_t type)
{
    CgLoc l = {.kind = p->kind, .type = type, .index = p->index, .ref = ref};
    if (p->kind == CG_GPR && p->index >= REG_XMM0) {
        l.kind = CG_XMM;
        l.index = (uint16_t)(p->index - REG_XMM0);
    }
    return l;
}

/* One block: CgCode, exits, their locations, the head's, the offsets. Sizes are upper bounds from the
 * liveness pass, so that locations are written where they stay. */
static bool reserve_result(Cg *cg)
{
    uint32_t exits = cg->snaps_used[0] + cg->snaps_used[1];
    uint32_t invariants = cg->invariants[0] + cg->invariants[1];
    size_t locs = cg->exit_live + (size_t)cg->snaps_used[0] * cg->carried_count +
                  (size_t)cg->snaps_used[1] * (invariants + cg->carried_count) + cg->longest_snap +
                  invariants + cg->carried_count;
    size_t head = cg->t->loop != IR_NONE ? cg->phi_count + invariants + cg->carried_count : 0;
    if (locs > UINT32_MAX / 2) {
        cg_fail(cg, CG_TOO_LARGE);
        return false;
    }
    size_t size = sizeof(CgAllocation) + exits * sizeof(CgExit) + (locs + head) * sizeof(CgLoc) +
                  cg->t->count * sizeof(uint32_t);
    cg->result = rt_malloc(size);
    if (cg->result == NULL) {
        cg_fail(cg, CG_NO_MEMORY);
        return false;
    }
    *cg->result = (CgAllocation){.size_bytes = size};
    CgCode *code = &cg->result->code;
    code->exits = (void *)(cg->result + 1);
    cg->locs = (void *)(code->exits + exits);
    cg->loc_limit = (uint32_t)locs;
    code->head_locs = cg->locs + locs;
    code->uop_offsets = (void *)(code->head_locs + head);
    cg->uop_offsets = code->uop_offsets;
    return true;
}

static CgCode *make_code(Cg *cg)
{
    const IrTrace *t = cg->t;
    CgCode *code = &cg->result->code;
    code->ir = t;
    code->exit_count = cg->exit_count;
    code->uop_count = t->count;
    code->spill_used = cg->spill_used;
    code->head_phi_count = cg->head_phis;
    code->head_loc_count = cg->head_count;
    for (uint32_t k = 0; k < cg->head_count; k++) {
        IrRef r = cg->head_refs[k];
        code->head_locs[k] = loc_of_place(&cg->head[k], r, cg->values[r].type);
    }
    for (uint32_t i = 0; i < cg->exit_count; i++) {
        const CgExitDraft *d = &cg->g.exits[i];
        code->exits[i] = (CgExit){.code = code,
                                  .snap = d->snap,
                                  .live_count = d->live_count,
                                  .carried_count = d->carried_count,
                                  .raises = d->raises,
                                  .locs = cg->locs + d->first_loc};
    }
    return code;
}

/* fails: NULL, the status says why. */
static CgCode *generate(Cg *cg)
{
    cg_liveness(cg);
    start_state(cg);
    if (cg->status != CG_OK || !reserve_result(cg)) {
        return NULL;
    }
    cg_lower(cg);
    uint32_t stubs = (uint32_t)(cg->p - cg->start);
    cg_write_stubs(cg);
    uint32_t cold = (uint32_t)(cg->p - cg->start);
    cg_write_cold(cg);
    CgCode *code = make_code(cg);
    code->stubs_offset = stubs;
    code->cold_offset = cold;
    code->leaves_offset = (uint32_t)(cg->p - cg->start);
    cg_write_leaves(cg, code);
    if (cg->status != CG_OK) {
        rt_free(cg->result);
        return NULL;
    }
    code->entry = cg_runs_at(cg, cg->start);
    code->head = cg->head_at != NULL ? cg_runs_at(cg, cg->head_at) : NULL;
    code->code_bytes = (uint32_t)(cg->p - cg->start);
    code->data_bytes = (uint32_t)(cg->data_next - cg->data);
    return code;
}

/* Copies the code to where it runs; fills in what the region became. */
static bool place(Cg *cg, CgRegion *region, CgCode *code)
{
    if (!cg_pages_write(&cg->arena->pages, region->code.offset, cg->start, code->code_bytes)) {
        cg_fail(cg, CG_NO_MEMORY);
        return false;
    }
    CgAllocation *whole = allocation_of(code);
    whole->code_block = (CgBlock){region->code.offset, code->code_bytes};
    whole->data_block = (CgBlock){region->data.offset, code->data_bytes};
    return true;
}

/* One attempt with at least that much code memory. */
static CgStatus attempt(Cg *cg, uint32_t code_bytes, CgCode **out)
{
    CgArena *a = cg->arena;
    CgRegion region;
    uint32_t buffer_bytes = code_bytes * 2;
    ir_scratch_reset(cg->scratch);
    cg->start = cg->p = ir_scratch_alloc(cg->scratch, buffer_bytes);
    if (cg->start == NULL || !allocate(cg)) {
        return CG_NO_MEMORY;
    }
    if (!cg_region_open(a, code_bytes, &region)) {
        return CG_ARENA_FULL;
    }
    cg->limit = cg->start + (buffer_bytes < region.code.size ? buffer_bytes : region.code.size);
    cg->delta = (intptr_t)(a->pages.base + region.code.offset) - (intptr_t)cg->start;
    cg->data = cg->data_next = a->data + region.data.offset;
    cg->data_limit = cg->data + region.data.size;
    CgCode *code = generate(cg);
    if (code != NULL && !place(cg, &region, code)) {
        rt_free(allocation_of(code));
        code = NULL;
    }
    if (code == NULL) {
        cg_region_close(a, &region, 0, 0);
        return cg->status;
    }
    cg_region_close(a, &region, code->code_bytes, code->data_bytes);
    *out = code;
    return CG_OK;
}

CgStatus cg_compile(Thread *th, CgArena *arena, const IrTrace *t, const CgContext *context,
                    CgCode **out)
{
    uint64_t start = now_ns();
    uint32_t carried =
        context != NULL && context->parent != NULL ? context->parent->carried_count : 0;
    if (t->count == 0 || t->count > 60000) {
        return CG_TOO_LARGE;
    }
    CgStatus status = CG_ARENA_FULL;
    uint32_t wanted = (t->count * 28 + 320 + 15) & ~15u; /* more than any stencil is long */
    for (int tries = 0; tries < 4 && status == CG_ARENA_FULL; tries++) {
        Cg cg = {
            .th = th,
            .arena = arena,
            .forms = &arena->forms,
            .table = arena->forms.table,
            .t = t,
            .context = context,
            .carried_count = carried,
            .value_count = t->count + carried,
            .loop_pos = POS_NEVER,
            .first_body = IR_NONE,
            .top_guard = ST_COUNT,
            .scratch =
                context != NULL && context->scratch != NULL ? context->scratch : &arena->scratch,
        };
        status = attempt(&cg, wanted, out);
        if (status == CG_OK) {
            (*out)->compile_ns = now_ns() - start;
            arena->stats.code_bytes += (*out)->code_bytes;
            arena->stats.data_bytes += (*out)->data_bytes;
            arena->stats.metadata_bytes += allocation_of(*out)->size_bytes;
            arena->stats.padding_bytes += cg.padding;
            arena->stats.traces++;
            cg_debug_add(&arena->debug, *out, context);
        }
        wanted *= 3;
    }
    return status;
}

void cg_code_free(Thread *th, CgArena *arena, CgCode *code)
{
    (void)th;
    if (code == NULL) {
        return;
    }
    CgAllocation *a = allocation_of(code);
    cg_debug_remove(code);
    cg_region_poison(arena, a->code_block, a->data_block);
    cg_region_free(arena, a->code_block, a->data_block);
    arena->stats.code_bytes -= code->code_bytes;
    arena->stats.data_bytes -= code->data_bytes;
    arena->stats.metadata_bytes -= a->size_bytes;
    arena->stats.traces--;
    rt_free(a);
}
