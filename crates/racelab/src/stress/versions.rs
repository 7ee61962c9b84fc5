//! The simplest check by versions: no two acknowledged changes of a task make one version, a save
//! makes the version after the one that it is based on, and no id is given twice.

use std::collections::{BTreeMap, HashMap, VecDeque};

use lab_history::{Ending, Function, Record};
use lab_task::Anomaly;

use super::checking::Finding;

/// How many of a task's newest changes are remembered.
const REMEMBERED: usize = 64;

/// Looks at one record after the other.
#[derive(Debug, Default)]
pub(super) struct Versions {
    tasks: HashMap<u64, VecDeque<Record>, foldhash::fast::FixedState>,
    findings: BTreeMap<Anomaly, Finding>,
}

impl Versions {
    pub(super) fn push(&mut self, record: &Record) {
        if record.ending != Ending::Ok {
            return;
        }
        match record.function {
            Function::Create => {
                if let Some(changes) = self.tasks.insert(record.task, VecDeque::new()) {
                    let sentence = format!("two tasks were given the id {}", record.task);
                    let before = changes.front().copied();
                    let steps = before.into_iter().chain([*record]).collect();
                    note(&mut self.findings, Anomaly::DuplicateId, steps, sentence);
                }
            }
            Function::Edit | Function::Save | Function::Start => self.change(record),
            Function::Delete => {
                self.tasks.remove(&record.task);
            }
            Function::Get | Function::List | Function::Listed | Function::Summary => {}
        }
    }

    pub(super) fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings.into_values().collect()
    }

    fn change(&mut self, record: &Record) {
        let Some(changes) = self.tasks.get_mut(&record.task) else {
            return;
        };
        let (task, version) = (record.task, record.version);
        if let Some(same) = changes.iter().find(|other| other.version == version) {
            let sentence = format!(
                "two changes of task {task} made version {version}: one overwrote the other"
            );
            note(&mut self.findings, Anomaly::LostUpdate, vec![*same, *record], sentence);
        } else if record.function == Function::Save && record.based_on + 1 != version {
            let based_on = record.based_on;
            let overwritten = changes.iter().find(|other| other.version == based_on + 1).copied();
            let sentence = format!(
                "a copy of task {task} that was based on version {based_on} became version \
                 {version}: it overwrote what came between"
            );
            let steps = overwritten.into_iter().chain([*record]).collect();
            note(&mut self.findings, Anomaly::LostUpdate, steps, sentence);
        }
        if changes.len() == REMEMBERED {
            changes.pop_front();
        }
        changes.push_back(*record);
    }
}

fn note(
    findings: &mut BTreeMap<Anomaly, Finding>,
    anomaly: Anomaly,
    steps: Vec<Record>,
    sentence: String,
) {
    let finding = findings.entry(anomaly).or_insert(Finding { anomaly, count: 0, steps, sentence });
    finding.count += 1;
}
