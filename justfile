# The few everyday commands; CONTRIBUTING.md has the rest. `just` alone lists them.

_list:
    @just --list

# Format everything
fmt:
    cargo fmt

# All lints, warnings denied
lint:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings

# Tests that need no root: rules, and the simulated fleet
test *args:
    cargo test --lib --bins --test it {{args}}

# Fill in inline snapshots, one by one (needs cargo-insta)
snap:
    cargo insta test --review --lib --test it

# Tests on real hosts of this machine (root)
e2e *args:
    CI=true cargo test --release --test e2e {{args}}

# Three hosts on this machine, pods on them, something broken, healed (root)
demo:
    cargo run --release -- demo

# Everything that a change must pass (root)
ci:
    .ci/run
