//! tokio-postgres with the statements of the optimistic store, beside sqlx.

use std::str::FromStr;

use lab_runtime::{Runtime as _, Threads};
use lab_store::{Blueprint, Site, Store, StoreError};
use lab_task::{Outcome, Refusal, Version};
use store_postgres::optimistic::Optimistic;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, Config, NoTls, Statement};

use crate::peer::{AddMinutes, Edits, PeerStore};

const SELECT: &str =
    "SELECT id, title, description, status, minutes, version FROM tasks WHERE id = $1";
const SAVE_IF_CURRENT: &str = "UPDATE tasks SET title = $2, description = $3, status = $4, \
    minutes = $5, version = version + 1 WHERE id = $1 AND version = $6 RETURNING version";

const ATTEMPTS_MAX: u32 = 100;

/// A store of the lab makes the schema and the tasks, and reads them afterwards.
pub(crate) fn open(site: &Site) -> Result<Box<dyn Store>, StoreError> {
    let store = Optimistic::open::<Threads>(site)?;
    let site = site.clone();
    let session = move || Ok(Edits { own: Link::open(&site)?, rest: store.session()? });
    Ok(Box::new(PeerStore(session)))
}

impl AddMinutes for Link {
    fn add_minutes(&mut self, id: i64, minutes: i64) -> Result<Outcome, StoreError> {
        for attempt in 0..ATTEMPTS_MAX {
            let edited = self.runtime.block_on(self.edit(id, minutes));
            match edited.map_err(|error| StoreError::indefinite("the server", error))? {
                Edited::Applied(version) => {
                    return Ok(Outcome::Applied(Version(version.cast_unsigned())));
                }
                Edited::NotFound => return Ok(Outcome::Refused(Refusal::NotFound)),
                Edited::Stale => Threads::back_off(attempt),
            }
        }
        Err(StoreError::Contended { what: "the row".to_owned(), attempts: ATTEMPTS_MAX })
    }
}

/// A connection on a runtime of its own, as in the stores.
struct Link {
    runtime: Runtime,
    client: Client,
    select: Statement,
    save: Statement,
}

enum Edited {
    Applied(i64),
    NotFound,
    Stale,
}

impl Link {
    fn open(site: &Site) -> Result<Self, StoreError> {
        let failed = |why: &dyn ToString| StoreError::unavailable("the server", why.to_string());
        let url = site.url.as_deref().ok_or_else(|| failed(&"the site has no URL"))?;
        // A `host` in the query overrides `localhost` in libpq and sqlx; here it would be a second
        // server to try.
        let url = if url.contains("host=") { url.replace("@localhost/", "@/") } else { url.into() };
        let mut config = Config::from_str(&url).map_err(|error| failed(&error))?;
        config.options(format!("-c search_path={}", site.namespace));
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| failed(&error))?;
        let connecting = async {
            let (client, connection) = config.connect(NoTls).await?;
            tokio::spawn(connection);
            let select = client.prepare(SELECT).await?;
            let save = client.prepare(SAVE_IF_CURRENT).await?;
            Ok::<_, tokio_postgres::Error>((client, select, save))
        };
        let (client, select, save) =
            runtime.block_on(connecting).map_err(|error| failed(&error))?;
        Ok(Self { runtime, client, select, save })
    }

    async fn edit(&self, id: i64, more: i64) -> Result<Edited, tokio_postgres::Error> {
        let Some(row) = self.client.query_opt(&self.select, &[&id]).await? else {
            return Ok(Edited::NotFound);
        };
        let text = |column: usize| row.try_get::<_, &str>(column);
        let (title, description, status) = (text(1)?, text(2)?, text(3)?);
        let (minutes, version) = (row.try_get::<_, i64>(4)? + more, row.try_get::<_, i64>(5)?);
        let content = [&id as &(dyn tokio_postgres::types::ToSql + Sync), &title, &description];
        let rest = [&status as &(dyn tokio_postgres::types::ToSql + Sync), &minutes, &version];
        let saved = self.client.query_opt(&self.save, &[content, rest].concat()).await?;
        Ok(match saved {
            Some(row) => Edited::Applied(row.try_get(0)?),
            None => Edited::Stale,
        })
    }
}
