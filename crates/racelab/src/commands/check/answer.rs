//! What a check says: for a person, or as one document.

use std::collections::BTreeSet;
use std::time::Duration;

use lab_check::{Core, History, Limit, Object, Proof, Unknown, Violation};
use lab_witness::Timeline;
use serde::Serialize;

use crate::cli::Form;
use crate::exit::Exit;
use crate::output::Output;

/// What was found.
pub(super) enum Found {
    Holds,
    Violated { violation: Violation, core: Core, core_took: Duration },
    Unknown(Unknown),
}

/// All that there is to say.
#[derive(Serialize)]
pub(super) struct Answer {
    verdict: &'static str,
    spec: &'static str,
    operations: usize,
    processes: usize,
    left_out: u64,
    check_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    violation: Option<Told>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown: Option<Reached>,
}

#[derive(Serialize)]
struct Told {
    key: serde_json::Value,
    anomaly: Option<&'static str>,
    /// How it was decided.
    by: &'static str,
    core: Timeline,
    core_is_minimal: bool,
    core_ms: f64,
}

#[derive(Serialize)]
struct Reached {
    why: &'static str,
    proved_events: u32,
    configurations: usize,
}

impl Answer {
    pub(super) fn new(
        history: &History,
        object: Object,
        left_out: u64,
        took: Duration,
        found: Found,
    ) -> Self {
        let mut answer = Self {
            verdict: "holds",
            spec: object.as_str(),
            operations: history.operations().len(),
            processes: processes(history),
            left_out,
            check_ms: ms(took),
            violation: None,
            unknown: None,
        };
        match found {
            Found::Holds => {}
            Found::Violated { violation, core, core_took } => {
                answer.verdict = "violated";
                let headline = answer.headline(&violation, history);
                answer.violation = Some(Told {
                    key: history.values().get(violation.key).into_owned(),
                    anomaly: violation.anomaly.map(|anomaly| anomaly.as_str()),
                    by: by(&violation.proof),
                    core_is_minimal: core.is_minimal(),
                    core: core.timeline(history, headline),
                    core_ms: ms(core_took),
                });
            }
            Found::Unknown(unknown) => {
                answer.verdict = "unknown";
                answer.unknown = Some(Reached {
                    why: why(unknown.why),
                    proved_events: unknown.proved_events,
                    configurations: unknown.configurations,
                });
            }
        }
        answer
    }

    pub(super) fn exit(&self) -> Exit {
        match (&self.violation, &self.unknown) {
            (None, None) => Exit::Met,
            (Some(_), _) => Exit::Broken,
            (None, Some(_)) => Exit::Unknown,
        }
    }

    pub(super) fn tell(&self, form: Option<Form>, output: &mut Output) -> anyhow::Result<()> {
        if output.is_json() {
            return output.json(self);
        }
        match (form, &self.violation) {
            (Some(Form::Mermaid), Some(told)) => output.document(&told.core.to_mermaid()),
            (Some(Form::Svg), Some(told)) => output.document(&told.core.to_svg()),
            (Some(_), None) => {
                output.note(&format!("{}: there is nothing to draw", self.summary()));
                Ok(())
            }
            (None, told) => self.tell_a_person(told.as_ref(), output),
        }
    }
}

impl Answer {
    fn tell_a_person(&self, told: Option<&Told>, output: &mut Output) -> anyhow::Result<()> {
        let mut text = match told {
            Some(told) => told.core.to_text(),
            None => self.summary() + "\n",
        };
        text.extend(self.details().iter().map(|line| format!("  {line}\n")));
        output.verdict(text.trim_end(), &self.word(), self.exit() == Exit::Met)
    }

    fn word(&self) -> String {
        self.verdict.to_uppercase()
    }

    /// The verdict, and of what.
    fn summary(&self) -> String {
        let (operations, processes) =
            (counted(self.operations, "operation"), counted(self.processes, "process"));
        let (word, Self { spec, check_ms, .. }) = (self.word(), self);
        format!("{word}  {spec}    {operations} of {processes}, {check_ms} ms")
    }

    fn headline(&self, violation: &Violation, history: &History) -> String {
        let mut headline = self.summary();
        let key = history.values().get(violation.key);
        if !key.is_null() {
            headline = headline.replacen("    ", &format!("  key {key}    "), 1);
        }
        if let Some(anomaly) = violation.anomaly {
            headline = headline.replacen("    ", &format!("  {anomaly}    "), 1);
        }
        headline
    }

    /// What stands below: how it was decided, how far it came, what was left out.
    fn details(&self) -> Vec<String> {
        let mut details = Vec::new();
        if let Some(told) = &self.violation {
            details.push(format!("how  {}; the core took {} ms", told.by, told.core_ms));
        }
        if let Some(Reached { why, proved_events, configurations }) = &self.unknown {
            details.push((*why).to_owned());
            details.push(format!("the first {proved_events} events hold"));
            details.push(format!("{configurations} configurations were left to go on with"));
        }
        match self.left_out {
            0 => {}
            1 => details.push("1 step was not done by a client, and is left out".to_owned()),
            n => details.push(format!("{n} steps were not done by clients, and are left out")),
        }
        details
    }
}

fn counted(count: usize, of: &str) -> String {
    let plural = if of.ends_with('s') { "es" } else { "s" };
    format!("{count} {of}{}", if count == 1 { "" } else { plural })
}

fn by(proof: &Proof) -> &'static str {
    match proof {
        Proof::Local => "these operations contradict each other, whatever the others did",
        Proof::Exhausted { .. } => "every order of the operations was tried",
    }
}

fn why(limit: Limit) -> &'static str {
    match limit {
        Limit::Time => "the time ran out: give more with --time-limit",
        Limit::Memory => "the memory ran out: give more with --memory-limit",
    }
}

fn processes(history: &History) -> usize {
    history.operations().iter().map(|operation| operation.process).collect::<BTreeSet<_>>().len()
}

fn ms(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e5).round() / 100.0
}
