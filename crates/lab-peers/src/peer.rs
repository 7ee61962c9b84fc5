//! The few operations that a peer has, as a session.

use lab_store::{Session, Store, StoreError};
use lab_task::{Change, Filter, IdempotencyKey, NewTask, Outcome, Summary, Task, TaskId, Version};

/// What a peer is measured with, and what is needed to fill it and to count afterwards.
pub(crate) trait Peer: Send {
    fn create(&mut self, new: &NewTask) -> Result<TaskId, StoreError>;

    fn get(&mut self, id: TaskId) -> Result<Option<Task>, StoreError>;

    fn edit(&mut self, id: TaskId, change: &Change) -> Result<Outcome, StoreError>;

    fn list(&mut self) -> Result<Vec<Task>, StoreError>;
}

/// A peer as a store: `open` makes one client's part of it.
pub(crate) struct PeerStore<F>(pub(crate) F);

impl<P, F> Store for PeerStore<F>
where
    P: Peer + 'static,
    F: Fn() -> Result<P, StoreError> + Send + Sync,
{
    fn session(&self) -> Result<Box<dyn Session>, StoreError> {
        Ok(Box::new(PeerSession((self.0)()?)))
    }
}

struct PeerSession<P>(P);

/// Adds minutes to a task in a way of its own.
pub(crate) trait AddMinutes: Send {
    /// `id` and `minutes` are what columns of a database have.
    fn add_minutes(&mut self, id: i64, minutes: i64) -> Result<Outcome, StoreError>;
}

/// A peer that only edits in a way of its own: the rest it leaves to a store of the lab, which made
/// the tables.
pub(crate) struct Edits<E> {
    pub(crate) own: E,
    pub(crate) rest: Box<dyn Session>,
}

impl<E: AddMinutes> Peer for Edits<E> {
    fn create(&mut self, new: &NewTask) -> Result<TaskId, StoreError> {
        self.rest.create(new, None)
    }

    fn get(&mut self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.rest.get(id)
    }

    fn edit(&mut self, id: TaskId, change: &Change) -> Result<Outcome, StoreError> {
        let Change::AddMinutes(minutes) = change else { return Err(missing("any other change")) };
        self.own.add_minutes(id.0.cast_signed(), i64::from(*minutes))
    }

    fn list(&mut self) -> Result<Vec<Task>, StoreError> {
        self.rest.list(&Filter::ALL)
    }
}

/// The error of an operation that a peer does not have.
pub(crate) fn missing(what: &str) -> StoreError {
    StoreError::unavailable(what, "this peer has create, get, edit and list, and nothing else")
}

impl<P: Peer> Session for PeerSession<P> {
    fn create(
        &mut self,
        new: &NewTask,
        _key: Option<&IdempotencyKey>,
    ) -> Result<TaskId, StoreError> {
        self.0.create(new)
    }

    fn get(&mut self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.0.get(id)
    }

    fn list(&mut self, _filter: &Filter) -> Result<Vec<Task>, StoreError> {
        self.0.list()
    }

    fn summary(&mut self) -> Result<Summary, StoreError> {
        Err(missing("summary"))
    }

    #[inline]
    fn edit(&mut self, id: TaskId, change: &Change) -> Result<Outcome, StoreError> {
        self.0.edit(id, change)
    }

    fn save(&mut self, _copy: &Task) -> Result<Outcome, StoreError> {
        Err(missing("save"))
    }

    fn delete(&mut self, _id: TaskId, _based_on: Option<Version>) -> Result<Outcome, StoreError> {
        Err(missing("delete"))
    }

    fn start(&mut self, _id: TaskId, _wip_limit: u32) -> Result<Outcome, StoreError> {
        Err(missing("start"))
    }
}
