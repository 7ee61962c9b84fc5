//! A server that goes away and comes back.

use lab_runtime::Threads;
use lab_servers::{PostgresServer, Prerequisite};
use lab_store::{Entry, Needs, Session, Site, Store};
use lab_task::{Change, Outcome, Task, TaskId};

use super::stores::{all, created, new_task, two_sessions};
use crate::there::not_run;

/// A store that was open when its server went away.
struct Left {
    entry: Entry,
    _store: Box<dyn Store>,
    session: Box<dyn Session>,
    writer: Box<dyn Session>,
    /// The one that was acknowledged.
    task: Task,
    /// What the writer may have made of it.
    in_doubt: Option<Task>,
}

/// With a server of its own, whatever `RACELAB_POSTGRES_URL` names: nobody else's is stopped.
#[test]
fn a_server_that_goes_away_and_comes_back_keeps_every_acknowledged_task() {
    let mut server = match PostgresServer::start() {
        Ok(server) => server,
        Err(why) => return not_run(Prerequisite::Postgres, why),
    };
    let entries = lab_catalog::entries::<Threads>();
    let of_server = entries.into_iter().filter(|entry| entry.family.needs == Needs::Postgres);
    let site = |number| Site {
        url: Some(server.url().to_owned()),
        namespace: format!("away_{number}"),
        ..Site::default()
    };
    let mut stores: Vec<Left> =
        of_server.enumerate().map(|(number, entry)| Left::open(entry, &site(number))).collect();
    assert!(!stores.is_empty(), "no store of the catalogue needs this server");
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
    fn open(entry: Entry, site: &Site) -> Self {
        let store = (entry.open)(site).unwrap();
        let [mut session, writer] = two_sessions(&*store);
        let task = created(&mut *session, "a");
        Self { entry, _store: store, session, writer, task, in_doubt: None }
    }

    /// A session that reads first learns that its connection is gone, so that nothing which it is
    /// asked from then on can have happened. One that writes first need not know.
    fn is_without_server(&mut self) {
        let name = self.entry.name;
        let id = self.task.id;
        let mut copy = self.task.clone();
        copy.minutes = 10;
        let error = self.writer.save(&copy).expect_err("a save without a server");
        assert!(error.to_string().contains("postgres://"), "{name}: {error}");
        copy.version = copy.version.next();
        self.in_doubt = (!error.is_definite()).then_some(copy);
        let answers = [
            self.session.get(id).map(drop),
            self.session.edit(id, &Change::AddMinutes(1)).map(drop),
            self.session.create(&new_task("b"), None).map(drop),
            self.session.summary().map(drop),
            self.session.get(TaskId(u64::MAX)).map(drop),
        ];
        for (number, answer) in answers.into_iter().enumerate() {
            let error = answer.expect_err("an answer without a server");
            assert!(error.is_definite(), "{name}, operation {number}: {error}");
            assert!(error.to_string().contains("postgres://"), "{name}: {error}");
        }
    }

    fn goes_on(&mut self) {
        let name = self.entry.name;
        let found = all(&mut *self.session);
        let may_be = [Some(&self.task), self.in_doubt.as_ref()];
        let is_allowed = found.len() == 1 && may_be.contains(&found.first());
        assert!(is_allowed, "{name}: {found:?} is none of {may_be:?}");
        for session in [&mut self.session, &mut self.writer] {
            let version = session.get(self.task.id).unwrap().unwrap().version;
            let outcome = session.edit(self.task.id, &Change::AddMinutes(1)).unwrap();
            assert_eq!(outcome, Outcome::Applied(version.next()), "{name}");
        }
    }
}
