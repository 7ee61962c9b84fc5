//! A lease for each task: who wants to think for a while first asks for the task.
//!
//! # Mechanism
//! `claim` gives one owner the task for a time. Until that has passed the task changes only
//! through `save_claimed`, under the token of the lease; every other change is refused, and the
//! refusal says who has the task. The end comes by itself, so that an owner who goes away holds
//! up the others for a time and not for ever.
//!
//! # What protects it
//! Within one operation a lock around the table and the leases. Between two operations the lease:
//! the second person does not even begin. A clock decides when a lease ends, and no clock is seen
//! by all at once: an owner who was held up may still believe in a lease that somebody else has
//! by now. So each lease has a fencing token higher than all before it, and the store, by its own
//! clock, refuses a save under any but the token of the lease that runs.
//!
//! # What it admits
//! Nothing on one task: who has the lease is alone with it until the save, and who lost it is told
//! so. Another instance has tasks and leases of its own, and a create that is retried is a second
//! one, for no key tells it from another:
//! ```text
//! A  create           task 1 is created, the answer is lost
//! A  waits in vain
//! A  create again     task 2 is created
//! A  list             two tasks where one was wanted
//! ```
//!
//! # Where it comes from
//! Gray and Cheriton, "Leases: An Efficient Fault-Tolerant Mechanism for Distributed File Cache
//! Consistency", SOSP 1989; the token is that of Kleppmann, "How to do distributed locking", 2016.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lab_runtime::{Lock, Runtime};
use lab_store::{
    Blueprint, Capability, Claim, Guarantee, Leasing, Promise, ScenarioName, Session, Site, Store,
    StoreError, Table,
};
use lab_task::{
    Anomaly, Change, FencingToken, Filter, IdempotencyKey, NewTask, Outcome, Refusal, Summary,
    Task, TaskId, Version,
};

/// A table with leases.
pub struct Leased;

impl Blueprint for Leased {
    const GUARANTEE: Guarantee = Guarantee {
        mechanism: "a lease with a fencing token, from the claim to the save",
        capabilities: &[Capability::Leases],
        promises: &[
            (ScenarioName::RetriedCreate, Promise::Admits(&[Anomaly::DuplicateCreate])),
            (ScenarioName::TwoInstances, Promise::Admits(&[Anomaly::DivergentInstances])),
        ],
    };

    fn open<R: Runtime>(_site: &Site) -> Result<Box<dyn Store>, StoreError> {
        Ok(Box::new(Guarded::<R>(Arc::new(Lock::new(Desk::default())))))
    }
}

#[derive(Default)]
struct Desk {
    table: Table,
    /// The newest lease of each task that ever had one, run out or not.
    leases: BTreeMap<TaskId, Lease>,
    last_token: u64,
}

struct Lease {
    owner: String,
    token: FencingToken,
    /// `None` where that is further away than the clock can say.
    ends: Option<Instant>,
}

impl Desk {
    fn running(&mut self, id: TaskId) -> Option<&mut Lease> {
        let lease = self.leases.get_mut(&id)?;
        lease.ends.is_none_or(|ends| Instant::now() < ends).then_some(lease)
    }

    /// A change by somebody who has no lease.
    fn unclaimed(&mut self, id: TaskId, change: impl FnOnce(&mut Table) -> Outcome) -> Outcome {
        match self.running(id) {
            Some(lease) => Outcome::Refused(Refusal::Held { owner: lease.owner.clone() }),
            None => change(&mut self.table),
        }
    }

    /// The refusal that something asked under `token` meets, if the task is there at all.
    fn fenced(&mut self, id: TaskId, token: FencingToken) -> Option<Outcome> {
        self.table.get(id)?;
        if self.running(id).is_some_and(|lease| lease.token == token) {
            return None;
        }
        let newest = self.leases.get(&id).map_or(FencingToken(0), |lease| lease.token);
        Some(Outcome::Refused(Refusal::Fenced { newest }))
    }
}

