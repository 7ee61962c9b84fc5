//! A session that records what it is asked and what it answers.

use std::time::Duration;

use lab_store::{Claim, Leasing, Session, StoreError};
use lab_task::{
    Change, FencingToken, Filter, IdempotencyKey, NewTask, Outcome, Refusal, Status, Summary, Task,
    TaskId, Version,
};

use super::track::Track;
use crate::record::key_hash;
use crate::{Ending, Function, Record, content_hash};

/// A session that records what it is asked and what it answers. A save under a lease is recorded
/// as a save; to claim and to release a lease changes no task and is not recorded. It has no
/// revisions, so that nothing changes a task unrecorded.
pub struct Recorded {
    session: Box<dyn Session>,
    track: Track,
}

impl Recorded {
    /// Records `session` on `track`.
    pub fn new(session: Box<dyn Session>, track: Track) -> Self {
        Self { session, track }
    }

    /// Makes one call between the places of its invocation and its answer, and writes the record
    /// that `tell` makes of the answer.
    #[inline]
    fn record<T>(
        &mut self,
        call: impl FnOnce(&mut dyn Session) -> Result<T, StoreError>,
        asked: Record,
        tell: impl FnOnce(&T, &mut Record),
    ) -> Result<T, StoreError> {
        self.track.invoke();
        let answer = call(&mut *self.session);
        self.track.answer();
        let mut record = asked;
        match &answer {
            Ok(answer) => tell(answer, &mut record),
            Err(error) => record.ending = ended(error),
        }
        self.track.write(record);
        self.track.rest();
        answer
    }
}

impl Session for Recorded {
    fn create(
        &mut self,
        new: &NewTask,
        key: Option<&IdempotencyKey>,
    ) -> Result<TaskId, StoreError> {
        let mut record = asked(Function::Create, TaskId(0));
        record.based_on = key.map_or(0, key_hash);
        self.record(
            |session| session.create(new, key),
            record,
            |id, record| {
                record.task = id.0;
                // A key may have found a task that is no longer what was asked for.
                if key.is_none() {
                    saw(record, &new.clone().into_task(*id));
                }
            },
        )
    }

    fn get(&mut self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.record(
            |session| session.get(id),
            asked(Function::Get, id),
            |found, record| match found {
                Some(task) => read(record, task),
                None => record.ending = Ending::NotFound,
            },
        )
    }

    fn list(&mut self, filter: &Filter) -> Result<Vec<Task>, StoreError> {
        self.track.invoke();
        let answer = self.session.list(filter);
        self.track.answer();
        let mut record = asked(Function::List, TaskId(0));
        record.status = filter.status;
        record.based_on = u64::from(filter.title_contains.is_some());
        match &answer {
            Ok(tasks) => record.task = tasks.len() as u64,
            Err(error) => record.ending = ended(error),
        }
        self.track.write(record);
        for task in answer.iter().flatten() {
            let mut listed = asked(Function::Listed, task.id);
            read(&mut listed, task);
            self.track.write(listed);
        }
        self.track.rest();
        answer
    }

    fn summary(&mut self) -> Result<Summary, StoreError> {
        self.record(
            |session| session.summary(),
            asked(Function::Summary, TaskId(0)),
            |summary, record| {
                record.task = summary.todo;
                record.based_on = summary.in_progress;
                record.version = summary.done;
            },
        )
    }

    fn edit(&mut self, id: TaskId, change: &Change) -> Result<Outcome, StoreError> {
        let mut record = asked(Function::Edit, id);
        if let Change::Status(status) = change {
            record.status = Some(*status);
        }
        self.record(|session| session.edit(id, change), record, changed)
    }

    fn save(&mut self, copy: &Task) -> Result<Outcome, StoreError> {
        self.record(|session| session.save(copy), saving(copy), changed)
    }

    fn delete(&mut self, id: TaskId, based_on: Option<Version>) -> Result<Outcome, StoreError> {
        let mut record = asked(Function::Delete, id);
        record.based_on = based_on.map_or(0, |version| version.0);
        self.record(|session| session.delete(id, based_on), record, changed)
    }

    fn start(&mut self, id: TaskId, wip_limit: u32) -> Result<Outcome, StoreError> {
        let mut record = asked(Function::Start, id);
        record.based_on = u64::from(wip_limit);
        record.status = Some(Status::InProgress);
        self.record(|session| session.start(id, wip_limit), record, changed)
    }

    fn leasing(&mut self) -> Option<&mut dyn Leasing> {
        self.session.leasing().is_some().then_some(self)
    }
}

impl Leasing for Recorded {
    fn claim(
        &mut self,
        id: TaskId,
        owner: &str,
        time_to_live: Duration,
    ) -> Result<Claim, StoreError> {
        leases(&mut *self.session)?.claim(id, owner, time_to_live)
    }

    fn save_claimed(&mut self, copy: &Task, token: FencingToken) -> Result<Outcome, StoreError> {
        self.record(|session| leases(session)?.save_claimed(copy, token), saving(copy), changed)
    }

    fn release(&mut self, id: TaskId, token: FencingToken) -> Result<Outcome, StoreError> {
        leases(&mut *self.session)?.release(id, token)
    }
}

fn leases(session: &mut dyn Session) -> Result<&mut dyn Leasing, StoreError> {
    session.leasing().ok_or_else(|| StoreError::unavailable("a lease", "this store has none"))
}

fn asked(function: Function, id: TaskId) -> Record {
    Record {
        invoked: 0,
        answered: 0,
        process: 0,
        function,
        ending: Ending::Ok,
        status: None,
        task: id.0,
        based_on: 0,
        version: 0,
        content: 0,
    }
}

fn saving(copy: &Task) -> Record {
    let mut record = asked(Function::Save, copy.id);
    record.based_on = copy.version.0;
    record.status = Some(copy.status);
    record.content = content_hash(copy);
    record
}

fn read(record: &mut Record, task: &Task) {
    record.based_on = u64::from(task.minutes);
    saw(record, task);
}

fn saw(record: &mut Record, task: &Task) {
    record.version = task.version.0;
    record.status = Some(task.status);
    record.content = content_hash(task);
}

fn changed(outcome: &Outcome, record: &mut Record) {
    match outcome {
        Outcome::Applied(version) => record.version = version.0,
        Outcome::Refused(refusal) => {
            (record.ending, record.version) = match refusal {
                Refusal::NotFound => (Ending::NotFound, 0),
                Refusal::Stale { current } => (Ending::Stale, current.0),
                Refusal::LimitReached { in_progress } => {
                    (Ending::LimitReached, u64::from(*in_progress))
                }
                Refusal::Held { .. } | Refusal::Fenced { .. } => (Ending::NoLease, 0),
            };
        }
    }
}

fn ended(error: &StoreError) -> Ending {
    if error.is_definite() { Ending::Fail } else { Ending::Info }
}
