/*
 * The byte lock with parking: runtime/lock.h, runtime/lock.c.
 *
 *     lock()    object_lock or object_lock_quick, object_lock_slow     park()   park
 *     unlock()  object_unlock, object_unlock_slow, take_waiter, or object_unlock_quick, object_wake_waiters
 *
 * THREADS threads take the lock ROUNDS times each.  Left out: spinning before the mark (it only
 * repeats the load), other locks in the same bucket, and time: "has slept 1 ms" is any waiter.
 *
 * Invariants: one thread inside at a time; each addition under the lock counts; whoever sleeps is woken
 * (a lost wake-up is an invalid end state); a Waiter is written only while its thread sleeps.
 */
#define THREADS 3
#define ROUNDS 2
#define HELD 1
#define MARKED 2 /* LOCK_WAITERS */

mtype = { ASLEEP, WOKEN, HANDED }

byte word;          /* Object.lock */
bool bucket;        /* Bucket.locked */
byte queue[THREADS]; /* Bucket.first ... last */
byte queued;
mtype state[THREADS]; /* Waiter.state: the futex word */
bool live[THREADS];   /* ghost: the Waiter on its thread's stack exists */
byte inside;          /* ghost */
byte total;           /* what the lock guards */
byte done;

inline bucket_lock()
{
    atomic { !bucket -> bucket = true }
}
inline bucket_unlock() { bucket = false }

inline park()
{
    bucket_lock();
    if
#ifndef MUTANT_NO_RECHECK /* sleeps although the lock was given back before it was in the queue */
    :: word != (HELD | MARKED) -> bucket_unlock()
#endif
    :: else ->
        d_step { state[me] = ASLEEP; live[me] = true; queue[queued] = me; queued++ }
        bucket_unlock();
        state[me] != ASLEEP; /* futex_wait */
        d_step { mine = (state[me] == HANDED); live[me] = false }
    fi
}

inline lock()
{
    if
    :: atomic { mine = (word == 0); if :: mine -> word = HELD :: else fi }
    :: atomic { mine = !(word & HELD); word = word | HELD } /* object_lock_quick */
    fi;
    do
    :: mine -> break
    :: else ->
        seen = word;
        if
        :: !(seen & HELD) ->
            atomic { if :: word == seen -> word = seen | HELD; mine = true :: else fi }
        :: (seen & HELD) && !(seen & MARKED) ->
            atomic { if :: word == seen -> word = seen | MARKED; marked = true :: else -> marked = false fi }
            if :: marked -> park() :: else fi
        :: (seen & HELD) && (seen & MARKED) -> park()
        fi
    od
}

inline unlock()
{
#ifdef MUTANT_BLIND_RELEASE /* a plain store: does not see that somebody has marked the byte */
    mine = true; word = 0;
#else
    if
    :: atomic { mine = (word == HELD); if :: mine -> word = 0 :: else fi }
    :: atomic { mine = (word == HELD); word = word - HELD } /* object_unlock_quick */
#ifdef MUTANT_MARK_FORGOTTEN /* whoever sleeps waits for the next unlocking, which need not come */
       mine = true
#else
       if
       :: mine
       :: else -> /* object_wake_waiters */
#ifdef MUTANT_WAKE_UNLOCKED /* wakes without holding the lock: over who has taken it meanwhile */
           skip
#else
           atomic { mine = (word != MARKED); if :: mine :: else -> word = HELD | MARKED fi }
#endif
       fi
#endif
    fi
#endif
    if
    :: mine
    :: else ->
        bucket_lock();
        d_step {
            waiter = THREADS;
            if
            :: queued > 0 ->
                waiter = queue[0]; queue[0] = queue[1]; queue[1] = queue[2]; queue[2] = 0; queued--
            :: else
            fi
        }
        if
        :: waiter < THREADS -> hand = true /* slept 1 ms */
        :: hand = false
        fi;
#ifdef MUTANT_MORE_FORGOTTEN /* those who still wait are no longer marked */
        word = (hand -> HELD : 0);
#else
#ifdef MUTANT_HAND_OPEN /* handed over, and open for everybody at once */
        word = (queued > 0 -> MARKED : 0);
#else
        word = (hand -> HELD : 0) | (queued > 0 -> MARKED : 0);
#endif
#endif
        bucket_unlock();
        if
#ifndef MUTANT_NO_WAKE
        :: waiter < THREADS -> assert(live[waiter]); state[waiter] = (hand -> HANDED : WOKEN)
#endif
        :: else
        fi
    fi
}

active [THREADS] proctype thread()
{
    byte me = _pid, rounds, seen, waiter, copy;
    bool mine, marked, hand;
    do
    :: rounds < ROUNDS ->
        lock();
        inside++; assert(inside == 1);
        copy = total; total = copy + 1;
        d_step { inside--; copy = 0 }
        unlock();
        d_step { rounds++; seen = 0; waiter = 0; copy = 0; mine = false; marked = false; hand = false }
    :: else -> break
    od;
    atomic {
        done++;
        if :: done == THREADS -> assert(total == THREADS * ROUNDS && word == 0 && queued == 0) :: else fi
    }
}
