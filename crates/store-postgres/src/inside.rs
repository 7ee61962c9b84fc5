//! What lies in a schema, without any store.

use lab_store::{Inside, Lying, Site, StoreError};
use lab_task::TaskId;
use sqlx::Row;

use crate::database::Database;
use crate::link::Link;

/// Each row as an object, without what is null, and without the end of a lease: a time of day.
const ROWS: &str = "SELECT id, json_strip_nulls(json_build_object('title', title, 'description', \
                    description, 'status', status, 'minutes', minutes, 'version', version, \
                    'idempotency_key', idempotency_key, 'lease_owner', lease_owner))::text \
                    FROM tasks ORDER BY id";

/// The rows of the site's table, through a session of its own.
pub(crate) fn inside(site: &Site) -> Result<Box<dyn Inside>, StoreError> {
    let database = Database::locate(site, &[])?;
    let link = database.connect()?;
    Ok(Box::new(Rows { database, link }))
}

struct Rows {
    database: Database,
    link: Link,
}

impl Inside for Rows {
    fn lines(&mut self) -> Result<Vec<Lying>, StoreError> {
        let asking = sqlx::query(ROWS).fetch_all(&mut self.link.connection);
        let rows = self.link.runtime.block_on(asking);
        let rows = rows.map_err(|error| self.database.unavailable(error))?;
        let line = |row: &sqlx::postgres::PgRow| {
            let id: i64 = row.try_get(0)?;
            let (place, id) = ("tasks".to_owned(), Some(TaskId(id.unsigned_abs())));
            Ok(Lying { place, id, text: row.try_get(1)? })
        };
        let lines: Result<Vec<Lying>, sqlx::Error> = rows.iter().map(line).collect();
        lines.map_err(|error| self.database.unavailable(error))
    }
}
