//! Tokens: a schedule in a line that can be copied, `file/json_rename:two_editors:ABBA`. A step at
//! which something goes wrong has a mark behind its letter: `%` SQLITE_BUSY, `~` SQLSTATE 40001,
//! `^` a lost answer. A fourth part says what was observed when the token was made; one that a
//! person wrote, or an older racelab, has none.

use std::fmt;
use std::str::FromStr;

use lab_runtime::Fault;
use lab_scenario::{ParseScriptError, Script};

use crate::digest::{Digest, ParseDigestError};
use crate::run::{choice, fault_of, process_of};

/// A store, a scenario and who takes each step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// `family/mechanism`.
    pub store: String,
    /// The scenario in its size, or the program.
    pub scenario: Script,
    /// The process of each step, from 1.
    pub schedule: Vec<u8>,
    /// What was observed in it.
    pub digest: Option<Digest>,
}

/// The letter of a process: A to D for the clients, from `a` on for the store's own threads.
pub fn letter(process: usize, clients: usize) -> char {
    let (first, at) = if process <= clients { (b'A', process) } else { (b'a', process - clients) };
    u8::try_from(at.saturating_sub(1)).map_or('?', |at| char::from(first.saturating_add(at)))
}

/// The mark behind the letter of a step at which that goes wrong.
fn mark(fault: Fault) -> char {
    match fault {
        Fault::Busy => '%',
        Fault::Serialization => '~',
        Fault::LostAnswer => '^',
    }
}

fn process(letter: char, clients: usize) -> Option<u8> {
    let clients = u8::try_from(clients).ok()?;
    let process = match u8::try_from(letter).ok()? {
        upper @ b'A'..=b'Z' => upper - b'A' + 1,
        lower @ b'a'..=b'z' => {
            return Some(lower - b'a' + 1 + clients).filter(|process| *process < 16);
        }
        _ => return None,
    };
    (process <= clients).then_some(process)
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:", self.store, self.scenario)?;
        let clients = self.scenario.processes();
        self.schedule.iter().try_for_each(|step| {
            let mark = fault_of(*step).map_or(String::new(), |fault| mark(fault).to_string());
            write!(f, "{}{mark}", letter(process_of(*step), clients))
        })?;
        self.digest.map_or(Ok(()), |digest| write!(f, ":{digest}"))
    }
}

impl FromStr for Token {
    type Err = ParseTokenError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.split(':').collect();
        let (store, scenario, letters, digest) = match parts[..] {
            [store, scenario, letters] => (store, scenario, letters, None),
            [store, scenario, letters, digest] => (store, scenario, letters, Some(digest)),
            _ => return Err(ParseTokenError::Parts),
        };
        let scenario: Script = scenario.parse()?;
        let mut schedule: Vec<u8> = Vec::new();
        for letter in letters.chars() {
            let fault = Fault::ALL.into_iter().find(|fault| mark(*fault) == letter);
            match (fault, schedule.last_mut()) {
                (Some(fault), Some(last)) if fault_of(*last).is_none() => {
                    *last = choice(process_of(*last), Some(fault));
                }
                _ => schedule.push(
                    process(letter, scenario.processes())
                        .ok_or(ParseTokenError::NoProcess(letter))?,
                ),
            }
        }
        if schedule.is_empty() {
            return Err(ParseTokenError::Parts);
        }
        let digest = digest.map(str::parse).transpose()?;
        Ok(Self { store: store.to_owned(), scenario, schedule, digest })
    }
}

/// A text that is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseTokenError {
    /// It does not have the three parts.
    #[error("expected STORE:SCENARIO:SCHEDULE, as in file/json_rename:two_editors:ABBA")]
    Parts,
    /// The middle part names no scenario, and is no program.
    #[error(transparent)]
    Scenario(#[from] ParseScriptError),
    /// A letter of the last part is no process of the scenario.
    #[error(
        "{0:?} is no process of this scenario: clients are A, B, ..., threads of a store a, b, ..."
    )]
    NoProcess(char),
    /// The part after the schedule is no digest.
    #[error(transparent)]
    Digest(#[from] ParseDigestError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_as_it_was_written() {
        let texts = [
            "file/json_rename:two_editors:ABBA",
            "memory/actor:log_time@3x1:AaBCabb",
            "postgres/serializable:log_time:ABB^A~A",
            "memory/naive_vec:edit1.minutes+list/create:ABAB",
            "memory/naive_vec:log_time:ABBA:1k3f9x2mq",
        ];
        for text in texts {
            assert_eq!(text.parse::<Token>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_text_that_is_no_token_says_what_one_looks_like() {
        let error = |text: &str| text.parse::<Token>().unwrap_err().to_string();
        assert!(error("").starts_with("expected STORE:SCENARIO:SCHEDULE"));
        assert!(error("memory/mutex:log_time:").starts_with("expected STORE:SCENARIO:SCHEDULE"));
        assert!(error("memory/mutex:log_time:ABC").starts_with("'C' is no process"));
        assert!(error("memory/mutex:log_time:A:B").starts_with("the last part of a token"));
        assert!(error("memory/mutex:log_time:A:B:C").starts_with("expected"));
        assert!(error("memory/mutex:x:AB").starts_with("no scenario is called \"x\""));
    }
}
