#!/usr/bin/env bash
# Benchmarks: every result is a line `figure <name> <value> <unit>`. First argument: one area or none.
set -euo pipefail
cd "$(dirname "$0")/.."
only=${1:-}
areas=(engine store live intake alarms workbench bus edge notify)
if [ -n "$only" ] && [[ ! " ${areas[*]} " == *" $only "* ]]; then
    echo "error: there is no benchmark area \`$only\`; hint: one of ${areas[*]}" >&2
    exit 2
fi
wanted() { [ -z "$only" ] || [ "$only" = "$1" ]; }

if wanted engine; then
    echo "==> engine: standard workload, beside a plain C loop in the same run"
    cargo bench --quiet --locked --package siskin-engine --bench engine
fi
if wanted store; then
    echo "==> store: a day of 1,000 channels; memory; beside VictoriaMetrics and SQLite in the same run"
    tests/debian.sh victoria-metrics
    cargo bench --quiet --locked --package siskin-store --bench store
fi
if wanted live; then
    echo "==> live: from a register's change to the event on the live stream; CPU and memory of the demo"
    cargo build --quiet --release --locked --package siskin
    cargo bench --quiet --locked --package e2e --bench live
fi
if wanted intake; then
    echo "==> intake: MQTT messages stored and judged beside mosquitto_sub in the same run; JSON payloads, HJ 212 frames"
    cargo build --quiet --release --locked --package siskin
    SISKIN_BIN=${CARGO_TARGET_DIR:-$PWD/target}/release/siskin \
        cargo bench --quiet --locked --package e2e --bench intake
    cargo bench --quiet --locked --package siskin-wire --bench json
    cargo bench --quiet --locked --package siskin-wire --bench hj212
fi
if wanted alarms; then
    echo "==> alarms: 10,000 in ten minutes of event time; lists and acts meanwhile, memory"
    cargo build --quiet --release --locked --package siskin
    SISKIN_BIN=${CARGO_TARGET_DIR:-$PWD/target}/release/siskin \
        cargo bench --quiet --locked --package e2e --bench alarms
fi
if wanted workbench; then
    echo "==> workbench: 2,000 channels alone, beside five people at the rules, beside backtests (ROUNDS a part)"
    cargo build --quiet --release --locked --package siskin
    SISKIN_BIN=${CARGO_TARGET_DIR:-$PWD/target}/release/siskin \
        cargo bench --quiet --locked --package e2e --bench workbench
fi
if wanted bus; then
    echo "==> bus: 32 slaves on one line in real time, one dead, one slow, one talking garbage"
    cargo bench --quiet --locked --package siskin-collect --bench bus
fi
if wanted edge; then
    echo "==> edge: 500 analyzers over a gateway; HOURS of readings drain (default 6); frames and spool"
    cargo build --quiet --release --locked --package siskin
    cargo build --quiet --release --locked --package siskin-edge
    cargo build --quiet --release --locked --package siskin-collect --example fill_spool
    built=${CARGO_TARGET_DIR:-$PWD/target}/release
    SISKIN_BIN=$built/siskin SISKIN_EDGE_BIN=$built/siskin-edge FILL_SPOOL_BIN=$built/examples/fill_spool \
        cargo bench --quiet --locked --package e2e --bench edge
    cargo bench --quiet --locked --package siskin-collect --bench link
fi
if wanted notify; then
    echo "==> notify: from the raise of a warning to the first byte at the receiver; 50 receivers of which 10 hang"
    cargo bench --quiet --locked --package siskin-notify --bench notify
fi
