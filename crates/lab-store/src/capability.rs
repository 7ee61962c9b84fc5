//! What some stores can do beyond the operations that all have.

use std::time::Duration;

use lab_task::{FencingToken, Outcome, Refusal, Task, TaskId, Version};

use crate::StoreError;

/// Leases: the pessimistic answer to two people who edit one task. While a lease runs, its task
/// changes only through [`Leasing::save_claimed`]; every other change is refused as `Held`.
pub trait Leasing {
    /// Asks for the lease of a task, for `owner` and as long as `time_to_live`. The owner of a
    /// lease that still runs extends it and keeps the token; any other grant has a higher token
    /// than all before it.
    ///
    /// # Errors
    /// As for every operation of a session.
    fn claim(
        &mut self,
        id: TaskId,
        owner: &str,
        time_to_live: Duration,
    ) -> Result<Claim, StoreError>;

    /// Writes back a copy under a lease: applied as long as the lease of `token` runs, `Fenced`
    /// otherwise, also if nobody else has claimed the task since: somebody may have changed it.
    ///
    /// # Errors
    /// As for every operation of a session.
    fn save_claimed(&mut self, copy: &Task, token: FencingToken) -> Result<Outcome, StoreError>;

    /// Ends a lease before its time, and answers the version of the task; `Fenced` if it does not
    /// run any more.
    ///
    /// # Errors
    /// As for every operation of a session.
    fn release(&mut self, id: TaskId, token: FencingToken) -> Result<Outcome, StoreError>;
}

/// The answer to a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The lease, by its fencing token.
    Granted(FencingToken),
    /// `Held` by somebody else, or no such task.
    Refused(Refusal),
}

/// The history of tasks.
pub trait Revisions {
    /// Every version of a task, oldest first; empty where there is no such task.
    ///
    /// # Errors
    /// As for every operation of a session.
    fn revisions(&mut self, id: TaskId) -> Result<Vec<Task>, StoreError>;

    /// Makes the content of an old version the newest one, as one more change based on
    /// `based_on`; `NotFound` where the task or that version is missing.
    ///
    /// # Errors
    /// As for every operation of a session.
    fn revert(&mut self, id: TaskId, to: Version, based_on: Version)
    -> Result<Outcome, StoreError>;
}
