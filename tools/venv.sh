#!/bin/sh
# Builds a virtual environment with the newest Python that serves, or says what to install.
#
#   tools/venv.sh FOLDER        $PYTHON names one interpreter to take instead
#
# A name on PATH proves nothing (version managers put up shims for versions they do not have), so
# each candidate is run. Debian ships Python without ensurepip; virtualenv brings its own pip.
set -eu

folder=$1

if "$folder/bin/python" -m pip --version >/dev/null 2>&1; then
    exit 0 # whole already, and made by a Python that is still there
fi

lacks_pip=
for python in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        "$python" -m venv --clear "$folder"
    elif "$python" -m virtualenv --version >/dev/null 2>&1; then
        "$python" -m virtualenv --quiet --clear "$folder"
    elif command -v virtualenv >/dev/null 2>&1; then
        virtualenv --quiet --clear --python "$python" "$folder"
    else
        lacks_pip=${lacks_pip:-$python}
        continue
    fi
    echo "$folder: $("$folder/bin/python" --version)"
    exit 0
done

if [ -n "$lacks_pip" ]; then
    version=$("$lacks_pip" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "$lacks_pip cannot build a virtual environment: it has neither ensurepip nor virtualenv." >&2
    echo "Install one of them, on Debian and Ubuntu: apt install python$version-venv" >&2
else
    echo "No Python 3.11 or newer found as ${PYTHON:-python3.13, python3.12, python3.11 or python3}." >&2
    echo "Install one, or name it: make PYTHON=/path/to/python3.12" >&2
fi
exit 2
