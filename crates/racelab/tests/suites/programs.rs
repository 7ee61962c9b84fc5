//! Programs that nobody wrote, on every store of the catalogue: each keeps what it promises, and
//! those that promise little are caught.

use lab_explore::{Bounds, Token, explore, replay};
use lab_scenario::Script;
use lab_store::{Entry, Needs, Promise, ScenarioName};
use racelab::programs::{Draw, Drawn, draw};

use crate::there::{entries, sites, stand};

const DRAW: Draw = Draw {
    programs: 16,
    seed: 5,
    bounds: Bounds { processes_max: 3, ops_max: 2 },
    schedules_max: 15,
};

fn drawn(entry: Entry) -> Drawn {
    // A server answers a thousand times more slowly than memory.
    let programs = if entry.family.needs == Needs::Postgres { 4 } else { DRAW.programs };
    let drawn = draw(entry, &sites(), Draw { programs, ..DRAW });
    drawn.unwrap_or_else(|error| panic!("{}: {error}", entry.name))
}

#[test]
fn generated_programs_show_what_a_store_admits_and_nothing_else() {
    for entry in entries() {
        let drawn = drawn(entry);
        println!("{drawn}");
        assert_eq!(drawn.broken, None, "{drawn}");
        let promise = entry.guarantee.promise(ScenarioName::LogTime).unwrap();
        assert!(promise == Promise::Holds || drawn.anomalous > 0, "{drawn}");
        let mut stand = stand(entry);
        for witness in &drawn.witnesses {
            let token: Token = witness.token.parse().unwrap();
            let arena = stand.arena(&token.scenario.scenario()).unwrap();
            let run = replay(arena, &token.schedule);
            assert_eq!(run.unwrap().judgement.anomaly(), witness.anomaly, "{token}");
            // Some store of the catalogue holds in every program.
            assert!(!witness.cures.is_empty(), "{}", witness.to_text());
        }
    }
}

/// Two who were refused what a third one has must not wake each other for ever: they would give up
/// at last, and say that others were faster.
#[test]
fn whoever_waits_for_a_lock_goes_on_when_it_is_given_back_and_not_before() {
    let program: Script = "edit1.notes/list/edit1.title+delete2/edit1.notes".parse().unwrap();
    let is_near = |entry: &Entry| entry.family.needs != Needs::Postgres;
    for entry in entries().into_iter().filter(is_near) {
        let mut stand = stand(entry);
        let search = explore(stand.arena(&program.scenario()).unwrap(), 150).unwrap();
        assert_eq!(search.failure.map(|(_, why)| why), None, "{}", entry.name);
    }
}
