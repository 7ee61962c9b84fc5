//! `racelab check HISTORY`: does a history hold, and if not, which few operations prove it.

mod answer;
mod keyed;
mod load;
mod objects;
mod search;
mod tasks;
mod transactions;

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use lab_check::{Budget, Object};
use lab_order::Values;

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
    /// What it is a history of: task, register, cas-register, kv, set, queue, or transactions as
    /// Elle has them: list-append, rw-register; not needed where its header says so
    #[arg(long, value_name = "SPEC")]
    spec: Option<Spec>,
    /// After how many seconds at the latest the answer is unknown
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
    #[error("{path}: {why}; give --spec with the one that is meant")]
    HeaderSpec { path: String, why: String },
    #[error("{place}: {what}; give each operation its key as :key and its value as :value")]
    Keys { place: String, what: String },
    #[error("{path} cannot be held: {why}")]
    TooLong { path: String, why: String },
    #[error("{place}: {what}; expected {expected}, or another --spec")]
    Misfit { place: String, what: String, expected: &'static str },
}

/// The name of the specification of a task store.
const TASK: &str = "task";
/// Elle's names of what transactions do.
const LIST_APPEND: &str = "list-append";
const RW_REGISTER: &str = "rw-register";

/// What a history is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spec {
    /// A task store: versions, lists, limits.
    Task,
    /// Transactions over keys.
    Transactions(Values),
    /// An object of its own.
    Object(Object),
}

impl Spec {
    /// All names, for a sentence.
    fn names() -> String {
        format!("{TASK}, {}, {LIST_APPEND}, {RW_REGISTER}", Object::names())
    }
}

impl FromStr for Spec {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let names = || format!("no specification is called {name:?}; there are {}", Self::names());
        match name {
            TASK => Ok(Self::Task),
            LIST_APPEND => Ok(Self::Transactions(Values::Lists)),
            RW_REGISTER => Ok(Self::Transactions(Values::Registers)),
            _ => name.parse().map(Self::Object).map_err(|_| names()),
        }
    }
}

pub(super) fn run(args: &CheckArgs, output: &mut Output) -> anyhow::Result<Exit> {
    let mut events = Events::open(&args.histories)?;
    let spec = events.spec(args.spec)?;
    if let Some((path, name)) = events.other_spec(spec) {
        output
            .note(&format!("{path} says that it is a history of {name}; --spec goes before that"));
    }
    let answer = match spec {
        Spec::Task => tasks::check(&mut events, args.budget(), output)?,
        Spec::Transactions(values) => {
            transactions::check(&mut events, values, args.budget(), output)?
        }
        Spec::Object(object) => objects::check(&mut events, object, args.budget(), output)?,
    };
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
