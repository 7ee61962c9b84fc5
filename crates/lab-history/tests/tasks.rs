//! From the events of a task store's history to records.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use lab_history::{Ending, Event, Function, Kind, Record, TaskEvents, task_events};
use lab_task::Status;
use serde_json::{Value, json};

/// The records of operations that come one after another, each as function, key, what it was
/// invoked with and what it was answered.
fn records(operations: &[(&str, Value, Value, Value)]) -> Result<Vec<Record>, String> {
    let (mut reading, mut records) = (TaskEvents::new(), Vec::new());
    let mut place = 0;
    for (function, key, argument, result) in operations {
        for (kind, value) in [(Kind::Invoke, argument), (Kind::Ok, result)] {
            place += 1;
            let (function, value) = ((*function).to_owned(), value.clone());
            let key = Some(key.clone()).filter(|key| !key.is_null());
            let event = Event { process: 3, kind, function, key, value, time_ns: None };
            let taken = reading.take(&event, place, &mut records);
            taken.map_err(|error| error.to_string())?;
        }
    }
    assert_eq!(reading.first_open(), None);
    Ok(records)
}

fn one(function: &str, key: Value, argument: Value, result: Value) -> Result<Record, String> {
    records(&[(function, key, argument, result)]).map(|mut records| records.remove(0))
}

#[test]
fn every_function_has_its_record() {
    let none = || json!(null);
    let created = one("create", none(), none(), json!({"task": 7})).unwrap();
    assert_eq!((created.function, created.task, created.process), (Function::Create, 7, 3));
    let seen = json!({"version": 2, "status": "done", "content": "x"});
    let got = one("get", json!(7), none(), seen).unwrap();
    assert_eq!((got.task, got.version, got.status), (7, 2, Some(Status::Done)));
    assert_ne!(got.content, 0);
    let gone = one("get", json!(7), none(), none()).unwrap();
    assert_eq!(gone.ending, Ending::NotFound);
    let wanted = json!({"based_on": 2, "content": "x"});
    let saved = one("save", json!(7), wanted.clone(), json!({"version": 3})).unwrap();
    assert_eq!((saved.based_on, saved.version, saved.content), (2, 3, got.content));
    let stale = json!({"refused": "stale", "current": 5});
    let stale = one("save", json!(7), wanted, stale).unwrap();
    assert_eq!((stale.ending, stale.version), (Ending::Stale, 5));
    let limit = json!({"refused": "limit", "in_progress": 2});
    let limit = one("start", json!(7), json!({"limit": 2}), limit).unwrap();
    assert_eq!((limit.ending, limit.based_on, limit.version), (Ending::LimitReached, 2, 2));
    let counts = json!({"todo": 1, "in_progress": 2, "done": 3});
    let counted = one("summary", none(), none(), counts).unwrap();
    assert_eq!((counted.task, counted.based_on, counted.version), (1, 2, 3));
}

#[test]
fn the_tasks_of_a_list_stand_behind_it_at_its_places() {
    let tasks = json!([{"task": 1, "version": 4}, {"task": 2, "version": 1}]);
    let records = records(&[("list", json!(null), json!({"status": "todo"}), tasks)]).unwrap();
    let [list, one, two] = records[..] else { panic!("{records:?}") };
    assert_eq!((list.function, list.task, list.status), (Function::List, 2, Some(Status::Todo)));
    assert_eq!((one.function, one.task, one.version), (Function::Listed, 1, 4));
    assert_eq!((two.invoked, two.answered, two.process), (1, 2, 3));
}

#[test]
fn what_crashed_or_has_no_answer_may_have_happened() {
    let (mut reading, mut records) = (TaskEvents::new(), Vec::new());
    let event = |process, kind| {
        let function = "edit".to_owned();
        Event { process, kind, function, key: Some(json!(1)), ..Event::default() }
    };
    for (place, event) in
        [event(0, Kind::Invoke), event(1, Kind::Invoke), event(0, Kind::Info)].iter().enumerate()
    {
        reading.take(event, place as u64, &mut records).unwrap();
    }
    assert_eq!(records.iter().map(|record| record.ending).collect::<Vec<_>>(), [Ending::Info]);
    assert_eq!(reading.first_open(), Some(1));
    assert!(reading.finish().all(|record| record.ending == Ending::Info && record.process == 1));
}

