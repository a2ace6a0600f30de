# Sourced by the other scripts: sets UV to a working uv, made in a private environment when the machine has none.

# Companies' own certificates count, where the machine keeps a list of them.
if [ -e /etc/ssl/certs/ca-certificates.crt ] || [ "$(uname)" = Darwin ]; then
    export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}" UV_NATIVE_TLS="${UV_NATIVE_TLS:-true}"
fi

# A home that is missing or closed to writing must not stop anything.
if ! { [ -n "${HOME:-}" ] && mkdir -p "$HOME/.cache" 2>/dev/null && [ -w "$HOME/.cache" ]; }; then
    export UV_CACHE_DIR="${UV_CACHE_DIR:-$PWD/.venv-tools/cache}" PIP_NO_CACHE_DIR=1
    export UV_PYTHON_INSTALL_DIR="${UV_PYTHON_INSTALL_DIR:-$PWD/.venv-tools/python}" HOME="$PWD/.venv-tools"
fi

say() {
    printf '%s\n' "$*"
}

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

find_uv() {
    tools="${CRM_TOOLS_DIR:-.venv-tools}"
    for candidate in uv "$HOME/.local/bin/uv" "$HOME/.cargo/bin/uv" "$tools/bin/uv"; do
        if "$candidate" --version >/dev/null 2>&1; then
            UV=$candidate
            return
        fi
    done
    command -v python3 >/dev/null 2>&1 ||
        fail "Python is missing. Install it: apt-get install python3 python3-venv (macOS: brew install python@3.13)."
    say "uv: not found, making a private one in $tools"
    rm -rf "$tools"
    python3 -c 'import ensurepip, venv' >/dev/null 2>&1 ||
        fail "Python cannot make virtual environments. Install the package: apt-get install python3-venv."
    python3 -m venv "$tools" || fail "The folder $tools could not be made (see above)."
    "$tools/bin/python" -m pip install --quiet --disable-pip-version-check uv || {
        rm -rf "$tools"
        fail "uv could not be installed (see above). Check the connection to the Python package index."
    }
    UV=$tools/bin/uv
}
