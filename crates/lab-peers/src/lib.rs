//! What the stores are compared with, in the same run and through the same trait: the limits of
//! the machine, other libraries, and drivers that are not ours.
//!
//! A peer is no store of the catalogue. It promises nothing, no race is searched in it, and it
//! has the operations that it is measured with and no others.

mod append;
mod fetch_add;
mod json_loop;
mod maps;
mod mpsc_actor;
mod peer;
mod pgbench;
mod sqlite_c;
mod sqlx_async;
mod tokio_client;

use lab_measure::{Contender, External, ExternalRun, ExternalWork, How};
use lab_runtime::Threads;
use lab_stats::{Role, Subject};
use lab_store::{Blueprint, Family, Needs, Site, Store, StoreError};
use store_postgres::optimistic::Optimistic;

/// The peers of a family; the first is the one that ratios are taken to.
pub fn peers_of(family: Family) -> Vec<Contender> {
    let mut peers = match family.needs {
        Needs::Nothing => vec![
            sessions(family, "fetch_add", "an atomic for each task: the limit", fetch_add::open),
            sessions(family, "dashmap", "dashmap, changed in place", maps::open_dashmap),
            sessions(family, "papaya", "papaya, each change a copy", maps::open_papaya),
            sessions(family, "std_actor", "std mpsc, a reply channel a call", mpsc_actor::open),
        ],
        Needs::Directory => vec![
            sessions(
                family,
                "append_fdatasync",
                "append and fdatasync, a file for each client: the limit",
                append::open,
            ),
            sessions(family, "json_loop", "serde_json, read and rewritten", json_loop::open),
        ],
        Needs::Database => vec![
            sessions(
                family,
                "c_immediate",
                "the C interface, BEGIN IMMEDIATE",
                sqlite_c::immediate,
            ),
            sessions(family, "c_optimistic", "the C interface, a version", sqlite_c::optimistic),
        ],
        Needs::Postgres => vec![
            external(family, "pgbench_single", "pgbench, one UPDATE", pgbench::single_statement),
            external(family, "pgbench_optimistic", "pgbench, a version", pgbench::optimistic),
            external(family, "pgbench_for_update", "pgbench, a row lock", pgbench::for_update),
            external(family, "sqlx_async", "sqlx, asynchronous", sqlx_async::single_statement),
            sessions(family, "tokio_postgres", "tokio-postgres, a version", tokio_client::open),
        ],
    };
    if let Some(first) = peers.first_mut() {
        first.subject.role = Role::Reference;
    }
    peers
}

type Open = fn(&Site) -> Result<Box<dyn Store>, StoreError>;
/// How [`External`] has it.
type Run = fn(&Site, &ExternalWork) -> Result<ExternalRun, StoreError>;

fn sessions(family: Family, name: &str, mechanism: &str, open: Open) -> Contender {
    contender(family, name, mechanism, How::Sessions(open))
}

fn external(family: Family, name: &str, mechanism: &str, run: Run) -> Contender {
    // A store of the same tables makes the tasks and counts them afterwards.
    let open = Optimistic::open::<Threads>;
    contender(family, name, mechanism, How::External(External { open, run }))
}

fn contender(family: Family, name: &str, mechanism: &str, how: How) -> Contender {
    Contender {
        subject: Subject {
            name: format!("peer/{name}"),
            family: family.name.to_owned(),
            mechanism: mechanism.to_owned(),
            role: Role::Peer,
        },
        needs: family.needs,
        shares_site: false,
        keeps_edits: false,
        how,
    }
}
