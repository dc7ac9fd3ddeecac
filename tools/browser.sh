#!/bin/sh
# Sees to a Chromium for the tests of the sandbox page; never fails, says what will not be run.
#
# Debian's own package: it comes with its libraries, which a downloaded browser does not.
set -eu

find_browser() {
    for name in chromium chromium-browser google-chrome; do
        command -v "$name" && return
    done
    return 1
}

if browser=$(find_browser); then
    echo "browser: $browser"
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "browser: installing chromium"
    apt="apt-get -qq -o Acquire::Retries=1 -o Acquire::http::Timeout=30"
    export DEBIAN_FRONTEND=noninteractive
    if { $apt update && $apt install -y --no-install-recommends chromium; } </dev/null >/dev/null 2>&1
    then
        echo "browser: $(find_browser)"
        exit 0
    fi
fi
echo "browser: no Chromium here, so the tests marked 'browser' are not run (apt install chromium)"
