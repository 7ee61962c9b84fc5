//! The connection that asks the server who waits for whom.

use std::sync::{Mutex, PoisonError};

use sqlx::Row;
use sqlx::postgres::PgConnectOptions;

use crate::link::Link;

/// Whether one process waits for a lock that some session of the same site holds, whichever
/// instance of the store that belongs to. It is what Postgres' own isolation tests ask.
const IS_BLOCKED: &str = "SELECT pg_isolation_test_session_is_blocked($1, \
    ARRAY(SELECT pid FROM pg_stat_activity WHERE application_name = $2))";

/// Opened by the first question. The lock is a plain one: it belongs to the instrument and not to
/// the store, so it must not be a schedule point.
#[derive(Default)]
pub(crate) struct Control(Mutex<Option<Link>>);

impl Control {
    /// Whether the server's process `pid` waits for another session of the site whose connections
    /// carry the name `application`. Where the server cannot be asked nobody is said to wait: the
    /// statement that is asked about fails then too.
    pub(crate) fn is_blocked(
        &self,
        options: &PgConnectOptions,
        application: &str,
        pid: i32,
    ) -> bool {
        let mut link = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = ask(&mut link, options, application, pid);
        if answer.is_err() {
            *link = None;
        }
        answer.unwrap_or(false)
    }
}

fn ask(
    link: &mut Option<Link>,
    options: &PgConnectOptions,
    application: &str,
    pid: i32,
) -> Result<bool, sqlx::Error> {
    let link = match link {
        Some(link) => link,
        None => {
            let mut opened = Link::open(options)?;
            opened.come_near(options)?;
            link.insert(opened)
        }
    };
    let question = sqlx::query(IS_BLOCKED).bind(pid).bind(application);
    link.runtime.block_on(question.fetch_one(&mut link.connection))?.try_get(0)
}
