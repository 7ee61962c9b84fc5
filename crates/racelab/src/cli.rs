//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use lab_explore::{Sampler, Token};
use lab_scenario::{Script, Size, Workload};
use lab_witness::Witness;

use crate::bench_args::{BenchArgs, FailIf};
use crate::chances::TRIALS;
pub use crate::commands::CheckArgs;
use crate::mutation;
use crate::stress::COMMAND_OF_CHILDREN;
use crate::study::SCHEDULES_MAX;

/// Finds, shows, replays and explains races of task stores. Without a command: a tour.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = false, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Print one JSON document instead of text
    #[arg(long, global = true)]
    pub json: bool,

    /// The most schedules that a search may run for one scenario on one store
    #[arg(long, global = true, value_name = "SCHEDULES", default_value_t = SCHEDULES_MAX)]
    #[arg(value_parser = some)]
    pub budget: usize,

    /// Keep the stores' files in a temporary folder in DIR, to try that file system
    #[arg(long, global = true, value_name = "DIR")]
    pub dir: Option<PathBuf>,

    /// Where the tour writes its results and its report
    #[arg(long, value_name = "DIR", default_value = "reports")]
    pub out: PathBuf,

    /// How often to try what is a matter of chance
    #[arg(long, global = true, value_name = "NUMBER", default_value_t = TRIALS)]
    #[arg(value_parser = some)]
    pub trials: usize,
}

/// A number of which none would say nothing.
fn some(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("expected at least 1".to_owned()),
        Ok(number) => Ok(number),
        Err(error) => Err(format!("{error}")),
    }
}

/// Other forms of a witness, with the same facts.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Form {
    /// A Mermaid diagram
    Mermaid,
    /// A picture
    Svg,
}

impl Form {
    /// The witness in this form.
    pub(crate) fn of(self, witness: &Witness) -> String {
        match self {
            Self::Mermaid => witness.to_mermaid(),
            Self::Svg => witness.to_svg(),
        }
    }
}

/// The samplers by name.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum SamplerName {
    /// A random walk
    Random,
    /// Random priorities that change at a few steps
    Pct,
}

impl From<SamplerName> for Sampler {
    fn from(name: SamplerName) -> Self {
        match name {
            SamplerName::Random => Self::Random,
            SamplerName::Pct => Self::Pct,
        }
    }
}

