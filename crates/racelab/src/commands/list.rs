//! `racelab list`: every store with what it promises.

use lab_runtime::Threads;
use lab_store::{Entry, Promise, ScenarioName};
use serde::Serialize;

use crate::exit::Exit;
use crate::output::Output;

#[derive(Serialize)]
struct Listed {
    store: &'static str,
    mechanism: &'static str,
    capabilities: Vec<&'static str>,
    admits: Vec<(&'static str, Vec<&'static str>)>,
}

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
        output.line(&format!("  {:<width$}  admits: {}", "", admitted(one)))?;
        if !one.capabilities.is_empty() {
            output.line(&format!("  {:<width$}  can: {}", "", one.capabilities.join(", ")))?;
        }
    }
    Ok(Exit::Met)
}

fn listed(entry: &Entry) -> Listed {
    let guarantee = entry.guarantee;
    let admits = ScenarioName::ALL.into_iter().filter_map(|scenario| {
        let admitted = match guarantee.promise(scenario)? {
            Promise::Holds => return None,
            Promise::Admits(anomalies) | Promise::AdmitsWithinStep(anomalies) => anomalies,
        };
        Some((scenario.as_str(), admitted.iter().map(|anomaly| anomaly.as_str()).collect()))
    });
    Listed {
        store: entry.name,
        mechanism: guarantee.mechanism,
        capabilities: guarantee.capabilities.iter().map(|one| one.as_str()).collect(),
        admits: admits.collect(),
    }
}

/// Each anomaly with the scenarios in which it may be seen.
fn admitted(one: &Listed) -> String {
    let mut by_anomaly: Vec<(&str, Vec<&str>)> = Vec::new();
    for (scenario, anomalies) in &one.admits {
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
    if words.is_empty() { "nothing".to_owned() } else { words.join("; ") }
}