/// What is read where a record was written.
fn read_back(record: &Record, listed: &[Record]) -> Vec<Record> {
    let (mut reading, mut records) = (TaskEvents::new(), Vec::new());
    for event in task_events(record, listed) {
        reading.take(&event, event.time_ns.unwrap(), &mut records).unwrap();
    }
    records
}

fn record(function: Function) -> Record {
    Record {
        invoked: 3,
        answered: 9,
        process: 5,
        function,
        ending: Ending::Ok,
        status: None,
        task: 7,
        based_on: 0,
        version: 4,
        content: 0,
    }
}

#[test]
fn what_is_written_is_read_as_it_was() {
    let (todo, doing) = (Some(Status::Todo), Some(Status::InProgress));
    let save = Record { status: todo, based_on: 3, ..record(Function::Save) };
    let start = Record { status: doing, based_on: 2, ..record(Function::Start) };
    for record in [
        Record { status: todo, version: 0, ..record(Function::Create) },
        Record { status: doing, ..record(Function::Get) },
        Record { ending: Ending::NotFound, version: 0, ..record(Function::Get) },
        Record { based_on: 2, version: 1, ..record(Function::Summary) },
        Record { status: todo, ..record(Function::Edit) },
        Record { based_on: 4, ..record(Function::Delete) },
        save,
        Record { ending: Ending::NotFound, version: 0, ..save },
        Record { ending: Ending::Stale, version: 6, ..save },
        Record { ending: Ending::NoLease, version: 0, ..save },
        Record { ending: Ending::Fail, version: 0, ..save },
        Record { ending: Ending::Info, version: 0, ..save },
        start,
        Record { ending: Ending::LimitReached, ..start },
    ] {
        assert_eq!(read_back(&record, &[]), [record]);
    }
    let list = Record { status: todo, task: 2, based_on: 1, version: 0, ..record(Function::List) };
    let listed = [1, 2].map(|task| Record { status: todo, task, ..record(Function::Listed) });
    assert_eq!(read_back(&list, &listed), [&[list][..], &listed].concat());
}

#[test]
fn contents_and_keys_that_are_written_are_equal_where_they_were() {
    let content = |content| {
        let saw = Record { content, ..record(Function::Get) };
        read_back(&saw, &[])[0].content
    };
    let key = |based_on| {
        let created = Record { based_on, ..record(Function::Create) };
        read_back(&created, &[])[0].based_on
    };
    for read in [&content as &dyn Fn(u64) -> u64, &key] {
        assert_eq!((read(0), read(u64::MAX)), (0, read(u64::MAX)));
        assert_ne!(read(u64::MAX), read(u64::MAX - 2));
    }
}

#[test]
fn what_is_no_event_of_a_task_store_is_named() {
    let none = || json!(null);
    let said = |function, key, argument, result| one(function, key, argument, result).unwrap_err();
    assert!(said("write", none(), json!(1), none()).starts_with("no function `write` is known; "));
    assert_eq!(
        said("listed", json!(1), none(), none()),
        "no function `listed` is known; expected create, get, list, summary, edit, save, delete \
         or start"
    );
    assert_eq!(said("get", none(), none(), none()), "no task; expected the id of a task as key");
    assert!(said("get", json!(1), none(), json!({})).contains("no version; expected a number"));
    assert!(said("edit", json!(1), none(), none()).contains("expected an object"));
    assert!(said("edit", json!(1), json!({"status": "paused"}), none()).contains("expected todo"));
    assert!(said("save", json!(1), json!({"based_on": "x"}), none()).contains("a whole number"));
    let refused = json!({"refused": "maybe"});
    assert!(said("save", json!(1), none(), refused).contains("expected not_found, stale"));
    assert!(said("list", none(), none(), json!({})).contains("expected a list of tasks"));
}
