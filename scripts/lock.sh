#!/bin/sh
# Resolves requirements.lock anew: hashes for every platform, no addresses of package hosts.
set -eu
cd "$(dirname "$0")/.."
. scripts/find-uv.sh
find_uv
"$UV" pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-emit-index-url \
    --group local --group assets --group test --group lint pyproject.toml -o requirements.lock "$@"
say "requirements.lock: resolved"
