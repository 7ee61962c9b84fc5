//! Trials on threads that start together and that nobody schedules but the system.

use std::panic::resume_unwind;
use std::sync::Barrier;
use std::thread;

use anyhow::Context;
use lab_scenario::{Execution, Judgement, Reliable, Scenario, Told, play};
use lab_sites::Sites;
use lab_store::{Entry, Session};
use lab_task::{Filter, Rules, TaskId};
use lab_witness::Share;

use crate::chances::counted::size;

/// Of so many trials, those in which the increment of each of so many threads survives. A trial in
/// which one is refused counts as none.
pub(super) fn kept(
    entry: &Entry,
    clients: usize,
    sites: &Sites,
    trials: usize,
) -> anyhow::Result<Share> {
    let site = sites.make(entry.family.needs)?;
    let store = (entry.open)(&site).context(entry.name)?;
    let mut main = store.session()?;
    let mut sessions = (0..clients).map(|_| store.session()).collect::<Result<Vec<_>, _>>()?;
    let scenario = Scenario::sized(size(clients));
    let mut kept = Share { part: 0, of: 0 };
    for _ in 0..trials {
        match trial(&scenario, &mut *main, &mut sessions).context(entry.name)? {
            Judgement::Kept => kept = Share { part: kept.part + 1, of: kept.of + 1 },
            Judgement::Anomaly { .. } => kept.of += 1,
            Judgement::Failed(_) => {}
        }
    }
    Ok(kept)
}

fn trial(
    scenario: &Scenario,
    main: &mut dyn Session,
    sessions: &mut [Box<dyn Session>],
) -> anyhow::Result<Judgement> {
    for task in &scenario.tasks {
        main.create(task, None)?;
    }
    let before = main.list(&Filter::ALL)?;
    let ids: Vec<TaskId> = before.iter().map(|task| task.id).collect();
    let told = together(scenario, sessions, &ids);
    let after = main.list(&Filter::ALL);
    let judgement = scenario.judge(&Execution {
        before: &before,
        told: &told,
        after: &after,
        rules: Rules::default(),
        spans: &[],
        has_fault: false,
    });
    for id in ids {
        main.delete(id, None)?;
    }
    Ok(judgement)
}

/// What each process was told, of which all begin at once.
fn together(
    scenario: &Scenario,
    sessions: &mut [Box<dyn Session>],
    ids: &[TaskId],
) -> Vec<Vec<Told>> {
    let start = Barrier::new(sessions.len());
    thread::scope(|scope| {
        let processes = scenario.processes.iter().zip(sessions);
        let threads: Vec<_> = processes
            .map(|(process, session)| {
                let start = &start;
                scope.spawn(move || {
                    let mut told = Vec::new();
                    start.wait();
                    play(process, &mut **session, ids, &Reliable, |one| told.push(one));
                    told
                })
            })
            .collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        joined.map(|told| told.unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}
