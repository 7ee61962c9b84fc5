//! One command a file.

mod check;
mod doctor;
mod list;
mod mutate;
mod play;
mod race;
mod replay;
mod stress;
mod tour;

pub use check::CheckArgs;
pub(crate) use check::CheckError;
use clap::CommandFactory;
use lab_sites::{SiteError, Sites};

use crate::cli::{Cli, Command};
use crate::exit::Exit;
use crate::output::Output;
use crate::study::Effort;

pub(crate) fn run(cli: &Cli, output: &mut Output) -> anyhow::Result<Exit> {
    let sites = cli.dir.clone().map_or_else(Sites::fastest, Sites::in_folder);
    match &cli.command {
        None => tour::run(&sites, cli.budget, &cli.out, output),
        Some(Command::List) => list::run(output),
        Some(Command::Race { store, scenario, sample, seed }) => {
            let sample = sample.map(|name| (name.into(), *seed));
            let effort = Effort { schedules_max: cli.budget, sample };
            race::run(store, *scenario, &sites, effort, output)
        }
        Some(Command::Mutate { store }) => {
            mutate::run(store.as_deref(), &sites, cli.budget, output)
        }
        Some(Command::Replay { token, form }) => replay::run(token, *form, &sites, output),
        Some(Command::Play { store, scenario, quiz }) => {
            play::run(store, *scenario, *quiz, &sites, cli.budget, output)
        }
        Some(Command::Check(args)) => check::run(args, output),
        Some(Command::Stress(args)) => stress::run(args, &sites, output),
        Some(Command::StressClients) => {
            crate::stress::carry_out()?;
            Ok(Exit::Met)
        }
        Some(Command::Doctor) => doctor::run(&sites, output),
        Some(Command::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "racelab", &mut script);
            output.line(String::from_utf8_lossy(&script).trim_end())?;
            Ok(Exit::Met)
        }
    }
}

/// What a run says that goes on without a server; an error if it may not.
fn not_run(error: SiteError) -> anyhow::Result<String> {
    match error {
        SiteError::Server { server, why } => Ok(server.not_run(why)?),
        error @ SiteError::Folder { .. } => Err(error.into()),
    }
}
