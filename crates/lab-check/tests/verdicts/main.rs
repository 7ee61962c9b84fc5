//! Verdicts against brute force, and certificates against a verifier that knows nothing else.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod brute;
mod budget;
mod generate;
mod large;
mod lies;
mod model;
mod oracle;
mod peers;
mod planted;
mod verify;
