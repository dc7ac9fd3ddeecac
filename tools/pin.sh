#!/bin/sh
# Rewrites constraints.txt with the newest versions that pyproject.toml allows.
set -eu

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

tools=$(dirname "$0")
sh "$tools/venv.sh" "$scratch/venv"
"$scratch/venv/bin/python" -m pip install --quiet --only-binary :all: '.[heic,sqlite,postgresql,web,test]'
{
    sed '/^#/!d' constraints.txt
    "$scratch/venv/bin/python" -m pip freeze --exclude channel-broadcaster
} >"$scratch/constraints.txt"
cp "$scratch/constraints.txt" constraints.txt
