#!/bin/sh
# Makes .venv from requirements.lock (only when the lock changed), then runs `python -m crm ARGUMENTS`.
set -eu
cd "$(dirname "$0")/.."
. scripts/find-uv.sh

SUITABLE='import sys; sys.exit(not (3, 12) <= sys.version_info[:2] < (3, 15))'

suitable() {
    "$1" -c "$SUITABLE" >/dev/null 2>&1
}

# Where pyenv keeps its versions, also when HOME is not set or is another folder.
pyenv_root() {
    own=$(getent passwd "$(id -u)" 2>/dev/null | cut -d: -f6)
    for root in "${PYENV_ROOT:-}" "$HOME/.pyenv" "${own:-$HOME}/.pyenv"; do
        if [ -n "$root" ] && [ -d "$root/versions" ]; then
            printf '%s\n' "$root"
            return
        fi
    done
}

find_python() {
    PYTHON=""
    versions="$(pyenv_root)/versions"
    for candidate in python3.13 python3.12 python3.14 python3 \
        "$versions"/3.13*/bin/python "$versions"/3.12*/bin/python "$versions"/3.14*/bin/python; do
        if suitable "$candidate"; then
            PYTHON=$("$candidate" -c 'import sys; print(sys.executable)')
            return
        fi
    done
}

make_environment() {
    [ -w . ] || fail "$(id -un) may not write into $PWD. Start as its owner, or take a copy of your own."
    find_uv
    find_python
    if [ -z "$PYTHON" ]; then
        say "python: none between 3.12 and 3.14 here, uv fetches 3.13"
        PYTHON=3.13
    fi
    rm -rf .venv
    "$UV" venv --quiet --no-project --python "$PYTHON" .venv ||
        fail "Python 3.12 or newer is missing and could not be fetched (see above). Install it: apt-get install python3.13 python3.13-venv (macOS: brew install python@3.13)."
    say "python: $(.venv/bin/python -V 2>&1)"
}

sync_environment() {
    wanted=$(cksum <requirements.lock)
    if [ "$(cat .venv/.lock-sum 2>/dev/null || true)" = "$wanted" ]; then
        return
    fi
    [ -n "${UV:-}" ] || find_uv
    say "packages: installing from requirements.lock"
    started=$(date +%s)
    "$UV" pip sync --quiet --require-hashes --python .venv/bin/python requirements.lock ||
        fail "The packages could not be installed (see above). Check the connection to the Python package index."
    printf '%s\n' "$wanted" >.venv/.lock-sum
    say "packages: ready ($(($(date +%s) - started)) s)"
}

suitable .venv/bin/python || make_environment
sync_environment
[ "$#" -gt 0 ] || exit 0
exec .venv/bin/python -m crm "$@"
