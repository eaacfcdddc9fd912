#!/bin/sh
# Writes deploy/requirements.lock: what `pip install 'rarescale[store,people]'` takes today, each file with its hash.
# Usage: deploy/make_lock.sh [PIP-COMPILE], with Python 3.11 on Linux, which is what the container has.
set -eu
cd "$(dirname "$0")/.."
{
  echo "# Made by \`make lock\`; edit pyproject.toml instead. Python 3.11, Linux, rarescale[store,people]."
  "${1:-pip-compile}" --quiet --extra store --extra people --generate-hashes --strip-extras --no-header --no-annotate \
    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file=- pyproject.toml
} > deploy/requirements.lock.new
mv deploy/requirements.lock.new deploy/requirements.lock
