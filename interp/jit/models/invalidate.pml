/*
 * Changing what traces assume (DESIGN: mark, unlink and raise polls, wait, store, retire): jit_invalidate
 * (interp/jit/retire.c), thread_handshake, thread_raise_poll, thread_safepoint (runtime/safepoint.c), guard_poll.
 *
 * A watched VALUE is 1 and becomes 2.  A trace folds it.  Two threads run: they enter the trace while it is
 * linked, use the folded value, pass guard_poll, call helpers that park, poll or not, and come back into the
 * trace.  Thread 1 also changes the value, from tier 1 or in a helper that its own trace has called.  Where
 * no trace is, a thread records one: it reads VALUE, and publishes under the lock unless the thing is being
 * changed or has changed.
 *
 * Nothing is watched yet: traces compare versions of globals.  What this says to whoever adds the first watcher:
 * a trace that comes back from a helper must ask whether it is valid, for the helper may have taken the poll.
 *
 * Invariants: wherever a trace uses what it folded, that is what VALUE is; a reader that has left sees the
 * new value; nobody waits for ever.
 */
#define THREADS 2

byte value = 1;
bool changing;          /* the mark of the watched thing; under the lock */
byte version;           /* of VALUE: grows with each change, under the lock */
bool linked = true;     /* a valid trace is there */
byte folded = 1;        /* what it folded */
bool poll[THREADS];     /* POLL_INVALIDATE */
bool parked[THREADS];
bool passed[THREADS];   /* a safepoint since the handshake began */
bool valid[THREADS] = true; /* nobody has invalidated the trace that this thread is in */
bool jit_lock;

inline lock() { atomic { !jit_lock -> jit_lock = true } }
inline unlock() { jit_lock = false }

/* A safepoint in C or tier 1 takes the poll; a trace below on the stack must still learn of it. */
inline safepoint() { atomic { poll[me] = false; passed[me] = true } }

inline use() { if :: in_trace -> assert(mine == value) :: else fi }

inline change()
{
    lock();
    changing = true;
#ifndef MUTANT_LINK_LEFT
    linked = false;
#endif
    unlock();
    d_step {
        poll[1 - me] = true;
#ifndef MUTANT_OWN_TRACE_FORGOTTEN
        poll[me] = true; valid[me] = false;
#endif
        valid[1 - me] = false;
        passed[1 - me] = false
    }
#ifndef MUTANT_NO_WAIT
    /* thread_handshake; not parked, two that change would wait for each other */
    parked[me] = true;
    passed[1 - me] || parked[1 - me];
    parked[me] = false;
#endif
    value = 3 - value;
    lock(); changing = false; version++; unlock()
}

inline record()
{
    seen = version; mine = value;
    if
    :: safepoint() /* a recording goes on through safepoints */
    :: true
    fi;
    lock();
    if
#ifndef MUTANT_PUBLISHED_WHILE_CHANGING
    :: changing -> unlock()
#endif
#ifndef MUTANT_PUBLISHED_TOO_LATE
    :: version != seen -> unlock()
#endif
    :: else -> d_step { linked = true; folded = mine }
        unlock()
    fi;
    atomic { mine = 0; seen = 0 }
}

active [THREADS] proctype thread()
{
    byte me = _pid, steps, mine, seen, changes;
    bool in_trace;
    do
    :: steps < 4 ->
        steps++;
        if
        :: !in_trace -> /* tier 1: a back edge */
            if
            :: poll[me] -> safepoint()
            :: else
            fi;
            atomic { if :: linked -> in_trace = true; mine = folded; valid[me] = true :: else fi }
            use()
        :: in_trace -> /* its back edge: guard_poll */
#ifndef MUTANT_NO_GUARD
            if
            :: poll[me] -> in_trace = false; mine = 0; safepoint()
            :: else
            fi;
#else
            passed[me] = true;
#endif
            use()
        :: true -> /* a helper parks, then polls, as unparking and native loops do */
            parked[me] = true;
            parked[me] = false;
            safepoint();
#ifndef MUTANT_POLL_TRUSTED /* the poll was taken in the helper: it says nothing any more */
            if
            :: in_trace && !valid[me] -> in_trace = false; mine = 0
            :: else
            fi;
#else
            if
            :: in_trace && poll[me] -> in_trace = false; mine = 0
            :: else
            fi;
#endif
            use()
        :: me == 1 && changes < 1 -> /* also in a helper of its own trace */
            changes++;
            change();
            if
            :: in_trace && !valid[me] -> in_trace = false; mine = 0
            :: else
            fi;
            use()
        :: !in_trace && !linked -> record()
        fi
    :: else -> break
    od;
    parked[me] = true
}
