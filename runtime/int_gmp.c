/*
 * GMP without abort: calls of mpn functions whose scratch allocation may fail.
 *
 * GMP's mpn functions keep no state but the scratch that they get from the allocation functions,
 * and cannot report failure.  While a call runs, ours keep each block on a list of the thread; when
 * one fails, they free the list and jump out of the call.  Results lie in buffers that the caller
 * had reserved before.
 *
 * Threads: the list and the jump target are the calling system thread's.
 */
#include <setjmp.h>

#include "runtime/int_internal.h"

typedef struct Scratch {
    struct Scratch *next, *previous;
    _Alignas(16) char data[];
} Scratch;

typedef struct GmpCall {
    jmp_buf out_of_memory;
    Scratch blocks; /* ring */
} GmpCall;

static _Thread_local GmpCall *current_call;

static Scratch *scratch_of(void *p)
{
    return (Scratch *)(void *)((char *)p - offsetof(Scratch, data));
}

static _Noreturn void leave(GmpCall *call)
{
    for (Scratch *s = call->blocks.next; s != &call->blocks;) {
        Scratch *next = s->next;
        rt_free(s);
        s = next;
    }
    longjmp(call->out_of_memory, 1);
}

static void *scratch_alloc(size_t size)
{
    GmpCall *call = current_call;
    assert(call != NULL && "large GMP operand outside of int_gmp_call");
    Scratch *s = rt_malloc(sizeof *s + size);
    if (s == NULL) {
        leave(call);
    }
    s->next = call->blocks.next;
    s->previous = &call->blocks;
    s->next->previous = s;
    call->blocks.next = s;
    return s->data;
}

static void scratch_free(void *p, size_t size)
{
    (void)size;
    if (p != NULL) {
        Scratch *s = scratch_of(p);
        s->next->previous = s->previous;
        s->previous->next = s->next;
        rt_free(s);
    }
}

static void *scratch_realloc(void *p, size_t old_size, size_t new_size)
{
    void *fresh = scratch_alloc(new_size);
    memcpy(fresh, p, old_size < new_size ? old_size : new_size);
    scratch_free(p, old_size);
    return fresh;
}

void int_gmp_init(void) { mp_set_memory_functions(scratch_alloc, scratch_realloc, scratch_free); }

bool int_gmp_call(Thread *th, void (*fn)(void *arg), void *arg)
{
    GmpCall call;
    call.blocks.next = call.blocks.previous = &call.blocks;
    GmpCall *outer = current_call;
    assert(outer == NULL);
    if (setjmp(call.out_of_memory) != 0) {
        current_call = NULL;
        rt_raise_memory_error(th);
        return false;
    }
    current_call = &call;
    fn(arg);
    current_call = outer;
    assert(call.blocks.next == &call.blocks);
    return true;
}

typedef struct Operands {
    mp_limb_t *rp, *rp2;
    const mp_limb_t *ap, *bp;
    int64_t an, bn;
} Operands;

static void multiply(void *arg)
{
    Operands *o = arg;
    if (o->ap == o->bp && o->an == o->bn) {
        mpn_sqr(o->rp, o->ap, o->an);
    } else {
        mpn_mul(o->rp, o->ap, o->an, o->bp, o->bn);
    }
}

bool int_mpn_mul(Thread *th, mp_limb_t *rp, const mp_limb_t *ap, int64_t an, const mp_limb_t *bp,
                 int64_t bn)
{
    Operands o = {.rp = rp, .ap = ap, .bp = bp, .an = an, .bn = bn};
    if (an + bn < INT_GMP_SMALL) {
        multiply(&o);
        return true;
    }
    return int_gmp_call(th, multiply, &o);
}

static void divide(void *arg)
{
    Operands *o = arg;
    mpn_tdiv_qr(o->rp, o->rp2, 0, o->ap, o->an, o->bp, o->bn);
}

bool int_mpn_divide(Thread *th, mp_limb_t *qp, mp_limb_t *rp, const mp_limb_t *np, int64_t nn,
                    const mp_limb_t *dp, int64_t dn)
{
    if (dn == 1) {
        rp[0] = mpn_divrem_1(qp, 0, np, nn, dp[0]);
        return true;
    }
    Operands o = {.rp = qp, .rp2 = rp, .ap = np, .bp = dp, .an = nn, .bn = dn};
    if (nn < INT_GMP_SMALL) {
        divide(&o);
        return true;
    }
    return int_gmp_call(th, divide, &o);
}
