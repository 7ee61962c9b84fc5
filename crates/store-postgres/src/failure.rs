//! What an error of the server means for the operation that met it.

use std::error::Error as _;
use std::fmt::Display;
use std::io;

use lab_store::StoreError;
use sqlx::Error;

/// Why a statement gave no answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The server undid the transaction because of what others did at the same time, and asks to
    /// begin again.
    Conflict,
    /// Beginning again would not help.
    Final(StoreError),
}

/// What a statement leaves behind if its answer is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing: it only reads, or the server undoes its transaction.
    None,
    /// Perhaps a change: a commit, or a write that is a transaction of its own.
    Perhaps,
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Final(error)
    }
}

impl Failure {
    pub(crate) fn of(place: &str, effect: Effect, error: Error) -> Self {
        match error {
            Error::Database(error) => {
                let code = error.code().unwrap_or_default();
                Self::of_answer(place, effect, &code, error.message())
            }
            // The server closed its end before it had the whole statement, so it did nothing.
            Error::Io(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                StoreError::unavailable(place, "the connection was lost; try again").into()
            }
            error => Self::lost(place, effect, &error),
        }
    }

    /// The same of the other driver.
    pub(crate) fn of_pipe(place: &str, effect: Effect, error: &tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            Some(error) => Self::of_answer(place, effect, error.code().code(), error.message()),
            None => Self::lost(place, effect, &chain(error)),
        }
    }

    /// No answer came, for the reason `why`.
    pub(crate) fn lost(place: &str, effect: Effect, why: &dyn Display) -> Self {
        let why = format!("the connection was lost: {why}");
        match effect {
            Effect::Perhaps => StoreError::indefinite(place, why).into(),
            Effect::None => StoreError::unavailable(place, format!("{why}; try again")).into(),
        }
    }

    /// The meaning of an answer by its SQLSTATE.
    fn of_answer(place: &str, effect: Effect, code: &str, message: &str) -> Self {
        let why = format!("{message} (SQLSTATE {code})");
        match code {
            // Serialization failure, deadlock.
            "40001" | "40P01" => Self::Conflict,
            _ if effect == Effect::Perhaps && is_in_doubt(code) => {
                StoreError::indefinite(place, why).into()
            }
            // A table or a column is missing.
            "42P01" | "42703" => StoreError::corrupt(place, why).into(),
            code => {
                let next_step = next_step(code).map(|step| format!("; {step}"));
                let why = why + &next_step.unwrap_or_default();
                StoreError::unavailable(place, why).into()
            }
        }
    }
}

/// What an error says, and what its cause does.
fn chain(error: &tokio_postgres::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// Whether the connection is of no more use.
pub(crate) fn is_lost(error: &Error) -> bool {
    match error {
        Error::Database(error) => {
            error.code().is_some_and(|code| code.starts_with("57P") || code.starts_with("08"))
        }
        Error::Encode(_) => false,
        _ => true,
    }
}

/// Whether a commit may have happened although the server reports an error: it was told to stop,
/// the system under it failed, or it says itself that it does not know.
fn is_in_doubt(code: &str) -> bool {
    code == "40003" || ["57P", "08", "58", "XX"].iter().any(|class| code.starts_with(class))
}

fn next_step(code: &str) -> Option<&'static str> {
    match code {
        "25006" => Some("the server or the database only reads; use its primary"),
        "28P01" | "28000" => Some("check the user and the password in the URL"),
        "3D000" => Some("create the database, or name another in the URL"),
        "42501" => Some("the user needs the right CREATE on the database"),
        "53100" => Some("free some space on the server's disk"),
        "53300" => Some("close other connections, or raise max_connections"),
        "55P03" => Some("close the sessions that still use it"),
        "57P01" | "57P02" | "57P03" => Some("try again when the server is back"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost(kind: io::ErrorKind) -> Error {
        Error::Io(io::Error::from(kind))
    }

    fn is_definite(effect: Effect, error: Error) -> bool {
        match Failure::of("here", effect, error) {
            Failure::Final(error) => error.is_definite(),
            Failure::Conflict => false,
        }
    }

    #[test]
    fn a_lost_answer_to_a_commit_is_indefinite_and_a_lost_read_is_not() {
        assert!(!is_definite(Effect::Perhaps, lost(io::ErrorKind::UnexpectedEof)));
        assert!(is_definite(Effect::None, lost(io::ErrorKind::UnexpectedEof)));
    }

    #[test]
    fn a_statement_that_was_not_sent_did_not_happen() {
        assert!(is_definite(Effect::Perhaps, lost(io::ErrorKind::BrokenPipe)));
    }
}
