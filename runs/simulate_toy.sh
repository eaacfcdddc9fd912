#!/bin/sh
# Simulate a small corpus from end to end: cases and chats of a few diseases, figures, dataset folder (a minute or two).
#
#     sh runs/simulate_toy.sh [FOLDER]
#
# The full run, runs/simulate_full.sh, has the same stages in the same order.
set -eu
out=${1:-toy-corpus}
rarescale=${RARESCALE:-rarescale}

mkdir -p "$out"
cat > "$out/diseases.txt" <<'IDS'
OMIM:277900 Wilson disease
OMIM:154700 Marfan syndrome
OMIM:219700 cystic fibrosis
OMIM:162200 neurofibromatosis 1
OMIM:310200 Duchenne muscular dystrophy
OMIM:182600 spastic paraplegia 3A
IDS

"$rarescale" simulate chats --cases 120 --seed 1 --workers 2 --reserved --diseases "$out/diseases.txt" --out "$out/corpus"
"$rarescale" simulate stats "$out/corpus"
"$rarescale" simulate dataset "$out/corpus" "$out/dataset"
