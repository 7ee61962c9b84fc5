//! Every family of stores: the one file that knows them all.

use lab_runtime::Runtime;
use lab_store::{Entry, Family, Mutant};

/// Every family, in the order of lists.
pub const FAMILIES: [Family; 4] =
    [store_memory::FAMILY, store_file::FAMILY, store_sqlite::FAMILY, store_postgres::FAMILY];

/// Every store, to be opened on the runtime `R`, family by family.
pub fn entries<R: Runtime>() -> Vec<Entry> {
    let mut entries = store_memory::entries::<R>();
    entries.extend(store_file::entries::<R>());
    entries.extend(store_sqlite::entries::<R>());
    entries.extend(store_postgres::entries::<R>());
    entries
}

/// Every store without each of its protections, on the runtime `R`, family by family.
pub fn mutants<R: Runtime>() -> Vec<Mutant> {
    let mut mutants = store_memory::mutants::<R>();
    mutants.extend(store_file::mutants::<R>());
    mutants.extend(store_sqlite::mutants::<R>());
    mutants.extend(store_postgres::mutants::<R>());
    mutants
}
