/*
 * The list of initialisers of this library's containers and texts.
 *
 * The key of the text hash is drawn first: nothing may be hashed before.
 *
 * Threads: rt_start only.
 */
#include "runtime/str_internal.h"
#include "runtime/types.h"

bool rt_container_types_init(Thread *th)
{
    str_hash_init(th->rt);
    return str_types_ready(th) && bytes_types_ready(th) && list_types_ready(th) &&
           tuple_types_ready(th) && range_types_ready(th) && slice_types_ready(th) &&
           dict_types_ready(th) && dict_view_types_ready(th) && set_types_ready(th) &&
           sequence_iterator_types_ready(th);
}
