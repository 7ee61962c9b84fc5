//! What keeps stores safe, by name, so that it can be taken away to see whether the lab notices.

use crate::Runtime;

/// One protection, as fine as it can be removed alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Nobody comes between the read and the write of one `edit` or `start`.
    AtomicEdit,
    /// `list` reads all tasks at one moment.
    WholeList,
    /// A create answers the id of the very task that it made.
    OwnId,
    /// `save` changes a task that is there, and makes none.
    OnlyExisting,
    /// `save` and `delete` compare the version that they are based on.
    VersionCheck,
    /// A create keeps its key and finds it again.
    IdempotencyKey,
    /// While a lease runs, changes that come without it are refused.
    Lease,
    /// A lease that runs is given to nobody else.
    SoleOwner,
    /// A save under a lease is refused unless its token is the one that runs.
    FencingToken,
    /// The lock file is locked.
    FileLock,
    /// A file is replaced by the rename of another one.
    Rename,
    /// Files and folders are synced.
    Sync,
    /// An append has left the program when it is acknowledged.
    AppendThrough,
    /// BEGIN and COMMIT around the statements of one operation.
    Transaction,
    /// The write lock is taken by BEGIN, before the first read.
    WriteLock,
    /// A statement that finds a lock taken waits.
    BusyWait,
    /// An operation that lost a race begins again.
    Retry,
    /// The isolation level of a transaction.
    Isolation,
    /// `FOR UPDATE`: a row is locked when it is read.
    RowLock,
    /// The version in the WHERE clause of a statement that writes.
    VersionClause,
    /// The lease in the WHERE clause of a statement that writes without one.
    LeaseClause,
    /// The fencing token in the WHERE clause of a statement that writes under a lease.
    TokenClause,
}

impl Protection {
    /// Every protection, each at its own number.
    pub const ALL: [Self; 22] = [
        Self::AtomicEdit,
        Self::WholeList,
        Self::OwnId,
        Self::OnlyExisting,
        Self::VersionCheck,
        Self::IdempotencyKey,
        Self::Lease,
        Self::SoleOwner,
        Self::FencingToken,
        Self::FileLock,
        Self::Rename,
        Self::Sync,
        Self::AppendThrough,
        Self::Transaction,
        Self::WriteLock,
        Self::BusyWait,
        Self::Retry,
        Self::Isolation,
        Self::RowLock,
        Self::VersionClause,
        Self::LeaseClause,
        Self::TokenClause,
    ];

    /// The name, as registries and tokens have it.
    pub const fn as_str(self) -> &'static str {
        self.described().0
    }

    /// What a store does that lacks it.
    pub const fn without(self) -> &'static str {
        self.described().1
    }

    /// The protection called `name`. In a constant, a name that is none does not compile.
    ///
    /// # Panics
    /// No protection is called that.
    pub const fn named(name: &str) -> Self {
        let mut at = 0;
        while at < Self::ALL.len() {
            if is_same(Self::ALL[at].as_str().as_bytes(), name.as_bytes()) {
                return Self::ALL[at];
            }
            at += 1;
        }
        panic!("no protection is called that: see `Protection`")
    }

    const fn described(self) -> (&'static str, &'static str) {
        match self {
            Self::AtomicEdit => ("atomic_edit", "edit and start read first and write later"),
            Self::WholeList => ("whole_list", "list reads one task after the other"),
            Self::OwnId => ("own_id", "a create asks afterwards which task is the newest"),
            Self::OnlyExisting => ("only_existing", "a save of what is gone creates it again"),
            Self::VersionCheck => ("version_check", "save and delete compare no version"),
            Self::IdempotencyKey => ("idempotency_key", "a create pays no attention to its key"),
            Self::Lease => ("lease", "who has no lease changes the task all the same"),
            Self::SoleOwner => ("sole_owner", "a lease that runs is given to another one as well"),
            Self::FencingToken => ("fencing_token", "a save compares no fencing token"),
            Self::FileLock => ("file_lock", "the lock file is not locked"),
            Self::Rename => ("rename", "the new content is written into the old file"),
            Self::Sync => ("sync", "nothing is synced"),
            Self::AppendThrough => ("append_through", "what is appended stays in the program"),
            Self::Transaction => ("transaction", "no BEGIN and no COMMIT is sent"),
            Self::WriteLock => ("write_lock", "BEGIN DEFERRED instead of BEGIN IMMEDIATE"),
            Self::BusyWait => ("busy_wait", "a statement does not wait for a lock"),
            Self::Retry => ("retry", "an operation that lost a race gives up"),
            Self::Isolation => ("isolation", "the isolation level is one lower"),
            Self::RowLock => ("row_lock", "SELECT without FOR UPDATE"),
            Self::VersionClause => ("version_clause", "no version in the WHERE clause"),
            Self::LeaseClause => ("lease_clause", "no lease in the WHERE clause"),
            Self::TokenClause => ("token_clause", "no fencing token in the WHERE clause"),
        }
    }
}

/// Whether a store on the runtime `R` has to do without `protection`: a constant, so that in
/// production nothing is left of the question.
pub const fn lacks<R: Runtime>(protection: Protection) -> bool {
    match R::LACKS {
        Some(lacked) => lacked as u8 == protection as u8,
        None => false,
    }
}

const fn is_same(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    one.len() == other.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Threads, Without};

    #[test]
    fn each_protection_is_found_by_its_number_and_by_its_name() {
        for (at, protection) in Protection::ALL.into_iter().enumerate() {
            assert_eq!(protection as usize, at);
            assert_eq!(Protection::named(protection.as_str()), protection);
        }
    }

    #[test]
    fn a_runtime_lacks_what_was_taken_away_and_nothing_else() {
        type Unsynced = Without<Threads, { Protection::Sync as u8 }>;
        assert!(lacks::<Unsynced>(Protection::Sync));
        assert!(!lacks::<Unsynced>(Protection::Rename));
        assert!(Protection::ALL.iter().all(|one| !lacks::<Threads>(*one)));
    }
}
