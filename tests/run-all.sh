#!/usr/bin/env bash
# All checks and tests, quick ones first. Called by `make test`, which has installed what they need.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TERM_COLOR=never PYTHON="$PWD/target/venv/bin/python"
# The random cases of the property tests are the same in every run here; `make soak` takes others.
export PROPTEST_RNG_SEED="${PROPTEST_RNG_SEED:-7}"
step() { printf '\n==> %s (%s s)\n' "$1" "$SECONDS"; }

step "format"
cargo fmt --all --check
step "page: type check, lint, unit tests"
(cd dashboards/web && npm run typecheck && npm run lint && npm run check:schema && npm run test)
step "Grafana dashboards: Grafana's types, Flux"
(cd dashboards/grafana && npm run check)
step "clippy, warnings denied"
cargo clippy --workspace --all-targets --locked -- -D warnings
step "docs, broken links denied"
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --quiet
step "build"
cargo build --workspace --locked
make --no-print-directory tests/browser/node_modules/ready
step "tests: crates"
cargo test --workspace --exclude e2e --locked --no-fail-fast
step "tests: the whole, with real processes"
# Last, so that the run ends with the test runner's own lines.
cargo test --package e2e --tests --locked --no-fail-fast
