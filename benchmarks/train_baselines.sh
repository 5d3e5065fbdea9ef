#!/usr/bin/env bash
# The learned rows of the leaderboard, one after the other on one thread; an interrupted run goes on where it was.
# Measured on a shared AMD EPYC core: PPO does 2,600 ticks a CPU second, so 2.5 million take 16 minutes of CPU time;
# SAC does about 400 (40 ms an update), so 600,000 take 25 minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
export OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1
PYTHON=${PYTHON:-python}
RUNS=${RUNS:-runs}

train() {  # ALGO STEPS
    local resume=()
    if [ -f "$RUNS/$1-s0/checkpoint.pt" ]; then resume=(--resume "$RUNS/$1-s0"); fi
    "$PYTHON" -m agents.train "$1" --suite train --steps "$2" --seed 0 --logdir "$RUNS/$1-s0" "${resume[@]}"
    local target="zoo/$1/AirsideApron-v0/small/s0"
    mkdir -p "$target"
    cp "$RUNS/$1-s0/export/"* "$target/"
}

train ppo "${PPO_STEPS:-2500000}"
train ppo_lag "${PPO_LAG_STEPS:-2500000}"
train sac "${SAC_STEPS:-600000}"
