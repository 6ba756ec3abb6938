#!/bin/sh
# Makes .venv from uv.lock, with nothing but sh and a Python; does nothing when it is up to date.
set -eu
cd "$(dirname "$0")/../.."

UV=0.13.9
STAMP=.venv/.made-from
LOG=.venv.log

say() { printf '%s\n' "$*" >&2; }
fail() { say "" "$@"; exit 1; }

# The newest of the usual names that is new enough.
find_python() {
    for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    found=$("${PYTHON:-python3}" --version 2>&1 || true)
    fail "Python 3.11 or newer is needed, and ${PYTHON:-python3} is: ${found:-not there}." \
        "Install one, or name one that is there: make PYTHON=/path/to/python3.11 ..."
}

# Everything that, when it changes, makes the environment out of date.
fingerprint() { { pwd; cat uv.lock pyproject.toml deploy/local/make-venv.sh; } | cksum; }

# Runs a step; when it fails, says what that usually means, with the end of what it printed.
step() {
    meaning=$1; shift
    if ! "$@" >"$LOG" 2>&1; then
        tail -n 5 "$LOG" >&2
        fail "$meaning"
    fi
}

made_from=$(fingerprint)
if [ -f "$STAMP" ] && [ "$(cat "$STAMP")" = "$made_from" ] && .venv/bin/python -c '' 2>/dev/null
then
    exit 0
fi

python=$(find_python)
say "Making .venv with $("$python" --version) (once, about a minute) ..."
if [ ! -x .uv/bin/uv ] || ! .uv/bin/uv --version | grep -q "$UV"; then
    say "  fetching uv from the Python package index ..."
    step "Python could not make a virtual environment for uv." "$python" -m venv --clear .uv
    step "uv $UV could not be fetched: the Python package index cannot be reached.
Check the network and the proxy settings, then try again." \
        .uv/bin/pip install --disable-pip-version-check --quiet "uv==$UV"
fi
if ! .venv/bin/python -c '' 2>/dev/null; then
    step "Python could not make a virtual environment: its venv module is missing
(on Debian and Ubuntu: apt-get install python3-venv), or the disk is full." \
        "$python" -m venv --clear .venv
fi
say "  fetching the libraries of uv.lock ..."
rm -f "$STAMP"
# To the terminal: uv shows progress there, and on a failure names the package it could not get.
UV_PYTHON_DOWNLOADS=never .uv/bin/uv sync --frozen --python .venv/bin/python || fail \
    "The libraries could not be fetched: the Python package index cannot be reached, or the disk
is full (the lines above say more). What was fetched is kept; try again."
printf '%s\n' "$made_from" >"$STAMP"
rm -f "$LOG"
say "  .venv is ready"
