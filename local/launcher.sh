#!/bin/sh
# `fieldhouse` on the command line: the checkout that this environment belongs to, never an installed copy.
root=$(cd "$(dirname "$0")/../.." && pwd)
exec "$root/.venv/bin/python" -P -c 'import sys; sys.path.insert(0, sys.argv.pop(1)); from fieldhouse.cli import main; main()' "$root" "$@"
