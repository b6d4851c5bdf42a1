/*
 * Stress: what the tests of containers under many threads share.
 *
 * A run starts threads that are attached and do the same work on shared objects. Two kinds of proof:
 *
 *   Linear    short histories: each operation is written down with its result and the moments between which it
 *             ran; then an order of all of them is sought that the real moments allow and in which a model in
 *             plain C (the sequential oracle) gives the same results.  None: the test fails and shows the history.
 *   Free      long runs without a common clock; afterwards what must hold in any order is counted: nothing lost,
 *             nothing twice, every probe freed once.
 *
 * A probe is an object with a number that dies visibly: reading a dead one fails the test, also in a build that
 * does not poison memory.
 *
 * The seed is printed, and taken from ADDER_SEED if that is set.
 *
 * Threads: stress_* that take a Worker: that worker.
 */
#ifndef ADDER_TESTS_RUNTIME_STRESS_H
#define ADDER_TESTS_RUNTIME_STRESS_H

#include "tests/runtime/cases.h"

#include <pthread.h>

#include "runtime/containers.h"

enum { STRESS_THREADS_MAX = 8, STRESS_OPS_MAX = 24, STRESS_WORDS = 16 };

typedef struct Worker Worker;
typedef struct Stress {
    Thread *th; /* of the test itself */
    int threads;
    void (*body)(Worker *w);
    void *arg;
    pthread_barrier_t barrier;
    _Atomic int64_t arrived;
} Stress;
struct Worker {
    Stress *stress;
    Thread *th;
    int number;
    uint64_t random;
    pthread_t thread;
};

/* Runs body in that many threads and waits for them, parked. */
void stress_run(Thread *th, int threads, void (*body)(Worker *w), void *arg);
/* 2 to 8. */
int stress_thread_count(void);
/* A number below n. */
uint64_t stress_random(Worker *w, uint64_t n);
/* Comes to a safepoint; now and then parks. Between two operations, with nothing borrowed. */
void stress_pause(Worker *w);
/* Waits, parked, until all workers have come here. */
void stress_meet(Worker *w);
/* The same, and then all go on at one moment: what is short does overlap. */
void stress_start_together(Worker *w);
/* v as what other threads may see. */
Value stress_shared(Thread *th, Value v);

/* A new probe. owns: new. */
Value stress_probe(Thread *th, int64_t number);
/* The number of a probe that lives; fails the test if it is dead. */
int64_t stress_number(Value probe);
/* Fails the test unless every probe ever made has been freed once. Drains the calling thread first. */
void stress_assert_all_freed(Thread *th);

/* One operation of a history: kind and arguments mean what the test says. */
typedef struct StressOp {
    int kind;
    int64_t a, b, result;
    uint64_t start, end;
} StressOp;
/* The state of a model: a few words, the meaning is the test's. */
typedef struct StressModel {
    int64_t words[STRESS_WORDS];
    int64_t count;
} StressModel;
typedef int64_t (*StressApply)(StressModel *model, const StressOp *op);
/* The histories of one round, written by its workers at ops[number * per_worker ...]. */
typedef struct StressHistory {
    StressOp ops[STRESS_OPS_MAX];
    int count;
    StressModel start;
} StressHistory;
/* The next moment of the common clock. */
uint64_t stress_now(void);
/* Fails the test unless some order explains the history. name(op) for the report. */
void stress_assert_linear(const StressHistory *h, StressApply apply, const char *const *kinds);

/* main of a stress test: prints the seed. */
int stress_main(const struct CMUnitTest *tests, size_t count);

/* cmocka's assertions jump, which no thread but its own may do: here a failure is printed and ends the process. */
_Noreturn void stress_failed(const char *what, const char *file, int line);
#define STRESS_CHECK(c, text) ((c) ? (void)0 : stress_failed(text, __FILE__, __LINE__))
#undef assert_true
#undef assert_false
#undef assert_null
#undef assert_non_null
#undef assert_int_equal
#undef fail_msg
#define assert_true(c) STRESS_CHECK(c, #c)
#define assert_false(c) STRESS_CHECK(!(c), "not " #c)
#define assert_null(p) STRESS_CHECK((p) == NULL, #p " is null")
#define assert_non_null(p) STRESS_CHECK((p) != NULL, #p)
#define assert_int_equal(a, b) STRESS_CHECK((int64_t)(a) == (int64_t)(b), #a " == " #b)
#define fail_msg(text) stress_failed(text, __FILE__, __LINE__)

#endif
