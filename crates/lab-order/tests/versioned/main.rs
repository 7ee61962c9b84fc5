//! Versioned histories: correct ones hold, and every anomaly that is planted is named.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod bug;
mod checked;
mod litmus;
mod names;
mod oracle;
mod planting;
mod proofs;
mod simulation;

use crate::simulation::Plan;

const PLAN: Plan = Plan {
    clients: 5,
    tasks: 6,
    operations: 150,
    crashes: 0,
    keys: true,
    filters: true,
    counts: true,
    bug: None,
};
const SEEDS: u64 = 1000;
