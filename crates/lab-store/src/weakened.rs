//! A store whose operations do without one protection, whatever its mechanism is: what a session
//! can leave out by asking another session. What a file or a statement protects is left out in the
//! seam of its family instead.
//!
//! Safe Rust has no way past a lock to what is behind it. So a lock that is gone is shown as what
//! remains in practice: one that is taken for the read and once more for the write.

use std::time::Duration;

use lab_runtime::Protection;
use lab_task::{
    Change, FencingToken, Filter, IdempotencyKey, NewTask, Outcome, Refusal, Status, Summary, Task,
    TaskId, Version,
};

use crate::{Claim, Leasing, Revisions, Session, Store, StoreError};

/// Longer than anything that is tried under a lease.
const HOUR: Duration = Duration::from_secs(60 * 60);

/// `store` without what its sessions can leave out.
pub(crate) fn weakened(store: Box<dyn Store>, lacked: Protection) -> Box<dyn Store> {
    match lacked {
        Protection::AtomicEdit
        | Protection::WholeList
        | Protection::OwnId
        | Protection::OnlyExisting
        | Protection::VersionCheck
        | Protection::IdempotencyKey
        | Protection::Lease
        | Protection::SoleOwner
        | Protection::FencingToken => Box::new(Weakened { store, lacked }),
        _ => store,
    }
}

struct Weakened {
    store: Box<dyn Store>,
    lacked: Protection,
}

impl Store for Weakened {
    fn session(&self) -> Result<Box<dyn Session>, StoreError> {
        Ok(Box::new(Weak { session: self.store.session()?, lacked: self.lacked }))
    }
}

struct Weak {
    session: Box<dyn Session>,
    lacked: Protection,
}

impl Weak {
    /// An `edit` in two operations.
    fn edit_in_two(&mut self, id: TaskId, change: &Change) -> Result<Outcome, StoreError> {
        let Some(mut copy) = self.session.get(id)? else {
            return Ok(Outcome::Refused(Refusal::NotFound));
        };
        change.apply_to_copy(&mut copy);
        self.overwrite(copy)
    }

    /// A `start` in three operations.
    fn start_in_three(&mut self, id: TaskId, wip_limit: u32) -> Result<Outcome, StoreError> {
        let Some(mut copy) = self.session.get(id)? else {
            return Ok(Outcome::Refused(Refusal::NotFound));
        };
        let others = Filter { status: Some(Status::InProgress), ..Filter::ALL };
        let in_progress = self.session.list(&others)?.iter().filter(|task| task.id != id).count();
        let in_progress = u32::try_from(in_progress).unwrap_or(u32::MAX);
        if in_progress >= wip_limit {
            return Ok(Outcome::Refused(Refusal::LimitReached { in_progress }));
        }
        Change::Status(Status::InProgress).apply_to_copy(&mut copy);
        self.overwrite(copy)
    }

    /// Saves a copy on whatever version there is.
    fn overwrite(&mut self, mut copy: Task) -> Result<Outcome, StoreError> {
        loop {
            match self.session.save(&copy)? {
                Outcome::Refused(Refusal::Stale { current }) => copy.version = current,
                outcome => return Ok(outcome),
            }
        }
    }

    /// Saves a copy under the lease of `owner`, whoever that is.
    fn save_as(&mut self, owner: &str, copy: &Task) -> Result<Outcome, StoreError> {
        let leases = self.leases()?;
        match leases.claim(copy.id, owner, HOUR)? {
            Claim::Granted(token) => leases.save_claimed(copy, token),
            Claim::Refused(refusal) => Ok(Outcome::Refused(refusal)),
        }
    }

    fn edit_as(&mut self, owner: &str, id: TaskId, change: &Change) -> Result<Outcome, StoreError> {
        let Some(mut copy) = self.session.get(id)? else {
            return Ok(Outcome::Refused(Refusal::NotFound));
        };
        change.apply_to_copy(&mut copy);
        self.save_as(owner, &copy)
    }

    fn leases(&mut self) -> Result<&mut dyn Leasing, StoreError> {
        let none = || StoreError::unavailable("a store without leases", "it cannot lack them");
        self.session.leasing().ok_or_else(none)
    }

    /// The owner of the lease by which `outcome` was refused, if leases are to be ignored.
    fn ignored_owner(&self, outcome: &Outcome) -> Option<String> {
        match outcome {
            Outcome::Refused(Refusal::Held { owner }) if self.lacked == Protection::Lease => {
                Some(owner.clone())
            }
            _ => None,
        }
    }
}

