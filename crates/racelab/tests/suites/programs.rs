//! Programs that nobody wrote, on every store of the catalogue: each keeps what it promises, and
//! those that promise little are caught.

use lab_explore::{Arena, Bounds, Stepped, Token, replay};
use lab_sites::{SiteError, Sites};
use lab_store::{Entry, Needs, Promise, ScenarioName};
use racelab::programs::{Draw, Drawn, draw};
use racelab::study::StudyError;

const DRAW: Draw = Draw {
    programs: 10,
    seed: 5,
    bounds: Bounds { processes_max: 3, ops_max: 2 },
    schedules_max: 15,
};

/// `None`, and a line that says why, where a server is missing.
fn drawn(entry: Entry) -> Option<Drawn> {
    // A server answers a thousand times more slowly than memory.
    let programs = if entry.family.needs == Needs::Postgres { 4 } else { DRAW.programs };
    match draw(entry, &Sites::fastest().alone(), Draw { programs, ..DRAW }) {
        Ok(drawn) => Some(drawn),
        Err(StudyError::Site(SiteError::Server { server, why })) => {
            println!("{}", server.not_run(why).unwrap());
            None
        }
        Err(error) => panic!("{}: {error}", entry.name),
    }
}

#[test]
fn generated_programs_show_what_a_store_admits_and_nothing_else() {
    for entry in lab_catalog::entries::<Stepped>() {
        let Some(drawn) = drawn(entry) else { continue };
        println!("{drawn}");
        assert_eq!(drawn.broken, None, "{drawn}");
        let promise = entry.guarantee.promise(ScenarioName::LogTime).unwrap();
        assert!(promise == Promise::Holds || drawn.anomalous > 0, "{drawn}");
        for witness in &drawn.witnesses {
            let token: Token = witness.token.parse().unwrap();
            let scenario = token.scenario.scenario();
            let site = Sites::fastest().alone().make(entry.family.needs).unwrap();
            let run = replay(&mut Arena::new(entry, &scenario, site.clone()), &token.schedule);
            assert_eq!(run.unwrap().judgement.anomaly(), witness.anomaly, "{token}");
        }
    }
}
