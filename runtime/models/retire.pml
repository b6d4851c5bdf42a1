/*
 * Retiring and reading: runtime/epoch.c.
 *
 *     replace()    a store into a shared slot, epoch_retire      quiescent()  epoch_quiescent
 *     scan()       others_epoch                                  wait_for()   grace_wait
 *     drop_until() drop_until, take_due                          park(), unpark()  thread_park, thread_unpark
 *
 * A bag holds one entry here and is closed at once: what waits in an open bag only gets a later epoch.  A
 * thread that finds the others parked drops at once (`hurry` for last references to what has a finalizer
 * waits in the store instead: its caller must hold nothing, which MUTANT_WAIT_IN_PLACE does).
 *
 * Three threads do OPS steps in all, in any order: replace what is in the shared slot (0 and 1; STORES
 * times in all), read it and keep what is found without a count, in `held` (1 and 2), come to a safepoint
 * (0 and 2), park and come back (0 and 1).  Who ends waits until its list is empty (epoch_drain).
 *
 * Invariants: nothing held is freed before its holder's next quiescent point; nothing is freed twice;
 * in the end all that was retired is freed; no two threads wait for each other.
 */
#define THREADS 3
#define OPS 5 /* of all threads */
#define STORES 2
#define OBJECTS (STORES + 1)
#define PARKED 255
#define NONE OBJECTS
#define LIMIT 1 /* entries: the list's hard bound */

byte epoch = 1;          /* Runtime.epoch */
byte seen[THREADS] = 1; /* Thread.epoch */
byte slot;               /* in a shared object: which object it refers to */
byte made = 1;
bool freed[OBJECTS];
byte budget = OPS;
byte retired, dropped, ended; /* ghosts */

/* Epochs of the other threads are read one after the other. */
inline scan()
{
    least = PARKED; i = 0;
    do
    :: i < THREADS ->
        d_step {
            if
            :: i != me && seen[i] < least -> least = seen[i]
            :: else
            fi;
            i++
        }
    :: else -> i = 0; break
    od
}

inline drop(object)
{
    assert(!freed[object]);
    freed[object] = true; dropped++
}

inline drop_until(limit)
{
    do
    :: length > 0 && list_epoch[0] <= (limit) ->
        d_step {
            drop(list_object[0]);
            list_object[0] = list_object[1]; list_epoch[0] = list_epoch[1];
            list_object[1] = list_object[2]; list_epoch[1] = list_epoch[2];
            list_object[2] = 0; list_epoch[2] = 0;
            length--
        }
    :: else -> break
    od
}

/* Parks, so that two that wait do not wait for each other. */
inline wait_for(e)
{
#ifndef MUTANT_WAIT_RUNNING
    seen[me] = PARKED;
#endif
    atomic {
        (me == 0 || seen[0] >= e) && (me == 1 || seen[1] >= e) && (me == 2 || seen[2] >= e)
    }
    drop_until(e)
}

inline use() { assert(held == NONE || !freed[held]) }

inline unpark()
{
    now = epoch;
#ifdef MUTANT_UNPARK_RELAXED /* not seq_cst: the read that follows overtakes the store */
    held = slot;
#endif
    seen[me] = now
}

inline quiescent()
{
#ifndef MUTANT_KEPT_OVER_SAFEPOINT
    held = NONE;
#endif
    now = epoch;
    seen[me] = now;
    scan();
#ifdef MUTANT_ONE_EARLY
    if :: least < PARKED -> least++ :: else fi;
#endif
    drop_until(least);
    atomic { least = 0; now = 0 }
    if
    :: over -> over = false; now = epoch; wait_for(now); unpark()
    :: else
    fi
}

inline park()
{
    quiescent();
#ifdef MUTANT_PARKED_HOLDING
    held = slot;
#endif
    seen[me] = PARKED
}

/* Who removes what it has borrowed from that very slot owns it first. */
inline replace()
{
    atomic {
#ifdef MUTANT_EPOCH_FIRST
        epoch++; e = epoch
    }
    atomic {
#endif
        old = slot; slot = made; made++;
        if :: held == old -> held = NONE :: else fi
    }
#ifndef MUTANT_EPOCH_FIRST
    atomic { epoch++; e = epoch }
#endif
    scan();
    if
#ifdef MUTANT_NO_GRACE
    :: true -> drop(old)
#else
    :: least >= e -> drop(old) /* the others are parked */
#endif
    :: else ->
        d_step { list_object[length] = old; list_epoch[length] = e; length++ }
        if
        :: length >= LIMIT ->
#ifdef MUTANT_WAIT_IN_PLACE /* parks inside of the store, with what its caller has borrowed */
            wait_for(e); unpark()
#else
            over = true
#endif
        :: else
        fi
    fi;
    d_step { old = 0; e = 0; least = 0 }
}

active [THREADS] proctype thread()
{
    byte me = _pid, held = NONE, i, least, now, old, e;
    byte list_object[3], list_epoch[3], length; /* RetireList.closed */
    bool over; /* beyond the hard bound: waits at the next safepoint */
    do
    :: atomic { budget > 0 -> budget--; now = 0 }
        if
        :: atomic { me != 0 -> held = slot }
        :: atomic { me != 2 && retired < STORES -> retired++ } replace()
        :: me != 1 -> quiescent()
        :: me != 2 -> park(); unpark()
        fi;
        use()
    :: break
    od;
    atomic { held = NONE; now = epoch }
    wait_for(now);
    atomic {
        seen[me] = PARKED;
        ended++;
        if :: ended == THREADS -> assert(retired == dropped) :: else fi
    }
}