impl Session for Weak {
    fn create(
        &mut self,
        new: &NewTask,
        key: Option<&IdempotencyKey>,
    ) -> Result<TaskId, StoreError> {
        let key = key.filter(|_| self.lacked != Protection::IdempotencyKey);
        let id = self.session.create(new, key)?;
        if self.lacked == Protection::OwnId {
            return Ok(self.session.list(&Filter::ALL)?.last().map_or(id, |newest| newest.id));
        }
        Ok(id)
    }

    fn get(&mut self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.session.get(id)
    }

    fn list(&mut self, filter: &Filter) -> Result<Vec<Task>, StoreError> {
        let mut tasks = self.session.list(filter)?;
        if self.lacked == Protection::WholeList {
            let ids: Vec<TaskId> = tasks.iter().map(|task| task.id).collect();
            let read = ids.into_iter().map(|id| self.session.get(id));
            tasks = read.filter_map(Result::transpose).collect::<Result<_, _>>()?;
            tasks.retain(|task| filter.matches(task));
        }
        Ok(tasks)
    }

    fn summary(&mut self) -> Result<Summary, StoreError> {
        self.session.summary()
    }

    fn edit(&mut self, id: TaskId, change: &Change) -> Result<Outcome, StoreError> {
        if self.lacked == Protection::AtomicEdit {
            return self.edit_in_two(id, change);
        }
        let outcome = self.session.edit(id, change)?;
        match self.ignored_owner(&outcome) {
            Some(owner) => self.edit_as(&owner, id, change),
            None => Ok(outcome),
        }
    }

    fn save(&mut self, copy: &Task) -> Result<Outcome, StoreError> {
        if self.lacked == Protection::VersionCheck {
            return self.overwrite(copy.clone());
        }
        let outcome = self.session.save(copy)?;
        if self.lacked == Protection::OnlyExisting && outcome == Outcome::Refused(Refusal::NotFound)
        {
            let (title, description) = (copy.title.clone(), copy.description.clone());
            self.session.create(&NewTask { title, description }, None)?;
            return Ok(Outcome::Applied(copy.version.next()));
        }
        match self.ignored_owner(&outcome) {
            Some(owner) => self.save_as(&owner, copy),
            None => Ok(outcome),
        }
    }

    fn delete(&mut self, id: TaskId, based_on: Option<Version>) -> Result<Outcome, StoreError> {
        let based_on = based_on.filter(|_| self.lacked != Protection::VersionCheck);
        let outcome = self.session.delete(id, based_on)?;
        let Some(owner) = self.ignored_owner(&outcome) else {
            return Ok(outcome);
        };
        // Whoever owns a lease may cut it short.
        self.leases()?.claim(id, &owner, Duration::ZERO)?;
        self.session.delete(id, based_on)
    }

    fn start(&mut self, id: TaskId, wip_limit: u32) -> Result<Outcome, StoreError> {
        if self.lacked == Protection::AtomicEdit {
            return self.start_in_three(id, wip_limit);
        }
        let outcome = self.session.start(id, wip_limit)?;
        match self.ignored_owner(&outcome) {
            Some(owner) => self.edit_as(&owner, id, &Change::Status(Status::InProgress)),
            None => Ok(outcome),
        }
    }

    fn leasing(&mut self) -> Option<&mut dyn Leasing> {
        match self.lacked {
            Protection::SoleOwner | Protection::FencingToken => {
                let has_leases = self.session.leasing().is_some();
                has_leases.then_some(self as &mut dyn Leasing)
            }
            _ => self.session.leasing(),
        }
    }

    fn revisions(&mut self) -> Option<&mut dyn Revisions> {
        self.session.revisions()
    }
}

/// Leases of which several clients have one, or whose tokens nobody looks at.
impl Leasing for Weak {
    fn claim(
        &mut self,
        id: TaskId,
        owner: &str,
        time_to_live: Duration,
    ) -> Result<Claim, StoreError> {
        match self.leases()?.claim(id, owner, time_to_live)? {
            Claim::Refused(Refusal::Held { owner }) if self.lacked == Protection::SoleOwner => {
                self.leases()?.claim(id, &owner, time_to_live)
            }
            claim => Ok(claim),
        }
    }

    fn save_claimed(&mut self, copy: &Task, token: FencingToken) -> Result<Outcome, StoreError> {
        match self.leases()?.save_claimed(copy, token)? {
            Outcome::Refused(Refusal::Fenced { .. }) if self.lacked == Protection::FencingToken => {
            }
            outcome => return Ok(outcome),
        }
        match self.session.save(copy)? {
            Outcome::Refused(Refusal::Held { owner }) => self.save_as(&owner, copy),
            outcome => Ok(outcome),
        }
    }

    fn release(&mut self, id: TaskId, token: FencingToken) -> Result<Outcome, StoreError> {
        self.leases()?.release(id, token)
    }
}
