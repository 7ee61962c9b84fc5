//! Recorders under real threads.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use lab_history::{
    Ending, Function, Places, Progress, Record, Recorded, Recording, Track, content_hash, recorder,
};
use lab_store::{Session, StoreError};
use lab_task::{
    Change, Description, Filter, IdempotencyKey, NewTask, Outcome, Refusal, Status, Summary, Task,
    TaskId, Title, Version,
};

/// A session that answers without a store, and for task 0 only when it is let go.
struct Answering {
    began: Sender<()>,
    go: Receiver<()>,
}

fn answering() -> (Box<dyn Session>, Receiver<()>, Sender<()>) {
    let ((began, has_begun), (go, wait)) = (channel(), channel());
    (Box::new(Answering { began, go: wait }), has_begun, go)
}

fn task(id: TaskId, version: u64) -> Task {
    let new = NewTask {
        title: Title::new("Write the report").unwrap(),
        description: Description::default(),
    };
    Task { version: Version(version), minutes: 11, ..new.into_task(id) }
}

impl Session for Answering {
    fn create(
        &mut self,
        _new: &NewTask,
        _key: Option<&IdempotencyKey>,
    ) -> Result<TaskId, StoreError> {
        Ok(TaskId(9))
    }

    fn get(&mut self, id: TaskId) -> Result<Option<Task>, StoreError> {
        if id == TaskId(0) {
            self.began.send(()).unwrap();
            self.go.recv().unwrap();
        }
        Ok((id != TaskId(404)).then(|| task(id, 3)))
    }

    fn list(&mut self, _filter: &Filter) -> Result<Vec<Task>, StoreError> {
        Ok(vec![task(TaskId(1), 5), task(TaskId(2), 6)])
    }

    fn summary(&mut self) -> Result<Summary, StoreError> {
        Ok(Summary { todo: 1, in_progress: 2, done: 3 })
    }

    fn edit(&mut self, _id: TaskId, change: &Change) -> Result<Outcome, StoreError> {
        match change {
            Change::AddMinutes(0) => Err(StoreError::indefinite("the task", "the wire was cut")),
            Change::AddMinutes(1) => Err(StoreError::unavailable("the store", "it is away")),
            _ => Ok(Outcome::Applied(Version(7))),
        }
    }

    fn save(&mut self, copy: &Task) -> Result<Outcome, StoreError> {
        Ok(Outcome::Refused(Refusal::Stale { current: copy.version.next() }))
    }

    fn delete(&mut self, _id: TaskId, _based_on: Option<Version>) -> Result<Outcome, StoreError> {
        Ok(Outcome::Applied(Version(8)))
    }

    fn start(&mut self, _id: TaskId, wip_limit: u32) -> Result<Outcome, StoreError> {
        Ok(Outcome::Refused(Refusal::LimitReached { in_progress: wip_limit + 1 }))
    }
}

fn one_client() -> (Recorded, Recording) {
    let (mut tracks, recording) = recorder(Places::sequence(), 3, 1, 64);
    (Recorded::new(answering().0, tracks.remove(0)), recording)
}

fn drained(recording: &mut Recording) -> Vec<Record> {
    let mut records = Vec::new();
    recording.drain(&mut records);
    records
}

#[test]
fn every_answer_is_recorded_as_what_it_was() {
    let (mut session, mut recording) = one_client();
    let copy = task(TaskId(4), 3);
    let new = NewTask { title: copy.title.clone(), description: copy.description.clone() };
    session.create(&new, None).unwrap();
    session.get(TaskId(4)).unwrap();
    session.get(TaskId(404)).unwrap();
    session.summary().unwrap();
    session.edit(TaskId(4), &Change::Status(Status::Done)).unwrap();
    session.edit(TaskId(4), &Change::AddMinutes(0)).unwrap_err();
    session.edit(TaskId(4), &Change::AddMinutes(1)).unwrap_err();
    session.save(&copy).unwrap();
    session.delete(TaskId(4), Some(Version(2))).unwrap();
    session.start(TaskId(4), 2).unwrap();
    let told = |record: &Record| {
        let Record { function, ending, task, based_on, version, status, .. } = *record;
        (function, ending, task, based_on, version, status)
    };
    let (todo, ok) = (Some(Status::Todo), Ending::Ok);
    let expected = [
        (Function::Create, ok, 9, 0, 1, todo),
        (Function::Get, ok, 4, 11, 3, todo),
        (Function::Get, Ending::NotFound, 404, 0, 0, None),
        (Function::Summary, ok, 1, 2, 3, None),
        (Function::Edit, ok, 4, 0, 7, Some(Status::Done)),
        (Function::Edit, Ending::Info, 4, 0, 0, None),
        (Function::Edit, Ending::Fail, 4, 0, 0, None),
        (Function::Save, Ending::Stale, 4, 3, 4, todo),
        (Function::Delete, ok, 4, 2, 8, None),
        (Function::Start, Ending::LimitReached, 4, 2, 3, Some(Status::InProgress)),
    ];
    let records = drained(&mut recording);
    assert_eq!(records.iter().map(told).collect::<Vec<_>>(), expected);
    let places: Vec<_> = records.iter().flat_map(|one| [one.invoked, one.answered]).collect();
    assert_eq!(places, (1..=20).collect::<Vec<_>>());
    assert!(records.iter().all(|record| record.process == 3));
    let known = [1, 7].map(|at| records[at].content);
    assert_eq!(known, [content_hash(&copy); 2]);
    assert_eq!(records[0].content, content_hash(&new.into_task(TaskId(9))));
}

