//! Verdicts against brute force, and certificates against a verifier that knows nothing else.

mod brute;
mod generate;
mod model;
mod oracle;
mod verify;
