//! What a check says: for a person, or as one document.

use std::time::Duration;

use lab_check::Limit;
use lab_task::Anomaly;
use lab_witness::Timeline;
use serde::Serialize;
use serde_json::Value;

use crate::cli::Form;
use crate::exit::Exit;
use crate::output::Output;

/// The tier of a task store: versions give the order of writes.
pub(super) const VERSIONS: &str = "versions";

/// All that there is to say.
#[derive(Serialize)]
pub(super) struct Answer {
    pub(super) verdict: Verdict,
    pub(super) spec: &'static str,
    pub(super) operations: u64,
    pub(super) processes: usize,
    /// What was read and not done by clients.
    pub(super) left_out: u64,
    pub(super) check_ms: f64,
    pub(super) violations: Vec<Told>,
    /// What shows that it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) certificate: Option<Certificate>,
    /// What nothing decided.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) left_open: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unknown: Option<Reached>,
    /// Of transactions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) isolation: Option<Allowed>,
}

/// The isolation levels that a history allows, by those that imply the others.
#[derive(Serialize)]
pub(super) struct Allowed {
    /// They and what they imply are not broken.
    pub(super) strongest_allowed: Vec<String>,
    /// They and what implies them are broken.
    pub(super) weakest_broken: Vec<String>,
    /// Whether all that breaks a level was found if it is there; if not, fewer may be allowed.
    pub(super) is_complete: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    Holds,
    Violated,
    Unknown,
}

/// What shows that a history holds, and how it was found.
#[derive(Serialize)]
pub(super) struct Certificate {
    /// The methods that decided something.
    pub(super) tiers: Vec<Decided>,
    /// How many operations stand in the order that explains the answers; those that say nothing
    /// are left out. Nothing where the method keeps no order.
    pub(super) ordered_operations: Option<u64>,
}

/// What one method decided.
#[derive(Serialize)]
pub(super) struct Decided {
    /// `zones`, `search` or `versions`.
    pub(super) tier: &'static str,
    /// How many keys or tasks; 1 where the whole is one object.
    pub(super) parts: u64,
}

/// How old what was read is, at least.
#[derive(Serialize)]
pub(super) struct Age {
    /// In changes that came after it.
    pub(super) versions: u64,
    /// From when something newer was known to be there; nothing without times.
    pub(super) time_ns: Option<u64>,
}

/// What a violation is called.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Name {
    /// In the words of all commands.
    Anomaly(Anomaly),
    /// Of transactions, as Elle has it.
    Phenomenon(String),
}

/// A violation.
#[derive(Serialize)]
pub(super) struct Told {
    /// What it is about: a key or a task, null where there is one object.
    pub(super) key: Value,
    pub(super) anomaly: Option<Name>,
    /// Of an old read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) age: Option<Age>,
    /// How often it was found; more than the first are not looked for in an object.
    pub(super) times: u64,
    /// How it was decided.
    pub(super) by: &'static str,
    pub(super) core: Timeline,
    pub(super) core_is_minimal: bool,
    /// Whether the operations of the core contradict each other; if not, the time ran out before
    /// such were found.
    #[serde(skip_serializing_if = "is_true")]
    pub(super) core_is_found: bool,
    /// Whether there was time to try every name.
    #[serde(skip_serializing_if = "is_true")]
    pub(super) is_named_in_time: bool,
    /// How long it took to find the core, where the check does not give it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) core_ms: Option<f64>,
}

/// How far a check came whose budget ran out.
#[derive(Serialize)]
pub(super) struct Reached {
    pub(super) why: &'static str,
    /// Nothing where no prefix was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) proved_events: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) configurations: Option<usize>,
}

impl Answer {
    pub(super) fn exit(&self) -> Exit {
        match self.verdict {
            Verdict::Holds => Exit::Met,
            Verdict::Violated => Exit::Broken,
            Verdict::Unknown => Exit::Unknown,
        }
    }

