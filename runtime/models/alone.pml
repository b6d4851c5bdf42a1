/*
 * Who runs, who is alone, who stops the world: runtime/safepoint.c.
 *
 *     park()       thread_park                    unpark()     thread_unpark, become_running
 *     sole_ask()   sole_ask                       sole_wait()  sole_wait
 *     alone_try()  alone_try                      checkpoint() thread_safepoint, sole_checkpoint
 *     world_stop() world_stop                     block(), unblock()  thread_block, thread_unblock
 *     wait_begin() ... wait_wake()  runtime/wait_point.h: a ticket is good until the next wake-up
 *
 * Thread 0 is born alone; the others begin parked, as after thread_link.  In all they do OPS steps, in any
 * order: safepoints (0; 1 with a tick), parking (0, 1), stopping the world (1), sleeping for an object lock
 * (2).  Then each ends (thread_unlink), 0 last.  The GIL is not modelled.
 *
 * Invariants: while one is alone no other runs; while the world is stopped only its stopper runs; who
 * asks, waits or comes back gets on (a lost wake-up or a request that nobody hears is an invalid end
 * state); sole is only ever asked of a thread that is attached.
 */
#define THREADS 3
#define OPS 2
#define NOBODY THREADS
#define STOP 1
#define TICK 2

mtype = { RUN, PARKED, CLAIMED, ENDED }
mtype:point = { NOWHERE, SOLE_FREE, PASSED }

byte sole = 0;             /* Runtime.sole */
mtype state[THREADS] = PARKED; /* Thread.epoch, which of its kinds */
bool asleep[THREADS];      /* EPOCH_STOPPED: sleeps for an object lock */
byte poll[THREADS];        /* Thread.poll */
bool alone[THREADS];       /* Thread.alone */
mtype:point at[THREADS] = NOWHERE; /* the WaitPoint that it has announced itself at */
bool woken[THREADS];       /* the sequence has changed since its ticket */
bool threads_lock;
byte attached = THREADS;   /* Runtime.thread_count */
byte budget = OPS;
bool born;
bool runs[THREADS];        /* ghost: between becoming able to use shared memory and giving that up */
byte stopper = NOBODY;     /* ghost: the world is stopped by it */

inline check()
{
    d_step {
        j = 0;
        do
        :: j < THREADS ->
            assert(j == me || !runs[j] || (!alone[me] && !alone[j] && stopper != me));
            j++
        :: else -> j = 0; break
        od;
        assert(stopper == NOBODY || stopper == me)
    }
}

inline wait_begin(where) { at[me] = where }
inline wait_ticket() { woken[me] = false }
inline wait_sleep() { woken[me] }
inline wait_end() { at[me] = NOWHERE }
inline wanted(where, out) { out = (at[0] == where || at[1] == where || at[2] == where) }
inline wait_wake(where)
{
    wanted(where, want);
    if
    :: want ->
        d_step {
            if :: at[0] == where -> woken[0] = true :: else fi;
            if :: at[1] == where -> woken[1] = true :: else fi;
            if :: at[2] == where -> woken[2] = true :: else fi;
            want = false
        }
    :: else
    fi
}
inline lock_threads() { atomic { !threads_lock -> threads_lock = true } }
inline unlock_threads() { threads_lock = false }

inline sole_take(out) { d_step { out = (sole == NOBODY); if :: out -> sole = me :: else fi } }
inline sole_drop(holder)
{
    atomic { out = (sole == holder); if :: out -> sole = NOBODY :: else fi }
    if
#ifndef MUTANT_DROP_IN_SILENCE
    :: out -> wait_wake(SOLE_FREE)
#endif
    :: else
    fi;
    out = false
}
inline passed()
{
#ifdef MUTANT_PARK_IN_SILENCE
    skip
#else
    wait_wake(PASSED)
#endif
}

inline park()
{
    d_step { runs[me] = false; state[me] = PARKED }
#ifndef MUTANT_PARKS_AND_KEEPS /* does not look whether somebody waits for sole */
    wanted(SOLE_FREE, want);
    if
    :: want -> sole_drop(me)
    :: else
    fi;
#endif
    passed()
}

/* got: sole is free. */
inline sole_ask(holder)
{
    lock_threads();
    got = false;
    if
    :: sole == holder ->
        assert(state[holder] != ENDED);
        d_step {
            got = (state[holder] == PARKED);
#ifndef MUTANT_NO_CLAIM /* takes it from a holder that may come back meanwhile */
            if :: got -> state[holder] = CLAIMED :: else fi
#endif
        }
        if
        :: got ->
            sole_drop(holder);
#ifndef MUTANT_NO_CLAIM
            assert(state[holder] == CLAIMED);
            state[holder] = PARKED;
#endif
            passed()
#ifndef MUTANT_NOT_ASKED
        :: else -> poll[holder] = poll[holder] | STOP
#endif
        fi
    :: else
    fi;
    unlock_threads()
}

