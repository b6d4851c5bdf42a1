/*
 * What the files of the module _thread share.
 *
 * Threads: any.
 */
#ifndef ADDER_RUNTIME_MODULE_THREAD_H
#define ADDER_RUNTIME_MODULE_THREAD_H

#include "runtime/abstract_internal.h"
#include "runtime/thread_start.h"

/* A lock, a handle that is not started. owns: new. */
Value lock_new(Thread *th);
Value thread_handle_new(Thread *th);
ThreadLock *thread_lock_of(Value lock);
bool thread_local_type_init(Thread *th);

#endif
