/*
 * The bodies of all uops: op_<name> for every row of ir/uops.def that is not SP.
 *
 * Include this where uops are evaluated: the constant folder, the portable executor, tier 1's fast
 * paths, the stencils.  Nothing here calls out, allocates or raises.
 */
#ifndef ADDER_IR_OPS_OPS_H
#define ADDER_IR_OPS_OPS_H

#include "ir/ops/count.h"
#include "ir/ops/float.h"
#include "ir/ops/guards.h"
#include "ir/ops/int.h"
#include "ir/ops/memory.h"

#endif
