//! Stores that keep tasks in memory.

pub mod relaxed_version;
pub mod unsafe_cell;

lab_store::registry! {
    family "memory" needs Nothing;
    mod naive_vec: NaiveVec;
    mod mutex: Mutex;
    mod rwlock: RwLock;
    mod sharded: Sharded;
    mod actor: Actor;
    mod optimistic: Optimistic;
    mod versioned: Versioned;
    mod leased: Leased;
}
