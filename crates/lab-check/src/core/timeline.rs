//! A core in real time, as a person looks at it.

use lab_witness::{Span, Timeline};

use super::label::{label, named};
use super::{Age, Core, Kept};
use crate::{Answer, History, NEVER};

impl Core {
    /// The operations as they were in `history`, below `headline`.
    pub fn timeline(&self, history: &History, headline: String) -> Timeline {
        let operation = |kept: &Kept| &history.operations()[kept.id as usize];
        let mut processes: Vec<u64> =
            self.kept.iter().map(|kept| history.process(operation(kept))).collect();
        processes.sort_unstable();
        processes.dedup();
        let blamed = self.kept.iter().filter(|kept| kept.is_firm());
        let blamed = blamed.max_by_key(|kept| kept.weakened.answered).map(|kept| kept.id);
        let span = |kept: &Kept| {
            let operation = operation(kept);
            let process = history.process(operation);
            let answered = (operation.answered != NEVER).then_some(operation.answered);
            let from_ns = history.time_ns(operation.invoked);
            Span {
                lane: processes.binary_search(&process).unwrap_or_default(),
                label: label(history, operation),
                from: operation.invoked.into(),
                until: answered.map(u64::from),
                times_ns: from_ns.map(|from| (from, answered.and_then(|at| history.time_ns(at)))),
                has_failed: operation.answer == Answer::Fail,
                is_blamed: Some(kept.id) == blamed,
            }
        };
        Timeline {
            headline,
            lanes: processes.iter().map(|process| format!("process {process}")).collect(),
            spans: self.kept.iter().map(span).collect(),
            orders: self.orders.clone(),
            sentence: self.sentence.clone(),
            notes: self.notes(history),
        }
    }

    fn age(&self) -> Option<String> {
        let Age { versions, time_ns } = self.name?.age?;
        let changes = if versions == 1 { "change" } else { "changes" };
        let time = time_ns.map(|time_ns| format!(" and {time_ns} ns")).unwrap_or_default();
        Some(format!("what was seen was at least {versions} {changes}{time} old"))
    }

    fn notes(&self, history: &History) -> Vec<String> {
        let mut notes: Vec<String> = self.age().into_iter().chain(self.source.clone()).collect();
        for (before, after) in &self.orders {
            let [before, after] = [before, after].map(|at| named(history, self.kept[*at].id));
            notes.push(format!("{before} was answered before {after} was invoked"));
        }
        match history.operations().len() - self.kept.len() {
            0 => {}
            1 => notes.push("the one other operation changes nothing about that".to_owned()),
            others => {
                let why = "each ended too early, began too late, or does nothing that these need";
                notes.push(format!("{others} other operations change nothing about that: {why}"));
            }
        }
        if !self.is_minimal {
            notes.push("the time ran out before it was the smallest".to_owned());
        }
        notes
    }
}
