#!/bin/sh
# The paper's protocol on corpora of its own: 600 rare diseases, 130 training chats each by both offline writers; the tables
# of the compact model with corpus sizes 5 to 80, and a language model of 33 million numbers trained from nothing.
#   sh runs/protocol.sh OUT [WORKERS]
# Needs: pip install -e '.[train-llm]'. With a GPU and 16 cores minutes; without a GPU leave the language model out:
# LM=no sh runs/protocol.sh OUT 2. OUT may hold half0.npz and half1.npz of runs/candidate_model.sh.
set -eu
out=${1:?usage: sh runs/protocol.sh OUT [WORKERS]}
workers=${2:-2}
mkdir -p "$out"
python -c "import json; print(*json.load(open('docs/data/candidate_tables.json'))['diseases'], sep='\\n')" > "$out/diseases.txt"

for half in 0 1; do
    test -f "$out/half$half.npz" || python runs/reading_model.py "$out/half$half.npz" --half "$half" --epochs 8
done
simulate() { test -f "$out/$1/manifest.json" || rarescale simulate chats --diseases "$out/diseases.txt" --workers "$workers" --out "$out/$@"; }
simulate reserved --cases 30000 --seed 21 --reserved
simulate plain --cases 90000 --seed 22

rarescale train --corpus "$out/reserved" --corpus "$out/plain" --out "$out/compact" --workers "$workers" \
    --half "$out/half0.npz" --half "$out/half1.npz" --read-every 8 --set sampled=0 --set batch=128
python runs/candidate_tables.py "$out/compact" "$out/tables" --sizes 5,10,20,40,80 --threads "$workers"

test "${LM:-yes}" = no && exit 0
rarescale train --kind causal-lm --preset scratch --corpus "$out/reserved" --corpus "$out/plain" --out "$out/lm"
python runs/judge_lm.py "$out/lm" "$out/plain" "$out/reserved"
