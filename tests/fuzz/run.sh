#!/usr/bin/env bash
# Fuzzes everything that reads bytes from outside, each target for so many seconds. Needs cargo-fuzz
# and installs it. What is found is written to artifacts/ and ends the run.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-60}
only=${2:-}
command -v cargo-fuzz > /dev/null || cargo install --locked --quiet cargo-fuzz
export CARGO_TARGET_DIR=../../target/fuzz
# The fuzzer's instrumentation is an unstable flag; with this the pinned compiler takes it.
export RUSTC_BOOTSTRAP=1
for target in hj212 sparkplug json registers link; do
    if [ -n "$only" ] && [ "$only" != "$target" ]; then continue; fi
    echo "==> fuzz $target, $seconds s"
    mkdir -p "../../target/fuzz-corpus/$target"
    # What is found goes beside the build; only the small corpus in this folder is kept.
    cargo fuzz run --fuzz-dir . --sanitizer none "$target" \
        "../../target/fuzz-corpus/$target" "corpus/$target" \
        -- -max_total_time="$seconds" -max_len=8192 -timeout=10 -print_final_stats=1
done
