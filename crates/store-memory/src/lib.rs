//! Stores that keep tasks in memory.

pub mod relaxed_version;
pub mod unsafe_cell;

lab_store::registry! {
    family "memory" needs Nothing inside lab_store::nothing_inside;
    mod naive_vec: NaiveVec;
    mod mutex: Mutex without atomic_edit, whole_list, own_id, only_existing;
    mod rwlock: RwLock without atomic_edit, whole_list, own_id, only_existing;
    mod sharded: Sharded without atomic_edit, whole_list, own_id, only_existing;
    mod actor: Actor without atomic_edit, whole_list, own_id, only_existing;
    mod optimistic: Optimistic without
        atomic_edit, version_check, idempotency_key, whole_list, own_id, only_existing;
    mod versioned: Versioned without
        atomic_edit, version_check, whole_list, own_id, only_existing;
    mod leased: Leased without
        atomic_edit, lease, sole_owner, fencing_token, whole_list, own_id;
}
