//! Which servers must be there: a missing one is "not run" on a laptop and a failure in CI.

use std::env;
use std::fmt;

use crate::ServerError;

const VARIABLE: &str = "RACELAB_REQUIRE";

/// A kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Server {
    /// Postgres.
    Postgres,
}

impl Server {
    /// Every kind.
    pub const ALL: [Self; 1] = [Self::Postgres];

    /// The word in `RACELAB_REQUIRE` and in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
        }
    }

    /// What a run says that has to go on without this server: `postgres: not run: ...`.
    ///
    /// # Errors
    /// It may not go on: `RACELAB_REQUIRE` names this server, or cannot be followed.
    pub fn not_run(self, reason: ServerError) -> Result<String, ServerError> {
        if required()?.contains(&self) {
            return Err(reason);
        }
        Ok(format!("{self}: not run: {reason}"))
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The servers that `RACELAB_REQUIRE` names, separated by commas; none if it is not set.
///
/// # Errors
/// It names something that is no server: a misspelt name must not turn a check off.
pub fn required() -> Result<Vec<Server>, ServerError> {
    match env::var(VARIABLE) {
        Ok(names) => parse(&names),
        Err(env::VarError::NotPresent) => Ok(Vec::new()),
        Err(error) => Err(ServerError::Environment { variable: VARIABLE, why: error.to_string() }),
    }
}

fn parse(names: &str) -> Result<Vec<Server>, ServerError> {
    names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(server).collect()
}

fn server(name: &str) -> Result<Server, ServerError> {
    Server::ALL.into_iter().find(|server| server.as_str() == name).ok_or_else(|| {
        let known = Server::ALL.map(Server::as_str).join(", ");
        let why = format!("there is no server {name:?}; known: {known}");
        ServerError::Environment { variable: VARIABLE, why }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_servers_is_read_with_spaces_and_empty_places() {
        assert_eq!(parse(""), Ok(vec![]));
        assert_eq!(parse(" postgres ,"), Ok(vec![Server::Postgres]));
    }

    #[test]
    fn a_misspelt_server_is_an_error_that_names_the_known_ones() {
        let error = parse("postgres,postgers").unwrap_err().to_string();
        let expected = "RACELAB_REQUIRE cannot be followed: \
                        there is no server \"postgers\"; known: postgres";
        assert_eq!(error, expected);
    }
}
