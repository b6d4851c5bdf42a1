/*
 * Biased counts and merging: rt_incref_slow, rt_decref_slow, local_gone, object_fold (runtime/object.c),
 * thread_queue_merge, thread_drain_merges, drain_claimed (runtime/object_merge.c), parked_claim,
 * epoch_park, thread_unpark, thread_unlink (runtime/safepoint.c).
 *
 * One object, owned by thread 0, which begins with two references to it.  A reference is a token: it is
 * held by a thread, or lies in `mail`, a shared container where one thread puts what another takes,
 * without counting.  Increments need a token.  Thread 0 does steps, merges at safepoints, parks, and ends
 * or stays parked for ever; the others do steps and end.  Who is last drops what lies in the mail.
 *
 * Invariants: the object is freed when the last token is gone, and only then, once; nobody touches it
 * afterwards; counts are exact, whoever merges.
 */
#define THREADS 3
#define INCREFS 1 /* of all threads */
#define PASSES 4  /* tokens put into the mail, of all threads */
#define OWNER_NONE 9

mtype = { DEFAULT, QUEUED, MERGED }
mtype:phase = { RUN, PARKED, CLAIMED, ENDED }

byte owner = 0;             /* Object.owner */
byte own = 2;             /* Object.local */
short shared = 0;           /* Object.shared: count */
mtype shared_state = DEFAULT; /* ... and state */
byte queued;                /* entries in thread 0's merge queue */
mtype:phase phase = RUN;    /* thread 0's epoch and whether it is in the list of threads */
bool list_lock;             /* Runtime.threads_lock */
byte increfs = INCREFS, passes = PASSES;
byte tokens[THREADS], mail; /* ghosts */
byte ended;
bool freed;

inline touch() { assert(!freed) }
inline all(n) { n = tokens[0] + tokens[1] + tokens[2] + mail }
inline dealloc()
{
    d_step { all(sum); assert(!freed && sum == 0); freed = true; sum = 0 }
}

inline incref()
{
    touch();
    if
    :: owner == me -> own++
    :: else -> d_step { shared++ }
    fi;
    tokens[me]++
}

/* object_fold: fold the owner's count into the shared one. */
inline fold()
{
    touch();
    count = own;
    d_step { s = shared; state = shared_state }
    assert(state == QUEUED);
    own = 0;
    owner = OWNER_NONE;
    do
    :: atomic {
        shared == s && shared_state == state ->
#ifdef MUTANT_LOCAL_FORGOTTEN
        shared = s;
#else
        shared = s + count;
#endif
        shared_state = MERGED
       }
       dead = (s + count == 0); break
    :: atomic { (shared != s || shared_state != state) -> s = shared; state = shared_state }
    od;
    if
    :: dead -> dealloc()
    :: else
    fi;
    d_step { count = 0; s = 0; state = DEFAULT; dead = false }
}

/* The whole queue, by thread 0 or by who has claimed it. */
inline drain()
{
    do
    :: queued > 0 -> queued--; fold()
    :: else -> break
    od
}

inline queue_merge()
{
    atomic { !list_lock -> list_lock = true }
    if
    :: phase != ENDED ->
        queued++;
#ifndef MUTANT_PARKED_FORGOTTEN /* leaves it to the owner, who may never come back */
#ifdef MUTANT_RUNNING_CLAIMED /* merges for a running owner */
        claimed = true;
#else
        atomic { claimed = (phase == PARKED); if :: claimed -> phase = CLAIMED :: else fi }
#endif
#endif
        list_lock = false;
        if
        :: claimed ->
            do
            :: drain();
                atomic { !list_lock -> list_lock = true }
                if
                :: queued == 0 ->
#ifndef MUTANT_RUNNING_CLAIMED
                    assert(phase == CLAIMED);
                    phase = PARKED;
#endif
                    list_lock = false;
                    break
                :: else -> list_lock = false
                fi
            od;
            claimed = false
        :: else
        fi
    :: else ->
        list_lock = false;
        fold()
    fi
}

inline decref()
{
    touch();
    tokens[me]--;
    if
    :: owner == me ->
        assert(own > 0);
        own--;
        if
        :: own == 0 -> /* local_gone */
            d_step { s = shared; state = shared_state }
            if
            :: s == 0 && state == DEFAULT -> dealloc()
#ifndef MUTANT_QUEUED_FREED /* merges although the queue still holds it */
            :: state == QUEUED
#endif
            :: else ->
                owner = OWNER_NONE;
                do
                :: atomic { shared == s && shared_state == state -> shared_state = MERGED } break
                :: atomic { (shared != s || shared_state != state) -> s = shared; state = shared_state }
                od;
                if
                :: s == 0 -> dealloc()
                :: else
                fi
            fi
        :: else
        fi
    :: else -> /* decref_shared */
        do
        :: d_step { s = shared; state = shared_state }
            atomic {
                if
                :: shared == s && shared_state == state ->
                    shared--;
                    if
#ifndef MUTANT_BELOW_ZERO
                    :: state == DEFAULT && shared < 0 -> shared_state = QUEUED; dead = true
#endif
                    :: else
                    fi;
                    break
                :: else
                fi
            }
        od;
        if
        :: dead -> dead = false; queue_merge()
#ifdef MUTANT_ZERO_IS_DEAD /* the owner's count is not looked at */
        :: !dead && s == 1 -> dealloc()
#else
        :: !dead && s == 1 && state == MERGED -> dealloc()
#endif
        :: else
        fi
    fi;
    atomic { s = 0; state = DEFAULT }
}

inline step()
{
    if
    :: atomic { increfs > 0 && tokens[me] > 0 -> increfs-- } incref()
    :: tokens[me] > 0 -> decref()
    :: atomic { passes > 0 && tokens[me] > 0 -> passes--; tokens[me]--; mail++ }
    :: atomic { mail > 0 -> mail--; tokens[me]++ }
    fi
}

inline unpark()
{
#ifdef MUTANT_CLAIM_IGNORED
    phase = RUN
#else
    atomic { phase == PARKED -> phase = RUN }
#endif
}

/* epoch_park: an entry may come between the last look and PARKED, from one who found no parked owner. */
inline park()
{
    do
    :: drain();
        phase = PARKED;
        if
#ifndef MUTANT_PARK_UNCHECKED
        :: queued > 0 -> unpark()
#endif
        :: else -> break
        fi
    od
}

inline judge()
{
    d_step {
        ended++;
        if
        :: ended == THREADS -> assert(freed)
        :: else
        fi
    }
}

active [THREADS] proctype thread()
{
    byte me = _pid, count, sum;
    short s;
    mtype state = DEFAULT;
    bool dead, claimed;
    if
    :: me == 0 -> tokens[0] = 2
    :: me != 0
    fi;
    do
    :: step()
    :: me == 0 -> drain() /* a safepoint */
    :: me == 0 -> park(); unpark()
    :: me != 1 -> break
    :: me == 1 && ended == 2 -> tokens[1] = tokens[1] + mail; mail = 0; break
    od;
    do
    :: tokens[me] > 0 -> decref()
    :: else -> break
    od;
    if
    :: me == 0 -> /* thread_unlink: only with an empty queue */
        do
        :: drain();
            atomic { !list_lock -> list_lock = true }
            if
            :: queued == 0 -> phase = ENDED; list_lock = false; break
            :: else -> list_lock = false
            fi
        od
    :: me == 0 -> park() /* for ever */
    :: me != 0
    fi;
    judge()
}
