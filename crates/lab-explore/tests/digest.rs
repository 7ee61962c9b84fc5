//! A token notices what has changed in a run since it was made.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use lab_explore::{Arena, Digest, Run, Stepped, Token, replay, retold, transcript};
use lab_scenario::Scenario;
use lab_store::{ScenarioName, Site};

fn on<T>(store: &str, schedule: &[u8], see: impl FnOnce(&Arena, Run) -> T) -> T {
    let entries = store_memory::entries::<Stepped>();
    let entry = entries.into_iter().find(|entry| entry.name == store).unwrap();
    let scenario = Scenario::usual(ScenarioName::LogTime);
    let mut arena = Arena::new(entry, &scenario, Site::default());
    let run = replay(&mut arena, schedule).unwrap();
    see(&arena, run)
}

fn token(arena: &Arena, run: &Run) -> Token {
    transcript(arena, run).token.parse().unwrap()
}

/// What is said of a token when its schedule is replayed and does something else.
fn said(token: &Token, change: impl FnOnce(&mut Run)) -> Option<String> {
    on(&token.store, &token.schedule, |arena, mut run| {
        change(&mut run);
        retold(arena, token, &run).changed
    })
}

#[test]
fn a_step_that_does_something_else_is_named() {
    let token = on("memory/naive_vec", &[1, 2, 2, 1], |arena, run| token(arena, &run));
    assert_eq!(said(&token, |_| {}), None);
    let changed = said(&token, |run| run.steps[1].label.push_str(" twice")).unwrap();
    assert!(changed.contains("mistyped: step 2 is now \"lock twice"), "{changed}");
    let changed = said(&token, |run| run.steps[2].stored = None).unwrap();
    assert!(changed.contains("step 3 is now \"lock; saved"), "{changed}");
    let changed = said(&token, |run| run.told[1].clear()).unwrap();
    assert!(changed.contains("step 3 is now \"write v2\""), "{changed}");
    let changed = said(&token, |run| run.after = Ok(Vec::new())).unwrap();
    assert!(changed.contains("step 4 is now"), "{changed}");
}

#[test]
fn another_store_in_its_place_is_noticed() {
    let [mutex, rwlock] = ["memory/mutex", "memory/rwlock"]
        .map(|store| on(store, &[1, 2], |arena, run| Digest::of(arena, &run)));
    assert_eq!(mutex.first_change(&mutex, 2), None);
    assert_eq!(mutex.first_change(&rwlock, 2), Some(1..=1));
}

#[test]
fn a_token_without_a_digest_says_nothing_of_changes() {
    let mut token = on("memory/naive_vec", &[1, 2, 2, 1], |arena, run| token(arena, &run));
    token.digest = None;
    assert_eq!(said(&token, |run| run.steps.truncate(1)), None);
}
