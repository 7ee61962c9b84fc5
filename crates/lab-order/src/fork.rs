//! Two operations made one version: does each of them live on?

use lab_history::Record;
use lab_task::Anomaly;

use crate::finding::Findings;
use crate::task::Task;

/// So many of them are remembered for each task, the last ones.
const FORKS_MAX: usize = 8;

/// A version with two makers.
#[derive(Clone, Debug)]
pub(crate) struct Fork {
    makers: [Record; 2],
    /// Who saw it when both had been answered.
    seen: Option<Record>,
}

impl Task {
    /// Two operations said that they made one version.
    pub(crate) fn fork(&mut self, first: Record, second: Record) {
        if self.forks.len() == FORKS_MAX {
            self.forks.pop_front();
        }
        self.forks.push_back(Fork { makers: [first, second], seen: None });
    }

    /// Somebody saw a task of which there are two: are two contents of one version still seen?
    pub(crate) fn hear_of_forks(&mut self, record: &Record, findings: &mut Findings) {
        if record.content == 0 {
            return;
        }
        let is_after = |fork: &Fork| {
            let mut makers = fork.makers.iter();
            makers.all(|made| made.version == record.version && made.answered < record.invoked)
        };
        let Some(at) = self.forks.iter().position(is_after) else { return };
        let Fork { makers, seen } = &mut self.forks[at];
        let first = *seen.get_or_insert(*record);
        if first.content == record.content {
            return;
        }
        let steps = makers.iter().copied().chain([first, *record]).collect();
        self.forks.remove(at);
        findings.note(Anomaly::DivergentInstances, || {
            let sentence = format!(
                "{} lives on in two ways: client {} and client {} saw each its own v{}, after both \
                 changes that made it had been answered",
                self.id(),
                first.process,
                record.process,
                record.version
            );
            self.finding(Anomaly::DivergentInstances, steps, sentence)
        });
    }
}
