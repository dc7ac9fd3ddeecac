#!/bin/sh
# Installs this checkout into a virtual environment, in the versions that constraints.txt pins.
#
#   tools/install.sh FOLDER [EXTRA]
set -eu

python=$1/bin/python
project=.[web${2:+,$2}]

"$python" -m pip install --quiet --constraint constraints.txt --editable "$project"
# What pip does for a wheel: without it, where Python may not write, every command compiles anew.
"$python" -m compileall -q broadcaster adapters

# A newer SQLite than the system's, where a wheel of it exists; no reason to need a compiler.
"$python" -m pip install --quiet --constraint constraints.txt --only-binary :all: pysqlite3 \
    2>/dev/null || echo "pysqlite3: no wheel could be had; going on with Python's own SQLite"
