//! One site on a server: a schema of its own, with the tables that the migrations make.

use std::fmt::Display;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use lab_store::{Site, StoreError};
use sqlx::migrate::MigrateError;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use crate::control::Control;
use crate::failure::{Effect, Failure};
use crate::link::Link;

/// The longest name that Postgres keeps whole.
const NAMESPACE_BYTES_MAX: usize = 63;

/// How to reach a site, and what to call it.
pub(crate) struct Database {
    pub(crate) options: PgConnectOptions,
    namespace: String,
    /// The site in messages: without the password.
    pub(crate) place: String,
    /// The site for a scheduler: sessions of one site may meet.
    pub(crate) object: u64,
    /// Whether every statement belongs to a serializable transaction.
    pub(crate) is_serializable: bool,
    control: Control,
    /// What the tables were brought up to date with, for the first session.
    first: Mutex<Option<Link>>,
}

impl Database {
    /// Makes the schema and brings its tables up to date. Every connection has `settings`.
    pub(crate) fn open(site: &Site, settings: &[(&str, &str)]) -> Result<Self, StoreError> {
        let mut database = Self::locate(site, settings)?;
        let mut link = database.connect()?;
        let migrating = migrate(&mut link.connection, &database.namespace);
        link.runtime.block_on(migrating).map_err(|error| database.not_migrated(error))?;
        database.first = Mutex::new(Some(link));
        Ok(database)
    }

    /// The connection that opened the site, for whoever asks first; another for everybody else.
    pub(crate) fn first_or_another(&self) -> Result<Link, StoreError> {
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        first.map_or_else(|| self.connect(), Ok)
    }

    pub(crate) fn locate(site: &Site, settings: &[(&str, &str)]) -> Result<Self, StoreError> {
        let Some(url) = &site.url else {
            let why = "the site has no URL; set RACELAB_POSTGRES_URL or install Postgres";
            return Err(StoreError::unavailable("postgres", why));
        };
        check_namespace(&site.namespace)?;
        let options = PgConnectOptions::from_str(url)
            .map_err(|error| StoreError::unavailable("the site's URL", error))?;
        let place = place_of(&options, &site.namespace);
        let options = options
            .options([("search_path", site.namespace.as_str())])
            .options(settings.iter().copied())
            .application_name(&site.namespace)
            .disable_statement_logging();
        // Keys of zero, unlike those of a `RandomState`: the same number in every run.
        let mut hasher = DefaultHasher::new();
        ("postgres", &site.namespace).hash(&mut hasher);
        Ok(Self {
            options,
            namespace: site.namespace.clone(),
            place,
            object: hasher.finish(),
            is_serializable: settings.contains(&("default_transaction_isolation", "serializable")),
            control: Control::default(),
            first: Mutex::default(),
        })
    }

    pub(crate) fn connect(&self) -> Result<Link, StoreError> {
        Link::open(&self.options).map_err(|error| match error {
            sqlx::Error::Io(error) => self.not_reached(&error),
            error => self.unavailable(error),
        })
    }

    /// The error of a connection that could not be made.
    pub(crate) fn not_reached(&self, why: &dyn Display) -> StoreError {
        StoreError::unavailable(&self.place, format!("{why}; is the server running?"))
    }

    /// Whether the server's process `pid` waits for another session of this site.
    pub(crate) fn is_blocked(&self, pid: i32) -> bool {
        self.control.is_blocked(&self.options, &self.namespace, pid)
    }

    /// The failure of something outside every operation.
    pub(crate) fn unavailable(&self, error: sqlx::Error) -> StoreError {
        match Failure::of(&self.place, Effect::None, error) {
            Failure::Final(error) => error,
            Failure::Conflict => {
                StoreError::unavailable(&self.place, "others opened it at the same time; try again")
            }
        }
    }

    fn not_migrated(&self, error: MigrateError) -> StoreError {
        match error {
            MigrateError::ExecuteMigration(sqlx::Error::Database(error), migration)
                if error.code().is_some_and(|code| code.starts_with("42P")) =>
            {
                let why = format!("migration {migration} fails: {error}; use another namespace");
                StoreError::corrupt(&self.place, why)
            }
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                self.unavailable(error)
            }
            error => StoreError::corrupt(&self.place, error),
        }
    }
}

/// Two that make one schema at one time would trip over each other in spite of the IF NOT EXISTS,
/// so one waits for the other: by a lock of the transaction, which covers the migrations too, so
/// that sqlx need not take its own. The one that waited has to see what the other has made, also
/// where the default is an older snapshot.
async fn migrate(connection: &mut PgConnection, namespace: &str) -> Result<(), MigrateError> {
    let mut migrations = sqlx::migrate!("./migrations");
    migrations.set_locking(false);
    let mut making = connection.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
    let schema = format!(
        "SELECT pg_advisory_xact_lock(hashtext('{namespace}')); \
         CREATE SCHEMA IF NOT EXISTS \"{namespace}\""
    );
    sqlx::raw_sql(AssertSqlSafe(schema)).execute(&mut *making).await?;
    migrations.run(&mut *making).await?;
    Ok(making.commit().await?)
}

/// Removes a site with everything in it.
///
/// # Errors
/// The server cannot be reached, or somebody is still using the site.
pub fn drop_namespace(site: &Site) -> Result<(), StoreError> {
    let database = Database::locate(site, &[("lock_timeout", "10s")])?;
    let mut link = database.connect()?;
    let sql = format!("DROP SCHEMA IF EXISTS \"{}\" CASCADE", database.namespace);
    let dropping = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut link.connection);
    link.runtime.block_on(dropping).map_err(|error| database.unavailable(error))?;
    Ok(())
}

/// Only names that mean the same with and without quotes, so that none needs escaping.
fn check_namespace(namespace: &str) -> Result<(), StoreError> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let is_name = namespace.bytes().all(is_plain)
        && namespace.starts_with(|first: char| !first.is_ascii_digit())
        && namespace.len() <= NAMESPACE_BYTES_MAX
        && !namespace.starts_with("pg_");
    if is_name {
        return Ok(());
    }
    let why = "a schema's name here has lower case letters, digits and `_`, begins with neither a \
               digit nor `pg_`, and is at most 63 bytes long";
    Err(StoreError::unavailable(format!("namespace {namespace:?}"), why))
}

fn place_of(options: &PgConnectOptions, namespace: &str) -> String {
    let user = options.get_username();
    let database = options.get_database().unwrap_or(user);
    match options.get_socket() {
        Some(folder) => {
            format!("postgres://{user}@{}/{database} schema {namespace}", folder.display())
        }
        None => {
            let (host, port) = (options.get_host(), options.get_port());
            format!("postgres://{user}@{host}:{port}/{database} schema {namespace}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_is_a_plain_name() {
        for good in ["a", "racelab_17", "_x"] {
            assert_eq!(check_namespace(good), Ok(()));
        }
        for bad in ["", "7up", "pg_catalog", "A", "a-b", "a\"; DROP", &"x".repeat(64)] {
            assert!(check_namespace(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_place_does_not_show_the_password() {
        let site = Site {
            url: Some("postgres://ann:secret@db.example:5433/lab".to_owned()),
            namespace: "one".to_owned(),
            ..Site::default()
        };
        let database = Database::locate(&site, &[]).unwrap();
        assert_eq!(database.place, "postgres://ann@db.example:5433/lab schema one");
    }
}
