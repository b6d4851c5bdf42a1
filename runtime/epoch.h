/*
 * Epochs: quiescent-state reclamation (DESIGN 3).
 *
 * A reference removed from a non-private object, a replaced table or a dead trace is retired, and
 * dropped a grace period later, so a reader may use what it has read until its own next quiescent
 * point.  While all other threads are parked (always so with one thread) a retire drops at once.
 *
 * Threads: any attached thread.
 */
#ifndef ADDER_RUNTIME_EPOCH_H
#define ADDER_RUNTIME_EPOCH_H

#include "runtime/thread.h"

typedef void (*RetireFn)(Thread *th, void *p);
/* Calls drop(th, p) a grace period later. size_bytes counts towards the bounds of the list.
 * may: drop at once (and so run finalizers). fails: never (out of memory: waits and drops). */
void epoch_retire(Thread *th, void *p, size_t size_bytes, RetireFn drop);
/* Retires one reference: what rt_decref is for slots of shared objects. */
void epoch_retire_value(Thread *th, Value v);
/* The thread holds no borrowed reference into shared memory now. */
void epoch_quiescent(Thread *th);
void epoch_park(Thread *th);
void epoch_unpark(Thread *th);
/* Waits, parked, until all that this thread has retired is dropped (thread exit, rt_stop). */
void epoch_drain(Thread *th);

#endif
