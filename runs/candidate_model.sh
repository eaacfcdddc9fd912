#!/bin/sh
# The shipped candidate model from nothing: simulate, read, train. Two cores: about two hours; stopped runs go on.
#   sh runs/candidate_model.sh OUT
# Needs: pip install -e '.[train]'
# A disease gets about 40 training chats. Half readers and simulation take 20 processor minutes each, features 20, fitting 15.
set -eu
out=${1:?usage: sh runs/candidate_model.sh OUT}
mkdir -p "$out"

# Reading models that know one half of the lay lexicon each, for the readings that are trained on.
for half in 0 1; do
    test -f "$out/half$half.npz" || python runs/reading_model.py "$out/half$half.npz" --half "$half" --epochs 8
done

# Two corpora of simulated chats; the test chats of the first use reserved expressions.
test -f "$out/reserved/manifest.json" || rarescale simulate chats --cases 110000 --seed 11 --workers 2 --reserved --out "$out/reserved"
test -f "$out/plain/manifest.json" || rarescale simulate chats --cases 510000 --seed 12 --workers 2 --out "$out/plain"

# Tellings, as chats.
mkdir -p "$out/tellings"
python runs/make_tellings.py runs/tellings "$out/tellings.tsv" --chats "$out/tellings/chats.jsonl"

rarescale train --corpus "$out/reserved" --corpus "$out/plain" --corpus "$out/tellings" --out "$out/model" \
    --half "$out/half0.npz" --half "$out/half1.npz" --read-every 8 --workers 2 --least-cases 1 \
    --set epochs=5 --set repeat_others=8

python runs/candidate_tables.py "$out/model" "$out/tables"
