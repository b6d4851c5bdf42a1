/*
 * Private objects and the store barrier: rt_store_barrier (runtime/thread.h), rt_publish, push_private
 * (runtime/object.c), object_exclusive (runtime/container_inline.h).
 *
 * Thread 0 makes PARENT, which refers to CHILD, both private, counts in CHILD without a lock, then stores
 * PARENT into the shared ROOT.  Thread 1 finds them there, counts in CHILD, and stores its own private
 * OTHER into PARENT; thread 0 then counts in what it finds there.  Who finds an object not private locks
 * it.  The words that link the publishing stack (shared, lock, gc) are `linked` here.
 *
 * Invariants: nothing private is reachable from anything that is not; nobody meets a private object of
 * another, a link in place of counts, or a field that is not yet written; counts under the lock are exact.
 */
#define ROOT 0
#define PARENT 1
#define CHILD 2
#define OTHER 3
#define NOTHING 4

bool private[4];
bool linked[4];   /* the header's words hold a link of the publishing stack */
bool locked[4];   /* Object.lock */
byte slot[4] = NOTHING; /* the one reference that each holds */
byte count[4];    /* what the program changes */
byte added[4];    /* ghost: how often it did */
byte maker[4];    /* ghost: the thread that made it */
byte ended;       /* ghost */

inline end()
{
    d_step {
        ended++;
        if
        :: ended == 2 ->
            copy = 0;
            do
            :: copy < 4 ->
                assert(count[copy] == added[copy]);
                assert(private[copy] || slot[copy] == NOTHING || !private[slot[copy]]);
                copy++
            :: else -> break
            od
        :: else
        fi
    }
}

inline met(o)
{
    assert(!private[o] || maker[o] == _pid);
    assert(!linked[o])
}

/* A change of o, as a container's write does it. */
inline change(o)
{
    met(o);
#ifdef MUTANT_STALE_ANSWER /* relies on what it knew before it stored o somewhere */
    exclusive = (maker[o] == _pid);
#else
    exclusive = private[o];
#endif
    if
    :: exclusive
    :: else -> atomic { !locked[o] -> locked[o] = true }
    fi;
    copy = count[o]; count[o] = copy + 1; added[o]++;
    if
    :: exclusive
    :: else -> locked[o] = false
    fi
}

/* rt_publish: PARENT and OTHER may be the top of the stack; each has at most one reference. */
inline publish(o)
{
    private[o] = false; linked[o] = true;
    top = o;
    do
    :: top != NOTHING ->
#ifndef MUTANT_LINK_LEFT
        linked[top] = false;
#endif
        below = slot[top]; /* traverse */
        if
#ifndef MUTANT_NOT_TRANSITIVE
        :: below != NOTHING && private[below] -> private[below] = false; linked[below] = true; top = below
#endif
        :: else -> top = NOTHING
        fi
    :: else -> break
    od
}

inline barrier(container, o)
{
    if
#ifndef MUTANT_NO_BARRIER
    :: private[o] && !private[container] -> publish(o)
#endif
    :: else
    fi
}

inline store(container, o)
{
#ifdef MUTANT_STORE_FIRST
    slot[container] = o;
    barrier(container, o)
#else
    barrier(container, o);
    slot[container] = o
#endif
}

active proctype maker_thread()
{
    byte top, below, copy, found;
    bool exclusive;
    d_step {
        private[PARENT] = true; private[CHILD] = true;
        maker[PARENT] = _pid; maker[CHILD] = _pid;
    }
    change(CHILD);
    store(PARENT, CHILD); /* both private: no barrier */
#ifdef MUTANT_WRITTEN_LATE /* no release: the field is seen after the object */
    slot[PARENT] = NOTHING;
    store(ROOT, PARENT);
    slot[PARENT] = CHILD;
#else
    store(ROOT, PARENT);
#endif
    change(CHILD);
    found = slot[PARENT];
    change(found);
    end()
}

active proctype finder_thread()
{
    byte top, below, copy, found;
    bool exclusive;
    d_step { private[OTHER] = true; maker[OTHER] = _pid }
    change(OTHER);
    slot[ROOT] == PARENT;
    met(PARENT);
    found = slot[PARENT];
    assert(found != NOTHING);
    change(found);
    store(PARENT, OTHER);
    change(OTHER);
    end()
}
