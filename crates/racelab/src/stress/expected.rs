//! What a store's guarantee says of a workload.

use std::collections::BTreeSet;

use lab_scenario::{StepKind, Workload};
use lab_store::{Guarantee, Promise, ScenarioName};
use lab_task::Anomaly;
use serde::Serialize;

use super::Load;

/// How an anomaly stands to what a store says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The store admits it here.
    Admitted,
    /// It follows from one that the store admits.
    Follows,
    /// The store promises that it does not happen.
    Unexpected,
}

/// The anomalies that a run may show, and whether it must show one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Expected {
    admitted: BTreeSet<Anomaly>,
    follows: BTreeSet<Anomaly>,
    /// Lost updates come by themselves where several clients work on few tasks; whether a write
    /// skew shows is up to chance.
    pub(super) is_to_be_found: bool,
}

/// What is seen where a version is made twice: then the version that somebody was told of, or that
/// a delete removed, says little of what came before it.
const OF_VERSIONS_MADE_TWICE: [Anomaly; 10] = [
    Anomaly::StaleRead,
    Anomaly::DirtyRead,
    Anomaly::FutureRead,
    Anomaly::TornRead,
    Anomaly::NonRepeatableRead,
    Anomaly::NonMonotonicRead,
    Anomaly::ReadSkew,
    Anomaly::DivergentInstances,
    Anomaly::LostCreate,
    Anomaly::ResurrectedDelete,
];
/// What happens where whole tasks are overwritten.
const OF_IDS_GIVEN_TWICE: [Anomaly; 4] =
    [Anomaly::LostUpdate, Anomaly::LostCreate, Anomaly::TornList, Anomaly::ResurrectedDelete];

impl Expected {
    /// What `guarantee` says of a load.
    pub(super) fn of(guarantee: &Guarantee, load: &Load) -> Self {
        let mut expected = Self::default();
        if load.clients < 2 {
            return expected;
        }
        // Who writes all tasks with each one sets the others back too.
        let writes_all = guarantee
            .promise(ScenarioName::CreateBurst)
            .is_some_and(|promise| promise.admitted().contains(&Anomaly::DuplicateId));
        for scenario in scenarios(&load.workload, load.processes > 1) {
            let admitted = match guarantee.promise(scenario) {
                Some(Promise::Admits(anomalies)) => {
                    expected.is_to_be_found |= anomalies.contains(&Anomaly::LostUpdate);
                    anomalies
                }
                Some(Promise::AdmitsWithinStep(anomalies)) => anomalies,
                Some(Promise::Holds) | None => continue,
            };
            expected.admitted.extend(admitted);
            let within_edit = writes_all
                || matches!(scenario, ScenarioName::LogTime | ScenarioName::TwoInstances);
            if within_edit && admitted.contains(&Anomaly::LostUpdate) {
                expected.follows.extend(OF_VERSIONS_MADE_TWICE);
            }
            // A start that an older state overwrites lets the next ones past the limit.
            if scenario == ScenarioName::WipLimit && admitted.contains(&Anomaly::LostUpdate) {
                expected.follows.insert(Anomaly::WriteSkew);
            }
        }
        if expected.admitted.contains(&Anomaly::DuplicateId) {
            expected.follows.extend(OF_VERSIONS_MADE_TWICE);
            expected.follows.extend(OF_IDS_GIVEN_TWICE);
        }
        expected
    }

    pub(super) fn standing(&self, anomaly: Anomaly) -> Standing {
        match anomaly {
            _ if self.admitted.contains(&anomaly) => Standing::Admitted,
            _ if self.follows.contains(&anomaly) => Standing::Follows,
            _ => Standing::Unexpected,
        }
    }
}

/// The scenarios that a workload contains.
fn scenarios(workload: &Workload, is_shared: bool) -> impl Iterator<Item = ScenarioName> {
    let has = |kind| workload.mix.share(kind) > 0.0;
    let changes = has(StepKind::Edit) || has(StepKind::Save) || has(StepKind::Start);
    ScenarioName::ALL.into_iter().filter(move |scenario| match scenario {
        ScenarioName::LogTime => has(StepKind::Edit),
        ScenarioName::TwoEditors | ScenarioName::BackgroundStatus => has(StepKind::Save),
        ScenarioName::CreateBurst => has(StepKind::Create),
        ScenarioName::EditDelete => has(StepKind::Delete) && has(StepKind::Save),
        ScenarioName::ListWhileEditing => has(StepKind::List) && changes,
        ScenarioName::WipLimit => has(StepKind::Start),
        ScenarioName::TwoInstances => is_shared && has(StepKind::Edit),
        // No client of a workload sends anything twice.
        ScenarioName::RetriedCreate => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stress::Budget;

    fn expected(store: &str, workload: &str) -> Expected {
        let entries = lab_catalog::entries::<lab_explore::Stepped>();
        let entry = entries.into_iter().find(|entry| entry.name == store).unwrap();
        let budget = Budget { time: Default::default(), operations: None, until_found: false };
        let load = Load {
            workload: workload.parse().unwrap(),
            clients: 2,
            processes: 1,
            seed: 1,
            budget,
            binary: Default::default(),
            history: None,
        };
        Expected::of(&entry.guarantee, &load)
    }

    #[test]
    fn who_writes_all_tasks_with_each_one_sets_others_back_whatever_clients_do() {
        let stale = Anomaly::StaleRead;
        assert_eq!(expected("file/json_naive", "editors").standing(stale), Standing::Follows);
        let locked = expected("file/json_locked", "editors");
        assert_eq!(locked.standing(stale), Standing::Unexpected);
        assert_eq!(locked.standing(Anomaly::LostUpdate), Standing::Admitted);
    }
}
