#!/bin/sh
# Runs a command while a slow one runs beside it, and shows what that one says at the end.
#
#   tools/beside.sh SLOW COMMAND...        fails if either does
set -u

slow=$1
shift
said=$(mktemp)
$slow >"$said" 2>&1 &
beside=$!
trap 'kill $beside 2>/dev/null; rm -f "$said"' EXIT
trap 'exit 130' INT TERM

failed=0
"$@" || failed=$?
wait $beside || failed=$?
echo "$slow:"
cat "$said"
exit "$failed"
