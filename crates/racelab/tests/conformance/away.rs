//! A server that goes away and comes back.

use std::process;

use lab_runtime::Threads;
use lab_servers::{PostgresServer, Server};
use lab_store::{Entry, Needs, Session, Site, Store};
use lab_task::{Change, Outcome, Task, TaskId};

use crate::stores::{all, created, new_task, not_run};

/// A store that was open when its server went away.
struct Left {
    entry: Entry,
    _store: Box<dyn Store>,
    session: Box<dyn Session>,
    /// The one that was acknowledged.
    task: Task,
}

/// With a server of its own, whatever `RACELAB_POSTGRES_URL` names: nobody else's is stopped.
#[test]
fn a_server_that_goes_away_and_comes_back_keeps_every_acknowledged_task() {
    let mut server = match PostgresServer::start() {
        Ok(server) => server,
        Err(why) => return not_run(Server::Postgres, why),
    };
    let entries = lab_catalog::entries::<Threads>();
    let of_server = entries.into_iter().filter(|entry| entry.family.needs == Needs::Postgres);
    let mut stores: Vec<Left> = of_server.map(|entry| Left::open(entry, &server)).collect();
    server.stop().unwrap();
    for left in &mut stores {
        left.is_without_server();
    }
    server.resume().unwrap();
    for left in &mut stores {
        left.goes_on();
    }
}

impl Left {
    fn open(entry: Entry, server: &PostgresServer) -> Self {
        let number = entry.name.bytes().map(u64::from).sum::<u64>();
        let namespace = format!("away_{}_{number}", process::id());
        let site = Site { url: Some(server.url().to_owned()), namespace, ..Site::default() };
        let store = (entry.open)(&site).unwrap();
        let mut session = store.session().unwrap();
        let task = created(&mut *session, "a");
        Self { entry, _store: store, session, task }
    }

    /// Each operation is an error that certainly changed nothing: no statement got anywhere.
    fn is_without_server(&mut self) {
        let name = self.entry.name;
        let id = self.task.id;
        let errors = [
            self.session.get(id).map(drop),
            self.session.edit(id, &Change::AddMinutes(1)).map(drop),
            self.session.create(&new_task("b"), None).map(drop),
            self.session.summary().map(drop),
            self.session.get(TaskId(u64::MAX)).map(drop),
        ];
        for (number, answer) in errors.into_iter().enumerate() {
            let error = answer.expect_err("an answer without a server");
            assert!(error.is_definite(), "{name}, operation {number}: {error}");
            assert!(error.to_string().contains("postgres://"), "{name}: {error}");
        }
    }

    fn goes_on(&mut self) {
        let name = self.entry.name;
        assert_eq!(all(&mut *self.session), [self.task.clone()], "{name}");
        let outcome = self.session.edit(self.task.id, &Change::AddMinutes(1)).unwrap();
        assert_eq!(outcome, Outcome::Applied(self.task.version.next()), "{name}");
    }
}
