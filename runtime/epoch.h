/*
 * Epochs: quiescent-state reclamation (DESIGN 3).
 *
 * A reference removed from a non-private object, a replaced table or a dead trace is retired, and
 * dropped a grace period later, so a reader may use what it has read until its own next quiescent
 * point: a safepoint that runs (thread_safepoint with a poll), or being parked.  A thread that is alone
 * drops at once.
 *
 * Where a caller may hold what.  epoch_retire and epoch_retire_value may run finalizers and (the latter, for
 * a type with TYPE_FLAG_FINALIZER; both without memory) wait, parked: the caller holds no lock, and what it
 * has borrowed from shared memory is lost.  The retired object itself must be unlinked already.
 *
 * Threads: any attached thread.
 */
#ifndef ADDER_RUNTIME_EPOCH_H
#define ADDER_RUNTIME_EPOCH_H

#include "runtime/thread.h"

typedef void (*RetireFn)(Thread *th, void *p);
/* Calls drop(th, p) a grace period later, in any thread (th is the one that calls). size_bytes counts towards
 * the bounds: beyond 1 MiB a thread asks all others for a quiescent point, beyond 16 MiB it waits for a grace
 * period at its own next safepoint.
 * may: drop at once (and so run finalizers). fails: never (out of memory: waits, parked, and drops). */
void epoch_retire(Thread *th, void *p, size_t size_bytes, RetireFn drop);
/* Retires one reference: what rt_decref is for slots of shared objects. Steals it. If it may be the last to an
 * object whose type has TYPE_FLAG_FINALIZER, it waits, parked, for a grace period that it hurries, and the
 * finalizer has run when it returns. may: run finalizers, wait. */
void epoch_retire_value(Thread *th, Value v);
/* In a stopped world: what all threads have retired becomes this thread's to drop. fails: false, there was no
 * memory; others keep theirs. */
bool epoch_take_over(Thread *th);
/* Waits, parked, until all that was retired before this is dropped, as far as this thread has it.
 * fails: false, this thread is dropping it right now. may: run finalizers. */
bool epoch_settle(Thread *th);
/* The thread holds no borrowed reference into shared memory now. Drains its merge queue, drops what is due.
 * may: run finalizers. */
void epoch_quiescent(Thread *th);
/* Around a call that may block; nothing borrowed is held. park: may run finalizers (merges); between the two
 * the thread touches nothing that others see. unpark: may wait for a thread that is alone, a stopped world, the
 * GIL. */
void epoch_park(Thread *th);
void epoch_unpark(Thread *th);
/* Waits, parked, until all that this thread has retired is dropped (rt_stop). */
void epoch_drain(Thread *th);
/* Takes over what parked and ended threads have retired, and merges for a parked one. may: run finalizers. */
void epoch_adopt(Thread *th);
/* Hands what th has retired to whoever sweeps next (end of a thread). */
void epoch_hand_over(Thread *th);

#endif