inline sole_wait()
{
    wait_begin(SOLE_FREE);
    do
    :: wait_ticket();
        seen = sole;
        if
        :: seen == NOBODY -> break
        :: else ->
            sole_ask(seen);
            if
            :: got -> break
            :: else -> wait_sleep()
            fi
        fi
    od;
    atomic { got = false; seen = 0 }
    wait_end()
}

inline alone_try()
{
    sole_take(got);
    if
    :: got ->
        i = 0; others = true;
#ifndef MUTANT_NOBODY_COUNTED
        do
        :: i < THREADS ->
            d_step {
                others = others && (i == me || state[i] == PARKED || state[i] == CLAIMED || state[i] == ENDED);
                i++
            }
        :: else -> break
        od;
#endif
        if
        :: others -> alone[me] = true
        :: else -> sole_drop(me)
        fi
    :: else
    fi;
    atomic { got = false; i = 0; others = false }
}

inline unpark()
{
    do
    :: do /* become_running */
       :: atomic { state[me] == PARKED -> state[me] = RUN; break }
       :: state[me] == CLAIMED ->
            wait_begin(PASSED);
            wait_ticket();
            if
            :: state[me] == CLAIMED -> wait_sleep()
            :: else
            fi;
            wait_end()
       od;
#ifdef MUTANT_COMES_BACK_BLIND
       seen = (sole == me -> me : NOBODY);
#else
       seen = sole;
#endif
       if
       :: seen == me || seen == NOBODY ->
            alone[me] = (seen == me);
            if
            :: !alone[me] && attached == 1 -> alone_try()
            :: else
            fi;
            break
       :: else ->
            state[me] = PARKED;
            passed();
            sole_wait()
       fi
    od;
    atomic { seen = 0; runs[me] = true }
    check()
}


inline unblock()
{
    do
    :: asleep[me] = false;
        if
        :: sole == NOBODY -> break
        :: else -> asleep[me] = true; passed(); sole_wait()
        fi
    od;
    runs[me] = true;
    check()
}

inline checkpoint(tick)
{
    atomic { bits = poll[me] | tick; poll[me] = 0 }
    if
    :: bits != 0 ->
        seen = sole;
        if
        :: seen == me ->
            wanted(SOLE_FREE, want);
            if
#ifndef MUTANT_LETS_NOT_GO
            :: want && alone[me] -> alone[me] = false; sole_drop(me)
#endif
            :: else
            fi
        :: seen != me && seen != NOBODY -> park(); unpark()
        :: seen == NOBODY && (bits & TICK) != 0 -> alone_try()
        :: else
        fi
    :: else
    fi;
    atomic { bits = 0; seen = 0; want = false }
}

inline world_stop()
{
    if
    :: alone[me] -> stopper = me; check(); stopper = NOBODY
    :: else ->
        do
        :: sole_take(got);
            if
            :: got -> got = false; break
            :: else -> park(); unpark()
            fi
        od;
        atomic { poll[0] = poll[0] | STOP; poll[2] = poll[2] | STOP }
        wait_begin(PASSED);
        do
        :: wait_ticket();
            i = 0; others = true;
            do
            :: i < THREADS ->
                d_step {
                    others = others && (i == me || asleep[i] || state[i] != RUN);
                    i++
                }
            :: else -> break
            od;
            if
            :: others -> break
#ifdef MUTANT_STOPS_AT_ONCE
            :: else -> break
#else
            :: else -> wait_sleep()
#endif
            fi
        od;
        atomic { i = 0; others = false }
        wait_end();
        stopper = me; check();
        check(); stopper = NOBODY;
        sole_drop(me)
    fi
}

active [THREADS] proctype thread()
{
    byte me = _pid, i, j, seen, bits;
    bool want, out, got, others;
    if
    :: me == 0 -> d_step { alone[0] = true; state[0] = RUN; runs[0] = true; born = true }
    :: me != 0 -> born; unpark()
    fi;
    do
    :: atomic { budget > 0 -> budget-- }
        check();
        if
        :: me == 0 -> checkpoint(0)
        :: me == 1 -> checkpoint(TICK)
        :: me != 2 -> park(); unpark()
        :: me == 1 -> world_stop()
        :: atomic { me == 2 && !alone[me] -> runs[me] = false; asleep[me] = true } passed(); unblock()
        fi
    :: break
    od;
    if
    :: me != 0
    :: me == 0 -> /* computes until the others have ended */
        do
        :: poll[0] != 0 -> checkpoint(0); check()
        :: attached == 1 -> break
        od
    :: me == 0 -> park(); attached == 1; unpark() /* joins them */
    fi;
    check();
    /* thread_unlink */
    lock_threads();
    d_step { runs[me] = false; state[me] = ENDED; attached-- }
    sole_drop(me);
    unlock_threads();
    passed()
}
