//! `racelab stress STORE`: many clients for a while, checked while they work.

use std::env;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use lab_runtime::Threads;
use lab_sites::Sites;

use crate::cli::StressArgs;
use crate::exit::Exit;
use crate::output::Output;
use crate::select::find;
use crate::stress::{Budget, Load, Outcome, Stop, Verdict, stress};

pub(super) fn run(args: &StressArgs, sites: &Sites, output: &mut Output) -> anyhow::Result<Exit> {
    let entry = find::<Threads>(&args.store)?;
    let load = Load {
        workload: args.workload.clone(),
        clients: args.clients,
        processes: args.processes,
        seed: args.seed,
        budget: Budget {
            time: args.time,
            operations: args.operations,
            until_found: args.until_found,
        },
        binary: env::current_exe().context("this program cannot find itself")?,
        history: args.history.clone(),
    };
    let site = sites.make(entry.family.needs)?;
    let stop = Arc::new(Stop::default());
    let heard = Arc::clone(&stop);
    lab_sites::on_interrupt(move || heard.say());
    let mut report = |elapsed: Duration, operations: u64| {
        let seconds = elapsed.as_secs();
        output.progress(&format!("{}: {seconds} s, {operations} operations", entry.name));
    };
    let outcome = stress(&entry, &site, &load, &stop, &mut report)?;
    if output.is_json() {
        output.json(&outcome)?;
    } else {
        output.verdict(
            &outcome.to_string(),
            &outcome.word(),
            outcome.verdict == Verdict::NotSeen,
        )?;
    }
    if args.history.is_some() && outcome.lost > 0 {
        output.note(
            "the history has no minutes and no end: `racelab check` sees there what versions show, \
             and not what was counted",
        );
    }
    if let Some(broken) = &outcome.broken {
        output.note(&format!("broken promise: {} {}: {broken}", outcome.store, outcome.workload));
    }
    Ok(exit(&outcome))
}

fn exit(outcome: &Outcome) -> Exit {
    match outcome.verdict {
        _ if outcome.broken.is_some() => Exit::Broken,
        Verdict::Unknown => Exit::Unknown,
        Verdict::NotSeen | Verdict::Witnessed => Exit::Met,
    }
}
