//! An actor as it is first written: a thread that owns the table, the standard library's channel
//! for requests, and a channel of its own for each reply.

use std::sync::mpsc::{Sender, channel};
use std::thread;

use lab_store::{Site, Store, StoreError, Table};
use lab_task::{Change, Filter, NewTask, Outcome, Task, TaskId};

use crate::peer::{Peer, PeerStore};

/// The actor ends when the store and every session are gone.
pub(crate) fn open(_site: &Site) -> Result<Box<dyn Store>, StoreError> {
    let (requests, inbox) = channel::<Request>();
    let actor = move || {
        let mut table = Table::default();
        inbox.iter().for_each(|request| request(&mut table));
    };
    let started = thread::Builder::new().name("std actor".to_owned()).spawn(actor);
    started.map_err(|error| StoreError::unavailable("a thread", error))?;
    Ok(Box::new(PeerStore(move || Ok(Caller(requests.clone())))))
}

type Request = Box<dyn FnOnce(&mut Table) + Send>;

struct Caller(Sender<Request>);

impl Caller {
    fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Table) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let gone = || StoreError::unavailable("the actor", "its thread has ended");
        let (reply, answer) = channel();
        let request: Request = Box::new(move |table| {
            // A caller that is gone does not need its answer.
            let _ = reply.send(work(table));
        });
        self.0.send(request).map_err(|_| gone())?;
        answer.recv().map_err(|_| gone())
    }
}

impl Peer for Caller {
    fn create(&mut self, new: &NewTask) -> Result<TaskId, StoreError> {
        let new = new.clone();
        self.call(|table| table.create(new, None))
    }

    fn get(&mut self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.call(move |table| table.get(id).cloned())
    }

    fn edit(&mut self, id: TaskId, change: &Change) -> Result<Outcome, StoreError> {
        let change = change.clone();
        self.call(move |table| table.edit(id, &change))
    }

    fn list(&mut self) -> Result<Vec<Task>, StoreError> {
        self.call(|table| table.list(&Filter::ALL))
    }
}
