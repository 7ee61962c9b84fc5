//! One Postgres server, private or given.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::supervisor::Supervisor;
use crate::{ServerError, account, alone, binaries, url};

const VARIABLE: &str = "RACELAB_POSTGRES_URL";

/// A Postgres server that can be used.
///
/// A private one lives in a temporary folder, in memory where there is room, and listens on a
/// socket there and on no port. It is made to be thrown away: `fsync` is off, so a commit is
/// durable against the server's end but not against the machine's, and speed says nothing about a
/// disk. It ends, and its folder is removed, with this value or with the process, however that
/// goes.
#[derive(Debug)]
pub struct PostgresServer {
    url: String,
    version: Option<String>,
    origin: Origin,
    /// The folder of its socket, if it is private.
    folder: Option<PathBuf>,
    supervisor: Mutex<Option<Supervisor>>,
}

/// Where a server comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// We started it.
    Private,
    /// `RACELAB_POSTGRES_URL` names it; it is only used.
    Environment,
}

static SERVER: OnceLock<Result<PostgresServer, ServerError>> = OnceLock::new();

/// Ends the private servers of this process, if there are any, and waits until nothing of them is
/// left. They would end with the process, a moment later.
pub fn end() {
    alone::end_free();
    if let Some(Ok(server)) = SERVER.get() {
        drop(server.supervisor.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// The server of this process, if somebody has asked for it and it is there.
pub fn postgres_if_started() -> Option<&'static PostgresServer> {
    SERVER.get()?.as_ref().ok()
}

/// The server of this process: the one that `RACELAB_POSTGRES_URL` names, else a private one that
/// the first call starts.
///
/// # Errors
/// There is none, each time for the reason that the first call found.
pub fn postgres() -> Result<&'static PostgresServer, ServerError> {
    SERVER.get_or_init(given_or_started).as_ref().map_err(Clone::clone)
}

/// Whether the environment names a server. Then it is everybody's, and nobody has one alone.
pub fn is_postgres_given() -> bool {
    env::var_os(VARIABLE).is_some()
}

pub(crate) fn given_or_started() -> Result<PostgresServer, ServerError> {
    match env::var(VARIABLE) {
        Ok(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
            let origin = Origin::Environment;
            let (version, folder, supervisor) = (None, None, Mutex::new(None));
            Ok(PostgresServer { url, version, origin, folder, supervisor })
        }
        Err(env::VarError::NotPresent) => PostgresServer::start(),
        Ok(_) | Err(env::VarError::NotUnicode(_)) => {
            let why = "it must be an URL such as postgres://user:password@host:5432/database";
            Err(ServerError::Environment { variable: VARIABLE, why: why.to_owned() })
        }
    }
}

impl PostgresServer {
    /// Starts a private server, whatever the environment names.
    ///
    /// # Errors
    /// Postgres is not installed, or does not start.
    pub fn start() -> Result<Self, ServerError> {
        let binaries = binaries::find()?;
        let (supervisor, folder) = Supervisor::start(&binaries.folder, account::to_change_to()?)?;
        Ok(Self {
            url: url::of_socket(&folder),
            version: Some(binaries.version),
            origin: Origin::Private,
            folder: Some(folder),
            supervisor: Mutex::new(Some(supervisor)),
        })
    }

    /// How to reach it, with the password if there is one.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How to reach it, for eyes and logs.
    pub fn display_url(&self) -> String {
        url::without_password(&self.url)
    }

    /// Where it comes from.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// The process that starts one for each connection, while a private server runs: the first
    /// line of what lies beside its socket.
    pub fn pid(&self) -> Option<u32> {
        let lock = self.folder.as_ref()?.join(".s.PGSQL.5432.lock");
        fs::read_to_string(lock).ok()?.lines().next()?.trim().parse().ok()
    }

    /// Its version; `None` for a given one, which only a client can ask.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Ends a private server as a crash would, and keeps its data: a database that goes away. A
    /// given server is left alone.
    ///
    /// # Errors
    /// The supervisor does not answer.
    pub fn stop(&mut self) -> Result<(), ServerError> {
        self.supervisor().map_or(Ok(()), Supervisor::stop_server)
    }

    /// Starts a private server again after [`PostgresServer::stop`]: the database comes back.
    ///
    /// # Errors
    /// It does not start.
    pub fn resume(&mut self) -> Result<(), ServerError> {
        self.supervisor().map_or(Ok(()), Supervisor::start_server)
    }

    fn supervisor(&mut self) -> Option<&mut Supervisor> {
        self.supervisor.get_mut().unwrap_or_else(PoisonError::into_inner).as_mut()
    }
}
