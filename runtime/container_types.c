/*
 * The list of initialisers of this library's containers and texts.
 *
 * The key of the text hash is drawn first: nothing may be hashed before.
 *
 * Threads: rt_start only.
 */
#include "runtime/str_internal.h"
#include "runtime/types.h"

/* The table of interned texts is there before a second thread could make one of its own. */
static bool interned_init(Thread *th)
{
    th->rt->interned = dict_new(th);
    return th->rt->interned != VALUE_ABSENT;
}

bool rt_container_types_init(Thread *th)
{
    str_hash_init(th->rt);
    return str_types_ready(th) && bytes_types_ready(th) && list_types_ready(th) &&
           tuple_types_ready(th) && range_types_ready(th) && slice_types_ready(th) &&
           dict_types_ready(th) && dict_view_types_ready(th) && set_types_ready(th) &&
           sequence_iterator_types_ready(th) && interned_init(th);
}
