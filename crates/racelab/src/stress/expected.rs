//! What a store's guarantee says of a workload.

use std::collections::BTreeSet;

use lab_scenario::{StepKind, Workload};
use lab_store::{Guarantee, Promise, ScenarioName};
use lab_task::Anomaly;

use super::Load;

/// The anomalies that a run may show, and those of which it must show one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) admitted: BTreeSet<Anomaly>,
    pub(super) is_to_be_found: bool,
}

impl Expected {
    /// What `guarantee` says of a load.
    pub(super) fn of(guarantee: &Guarantee, load: &Load) -> Self {
        let mut expected = Self::default();
        if load.clients < 2 {
            return expected;
        }
        for scenario in scenarios(&load.workload, load.processes > 1) {
            match guarantee.promise(scenario) {
                Some(Promise::Admits(anomalies)) => {
                    expected.admitted.extend(anomalies);
                    expected.is_to_be_found = true;
                }
                Some(Promise::AdmitsWithinStep(anomalies)) => expected.admitted.extend(anomalies),
                Some(Promise::Holds) | None => {}
            }
        }
        expected
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
