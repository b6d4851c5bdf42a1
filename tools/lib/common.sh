# Shell helpers of tools/run, tools/test and .ci/run: packages, configuring, building.
# Sourced, never run. Expects ADDER_ROOT. Prints to stderr only: stdout belongs to the program.
# Everything it makes lies under build/; a call that finds nothing to do takes some 0.1 s.

say() {
    printf 'adder: %s\n' "$*" >&2
}

die() {
    say "$*"
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        say "cannot install packages: not root, and there is no sudo"
        return 1
    fi
}

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Installs what packages.txt names and is missing; a stamp makes the next call free.
ensure_packages() {
    local list="$ADDER_ROOT/tools/lib/packages.txt" stamp="$ADDER_ROOT/build/.packages"
    if [ -e "$stamp" ] && cmp -s "$list" "$stamp" &&
        command -v clang-19 meson ninja python3 >/dev/null; then
        return 0
    fi
    mkdir -p "$ADDER_ROOT/build"
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        command -v clang-19 >/dev/null && command -v meson >/dev/null &&
            command -v ninja >/dev/null && return 0
        die "this is no Debian: install by hand what $list names, then run again"
    fi
    local name missing=() wanted=()
    while read -r name; do
        case "$name" in
        '' | '#'*) ;;
        '?'*) is_installed "${name#?}" || wanted+=("${name#?}") ;;
        *) is_installed "$name" || missing+=("$name") ;;
        esac
    done <"$list"
    if [ $((${#missing[@]} + ${#wanted[@]})) -gt 0 ]; then
        say "installing: ${missing[*]} ${wanted[*]}"
        install_packages || die "could not install ${missing[*]}. As root: apt-get install ${missing[*]}"
    fi
    cp "$list" "$stamp"
}

# Uses the caller's arrays missing and wanted.
install_packages() {
    local log="$ADDER_ROOT/build/apt.log" name
    if ! as_root apt-get update -q >"$log" 2>&1; then
        say "apt-get update failed; trying with the lists at hand"
    fi
    for name in "${wanted[@]}"; do
        if apt-cache show "$name" >/dev/null 2>&1; then
            missing+=("$name")
        fi
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    if ! as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
        tail -n 20 "$log" >&2
        return 1
    fi
}

# configure_build NAME [MESON OPTIONS]: makes build/NAME unless it is there with these options.
configure_build() {
    local name="$1" dir="$ADDER_ROOT/build/$1"
    shift
    if [ -e "$dir/build.ninja" ] && [ "$(cat "$dir/.options" 2>/dev/null)" = "$*" ]; then
        return 0
    fi
    say "configuring build/$name"
    rm -rf "$dir"
    mkdir -p "$ADDER_ROOT/build"
    if ! (cd "$ADDER_ROOT" && CC=clang-19 meson setup "$dir" "$@" >"$ADDER_ROOT/build/$name.log" 2>&1); then
        tail -n 20 "$ADDER_ROOT/build/$name.log" >&2
        die "meson could not configure build/$name"
    fi
    printf '%s' "$*" >"$dir/.options"
}

# build_targets NAME [TARGETS]: builds; a step now and then and all errors go to stderr.
build_targets() {
    local dir="$ADDER_ROOT/build/$1"
    shift
    (
        # Two calls at once wait for each other: ninja itself takes no lock.
        flock 9
        set -o pipefail
        NINJA_STATUS='[%f/%t] ' ninja -C "$dir" "$@" 9>&- 2>&1 | awk '
            /^ninja: (Entering|Leaving|no work)/ { next }
            /^\[[0-9]+\/[0-9]+\] / && !/FAILED/ {
                split(substr($1, 2), n, /[\/\]]/)
                if (n[1] % 20 == 0 || n[1] == n[2]) { print "adder: built " n[1] " of " n[2]; fflush() }
                next
            }
            { print; fflush() }' >&2
    ) 9>"$dir/.lock"
}

# build_named NAME [TARGETS]: configures and builds one of the named builds. Fails without a word of
# its own: the errors have been shown.
#   release: what users run; asan: every check that the compiler offers, on the malloc back end;
#   tsan: data races (in C: it cannot see machine code).
build_named() {
    local name="$1"
    shift
    case "$name" in
    release) configure_build release -Dbuildtype=release -Doptimization=2 ;;
    asan)
        configure_build asan -Dbuildtype=debugoptimized -Doptimization=1 \
            -Db_sanitize=address,undefined -Dalloc=malloc -Ddispatch=tail
        ;;
    tsan)
        configure_build tsan -Dbuildtype=debugoptimized -Doptimization=1 \
            -Db_sanitize=thread -Dalloc=malloc -Ddispatch=tail
        ;;
    *) die "there is no build named $name" ;;
    esac
    build_targets "$name" "$@"
}
