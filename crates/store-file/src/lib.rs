//! Stores that keep tasks in a file.

mod document;
mod files;

#[cfg(test)]
mod tests;

lab_store::registry! {
    family "file" needs Directory;
    mod json_naive: JsonNaive;
    mod json_rename: JsonRename;
    mod json_locked: JsonLocked;
    mod json_optimistic: JsonOptimistic;
    mod json_leased: JsonLeased;
    mod journal: Journal;
}
