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
    promises: Vec<(&'static str, String)>,
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
        let promises: Vec<String> = one
            .promises
            .iter()
            .map(|(scenario, promise)| format!("{scenario} {promise}"))
            .collect();
        output.line(&format!("  {:<width$}  {}", "", promises.join("; ")))?;
        if !one.capabilities.is_empty() {
            output.line(&format!("  {:<width$}  can: {}", "", one.capabilities.join(", ")))?;
        }
    }
    Ok(Exit::Met)
}

fn listed(entry: &Entry) -> Listed {
    let guarantee = entry.guarantee;
    let promises = ScenarioName::ALL
        .into_iter()
        .filter_map(|scenario| Some((scenario.as_str(), words(guarantee.promise(scenario)?))));
    Listed {
        store: entry.name,
        mechanism: guarantee.mechanism,
        capabilities: guarantee.capabilities.iter().map(|one| one.as_str()).collect(),
        promises: promises.collect(),
    }
}

fn words(promise: Promise) -> String {
    match promise {
        Promise::Holds => "holds".to_owned(),
        Promise::Admits(anomalies) => {
            let names: Vec<&str> = anomalies.iter().map(|anomaly| anomaly.as_str()).collect();
            format!("admits {}", names.join(" and "))
        }
    }
}
