//! A JSON file under an advisory lock, and for each task a lock file that holds its lease.
//!
//! # Mechanism
//! Who wants to edit claims the task first. Under the advisory lock that every change takes, the
//! claim replaces the file `task-<id>.lease`: owner, end in milliseconds of Unix time, and a
//! fencing token, one higher than the last. The file stays when the lease has ended, for it also
//! holds the count of tokens; it goes with its task.
//!
//! # What protects it
//! While a lease runs, every change of its task that does not come under that lease is refused,
//! so two people cannot edit one task at once, however long they think. A clock ends the lease of
//! somebody who went away; a holder who wakes up later has a token whose lease does not run, and
//! is told so.
//!
//! # What it admits
//! Nothing on one task: of two claims the second is refused while the first lease runs, and after
//! that the first token saves nothing. Instances on machines whose clocks differ may end a lease
//! early or late. A create that is retried is a second one, for no key tells it from another:
//! ```text
//! A  create           task 1 is created, the answer is lost
//! A  waits in vain
//! A  create again     task 2 is created
//! A  list             two tasks where one was wanted
//! ```
//!
//! # Where it comes from
//! Gray and Cheriton, "Leases: An Efficient Fault-Tolerant Mechanism for Distributed File Cache
//! Consistency", SOSP 1989; the token: Kleppmann, "How to do distributed locking", 2016.

mod lease;

use std::time::Duration;

use lab_runtime::Runtime;
use lab_store::{
    Blueprint, Capability, Claim, Guarantee, Leasing, Promise, ScenarioName, Session, Site, Store,
    StoreError, Table,
};
use lab_task::{
    Anomaly, Change, FencingToken, Filter, IdempotencyKey, NewTask, Outcome, Refusal, Summary,
    Task, TaskId, Version,
};

use crate::document::{self, Document};
use crate::files::{Files, LockFile};
use lease::Lease;

/// A file with a lease for each task.
pub struct JsonLeased;

impl Blueprint for JsonLeased {
    const GUARANTEE: Guarantee = Guarantee {
        mechanism: "lease files with fencing tokens, advisory lock",
        capabilities: &[Capability::Leases, Capability::Persistent, Capability::SharedSite],
        promises: &[(ScenarioName::RetriedCreate, Promise::Admits(&[Anomaly::DuplicateCreate]))],
    };

    fn open<R: Runtime>(site: &Site) -> Result<Box<dyn Store>, StoreError> {
        let files = Files::<R>::open(site)?;
        document::read(&files)?;
        Ok(Box::new(Shared(files)))
    }
}

struct Shared<R>(Files<R>);

impl<R: Runtime> Store for Shared<R> {
    fn session(&self) -> Result<Box<dyn Session>, StoreError> {
        let files = self.0.another_session();
        let lock = LockFile::open(&files, "tasks.lock")?;
        Ok(Box::new(Leased { files, lock, document: Document::default() }))
    }
}

struct Leased<R> {
    files: Files<R>,
    lock: LockFile<R>,
    document: Document,
}

impl<R: Runtime> Leased<R> {
    /// Changes a task if nobody holds its lease.
    fn change(
        &mut self,
        id: TaskId,
        change: impl FnOnce(&mut Table) -> Outcome,
    ) -> Result<Outcome, StoreError> {
        let _locked = self.lock.lock()?;
        if self.document.read(&self.files)?.get(id).is_none() {
            return Ok(Outcome::Refused(Refusal::NotFound));
        }
        if let Some(Lease { owner, .. }) = Lease::read(&self.files, id)?.filter(Lease::runs::<R>) {
            return Ok(Outcome::Refused(Refusal::Held { owner }));
        }
        self.document.replace(&self.files, change)
    }
}

impl<R: Runtime> Session for Leased<R> {
    fn create(
        &mut self,
        new: &NewTask,
        _key: Option<&IdempotencyKey>,
    ) -> Result<TaskId, StoreError> {
        let _locked = self.lock.lock()?;
        self.document.read(&self.files)?;
        self.document.replace(&self.files, |table| table.create(new.clone(), None))
    }

    fn get(&mut self, id: TaskId) -> Result<Option<Task>, StoreError> {
        Ok(self.document.read(&self.files)?.get(id).cloned())
    }

    fn list(&mut self, filter: &Filter) -> Result<Vec<Task>, StoreError> {
        Ok(self.document.read(&self.files)?.list(filter))
    }

    fn summary(&mut self) -> Result<Summary, StoreError> {
        Ok(self.document.read(&self.files)?.summary())
    }

    fn edit(&mut self, id: TaskId, change: &Change) -> Result<Outcome, StoreError> {
        self.change(id, |table| table.edit(id, change))
    }

    fn save(&mut self, copy: &Task) -> Result<Outcome, StoreError> {
        self.change(copy.id, |table| table.save(copy))
    }

    fn delete(&mut self, id: TaskId, _based_on: Option<Version>) -> Result<Outcome, StoreError> {
        let outcome = self.change(id, |table| table.delete(id))?;
        if matches!(outcome, Outcome::Applied(_)) {
            // Only now, for a task without its count of tokens would begin again at one. A file
            // that stays behind harms nobody: its id is never given again.
            let _ = Lease::remove(&self.files, id);
        }
        Ok(outcome)
    }

    fn start(&mut self, id: TaskId, wip_limit: u32) -> Result<Outcome, StoreError> {
        self.change(id, |table| table.start(id, wip_limit))
    }

    fn leasing(&mut self) -> Option<&mut dyn Leasing> {
        Some(self)
    }
}

impl<R: Runtime> Leasing for Leased<R> {
    fn claim(
        &mut self,
        id: TaskId,
        owner: &str,
        time_to_live: Duration,
    ) -> Result<Claim, StoreError> {
        let _locked = self.lock.lock()?;
        if self.document.read(&self.files)?.get(id).is_none() {
            return Ok(Claim::Refused(Refusal::NotFound));
        }
        match Lease::after::<R>(Lease::read(&self.files, id)?, owner, time_to_live) {
            Ok(lease) => lease.write(&self.files, id).map(|()| Claim::Granted(lease.token)),
            Err(refusal) => Ok(Claim::Refused(refusal)),
        }
    }

    fn save_claimed(&mut self, copy: &Task, token: FencingToken) -> Result<Outcome, StoreError> {
        let _locked = self.lock.lock()?;
        if self.document.read(&self.files)?.get(copy.id).is_none() {
            return Ok(Outcome::Refused(Refusal::NotFound));
        }
        let last = Lease::read(&self.files, copy.id)?;
        let newest = Lease::newest(last.as_ref());
        if last.is_none_or(|lease| lease.token != token || !lease.runs::<R>()) {
            return Ok(Outcome::Refused(Refusal::Fenced { newest }));
        }
        self.document.replace(&self.files, |table| table.save(copy))
    }

    fn release(&mut self, id: TaskId, token: FencingToken) -> Result<Outcome, StoreError> {
        let _locked = self.lock.lock()?;
        let Some(version) = self.document.read(&self.files)?.get(id).map(|task| task.version)
        else {
            return Ok(Outcome::Refused(Refusal::NotFound));
        };
        let last = Lease::read(&self.files, id)?;
        let newest = Lease::newest(last.as_ref());
        let Some(lease) = last.filter(|lease| lease.token == token && lease.runs::<R>()) else {
            return Ok(Outcome::Refused(Refusal::Fenced { newest }));
        };
        lease.ended().write(&self.files, id)?;
        Ok(Outcome::Applied(version))
    }
}
