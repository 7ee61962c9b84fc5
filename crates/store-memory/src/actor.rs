//! One owner has the table, and everybody else asks it by message.
//!
//! # Mechanism
//! A client puts a job into the owner's mailbox and waits for the reply. The owner is one thread;
//! it takes the jobs in the order in which they came and does one after the other. Who waits lets
//! others run for a moment before it goes to sleep.
//!
//! # What protects it
//! Ownership: the table is a local variable of one thread, and no lock guards it. Each job is a
//! whole operation, from the read to the write. The locks here guard the mailbox and the reply.
//!
//! # What it admits
//! Nothing within one message. Lost update between two people whose `get` and `save` are two:
//! ```text
//! A  get   v1
//! B  get   v1
//! B  save  B's description
//! A  save  A's title and the old description      B's description is gone
//! ```
//! It keeps no idempotency keys: a create that is retried makes a second task. And another
//! instance has tasks of its own: the two diverge.
//!
//! # Where it comes from
//! Hewitt, Bishop, Steiger, "A Universal Modular ACTOR Formalism for Artificial Intelligence",
//! IJCAI 1973. With code for a message: "active object", Lavender and Schmidt, PLoP 1995.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use lab_runtime::{Condition, Join, Lock, Runtime, Span};
use lab_store::{
    Blueprint, Guarantee, Promise, ScenarioName, Session, Site, Store, StoreError, Table,
};
use lab_task::{
    Anomaly, Change, Filter, IdempotencyKey, NewTask, Outcome, Summary, Task, TaskId, Version,
};

/// How long the owner waits for a job, and a client for the reply, before the operating system is
/// asked to wake them: that takes about as long, and a job a hundredth of it.
const LINGER: Duration = Duration::from_micros(50);

/// A table that one thread owns.
pub struct Actor;

impl Blueprint for Actor {
    const GUARANTEE: Guarantee = Guarantee {
        mechanism: "a queue of jobs, and one owner that does them in order",
        capabilities: &[],
        promises: &[
            (ScenarioName::TwoEditors, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::BackgroundStatus, Promise::Admits(&[Anomaly::LostUpdate])),
            (ScenarioName::RetriedCreate, Promise::Admits(&[Anomaly::DuplicateCreate])),
            (ScenarioName::TwoInstances, Promise::Admits(&[Anomaly::DivergentInstances])),
        ],
    };

    fn open<R: Runtime>(_site: &Site) -> Result<Box<dyn Store>, StoreError> {
        let mailbox = Arc::new(Mailbox::<R> {
            jobs: Lock::new(Jobs { waiting: VecDeque::new(), closed: false }),
            arrived: Condition::new(),
        });
        let owners = Arc::clone(&mailbox);
        let owner = R::spawn("memory/actor", move || {
            let mut table = Table::default();
            while let Some(job) = owners.next() {
                job(&mut table);
            }
        });
        Ok(Box::new(Owned { mailbox, owner: Some(owner) }))
    }
}

struct Owned<R: Runtime> {
    mailbox: Arc<Mailbox<R>>,
    owner: Option<R::JoinHandle>,
}

impl<R: Runtime> Store for Owned<R> {
    fn session(&self) -> Result<Box<dyn Session>, StoreError> {
        Ok(Box::new(Client(Arc::clone(&self.mailbox))))
    }
}

impl<R: Runtime> Drop for Owned<R> {
    fn drop(&mut self) {
        self.mailbox.close();
        if let Some(owner) = self.owner.take() {
            owner.join();
        }
    }
}

type Job = Box<dyn FnOnce(&mut Table) + Send>;

struct Jobs {
    waiting: VecDeque<Job>,
    closed: bool,
}

impl Jobs {
    /// Whether there is nothing to do, but may be later.
    fn is_quiet(&self) -> bool {
        self.waiting.is_empty() && !self.closed
    }
}

struct Mailbox<R: Runtime> {
    jobs: R::Mutex<Jobs>,
    arrived: R::Condvar,
}

impl<R: Runtime> Mailbox<R> {
    fn send(&self, job: Job) -> Result<(), StoreError> {
        let mut jobs = self.jobs.lock();
        if jobs.closed {
            let why = "the store was closed and its owner has stopped; open it again";
            return Err(StoreError::unavailable("memory/actor", why));
        }
        jobs.waiting.push_back(job);
        drop(jobs);
        self.arrived.notify_one();
        Ok(())
    }

    /// The next job; once the mailbox is closed, those that are in it still, and then `None`.
    fn next(&self) -> Option<Job> {
        R::linger(LINGER, || self.jobs.lock().is_quiet());
        let mut jobs = self.arrived.wait_alone::<Jobs>(&self.jobs, |jobs| !jobs.is_quiet());
        jobs.waiting.pop_front()
    }

    fn close(&self) {
        self.jobs.lock().closed = true;
        self.arrived.notify_one();
    }
}

struct Reply<R: Runtime, T: Send + 'static> {
    answer: R::Mutex<Option<T>>,
    given: R::Condvar,
}

impl<R: Runtime, T: Send + 'static> Reply<R, T> {
    fn give(&self, answer: T) {
        *self.answer.lock() = Some(answer);
        self.given.notify_one();
    }

    fn wait(&self) -> T {
        R::linger(LINGER, || self.answer.lock().is_none());
        loop {
            let mut answer = self.given.wait_alone::<Option<T>>(&self.answer, Option::is_some);
            if let Some(answer) = answer.take() {
                return answer;
            }
        }
    }
}

struct Client<R: Runtime>(Arc<Mailbox<R>>);

impl<R: Runtime> Client<R> {
    fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Table) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, job) = R::span(Span::Copy, || {
            let (answer, given) = (Lock::new(None), Condition::new());
            let reply = Arc::new(Reply::<R, T> { answer, given });
            let owners = Arc::clone(&reply);
            let job: Job = Box::new(move |table| owners.give(job(table)));
            (reply, job)
        });
        self.0.send(job)?;
        Ok(reply.wait())
    }
}

impl<R: Runtime> Session for Client<R> {
    fn create(
        &mut self,
        new: &NewTask,
        _key: Option<&IdempotencyKey>,
    ) -> Result<TaskId, StoreError> {
        let new = new.clone();
        self.ask(move |table| table.create(new, None))
    }

    fn get(&mut self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.ask(move |table| table.get(id).cloned())
    }

    fn list(&mut self, filter: &Filter) -> Result<Vec<Task>, StoreError> {
        let filter = filter.clone();
        self.ask(move |table| table.list(&filter))
    }

    fn summary(&mut self) -> Result<Summary, StoreError> {
        self.ask(|table| table.summary())
    }

    fn edit(&mut self, id: TaskId, change: &Change) -> Result<Outcome, StoreError> {
        let change = change.clone();
        self.ask(move |table| table.edit(id, &change))
    }

    fn save(&mut self, copy: &Task) -> Result<Outcome, StoreError> {
        let copy = copy.clone();
        self.ask(move |table| table.save(&copy))
    }

    fn delete(&mut self, id: TaskId, _based_on: Option<Version>) -> Result<Outcome, StoreError> {
        self.ask(move |table| table.delete(id))
    }

    fn start(&mut self, id: TaskId, wip_limit: u32) -> Result<Outcome, StoreError> {
        self.ask(move |table| table.start(id, wip_limit))
    }
}
