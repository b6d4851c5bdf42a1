/*
 * Eval, switch dispatch: the cases of a switch. Included by eval_switch.h, with and without MANY.
 */
#include "interp/handlers_arith.h"
#include "interp/handlers_call.h"
#include "interp/handlers_compare.h"
#include "interp/handlers_for.h"
#include "interp/handlers_items.h"
#include "interp/handlers_iterate.h"
#include "interp/handlers_leave.h"
#include "interp/handlers_names.h"
#include "interp/handlers_return.h"
#include "interp/handlers_slow.h"