#[test]
fn a_list_is_followed_by_the_tasks_that_it_gave() {
    let (mut session, mut recording) = one_client();
    let filter = Filter { status: Some(Status::Todo), title_contains: Some("report".to_owned()) };
    session.list(&filter).unwrap();
    let records = drained(&mut recording);
    let told: Vec<_> = records
        .iter()
        .map(|one| (one.function, one.task, one.version, one.based_on, one.status))
        .collect();
    let todo = Some(Status::Todo);
    let listed = |id, version| (Function::Listed, id, version, 11, todo);
    assert_eq!(told, [(Function::List, 2, 0, 1, todo), listed(1, 5), listed(2, 6)]);
    assert!(records.iter().all(|one| (one.invoked, one.answered) == (1, 2)));
}

#[test]
fn a_retried_create_is_known_by_its_key() {
    let (mut session, mut recording) = one_client();
    let Task { title, description, .. } = task(TaskId(4), 1);
    let new = NewTask { title, description };
    for key in ["one", "one", "other"] {
        session.create(&new, Some(&IdempotencyKey::new(key).unwrap())).unwrap();
    }
    let [one, again, other] = <[Record; 3]>::try_from(drained(&mut recording)).unwrap();
    assert_eq!(one.based_on, again.based_on);
    assert!(one.based_on != other.based_on && one.based_on != 0);
}

#[test]
fn content_is_what_a_client_wrote_and_neither_id_nor_version() {
    let one = task(TaskId(1), 1);
    assert_eq!(content_hash(&one), content_hash(&task(TaskId(2), 2)));
    let with = |change: Change| {
        let mut copy = one.clone();
        change.apply_to_copy(&mut copy);
        content_hash(&copy)
    };
    let others = [
        with(Change::AddMinutes(1)),
        with(Change::Status(Status::Done)),
        with(Change::Title(Title::new("Write").unwrap())),
        with(Change::Description(Description::new("x").unwrap())),
    ];
    assert!(others.iter().all(|hash| *hash != content_hash(&one)), "{others:?}");
}

#[test]
fn a_client_that_is_held_up_holds_up_no_other_s_records() {
    let (tracks, mut recording) = recorder(Places::sequence(), 0, 2, 64);
    let [held, free] = <[Track; 2]>::try_from(tracks).unwrap();
    let (session, has_begun, go) = answering();
    let mut held = Recorded::new(session, held);
    let thread = thread::spawn(move || held.get(TaskId(0)).unwrap());
    has_begun.recv().unwrap();
    let mut free = Recorded::new(answering().0, free);
    free.get(TaskId(1)).unwrap();
    let mut records = Vec::new();
    let progress = recording.drain(&mut records);
    assert_eq!(records.iter().map(|one| one.process).collect::<Vec<_>>(), [1]);
    assert_eq!(progress, Progress { known_before: 4, invoked_from: 1 });
    go.send(()).unwrap();
    thread.join().unwrap();
    records.clear();
    let progress = recording.drain(&mut records);
    assert_eq!(records.iter().map(|one| one.process).collect::<Vec<_>>(), [0]);
    assert_eq!(progress, Progress { known_before: 5, invoked_from: 5 });
}

/// Four clients, a ring that is much too small, and what their records must be like.
fn threads_record_in_order(places: Places) {
    const CLIENTS: usize = 4;
    const OPERATIONS: usize = 2_000;
    let (tracks, mut recording) = recorder(places, 0, CLIENTS, 16);
    let client = |track| {
        let mut session = Recorded::new(answering().0, track);
        for _ in 0..OPERATIONS {
            session.get(TaskId(1)).unwrap();
        }
    };
    thread::scope(|scope| {
        for track in tracks {
            scope.spawn(move || client(track));
        }
        let mut answered_by = [0; CLIENTS];
        let mut counts = [0; CLIENTS];
        let mut before = Progress::default();
        let mut last = 0;
        loop {
            let mut records = Vec::new();
            let progress = recording.drain(&mut records);
            for record in records {
                let process = record.process as usize;
                assert!(record.answered >= last, "given out of order");
                assert!(record.answered >= before.known_before, "{record:?} after {before:?}");
                assert!(record.invoked >= before.invoked_from, "{record:?} after {before:?}");
                assert!(record.answered < progress.known_before, "{record:?} too early");
                assert!(
                    answered_by[process] <= record.invoked && record.invoked <= record.answered
                );
                last = record.answered;
                answered_by[process] = record.answered;
                counts[process] += 1;
            }
            if progress.known_before == u64::MAX {
                break;
            }
            before = progress;
        }
        assert_eq!(counts, [OPERATIONS; CLIENTS]);
    });
}

#[test]
fn records_of_threads_come_in_the_order_of_their_answers() {
    threads_record_in_order(Places::sequence());
}

#[test]
fn records_by_the_clock_come_in_the_order_of_their_answers() {
    threads_record_in_order(Places::Clock);
}

#[test]
fn a_client_whose_consumer_is_gone_does_not_wait_for_it() {
    let (mut tracks, recording) = recorder(Places::sequence(), 0, 1, 2);
    drop(recording);
    let mut session = Recorded::new(answering().0, tracks.remove(0));
    for _ in 0..100 {
        session.get(TaskId(1)).unwrap();
    }
}
