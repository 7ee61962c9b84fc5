//! What is played: a scenario in a size, or a program.

use std::fmt;
use std::str::FromStr;

use crate::{ParseProgramError, ParseSizeError, Program, Scenario, Size, Unit};

/// What is played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Script {
    /// A scenario of this crate in a size.
    Named(Size),
    /// A program of one's own.
    Program(Program),
}

impl Script {
    /// How many processes take part.
    pub fn processes(&self) -> usize {
        match self {
            Self::Named(size) => size.processes,
            Self::Program(program) => program.processes().len(),
        }
    }

    /// The scenario; of a program each operation must look whole.
    pub fn scenario(&self) -> Scenario {
        match self {
            Self::Named(size) => Scenario::sized(*size),
            Self::Program(program) => program.scenario(Unit::Op),
        }
    }
}

impl From<Size> for Script {
    fn from(size: Size) -> Self {
        Self::Named(size)
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(size) => size.fmt(f),
            Self::Program(program) => program.fmt(f),
        }
    }
}

impl FromStr for Script {
    type Err = ParseScriptError;

    /// Only a program has a `/` in it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.contains('/') {
            return Ok(Self::Program(text.parse()?));
        }
        Ok(Self::Named(text.parse()?))
    }
}

/// A text that is neither.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseScriptError {
    /// It names no scenario.
    #[error(transparent)]
    Size(#[from] ParseSizeError),
    /// It is no program.
    #[error(transparent)]
    Program(#[from] ParseProgramError),
}
