//! Stores that keep tasks in a file.

mod document;
mod files;
mod inside;

#[cfg(test)]
mod tests;

lab_store::registry! {
    family "file" needs Directory inside inside::inside;
    mod json_naive: JsonNaive;
    mod json_rename: JsonRename without rename;
    mod json_locked: JsonLocked without
        file_lock, rename, sync unseen "no scenario cuts the power yet";
    mod json_optimistic: JsonOptimistic without
        file_lock, version_check, idempotency_key, rename,
        sync unseen "no scenario cuts the power yet";
    mod json_leased: JsonLeased without
        file_lock, lease, sole_owner, fencing_token, rename,
        sync unseen "no scenario cuts the power yet";
    mod journal: Journal without
        atomic_edit, idempotency_key, whole_list, only_existing, file_lock, append_through,
        sync unseen "no scenario cuts the power yet";
}
