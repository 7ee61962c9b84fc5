//! Makes one schedule readable: replays it with an observer who looks at the store after each
//! step, and computes from what was seen who overwrote whom.

use lab_scenario::{Judgement, Scenario};
use lab_store::StoreError;
use lab_task::Task;
use lab_witness::{Lane, Searched, Share, Witness};

use crate::arena::Arena;
use crate::cause::cause;
use crate::digest::Digest;
use crate::replay::{ReplayError, replay};
use crate::row::rows;
use crate::run::Run;
use crate::search::{Found, Search};
use crate::token::Token;

/// Replays the schedule in which an anomaly was found, and explains it.
///
/// # Errors
/// The store cannot be opened, or the schedule does not show the anomaly again.
pub fn explain(arena: &mut Arena, search: &Search, found: &Found) -> Result<Witness, ReplayError> {
    let run = replay(arena, &found.schedule)?;
    if run.judgement.anomaly() != Some(found.anomaly) {
        return Err(ReplayError::Otherwise(run.judgement));
    }
    let mut witness = transcript(arena, &run);
    add_shares(&mut witness, search, &found.schedule);
    Ok(witness)
}

/// Replays the schedule in which the store failed in a way that is no anomaly; `None` where it did
/// not, or does not run to the same failure again.
///
/// # Errors
/// The store cannot be opened.
pub fn explain_failure(arena: &mut Arena, search: &Search) -> Result<Option<Witness>, StoreError> {
    let Some((schedule, _)) = &search.failure else { return Ok(None) };
    match replay(arena, schedule) {
        Ok(run) if matches!(run.judgement, Judgement::Failed(_)) => {
            Ok(Some(transcript(arena, &run)))
        }
        Ok(_) | Err(ReplayError::Cut(_) | ReplayError::Otherwise(_)) => Ok(None),
        Err(ReplayError::Store(error)) => Err(error),
    }
}

/// Adds what the search says of all schedules, and of those that begin like this one.
pub fn add_shares(witness: &mut Witness, search: &Search, schedule: &[u8]) {
    let found = search.found.iter().find(|found| Some(found.anomaly) == witness.anomaly);
    witness.search = Some(Searched {
        found_after: found.map_or(search.schedules.len(), |found| found.after_schedules),
        lose: Share { part: search.anomalous(), of: search.schedules.len() },
        is_complete: search.is_complete,
    });
    // What was not run may lead back, so where there is such a thing nobody can tell. And where
    // every schedule loses there was no way to begin with.
    let is_whole = search.is_complete && search.cut_by_server == 0;
    let mut is_decided = !is_whole || search.anomalous() == search.schedules.len();
    for (at, row) in witness.rows.iter_mut().enumerate() {
        let (part, of) = search.share(&schedule[..=at]);
        row.still_lose = (of > 0).then_some(Share { part, of });
        row.is_point_of_no_return = of > 0 && part == of && !is_decided;
        is_decided |= row.is_point_of_no_return;
    }
}

/// Makes a replay of `token` readable, and says where the code has changed since it was made.
pub fn retold(arena: &Arena, token: &Token, run: &Run) -> Witness {
    let witness = transcript(arena, run);
    let was = token.digest.as_ref();
    let first = was.and_then(|was| was.first_change(&Digest::of(arena, run), run.steps.len()));
    let changed = first.map(|steps| {
        let now = witness.rows.get(*steps.end() - 1).map_or("", |row| &row.text);
        let what = match (*steps.start(), *steps.end()) {
            (first, last) if first == last => format!("step {last} is now \"{now}\", and was not"),
            (first, last) => format!("one of the steps {first} to {last} is not what it was"),
        };
        format!("the code has changed since this token was made, or it was mistyped: {what}")
    });
    Witness { changed, ..witness }
}

/// Makes a run readable that was made by [`replay`].
pub fn transcript(arena: &Arena, run: &Run) -> Witness {
    let witness = readable(arena.entry().name, arena.scenario(), run);
    let token = Token {
        store: arena.entry().name.to_owned(),
        scenario: arena.scenario().script.clone(),
        schedule: run.schedule(),
        digest: Some(Digest::of(arena, run)),
    };
    Witness {
        token: token.to_string(),
        after: arena.without_folder(&witness.after),
        consequence: arena.without_folder(&witness.consequence),
        ..witness
    }
}

/// Makes a run of `scenario` readable on whatever `store` it was made. Its token does not know what
/// was observed.
pub fn readable(store: &str, scenario: &Scenario, run: &Run) -> Witness {
    let store = store.to_owned();
    let (script, schedule) = (scenario.script.clone(), run.schedule());
    let token = Token { store: store.clone(), scenario: script, schedule, digest: None };
    let places = run.places.as_ref();
    let ids = run.ids();
    let [lay_before, lies_after] =
        places.map(|places| places.differences(&ids)).unwrap_or_default();
    let consequence = match &run.judgement {
        Judgement::Anomaly { consequence, .. } => consequence.clone(),
        Judgement::Kept => "every acknowledged change is there".to_owned(),
        Judgement::Failed(why) => why.clone(),
    };
    Witness {
        store,
        scenario: scenario.script.to_string(),
        found_in: Vec::new(),
        story: scenario.story.to_owned(),
        anomaly: run.judgement.anomaly(),
        has_failed: matches!(run.judgement, Judgement::Failed(_)),
        token: token.to_string(),
        changed: None,
        search: None,
        lanes: lanes(scenario, run),
        before: scenario.describe(&run.before),
        lay_before,
        rows: rows(scenario, run, &ids),
        after: after(scenario, &run.after),
        lies_after,
        consequence,
        cause: cause(scenario, run),
        cures: Vec::new(),
    }
}

/// Those who do something, clients first.
fn lanes(scenario: &Scenario, run: &Run) -> Vec<Lane> {
    let clients = scenario.processes.iter().filter(|one| !one.actions.is_empty());
    let clients = clients.map(|one| Lane { name: one.name.clone(), role: one.role.clone() });
    let processes = run.steps.iter().map(|step| step.process).max().unwrap_or_default();
    let own = scenario.processes.len() + 1..=processes;
    let own = own.map(|_| Lane { name: "the store's thread".to_owned(), role: String::new() });
    clients.chain(own).collect()
}

fn after(scenario: &Scenario, after: &Result<Vec<Task>, StoreError>) -> String {
    match after {
        Ok(tasks) => scenario.describe(tasks),
        Err(error) => error.to_string(),
    }
}
