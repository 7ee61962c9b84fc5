//! Stores that keep tasks in Postgres.
