//! One command a file.

mod bench;
mod check;
mod compare;
mod doctor;
mod likely;
mod list;
mod mutate;
mod play;
mod programs;
mod race;
mod races;
mod replay;
mod report;
mod stress;
mod tour;

use std::path::Path;
use std::{fs, io};

pub use check::CheckArgs;
pub(crate) use check::CheckError;
use clap::CommandFactory;
use lab_explore::Bounds;
use lab_sites::{SiteError, Sites};

use crate::chances::serve;
use crate::cli::{Cli, Command};
use crate::exit::{Exit, UsageError};
use crate::output::Output;
use crate::programs::Draw;
use crate::study::Effort;

pub(crate) fn run(cli: &Cli, output: &mut Output) -> anyhow::Result<Exit> {
    // A misspelt name in RACELAB_REQUIRE must not turn off what it was meant to demand.
    lab_servers::required().map_err(|why| UsageError(why.to_string()))?;
    let sites = cli.dir.clone().map_or_else(Sites::fastest, Sites::in_folder);
    match &cli.command {
        None => tour::run(&sites, cli.budget, cli.trials, &cli.out, output),
        Some(Command::List) => list::run(output),
        Some(Command::Race { store, programs: Some(programs), seed, .. }) => {
            let schedules_max = cli.budget.div_ceil((*programs).max(1));
            let (programs, seed, bounds) = (*programs, *seed, Bounds::default());
            let draw = Draw { programs, seed, bounds, schedules_max };
            programs::run(store, &sites, draw, output)
        }
        Some(Command::Race { store, scenario, sample, seed, faults, programs: None, form }) => {
            let sample = sample.map(|name| (name.into(), *seed));
            let effort = Effort { schedules_max: cli.budget, faults_max: *faults, sample };
            race::run(store, scenario.as_ref(), &sites, effort, *form, output)
        }
        Some(Command::Mutate { store, tries }) => {
            mutate::run(store.as_deref(), &sites, cli.budget, *tries, output)
        }
        Some(Command::Replay { token, form }) => {
            replay::run(token, *form, &sites, cli.budget, output)
        }
        Some(Command::Play { store, scenario, quiz }) => {
            play::run(store, *scenario, *quiz, &sites, cli.budget, output)
        }
        Some(Command::Likely { store }) => {
            likely::run(store.as_deref(), &sites, cli.trials, output)
        }
        Some(Command::Client) => serve().map(|()| Exit::Met),
        Some(Command::Check(args)) => check::run(args, output),
        Some(Command::Bench(args)) => bench::run(args, cli.dir.as_deref(), output),
        Some(Command::BenchClient) => bench::serve_client(),
        Some(Command::Compare { old, new, fail_if }) => compare::run(old, new, *fail_if, output),
        Some(Command::Stress(args)) => stress::run(args, &sites, output),
        Some(Command::StressClients) => {
            crate::stress::carry_out()?;
            Ok(Exit::Met)
        }
        Some(Command::Report { folder }) => report::run(folder, output),
        Some(Command::Doctor) => doctor::run(&sites, output),
        Some(Command::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "racelab", &mut script);
            output.line(String::from_utf8_lossy(&script).trim_end())?;
            Ok(Exit::Met)
        }
    }
}

/// Sees that there is a folder `out` that can be written to.
fn make_folder(out: &Path) -> anyhow::Result<()> {
    let cannot = |what: &str, why: &io::Error| {
        let out = out.display();
        UsageError(format!("{out} cannot be {what}: {why}; --out names another folder"))
    };
    fs::create_dir_all(out).map_err(|why| cannot("made", &why))?;
    tempfile::tempfile_in(out).map_err(|why| cannot("written to", &why))?;
    Ok(())
}

/// What a run says that goes on without a server; an error if it may not.
fn not_run(error: SiteError) -> anyhow::Result<String> {
    match error {
        SiteError::Server { server, why } => Ok(server.not_run(why)?),
        error @ SiteError::Folder { .. } => Err(error.into()),
    }
}
