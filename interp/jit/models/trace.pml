/*
 * The life of a trace: publish and attach (interp/jit/trace.c: jit_publish, under jit_lock), unlinking
 * (interp/jit/retire.c: unlink_tree, cut_links), freeing (jit_reclaim: world_stop, mark_thread, take_idle).
 *
 * ROOT is published; OTHER, of another tree, ends with a link to it.  A runner enters ROOT by its head or
 * through OTHER's link, may go on into ROOT's side trace, may call a helper that parks (it stays on the C stack
 * with a return address in the trace), and leaves.  A recorder records a side trace of ROOT and publishes
 * it.  A retirer unlinks ROOT and frees what nobody is inside of, as often as it takes.
 *
 * Invariants: nobody runs, links to, or attaches to code that has been freed; a side trace is never
 * attached to a tree that has been unlinked (nobody would ever free it); in the end the tree is freed.
 */
#define ROOT 0
#define SIDE 1
#define OTHER 2
#define NOWHERE 3

mtype = { RECORDING, PUBLISHED, INVALID, GONE }

mtype root = PUBLISHED; /* JitTrace.state of ROOT and so of its tree */
mtype side = RECORDING;
bool head = true;       /* ENTER_TRACE stands at ROOT's head */
bool link = true;       /* OTHER's end leads to ROOT */
bool slot;              /* ROOT's exit leads to SIDE */
bool jit_lock;
bool recording;         /* the recorder holds the tree that it grows in */
byte inside = NOWHERE;  /* whose code has an address on the runner's stack */
bool runner_stops = true;   /* parked, or waits at a safepoint; so for the recorder */
bool recorder_stops = true;
bool stop;              /* the retirer has sole */
bool runner_done, recorder_done;

inline lock() { atomic { !jit_lock -> jit_lock = true } }
inline unlock() { jit_lock = false }
/* From parked to running: not while the world is stopped. */
inline go_on(stops) { atomic { !stop -> stops = false } }

inline in_code()
{
    assert(inside != ROOT || root != GONE);
    assert(inside != SIDE || side != GONE)
}

active proctype runner()
{
    byte rounds;
    do
    :: rounds < 2 ->
        rounds++;
        go_on(runner_stops);
        if /* from the look at the word to the code there is no safepoint */
        :: head -> inside = ROOT
        :: inside = OTHER;
            if
            :: link -> inside = ROOT
            :: else -> inside = NOWHERE
            fi
        :: inside = NOWHERE
        fi;
        in_code();
        if
        :: inside == ROOT && slot -> inside = SIDE; in_code()
        :: true
        fi;
        if
        :: inside != NOWHERE -> /* a helper parks */
            runner_stops = true;
            go_on(runner_stops);
            in_code()
        :: true
        fi;
        inside = NOWHERE;
        runner_stops = true
    :: else -> break
    od;
    runner_done = true
}

active proctype recorder()
{
    go_on(recorder_stops);
    /* jit_side_start: the parent is looked at under the lock, and held from then on */
    lock();
    if
    :: root == PUBLISHED ->
        recording = true;
        unlock();
        recorder_stops = true; /* records: safepoints, helpers */
        go_on(recorder_stops);
#ifndef MUTANT_RECORDING_NOT_HELD
        assert(root != GONE); /* inherits from the parent's snapshot */
#endif
        lock();
        assert(root != GONE);
        if
#ifndef MUTANT_ATTACH_UNCHECKED
        :: root != PUBLISHED -> side = GONE
#endif
        :: else ->
            assert(root == PUBLISHED);
            side = PUBLISHED;
            slot = true
        fi;
        unlock();
        recording = false
    :: else -> unlock(); side = GONE
    fi;
    recorder_stops = true;
    recorder_done = true
}

active proctype retirer()
{
    bool active_tree;
    lock();
#ifndef MUTANT_HEAD_LEFT
    head = false;
#endif
    root = INVALID;
#ifndef MUTANT_LINK_LEFT
    link = false;
#endif
    unlock();
    do
    :: root != GONE ->
#ifdef MUTANT_FREED_WHERE_IT_IS /* a grace period instead: who is parked does not count */
        runner_stops && recorder_stops;
        active_tree = false;
#else
#ifndef MUTANT_WORLD_RUNS
        stop = true;
        runner_stops && recorder_stops;
#endif
        active_tree = (inside == ROOT || inside == SIDE);
#ifndef MUTANT_RECORDING_NOT_HELD
        active_tree = active_tree || recording;
#endif
#endif
        if
        :: !active_tree ->
            root = GONE;
            if
            :: side == PUBLISHED -> side = GONE
            :: else
            fi;
            stop = false
        :: else ->
            stop = false;
            runner_done && recorder_done || inside == NOWHERE && !recording /* later */
        fi
    :: else -> break
    od;
    runner_done && recorder_done;
    assert(root == GONE && side == GONE && !jit_lock)
}
