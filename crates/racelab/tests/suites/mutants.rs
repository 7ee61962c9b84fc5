//! Detector power: what the lab says of a store that lacks a protection, on every mutant that the
//! catalogue declares.
//!
//! Nothing here names a store but the one whose output is shown.

use std::process::Command;

use lab_explore::{Stepped, Token, replay, retold};
use lab_store::{Mutant, Promise, ScenarioName};
use lab_witness::Caught;
use racelab::checks::Check;
use racelab::mutation::{Suite, mutants_of};

use crate::there::{entries, stand};

/// Twice what the hardest first catch takes.
const SCHEDULES_MAX: usize = 40;

/// What the first suite that notices says.
fn first_catch(mutant: &Mutant) -> Option<Caught> {
    let mut stand = stand(mutant.entry);
    Suite::of(&mutant.entry).find_map(|suite| {
        let caught = suite.run(&mut stand, SCHEDULES_MAX);
        caught.unwrap_or_else(|why| panic!("{}: {why}", mutant.entry.name))
    })
}

/// How the code has changed since the token was made, as it is seen on another site. A deadlock has
/// no token that knows.
fn changed(mutant: &Mutant, token: &Token) -> Option<String> {
    let mut stand = stand(mutant.entry);
    let arena = stand.arena(&token.scenario.scenario()).unwrap();
    let run = replay(arena, &token.schedule);
    run.ok().and_then(|run| retold(arena, token, &run).changed)
}

#[test]
fn a_store_that_loses_no_edit_declares_what_protects_it() {
    for entry in lab_catalog::entries::<Stepped>() {
        let holds = entry.guarantee.promise(ScenarioName::LogTime) == Some(Promise::Holds);
        let declares = mutants_of(&entry).next().is_some();
        assert!(
            declares || !holds,
            "{}: say in the line of the registry `without` what it is to be tried",
            entry.name
        );
    }
}

#[test]
fn every_mutant_is_caught_or_its_store_says_why_none_can_be() {
    let mutants: Vec<Mutant> = entries().iter().flat_map(mutants_of).collect();
    assert!(!mutants.is_empty());
    let mut wrong = Vec::new();
    for mutant in mutants {
        let caught = first_catch(&mutant);
        println!("{:<36} {caught:?} {:?}", mutant.entry.name, mutant.unseen);
        if let Some(token) = caught.as_ref().and_then(|caught| caught.token.as_ref()) {
            let token: Token = token.parse().unwrap();
            assert_eq!(token.store, mutant.entry.name);
            assert!(racelab::find::<Stepped>(&token.store).is_ok(), "{token}");
            assert_eq!(changed(&mutant, &token), None, "{token}");
        }
        if caught.is_some() == mutant.unseen.is_some() {
            wrong.push((mutant.entry.name, caught, mutant.unseen));
        }
    }
    assert!(wrong.is_empty(), "these are not as their stores declare: {wrong:#?}");
}

#[test]
fn a_store_that_lacks_nothing_is_not_caught() {
    let entries = entries();
    for family in lab_catalog::FAMILIES {
        let own = entries.iter().filter(|entry| entry.family == family);
        let Some(mutant) = own.clone().find_map(|entry| mutants_of(entry).next()) else {
            assert_eq!(own.count(), 0, "{} has no mutant", family.name);
            continue;
        };
        let whole = racelab::find::<Stepped>(mutant.of).unwrap();
        assert_eq!(first_catch(&Mutant { entry: whole, ..mutant }), None, "{}", mutant.of);
    }
}

#[test]
fn each_check_is_asked_of_some_store() {
    let entries = lab_catalog::entries::<Stepped>();
    for check in Check::ALL {
        assert!(entries.iter().any(|entry| (check.applies)(entry)), "{}", check.name);
    }
}

#[test]
fn the_command_shows_what_was_caught_and_what_nobody_has_tried() {
    let output =
        Command::new(env!("CARGO_BIN_EXE_racelab")).args(["mutate", "memory/mutex"]).output();
    let output = output.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text, include_str!("mutants/memory.mutex.txt"));
    assert!(output.status.success());
}
