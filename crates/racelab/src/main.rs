//! `racelab`: finds, shows, replays and explains races of task stores.

use std::process::ExitCode;

fn main() -> ExitCode {
    racelab::run(std::env::args_os())
}
