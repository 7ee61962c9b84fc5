//! `racelab list`: every store with what it promises.

use lab_runtime::Threads;
use lab_store::{Entry, Promise, ScenarioName};
use lab_task::Anomaly;
use serde::Serialize;

use crate::exit::Exit;
use crate::output::Output;

#[derive(Serialize)]
struct Listed {
    store: &'static str,
    mechanism: &'static str,
    capabilities: Vec<&'static str>,
    admits: Admitted,
    /// While two of its steps run at the same time, so that no schedule of whole steps shows it.
    admits_within_step: Admitted,
}

/// Scenarios, each with what may be seen there.
type Admitted = Vec<(&'static str, Vec<&'static str>)>;

pub(super) fn run(output: &mut Output) -> anyhow::Result<Exit> {
    let listed: Vec<Listed> = lab_catalog::entries::<Threads>().iter().map(listed).collect();
    if output.is_json() {
        output.json(&listed)?;
        return Ok(Exit::Met);
    }
    let width = listed.iter().map(|one| one.store.len()).max().unwrap_or_default();
    let mut family = "";
    for one in &listed {
        let own = one.store.split('/').next().unwrap_or_default();
        if own != family {
            let gap = if family.is_empty() { "" } else { "\n" };
            output.title(&format!("{gap}{own}"))?;
            family = own;
        }
        output.line(&format!("  {:<width$}  {}", one.store, one.mechanism))?;
        let admits = admitted(&one.admits).unwrap_or_else(|| "nothing".to_owned());
        output.line(&format!("  {:<width$}  admits: {admits}", ""))?;
        if let Some(admits) = admitted(&one.admits_within_step) {
            let within = "admits within one step, where no schedule shows it";
            output.line(&format!("  {:<width$}  {within}: {admits}", ""))?;
        }
        if !one.capabilities.is_empty() {
            output.line(&format!("  {:<width$}  can: {}", "", one.capabilities.join(", ")))?;
        }
    }
    Ok(Exit::Met)
}

fn listed(entry: &Entry) -> Listed {
    let guarantee = entry.guarantee;
    let of = |anomalies: fn(Promise) -> &'static [Anomaly]| {
        let admits = ScenarioName::ALL.into_iter().filter_map(|scenario| {
            let admitted = anomalies(guarantee.promise(scenario)?);
            let names = admitted.iter().map(|anomaly| anomaly.as_str()).collect();
            (!admitted.is_empty()).then_some((scenario.as_str(), names))
        });
        admits.collect()
    };
    Listed {
        store: entry.name,
        mechanism: guarantee.mechanism,
        capabilities: guarantee.capabilities.iter().map(|one| one.as_str()).collect(),
        admits: of(Promise::admitted),
        admits_within_step: of(|promise| match promise {
            Promise::AdmitsWithinStep(anomalies) => anomalies,
            Promise::Holds | Promise::Admits(_) => &[],
        }),
    }
}

/// Each anomaly with the scenarios in which it may be seen; none where there is none.
fn admitted(admits: &Admitted) -> Option<String> {
    let mut by_anomaly: Vec<(&str, Vec<&str>)> = Vec::new();
    for (scenario, anomalies) in admits {
        for anomaly in anomalies {
            match by_anomaly.iter_mut().find(|(known, _)| known == anomaly) {
                Some((_, scenarios)) => scenarios.push(scenario),
                None => by_anomaly.push((anomaly, vec![scenario])),
            }
        }
    }
    let words = by_anomaly
        .iter()
        .map(|(anomaly, scenarios)| format!("{anomaly} in {}", scenarios.join(", ")));
    let words: Vec<String> = words.collect();
    (!words.is_empty()).then(|| words.join("; "))
}
