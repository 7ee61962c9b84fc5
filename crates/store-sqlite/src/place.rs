//! A store: a database file that sessions connect to.

use std::path::PathBuf;
use std::sync::Arc;

use lab_runtime::{Lock, Runtime};
use lab_store::{Session, Site, Store, StoreError};

use crate::connection::{Database, Turn};

/// The file within a site's folder.
pub(crate) const FILE: &str = "tasks.db";

/// Makes a session of a connection.
type OpenSession<R> = fn(Database<R>) -> Box<dyn Session>;

/// A database file, and how a session of this store uses a connection to it.
pub(crate) struct Place<R: Runtime> {
    path: PathBuf,
    turn: Turn,
    open_session: OpenSession<R>,
    /// Stays open so that no session is the last one: SQLite copies the whole log into the
    /// database when the last connection closes. Locked by nobody, only to be shared.
    _anchor: R::Mutex<Database<R>>,
}

impl<R: Runtime> Place<R> {
    /// Opens the database of a site, and creates it where there is none.
    pub(crate) fn open(
        site: &Site,
        open_session: OpenSession<R>,
    ) -> Result<Box<dyn Store>, StoreError> {
        let path = site.directory.join(FILE);
        let anchor = Lock::new(Database::create(&path)?);
        let turn = Turn::default();
        Ok(Box::new(Self { path, turn, open_session, _anchor: anchor }))
    }
}

impl<R: Runtime> Store for Place<R> {
    fn session(&self) -> Result<Box<dyn Session>, StoreError> {
        Ok((self.open_session)(Database::open(&self.path, Some(Arc::clone(&self.turn)))?))
    }
}
