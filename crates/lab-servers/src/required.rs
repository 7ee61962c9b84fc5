//! What must be there: a missing server is "not run" on a laptop and a failure in CI.

use std::env;
use std::fmt;

use crate::ServerError;

const VARIABLE: &str = "RACELAB_REQUIRE";

/// Something that a run may need and that is not part of the lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Prerequisite {
    /// A Postgres server.
    Postgres,
    /// The mermaid package, which parses the diagrams of reports.
    Mermaid,
}

impl Prerequisite {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::Postgres, Self::Mermaid];

    /// The word in `RACELAB_REQUIRE` and in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Mermaid => "mermaid",
        }
    }

    /// What a run says that has to go on without this: `postgres: not run: ...`.
    ///
    /// # Errors
    /// It may not go on: `RACELAB_REQUIRE` names this, or cannot be followed.
    pub fn not_run(self, reason: ServerError) -> Result<String, ServerError> {
        if required()?.contains(&self) {
            return Err(reason);
        }
        Ok(format!("{self}: not run: {reason}"))
    }
}

impl fmt::Display for Prerequisite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What `RACELAB_REQUIRE` names, separated by commas; none if it is not set.
///
/// # Errors
/// It names something that nobody knows: a misspelt name must not turn a check off.
pub fn required() -> Result<Vec<Prerequisite>, ServerError> {
    match env::var(VARIABLE) {
        Ok(names) => parse(&names),
        Err(env::VarError::NotPresent) => Ok(Vec::new()),
        Err(error) => Err(ServerError::Environment { variable: VARIABLE, why: error.to_string() }),
    }
}

fn parse(names: &str) -> Result<Vec<Prerequisite>, ServerError> {
    names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(prerequisite).collect()
}

fn prerequisite(name: &str) -> Result<Prerequisite, ServerError> {
    Prerequisite::ALL.into_iter().find(|known| known.as_str() == name).ok_or_else(|| {
        let known = Prerequisite::ALL.map(Prerequisite::as_str).join(", ");
        let why = format!("there is no {name:?}; known: {known}");
        ServerError::Environment { variable: VARIABLE, why }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_with_spaces_and_empty_places() {
        assert_eq!(parse(""), Ok(vec![]));
        assert_eq!(parse(" postgres ,"), Ok(vec![Prerequisite::Postgres]));
        let both = vec![Prerequisite::Mermaid, Prerequisite::Postgres];
        assert_eq!(parse("mermaid,postgres"), Ok(both));
    }

    #[test]
    fn a_misspelt_name_is_an_error_that_names_the_known_ones() {
        let error = parse("postgres,postgers").unwrap_err().to_string();
        let expected = "RACELAB_REQUIRE cannot be followed: \
                        there is no \"postgers\"; known: postgres, mermaid";
        assert_eq!(error, expected);
    }
}
