/*
 * Copying stencils: registers are XORed in, patches written.
 *
 * When a trace's code memory is used up the status says so, and writing goes on at the start: the
 * copy is garbage then, but in bounds, so that no caller checks after each stencil.
 */
#include "codegen/internal.h"
#include "ir/ops/ops.h"
#include "runtime/memory.h"

void cg_fail(Cg *cg, CgStatus status)
{
    if (cg->status == CG_OK) {
        cg->status = status;
    }
}

bool cg_grow(Cg *cg, void **array, uint32_t count, uint32_t *capacity, size_t size_bytes)
{
    if (count < *capacity) {
        return true;
    }
    uint32_t wanted = *capacity != 0 ? *capacity * 2 : 16 + cg->t->count / 4;
    void *p = ir_scratch_alloc(cg->scratch, wanted * size_bytes);
    if (p == NULL) {
        cg_fail(cg, CG_NO_MEMORY);
        return false;
    }
    if (*array != NULL) {
        memcpy(p, *array, count * size_bytes);
    }
    *array = p;
    *capacity = wanted;
    return true;
}

static void write_relative(uint8_t *field, const uint8_t *runs_at, const void *target, int addend)
{
    int32_t distance = (int32_t)((intptr_t)target + addend - (intptr_t)runs_at);
    memcpy(field, &distance, 4);
}

static void write_patch(const Cg *cg, uint8_t *copy, const StencilPatch *patch, const CgArgs *args)
{
    uint8_t *field = copy + patch->offset;
    int32_t word;
    switch ((StencilPatchKind)patch->kind) {
    case PATCH_K32:
        word = (int32_t)(args->k + patch->addend);
        memcpy(field, &word, 4);
        break;
    case PATCH_M32:
        word = (int32_t)(args->m + patch->addend);
        memcpy(field, &word, 4);
        break;
    case PATCH_K8: *field = (uint8_t)args->k; break;
    case PATCH_W64: memcpy(field, &args->word, 8); break;
    case PATCH_POOL: write_relative(field, cg_runs_at(cg, field), args->pool, patch->addend); break;
    case PATCH_LITERAL:
        write_relative(field, cg_runs_at(cg, field), cg->arena->literals, patch->addend);
        break;
    case PATCH_EXIT:
    case PATCH_HELPER:
    case PATCH_SLOT:
        if (args->target != NULL) {
            write_relative(field, cg_runs_at(cg, field), args->target, patch->addend);
        }
        break;
    }
}

uint8_t *cg_put(Cg *cg, StencilId id, const uint8_t regs[STENCIL_ROLES], const CgArgs *args)
{
    const StencilTable *table = cg->table;
    const Stencil *s = &table->stencils[id];
    if (__builtin_expect(cg->limit - cg->p < s->length + 16, 0)) {
        cg_fail(cg, CG_ARENA_FULL);
        cg->p = cg->start;
    }
    uint32_t skip = args->in_place ? s->skip : 0;
    uint8_t *copy = cg->p - skip;
    const uint8_t *from = table->code + s->code;
    memcpy(copy + skip, from + skip, 16);
    if (s->length > skip + 16) {
        memcpy(copy + skip + 16, from + skip + 16, s->length - skip - 16u);
    }
    const StencilHole *hole = &table->holes[s->hole];
    for (uint32_t i = 0; i < s->hole_count; i++) {
        if (hole[i].offset >= skip) {
            copy[hole[i].offset] ^= table->xors[hole[i].xor_table][regs[hole[i].role] & 15];
        }
    }
    const StencilPatch *patch = &table->patches[s->patch];
    for (uint32_t i = 0; i < s->patch_count; i++) {
        write_patch(cg, copy, &patch[i], args);
    }
    cg->p = copy + s->length;
    return copy;
}

void cg_resolve(Cg *cg, uint8_t *at, StencilId id, const uint8_t *target)
{
    const Stencil *s = &cg->table->stencils[id];
    const StencilPatch *patch = &cg->table->patches[s->patch];
    for (uint32_t i = 0; i < s->patch_count; i++) {
        if (patch[i].kind == PATCH_EXIT) {
            uint8_t *field = at + patch[i].offset;
            write_relative(field, field, target, patch[i].addend);
        }
    }
}

void cg_put_move(Cg *cg, int to, int from)
{
    if (to == from) {
        return;
    }
    uint8_t regs[STENCIL_ROLES] = {[ROLE_RESULT] = (uint8_t)to, [ROLE_A] = (uint8_t)from};
    cg_put(cg, to >= REG_XMM0 ? ST_move_float_fnn : ST_move_int_inn, regs, &(CgArgs){0});
}

