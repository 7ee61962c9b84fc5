//! The whole lab in one command, `racelab`: this library is what the binary and its tests share.

pub mod bench_args;
mod chances;
pub mod checks;
pub mod cli;
mod commands;
pub mod cure;
mod exit;
mod expected;
mod globals;
pub mod mutation;
mod output;
pub mod programs;
mod select;
pub mod stand;
pub mod stress;
pub mod study;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

pub use exit::Exit;
pub use select::{UnknownStore, find, select};

use crate::cli::Cli;
use crate::output::{Output, is_broken_pipe};

fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let mut command = globals::hidden(Cli::command());
    let matches = command.try_get_matches_from_mut(args)?;
    match globals::refused(&mut command, &matches) {
        Some(refusal) => Err(refusal),
        None => Cli::from_arg_matches(&matches),
    }
}

/// Runs the command line that `args` are, and says how the process shall end.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match parse(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to stdout and are no failure; clap knows which is which. If
            // nobody reads them there is nobody to tell.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Met }.into();
        }
    };
    let mut output = Output::new(cli.json);
    let ended = commands::run(&cli, &mut output);
    lab_servers::end();
    match ended {
        Ok(exit) => exit.into(),
        Err(error) if is_broken_pipe(&error) => Exit::Met.into(),
        Err(error) => {
            output.problem(&error);
            Exit::of(&error).into()
        }
    }
}
