//! A core in real time, as a person looks at it.

use lab_witness::{Span, Timeline};

use super::label::{label, of_process};
use super::{Age, Core};
use crate::{Answer, History, NEVER, Operation, OperationId};

impl Core {
    /// The operations as they were in `history`, below `headline`; beside them the one that led to
    /// what the last of them saw, where that is not among them. What may have happened or not says
    /// so.
    pub fn timeline(&self, history: &History, headline: String) -> Timeline {
        let operation = |id: OperationId| &history.operations()[id as usize];
        let source = self.source_shown();
        let all = self.kept.iter().map(|kept| kept.id).chain(source);
        let mut processes: Vec<u64> = all.map(|id| history.process(operation(id))).collect();
        processes.sort_unstable();
        processes.dedup();
        let lane = |operation| processes.binary_search(&history.process(operation));
        let blamed = self.kept.iter().filter(|kept| kept.is_firm());
        let blamed = blamed.max_by_key(|kept| kept.weakened.answered).map(|kept| kept.id);
        let kept = self.kept.iter().zip(&self.labels).map(|(kept, label)| {
            let operation = operation(kept.id);
            let span = span(history, operation, lane(operation).unwrap_or_default());
            let is_blamed = Some(kept.id) == blamed;
            if kept.is_firm() {
                return Span { label: label.clone(), is_blamed, ..span };
            }
            let label = format!("maybe {label}");
            Span { label, is_maybe: true, has_failed: false, ..span }
        });
        let source = source.map(|id| {
            let operation = operation(id);
            span(history, operation, lane(operation).unwrap_or_default())
        });
        let spans: Vec<Span> = kept.chain(source).collect();
        let (spans, orders) = in_order(spans, &self.orders);
        Timeline {
            headline,
            lanes: processes.iter().map(|process| format!("process {process}")).collect(),
            spans,
            orders,
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
        let mut notes: Vec<String> = self.age().into_iter().collect();
        notes.extend(self.source.as_ref().map(|source| source.told.clone()));
        // Where all is told as it was, what is left says it.
        let elements = self.elements.as_ref().filter(|_| !self.spelled.is_empty());
        notes.extend(elements.map(|elements| {
            let elements: Vec<String> = elements.iter().map(ToString::to_string).collect();
            format!("of all that was there only {} is looked at", elements.join(" and "))
        }));
        for (before, after) in &self.orders {
            let [before, after] = [before, after].map(|at| self.named(history, *at));
            notes.push(format!("{before} was answered before {after} was invoked"));
        }
        notes.extend(self.left_out(history));
        if !self.is_found {
            let left = "the time ran out before it was found which operations contradict this one";
            notes.push(left.to_owned());
        } else if !self.is_minimal {
            notes.push("the time ran out before it was the smallest".to_owned());
        }
        if !self.is_named {
            notes.push("the time ran out before every name was tried".to_owned());
        }
        notes
    }

    fn named(&self, history: &History, at: usize) -> String {
        of_process(history, &self.kept[at].weakened, &self.labels[at])
    }

    fn left_out(&self, history: &History) -> Option<String> {
        if !self.is_found {
            return None;
        }
        match history.operations().len() - self.kept.len() {
            0 => None,
            1 => Some("the one other operation changes nothing about that".to_owned()),
            others => {
                let why = "each ended too early, began too late, or does nothing that these need";
                Some(format!("{others} other operations change nothing about that: {why}"))
            }
        }
    }
}

/// An operation as it was recorded.
fn span(history: &History, operation: &Operation, lane: usize) -> Span {
    let answered = (operation.answered != NEVER).then_some(operation.answered);
    let from_ns = history.time_ns(operation.invoked);
    Span {
        lane,
        label: label(history, operation),
        from: u64::from(operation.invoked) + 1,
        until: answered.map(|at| u64::from(at) + 1),
        times_ns: from_ns.map(|from| (from, answered.and_then(|at| history.time_ns(at)))),
        has_failed: operation.answer == Answer::Fail,
        is_blamed: false,
        is_maybe: false,
    }
}

/// Spans in the order in which they began, and pairs of them by their new places.
fn in_order(spans: Vec<Span>, orders: &[(usize, usize)]) -> (Vec<Span>, Vec<(usize, usize)>) {
    let mut places: Vec<usize> = (0..spans.len()).collect();
    places.sort_by_key(|at| spans[*at].from);
    let mut new = vec![0; spans.len()];
    for (place, at) in places.iter().enumerate() {
        new[*at] = place;
    }
    let orders = orders.iter().map(|(one, other)| (new[*one], new[*other])).collect();
    let mut spans = spans;
    spans.sort_by_key(|span| span.from);
    (spans, orders)
}
