//! Stores that keep tasks in Postgres.

mod connection;
mod control;
mod database;
mod failure;
mod fault;
mod link;
mod session;
mod statement;
mod tasks;

pub use database::drop_namespace;

lab_store::registry! {
    family "postgres" needs Postgres;
    mod autocommit: Autocommit;
    mod read_committed: ReadCommitted;
    mod for_update: ForUpdate;
    mod optimistic: Optimistic;
    mod repeatable_read: RepeatableRead;
    mod serializable: Serializable;
    mod single_statement: SingleStatement;
    mod leased: Leased;
}
