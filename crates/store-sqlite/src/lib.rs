//! Stores that keep tasks in SQLite.
