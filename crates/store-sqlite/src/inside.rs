//! What lies in a database, without any store.

use std::path::PathBuf;

use lab_store::{Inside, Lying, Site, StoreError};
use lab_task::TaskId;
use rusqlite::{Connection, OpenFlags};

use crate::failure;
use crate::place::FILE;

/// Each row as an object, without what is NULL.
const ROWS: &str = "SELECT id, json_patch('{}', json_object('title', title, 'description', \
                    description, 'status', status, 'minutes', minutes, 'version', version, \
                    'idempotency_key', idempotency_key)) FROM task ORDER BY id";

/// The rows of the site's database, through a connection of its own.
pub(crate) fn inside(site: &Site) -> Result<Box<dyn Inside>, StoreError> {
    let path = site.directory.join(FILE);
    // To read a log that is written ahead takes the right to write.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&path, flags)
        .map_err(|error| failure::definite(&path, &error))?;
    Ok(Box::new(Rows { path, connection }))
}

struct Rows {
    path: PathBuf,
    connection: Connection,
}

impl Inside for Rows {
    fn lines(&mut self) -> Result<Vec<Lying>, StoreError> {
        self.rows().map_err(|error| failure::definite(&self.path, &error))
    }
}

impl Rows {
    fn rows(&self) -> rusqlite::Result<Vec<Lying>> {
        let mut statement = self.connection.prepare_cached(ROWS)?;
        let rows = statement.query_map([], |row| {
            let id: i64 = row.get(0)?;
            let (place, id) = ("task".to_owned(), Some(TaskId(id.unsigned_abs())));
            Ok(Lying { place, id, text: row.get(1)? })
        })?;
        rows.collect()
    }
}
