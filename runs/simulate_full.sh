#!/bin/sh
# Simulate the full corpus over all eligible diseases: 42,000 chats, of which some 30,600 are for training (the size
# of the published corpus), figures, dataset folder. Minutes on two cores once it is known which diseases can be
# simulated; the first run finds that out (see docs/simulation.md).
#
#     sh runs/simulate_full.sh [FOLDER] [WORKERS] [CASES]
set -eu
out=${1:-full-corpus}
workers=${2:-2}
cases=${3:-42000}
rarescale=${RARESCALE:-rarescale}

mkdir -p "$out"
"$rarescale" simulate chats --cases "$cases" --seed 1 --workers "$workers" --reserved --out "$out/corpus"
"$rarescale" simulate stats "$out/corpus"
"$rarescale" simulate dataset "$out/corpus" "$out/dataset"
