#!/usr/bin/env bash
# tools/lib/build.sh NAME [TARGETS]: builds build/NAME (release, asan, tsan); for tests/ and bench/.
set -u
ADDER_ROOT=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd)
. "$ADDER_ROOT/tools/lib/common.sh"

ensure_packages
build_named "$@"