struct Guarded<R: Runtime>(Arc<R::Mutex<Desk>>);

impl<R: Runtime> Store for Guarded<R> {
    fn session(&self) -> Result<Box<dyn Session>, StoreError> {
        Ok(Box::new(Self(Arc::clone(&self.0))))
    }
}

impl<R: Runtime> Session for Guarded<R> {
    fn create(
        &mut self,
        new: &NewTask,
        _key: Option<&IdempotencyKey>,
    ) -> Result<TaskId, StoreError> {
        Ok(self.0.lock().table.create(new.clone(), None))
    }

    fn get(&mut self, id: TaskId) -> Result<Option<Task>, StoreError> {
        Ok(self.0.lock().table.get(id).cloned())
    }

    fn list(&mut self, filter: &Filter) -> Result<Vec<Task>, StoreError> {
        Ok(self.0.lock().table.list(filter))
    }

    fn summary(&mut self) -> Result<Summary, StoreError> {
        Ok(self.0.lock().table.summary())
    }

    fn edit(&mut self, id: TaskId, change: &Change) -> Result<Outcome, StoreError> {
        Ok(self.0.lock().unclaimed(id, |table| table.edit(id, change)))
    }

    fn save(&mut self, copy: &Task) -> Result<Outcome, StoreError> {
        Ok(self.0.lock().unclaimed(copy.id, |table| table.save(copy)))
    }

    fn delete(&mut self, id: TaskId, _based_on: Option<Version>) -> Result<Outcome, StoreError> {
        let mut desk = self.0.lock();
        let outcome = desk.unclaimed(id, |table| table.delete(id));
        if matches!(outcome, Outcome::Applied(_)) {
            desk.leases.remove(&id);
        }
        Ok(outcome)
    }

    fn start(&mut self, id: TaskId, wip_limit: u32) -> Result<Outcome, StoreError> {
        Ok(self.0.lock().unclaimed(id, |table| table.start(id, wip_limit)))
    }

    fn leasing(&mut self) -> Option<&mut dyn Leasing> {
        Some(self)
    }
}

impl<R: Runtime> Leasing for Guarded<R> {
    fn claim(
        &mut self,
        id: TaskId,
        owner: &str,
        time_to_live: Duration,
    ) -> Result<Claim, StoreError> {
        let mut desk = self.0.lock();
        if desk.table.get(id).is_none() {
            return Ok(Claim::Refused(Refusal::NotFound));
        }
        let ends = Instant::now().checked_add(time_to_live);
        if let Some(lease) = desk.running(id) {
            if lease.owner != owner {
                return Ok(Claim::Refused(Refusal::Held { owner: lease.owner.clone() }));
            }
            lease.ends = ends;
            return Ok(Claim::Granted(lease.token));
        }
        desk.last_token += 1;
        let token = FencingToken(desk.last_token);
        desk.leases.insert(id, Lease { owner: owner.to_owned(), token, ends });
        Ok(Claim::Granted(token))
    }

    fn save_claimed(&mut self, copy: &Task, token: FencingToken) -> Result<Outcome, StoreError> {
        let mut desk = self.0.lock();
        Ok(desk.fenced(copy.id, token).unwrap_or_else(|| desk.table.save(copy)))
    }

    fn release(&mut self, id: TaskId, token: FencingToken) -> Result<Outcome, StoreError> {
        let mut desk = self.0.lock();
        if let Some(refused) = desk.fenced(id, token) {
            return Ok(refused);
        }
        // The lease stays known, run out, so that its token keeps its place in the order.
        if let Some(lease) = desk.leases.get_mut(&id) {
            lease.ends = Some(Instant::now());
        }
        let version = desk.table.get(id).map(|task| task.version);
        Ok(version.map_or(Outcome::Refused(Refusal::NotFound), Outcome::Applied))
    }
}