    pub(super) fn tell(&self, form: Option<Form>, output: &mut Output) -> anyhow::Result<()> {
        if output.is_json() {
            return output.json(self);
        }
        match (form, self.violations.first()) {
            (Some(Form::Mermaid), Some(told)) => output.document(&told.core.to_mermaid()),
            (Some(Form::Svg), Some(told)) => output.document(&told.core.to_svg()),
            (Some(_), None) => {
                output.note(&format!("{}: there is nothing to draw", self.summary()));
                Ok(())
            }
            (None, _) => output.verdict(&self.text(), self.verdict.word(), self.is_calm()),
        }
    }

    fn is_calm(&self) -> bool {
        self.verdict == Verdict::Holds
    }

    fn text(&self) -> String {
        let mut lines = vec![self.summary()];
        for told in &self.violations {
            if told.core.headline != self.headline() {
                lines.push(told.core.headline.clone());
            }
            lines.push(told.core.body().trim_end().to_owned());
            let core = told.core_ms.map(|ms| format!("; the core took {ms} ms"));
            lines.push(format!("  how  {}{}", told.by, core.unwrap_or_default()));
        }
        lines.extend(self.certificate.iter().flat_map(Certificate::lines));
        if let Some(Reached { why, proved_events, configurations }) = &self.unknown {
            lines.push(format!("  {why}"));
            lines.extend(proved_events.map(|events| format!("  the first {events} events hold")));
            let left = |count| format!("  {count} configurations were left to go on with");
            lines.extend(configurations.map(left));
        }
        lines.extend(self.isolation.iter().flat_map(Allowed::lines));
        lines.extend(self.left_open.iter().map(|open| format!("  open   {open}")));
        match self.left_out {
            0 => {}
            1 => lines.push("  1 step was not done by a client, and is left out".to_owned()),
            n => lines.push(format!("  {n} steps were not done by clients, and are left out")),
        }
        lines.join("\n")
    }

    /// The verdict, and of what.
    fn summary(&self) -> String {
        let operations = counted(self.operations, "operation", "operations");
        let processes = counted(self.processes as u64, "process", "processes");
        format!("{}    {operations} of {processes}, {} ms", self.headline(), self.check_ms)
    }

    fn headline(&self) -> String {
        format!("{}  {}", self.verdict.word(), self.spec)
    }
}

impl Allowed {
    fn lines(&self) -> Vec<String> {
        let allowed = match (self.strongest_allowed.as_slice(), self.is_complete) {
            ([], _) => "no isolation level, not even read uncommitted".to_owned(),
            (names, true) => names.join(", "),
            (names, false) => format!("at most {}", names.join(", ")),
        };
        let mut lines = vec![format!("  allows  {allowed}")];
        if !self.weakest_broken.is_empty() {
            lines.push(format!("  breaks  {}", self.weakest_broken.join(", ")));
        }
        lines
    }
}

impl Certificate {
    fn lines(&self) -> Vec<String> {
        let decided = |one: &Decided| match one.tier {
            VERSIONS => format!("{} by versions", counted(one.parts, "task", "tasks")),
            tier => format!("{} by {tier}", counted(one.parts, "part", "parts")),
        };
        let decided: Vec<String> = self.tiers.iter().map(decided).collect();
        let order = match self.ordered_operations {
            Some(count) => format!("an order of {}", counted(count, "operation", "operations")),
            None => "no order is kept: no answer contradicts the order of versions".to_owned(),
        };
        vec![format!("  how    {}", decided.join(", ")), format!("  proof  {order}")]
    }
}

impl From<lab_check::Age> for Age {
    fn from(age: lab_check::Age) -> Self {
        Self { versions: age.versions, time_ns: age.time_ns }
    }
}

impl Verdict {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Holds => "HOLDS",
            Self::Violated => "VIOLATED",
            Self::Unknown => "UNKNOWN",
        }
    }
}

pub(super) fn why(limit: Limit) -> &'static str {
    match limit {
        Limit::Time => "the time ran out: give more with --time-limit",
        Limit::Memory => "the memory ran out: give more with --memory-limit",
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_true(is_so: &bool) -> bool {
    *is_so
}

pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

pub(super) fn ms(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e5).round() / 100.0
}