const EXIT_CODES: &str = "\
Exit codes: 0 what stores promise is what was found; 1 it is not; 2 usage; 3 unknown;
4 a server is missing; 70 the lab itself failed.";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show every store: mechanism, promises, capabilities
    List,
    /// Search every schedule of a scenario for a race
    Race {
        /// A store, or a family for all of its stores
        store: String,
        /// A scenario, as in `log_time`, `log_time@3x1` or `two_editors`, or a program, as in
        /// `edit1.minutes+list/save1.title`; all scenarios if not given
        scenario: Option<Script>,
        /// Draw random schedules instead of running all in order: for sizes that are too large
        #[arg(long, value_name = "SAMPLER", group = "drawn")]
        sample: Option<SamplerName>,
        /// Let so many faults happen in each schedule, wherever they can: SQLITE_BUSY, SQLSTATE
        /// 40001, a lost answer
        #[arg(long, value_name = "FAULTS", default_value_t = 0, conflicts_with = "sample")]
        faults: usize,
        /// Make up so many programs, share the budget among them, and shrink what goes wrong
        #[arg(long, value_name = "PROGRAMS", group = "drawn")]
        #[arg(conflicts_with_all = ["scenario", "faults"])]
        programs: Option<usize>,
        /// Where random schedules or programs begin; equal seeds draw equal ones
        #[arg(long, value_name = "NUMBER", default_value_t = 1, requires = "drawn")]
        seed: u64,
        /// Print the witnesses in another form than text
        #[arg(long, value_name = "FORM", conflicts_with_all = ["json", "programs"])]
        form: Option<Form>,
    },
    /// Take away each protection of a store, one at a time, to see whether the lab notices
    Mutate {
        /// A store, or a family for all of its stores; all there are if not given
        store: Option<String>,
        /// The most schedules of a mutant in one scenario; `--budget` is for the whole store
        #[arg(long, value_name = "SCHEDULES", default_value_t = mutation::SCHEDULES_MAX)]
        tries: usize,
    },
    /// Run one schedule again, step by step
    Replay {
        /// What a witness gives, as in `file/json_rename:two_editors:ABABBA`
        token: Token,
        /// Print the steps in another form than text
        #[arg(long, value_name = "FORM", conflicts_with = "json")]
        form: Option<Form>,
    },
    /// Decide yourself who takes each step, and see what comes of it
    ///
    /// Reads letters and commands from stdin, a line at a time, and works in a pipe. There is no
    /// `--json`: `racelab replay` gives that for the token of what was played.
    Play {
        /// A store
        store: String,
        /// A scenario, as in `log_time`, `log_time@3x1` or `two_editors`
        scenario: Size,
        /// Hide what is stored, and ask how it ended before showing it
        #[arg(long)]
        quiz: bool,
    },
    /// How likely a loss is: by theory, counted, on random walks, threads and processes
    Likely {
        /// A store, or a family; all that lose increments in two steps if not given
        store: Option<String>,
    },
    /// One of the two processes that `likely` starts
    #[command(hide = true)]
    Client,
    /// Decide whether a history holds, and show the operations that prove that it does not
    ///
    /// Exit codes here: 0 it holds; 1 it is violated; 3 the budget ran out; 2 it cannot be read.
    Check(CheckArgs),
    /// Measure stores beside each other, in randomly interleaved rounds
    Bench(Box<BenchArgs>),
    /// Be one client of a benchmark, as the process that started this tells it
    #[command(hide = true)]
    BenchClient,
    /// Hold the results of two benchmarks against each other
    Compare {
        /// The older results
        old: PathBuf,
        /// The newer results
        new: PathBuf,
        /// End with 1 if the newer is certainly slower by more than this anywhere
        #[arg(long, value_name = "slower:PERCENT")]
        fail_if: Option<FailIf>,
    },
    /// Put many clients on a store for a while, and check what they are told
    ///
    /// An anomaly is `(admitted)` where the store's guarantee says that it can happen in a scenario
    /// which the workload contains, as `racelab list` shows; one may also follow from what is
    /// admitted. `(not admitted)` is a broken promise.
    ///
    /// Exit codes here: 0 nothing was found that the store does not admit, so an admitted anomaly
    /// ends with 0 too; 1 a promise is broken, or a lost update that the store admits was not met;
    /// 3 every client gave up.
    Stress(StressArgs),
    /// What `stress` starts this program with, for clients in other processes
    #[command(name = COMMAND_OF_CHILDREN, hide = true)]
    StressClients,
    /// Write the reports of a tour and of a benchmark anew, from their results
    Report {
        /// The folder with the results, where the report goes
        #[arg(default_value = "reports")]
        folder: PathBuf,
    },
    /// Show what is installed and what this machine is like
    Doctor,
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
}

/// How to put a store under stress.
#[derive(Debug, Args)]
pub struct StressArgs {
    /// A store
    pub store: String,
    /// What the clients do: a name, and what differs from it, as in `uniform,tasks=10,read=0.9`
    #[arg(long, value_name = "WORKLOAD", default_value = "office")]
    pub workload: Workload,
    /// For how long, as in 500ms, 5s or 2m
    #[arg(long = "for", value_name = "TIME", default_value = "5s", value_parser = time)]
    pub time: Duration,
    /// How many clients
    #[arg(long, value_name = "NUMBER", default_value_t = 4, value_parser = crowd)]
    pub clients: usize,
    /// In how many processes of the operating system; 1 is this one, with a thread a client
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = crowd)]
    pub processes: usize,
    /// Equal seeds give each client the same steps
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// End after about so many operations, if that is sooner
    #[arg(long, value_name = "NUMBER")]
    pub operations: Option<u64>,
    /// End at the first anomaly
    #[arg(long)]
    pub until_found: bool,
    /// Write the operations to FILE, as the history of a task store that `racelab check` takes;
    /// what is found by counting what survived does not show there, nor do torn reads
    #[arg(long, value_name = "FILE")]
    pub history: Option<PathBuf>,
}

/// The most clients, and the most processes.
const CROWD_MAX: usize = 256;

fn crowd(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| (1..=CROWD_MAX).contains(number));
    number.ok_or_else(|| format!("expected a number from 1 to {CROWD_MAX}"))
}

fn time(text: &str) -> Result<Duration, String> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let expected = || "expected a time up to a day, as in 500ms, 5s or 2m".to_owned();
    let number: u64 = number.parse().map_err(|_| expected())?;
    let unit_ms = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60 * 1000,
        "h" => 60 * 60 * 1000,
        _ => return Err(expected()),
    };
    let time = number.checked_mul(unit_ms).map(Duration::from_millis);
    time.filter(|time| *time <= Duration::from_secs(24 * 60 * 60)).ok_or_else(expected)
}
