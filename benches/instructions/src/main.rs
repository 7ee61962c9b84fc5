//! The instruction gate: how many instructions the hot paths of stores, explorer and checker take,
//! counted by valgrind's callgrind, against what `baseline.json` says.
//!
//! ```sh
//! cargo run --profile instructions -p racelab-instructions [-- FILTER]
//! RACELAB_BLESS=1 cargo run --profile instructions -p racelab-instructions
//! ```
//!
//! A time is never the same twice, a count nearly always is. So the bound is half a per cent, in
//! both directions: who has made something faster says so with a new baseline. Each case runs in a
//! process of its own under valgrind, and only what happens in [`only_this_is_counted`] counts.
//! A filter is a part of a case's name.
//!
//! Exit code 0: every case is within the bound. 1: one is not, or the baseline and the cases do not
//! match. 3: not compared, because the baseline is for another compiler, target, profile, C
//! library, valgrind or kind of processor. 4: valgrind is missing. 70: a case failed.

mod baseline;
mod callgrind;
mod cases;
mod comparison;
mod machine;

use std::env;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::baseline::Baseline;
use crate::callgrind::{Counted, Valgrind, only_this_is_counted};
use crate::comparison::Comparison;
use crate::machine::Machine;

/// What the environment is asked for: to write the baseline instead of holding it.
const BLESS: &str = "RACELAB_BLESS";

#[expect(clippy::print_stderr, reason = "how it ended")]
fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let done = match &arguments[..] {
        [flag, name] if flag == callgrind::CASE => carry_out(name).map(|()| 0),
        [] => gate(""),
        [filter] if !filter.starts_with('-') => gate(filter),
        _ => {
            eprintln!("expected no argument, or a part of the names of cases");
            Ok(2)
        }
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(70)
        }
    }
}

/// The child under valgrind.
#[expect(clippy::print_stdout, reason = "the parent reads it")]
fn carry_out(name: &str) -> Result<()> {
    let case = cases::all().into_iter().find(|case| case.name == name);
    let case = case.with_context(|| format!("no case is called {name:?}"))?;
    if let Some(why) = (case.carry_out)()? {
        println!("{why}");
    }
    Ok(())
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "what was counted, and progress")]
fn gate(filter: &str) -> Result<u8> {
    let Some(valgrind) = Valgrind::find() else {
        eprintln!("valgrind is missing; to install it: apt-get install valgrind");
        return Ok(4);
    };
    let here = Machine::here(&valgrind)?;
    let is_blessing = env::var_os(BLESS).is_some_and(|value| value != "0");
    let committed = if is_blessing { None } else { Some(Baseline::read()?) };
    if let Some(baseline) = &committed
        && let Some(differs) = baseline.machine.differs_from(&here)
    {
        eprintln!("not compared: {differs}");
        eprintln!("{BLESS}=1 writes a baseline for this machine, to be committed");
        return Ok(3);
    }
    let mut counts = Baseline::new(here);
    for case in cases::all().into_iter().filter(|case| case.name.contains(filter)) {
        match valgrind.count(&case.name)? {
            Counted::Instructions(count) => {
                eprintln!("{count:>12}  {}", case.name);
                counts.instructions.insert(case.name, count);
            }
            Counted::Not(why) => println!("{}: not counted: {why}", case.name),
        }
    }
    let Some(baseline) = committed else {
        if !filter.is_empty() {
            bail!("a baseline has every case: leave out {filter:?}");
        }
        counts.write()?;
        println!("baseline of {} cases written", counts.instructions.len());
        return Ok(0);
    };
    let comparison = Comparison::new(&baseline, &counts, filter);
    print!("{comparison}");
    Ok(if comparison.is_met() { 0 } else { 1 })
}