void cg_put_const(Cg *cg, int to, uint64_t bits)
{
    uint8_t regs[STENCIL_ROLES] = {[ROLE_RESULT] = (uint8_t)to};
    CgArgs args = {.k = (int64_t)bits, .word = bits};
    if (to >= REG_XMM0) {
        if (bits == 0) {
            cg_put(cg, ST_const_float_zero_nnn, regs, &args);
        } else {
            args.pool = cg_pool(cg, bits, IR_NONE);
            cg_put(cg, ST_const_float_qnn, regs, &args);
        }
    } else if (bits == 0) {
        cg_put(cg, ST_const_zero_nnn, regs, &args);
    } else if (bits <= UINT32_MAX) {
        cg_put(cg, ST_const_u32_knn, regs, &args);
    } else if ((int64_t)bits == (int32_t)bits) {
        cg_put(cg, ST_const_i32_knn, regs, &args);
    } else {
        cg_put(cg, ST_const_i64_nnn, regs, &args);
    }
}

void cg_put_load(Cg *cg, int to, int slot)
{
    uint8_t regs[STENCIL_ROLES] = {[ROLE_RESULT] = (uint8_t)to};
    cg_put(cg, to >= REG_XMM0 ? ST_spill_load_float_nnn : ST_spill_load_int_nnn, regs,
           &(CgArgs){.m = 8 * slot});
}

void cg_put_store(Cg *cg, int slot, int from)
{
    uint8_t regs[STENCIL_ROLES] = {[ROLE_A] = (uint8_t)from};
    cg_put(cg, from >= REG_XMM0 ? ST_spill_store_float_fnn : ST_spill_store_int_inn, regs,
           &(CgArgs){.m = 8 * slot});
}

void cg_put_jump(Cg *cg, const uint8_t *target)
{
    cg_put(cg, ST_jump_nnn, (uint8_t[STENCIL_ROLES]){0},
           &(CgArgs){.target = cg_runs_at(cg, target)});
}

void cg_put_call(Cg *cg, const void *function)
{
    cg_put(cg, ST_call_nnn, (uint8_t[STENCIL_ROLES]){0}, &(CgArgs){.target = function});
}

/* Long no-operations of one instruction each, as the vendors recommend them. */
void cg_align(Cg *cg, uint32_t alignment)
{
    static const uint8_t nops[9][9] = {
        {0x90},
        {0x66, 0x90},
        {0x0f, 0x1f, 0x00},
        {0x0f, 0x1f, 0x40, 0x00},
        {0x0f, 0x1f, 0x44, 0x00, 0x00},
        {0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00},
        {0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00},
        {0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
        {0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
    };
    uint32_t count = (uint32_t)(-(uintptr_t)cg_runs_at(cg, cg->p) & (alignment - 1));
    if (cg->limit - cg->p < (ptrdiff_t)count + 16) {
        cg_fail(cg, CG_ARENA_FULL);
        cg->p = cg->start;
    }
    cg->padding += count;
    while (count > 0) {
        uint32_t n = count < 9 ? count : 9;
        memcpy(cg->p, nops[n - 1], n);
        cg->p += n;
        count -= n;
    }
}

void *cg_data_new(Cg *cg, uint32_t count)
{
    if ((size_t)(cg->data_limit - cg->data_next) < count * 8u) {
        cg_fail(cg, CG_ARENA_FULL);
        return NULL;
    }
    void *p = cg->data_next;
    cg->data_next += count * 8u;
    return p;
}

const void *cg_pool(Cg *cg, uint64_t bits, uint32_t const_index)
{
    if (const_index != IR_NONE && cg->const_data[const_index] != 0) {
        return cg->data + cg->const_data[const_index] - 1;
    }
    uint64_t *word = cg_data_new(cg, 1);
    if (word == NULL) {
        return cg->data;
    }
    *word = bits;
    if (const_index != IR_NONE) {
        cg->const_data[const_index] = (uint32_t)((uint8_t *)word - cg->data) + 1;
    }
    return word;
}

const void *cg_powers(Cg *cg, int64_t base)
{
    enum { KEPT = sizeof cg->powers / sizeof cg->powers[0] };
    for (uint32_t i = 0; i < KEPT && i < cg->power_tables; i++) {
        if (cg->powers[i].base == base) {
            return cg->powers[i].at;
        }
    }
    uint32_t count = (uint32_t)ir_power_count(base);
    int64_t *table = cg_data_new(cg, count);
    if (table == NULL) {
        return cg->data;
    }
    for (uint32_t i = 0; i < count; i++) {
        table[i] = op_pow_int(base, i);
    }
    cg->powers[cg->power_tables % KEPT].base = base;
    cg->powers[cg->power_tables % KEPT].at = table;
    cg->power_tables++;
    return table;
}
