//! Several files become one history by their clock.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use lab_history::{Event, HistoryError, Kind, Merged, Reader, Writer};
use proptest::prelude::*;

fn event(process: u64, kind: Kind, time_ns: impl Into<Option<u64>>) -> Event {
    let function = "read".to_owned();
    Event { process, kind, function, time_ns: time_ns.into(), ..Event::default() }
}

fn file(name: &str, events: &[Event]) -> Reader {
    let mut writer = Writer::new(Vec::new(), None).unwrap();
    for event in events {
        writer.write(event).unwrap();
    }
    Reader::new(name, std::io::Cursor::new(writer.finish().unwrap())).unwrap()
}

fn merged(readers: Vec<Reader>) -> Result<Vec<Event>, HistoryError> {
    let mut merged = Merged::new(readers)?;
    let mut events = Vec::new();
    let mut event = Event::default();
    while merged.read(&mut event)? {
        events.push(event.clone());
    }
    Ok(events)
}

#[test]
fn of_equal_times_invocations_come_first() {
    let one = [event(1, Kind::Invoke, 10), event(1, Kind::Ok, 20)];
    let two = [event(2, Kind::Invoke, 20), event(2, Kind::Ok, 30)];
    let events = merged(vec![file("one", &one), file("two", &two)]).unwrap();
    let order: Vec<_> = events.iter().map(|event| (event.process, event.kind)).collect();
    let [invoke, ok] = [Kind::Invoke, Kind::Ok];
    assert_eq!(order, [(1, invoke), (2, invoke), (1, ok), (2, ok)]);
}

#[test]
fn a_process_of_two_files_and_an_event_without_a_time_are_named() {
    let said = |first: &[Event], second: &[Event]| {
        merged(vec![file("one", first), file("two", second)]).unwrap_err().to_string()
    };
    let twice = said(&[event(1, Kind::Invoke, 1)], &[event(1, Kind::Invoke, 2)]);
    assert_eq!(twice, "two:2: process 1 is in one too; number the processes of all files apart");
    let untimed = said(&[event(1, Kind::Invoke, 1)], &[event(2, Kind::Invoke, None)]);
    assert!(untimed.starts_with("two:2: an event without a time; "), "{untimed}");
}

proptest! {
    #[test]
    fn every_event_comes_out_once_in_the_order_of_times(
        lengths in prop::collection::vec(prop::collection::vec(0..50_u64, 1..20), 1..5),
    ) {
        let events_of = |(process, mut times): (usize, Vec<u64>)| {
            times.sort_unstable();
            let event = |(at, time)| {
                event(process as u64, if at % 2 == 0 { Kind::Invoke } else { Kind::Ok }, time)
            };
            times.into_iter().enumerate().map(event).collect::<Vec<_>>()
        };
        let files: Vec<Vec<Event>> = lengths.into_iter().enumerate().map(events_of).collect();
        let readers = files.iter().map(|events| file("h", events)).collect();
        let events = merged(readers).unwrap();
        prop_assert!(events.is_sorted_by_key(|event| event.time_ns));
        for (process, file) in files.iter().enumerate() {
            let is_own = |event: &&Event| event.process == process as u64;
            let own: Vec<&Event> = events.iter().filter(is_own).collect();
            prop_assert_eq!(own, file.iter().collect::<Vec<_>>());
        }
    }
}
