//! `racelab check HISTORY`: does a history hold, and if not, which few operations prove it.

mod answer;
mod load;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use lab_check::{Budget, Misfit, Object, Verdict};

use self::answer::{Answer, Found};
use self::load::Events;
use crate::cli::Form;
use crate::exit::Exit;
use crate::output::Output;

/// What to check, and how much that may cost.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The history: JSON lines, EDN or Jepsen's log; `-` for stdin; several files of one run merge
    /// by their times
    #[arg(required = true, value_name = "HISTORY")]
    histories: Vec<PathBuf>,
    /// What it is a history of; not needed where its header says so
    #[arg(long, value_name = "SPEC")]
    spec: Option<Object>,
    /// After how many seconds the answer is unknown
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0, value_parser = seconds)]
    time_limit: f64,
    /// How much memory the check may take beside the history
    #[arg(long, value_name = "MIB", default_value_t = 1024)]
    memory_limit: usize,
    /// Draw the operations that prove a violation, and print nothing else
    #[arg(long, value_name = "FORM", conflicts_with = "json")]
    form: Option<Form>,
}

/// Why nothing can be checked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CheckError {
    #[error("{path} does not say what it is a history of: give --spec with one of {names}")]
    NoSpec { path: String, names: String },
    #[error("{path}: its header asks for {why}: give --spec with one that is meant")]
    HeaderSpec { path: String, why: String },
    #[error("{path} cannot be held: {why}")]
    TooLong { path: String, why: String },
    #[error("{place}: {what}; expected {expected}, or another --spec")]
    Misfit { place: String, what: String, expected: &'static str },
}

/// A core may take so many times as long as the check.
const CORE_TIMES: u32 = 10;
const CORE_TIME_MIN: Duration = Duration::from_secs(1);

pub(super) fn run(args: &CheckArgs, output: &mut Output) -> anyhow::Result<Exit> {
    let mut events = Events::open(&args.histories)?;
    let object = events.object(args.spec)?;
    let history = events.history(output)?;
    let misfit = |misfit: Misfit| CheckError::Misfit {
        place: load::place(&args.histories, &history, misfit.event),
        what: misfit.what,
        expected: misfit.expected,
    };
    output.progress("checking");
    let start = Instant::now();
    let verdict = object.check(&history, args.budget()).map_err(misfit)?;
    let took = start.elapsed();
    let found = match verdict {
        Verdict::Holds(_) => Found::Holds,
        Verdict::Unknown(unknown) => Found::Unknown(unknown),
        Verdict::Violated(violation) => {
            output.progress("shrinking");
            let time = (took * CORE_TIMES).max(CORE_TIME_MIN);
            let start = Instant::now();
            let core = object.core(&history, &violation, time).map_err(misfit)?;
            Found::Violated { violation, core, core_took: start.elapsed() }
        }
    };
    let answer = Answer::new(&history, object, events.left_out(), took, found);
    answer.tell(args.form, output)?;
    Ok(answer.exit())
}

impl CheckArgs {
    fn budget(&self) -> Budget {
        Budget {
            time: Duration::try_from_secs_f64(self.time_limit).unwrap_or(Duration::MAX),
            memory_bytes: self.memory_limit.saturating_mul(1 << 20),
        }
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| *seconds >= 0.0);
    seconds.ok_or_else(|| "expected a number of seconds".to_owned())
}
