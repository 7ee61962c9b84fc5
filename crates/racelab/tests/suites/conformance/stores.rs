//! The stores under test: each at a site of its own.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::thread;

use lab_runtime::Threads;
use lab_sites::{OwnSite, Sites};
use lab_store::{Capability, Entry, Session, Site, Store, StoreError};
use lab_task::{Description, Filter, NewTask, Task, TaskId, Title};

use crate::there;

/// One store, and a place that nobody else uses.
pub(crate) struct Subject {
    pub(crate) entry: Entry,
    site: OwnSite,
}

impl Subject {
    /// A new, empty site for `entry`; none if its server is missing and may be.
    pub(crate) fn new(entry: Entry) -> Option<Self> {
        there::site(&entry.family, &Sites::fastest()).map(|site| Self { entry, site })
    }

    pub(crate) fn try_open(&self) -> Result<Box<dyn Store>, StoreError> {
        (self.entry.open)(&self.site)
    }

    pub(crate) fn open(&self) -> Box<dyn Store> {
        self.try_open().unwrap()
    }

    pub(crate) fn has(&self, capability: Capability) -> bool {
        self.entry.guarantee.has(capability)
    }

    pub(crate) fn site(&self) -> &Site {
        &self.site
    }
}

/// Checks every store that `is_asked`, and then names all those that failed.
pub(crate) fn each_store(is_asked: impl Fn(&Entry) -> bool, check: impl Fn(&Subject)) {
    let asked = lab_catalog::entries::<Threads>().into_iter().filter(is_asked);
    let asked: Vec<Entry> = asked.collect();
    assert!(!asked.is_empty(), "this asks nothing of any store of the catalogue");
    let mut failures = Vec::new();
    for subject in asked.into_iter().filter_map(Subject::new) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(&subject))) {
            failures.push(format!("{}: {}", subject.entry.name, message(&*panic)));
        }
    }
    assert!(failures.is_empty(), "these stores do not conform:\n{}", failures.join("\n"));
}

/// [`each_store`] of those that have `capability`.
pub(crate) fn each_store_with(capability: Capability, check: impl Fn(&Subject)) {
    each_store(|entry| entry.guarantee.has(capability), check);
}

/// What a panic says.
pub(crate) fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without words")
}

/// Two clients of one instance.
pub(crate) fn two_sessions(store: &dyn Store) -> [Box<dyn Session>; 2] {
    [store.session().unwrap(), store.session().unwrap()]
}

/// What each of `count` clients is answered who all ask at the same moment.
pub(crate) fn at_once<T: Send>(
    store: &dyn Store,
    count: usize,
    ask: impl Fn(usize, &mut dyn Session) -> T + Sync,
) -> Vec<T> {
    let start = Barrier::new(count);
    thread::scope(|scope| {
        let client = |number| {
            let (start, ask) = (&start, &ask);
            scope.spawn(move || {
                let session = store.session();
                start.wait();
                ask(number, &mut *session.unwrap())
            })
        };
        let clients: Vec<_> = (0..count).map(client).collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    })
}

pub(crate) fn new_task(title: &str) -> NewTask {
    NewTask { title: Title::new(title).unwrap(), description: Description::default() }
}

pub(crate) fn create(session: &mut dyn Session, title: &str) -> TaskId {
    session.create(&new_task(title), None).unwrap()
}

/// A new task, as it is read back.
pub(crate) fn created(session: &mut dyn Session, title: &str) -> Task {
    let id = create(session, title);
    session.get(id).unwrap().unwrap()
}

pub(crate) fn all(session: &mut dyn Session) -> Vec<Task> {
    session.list(&Filter::ALL).unwrap()
}
