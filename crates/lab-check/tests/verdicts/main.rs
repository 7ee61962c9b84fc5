//! Verdicts against brute force, and certificates against a verifier that knows nothing else.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod brute;
mod generate;
mod model;
mod oracle;
mod verify;
