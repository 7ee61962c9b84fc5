//! Every store says one thing of a scenario, and names each capability once. Where it says nothing
//! of a scenario it holds.

use lab_store::{Capability, Entry, Family, Guarantee, Needs, Promise, ScenarioName, StoreError};
use lab_task::Anomaly;

use crate::problem::{File, Problem, said};
use crate::registered::Registered;

/// Looks at the guarantee of every store of the catalogue.
pub(crate) fn check(files: &[File], stores: &[Registered], entries: &[Entry]) -> Vec<Problem> {
    let catalogue = File::new("crates/lab-catalog/src/lib.rs", "");
    let is_known = |store: &&Registered| entries.iter().any(|entry| entry.name == store.name);
    let unknown = stores.iter().filter(|store| !is_known(store)).map(|store| {
        catalogue.problem(1, format!("{} is registered and not in here: add it", store.name))
    });
    let known = entries.iter().flat_map(|entry| {
        let store = stores.iter().find(|store| store.name == entry.name);
        let Some(file) = store.and_then(|store| files.iter().find(|file| file.path == store.path))
        else {
            return vec![
                catalogue.problem(1, format!("{} has no file and registry line", entry.name)),
            ];
        };
        promises(entry, file).into_iter().chain(capabilities(entry, file)).collect()
    });
    unknown.chain(known).collect()
}

fn promises(entry: &Entry, file: &File) -> Vec<Problem> {
    let line = file.line_of("promises:");
    let problem = |scenario: ScenarioName| {
        let named = entry.guarantee.promises.iter().filter(|(name, _)| *name == scenario).count();
        let what = format!("{} promises {named} things in {scenario}: say one", entry.name);
        (named > 1).then(|| file.problem(line, what))
    };
    ScenarioName::ALL.into_iter().filter_map(problem).collect()
}

fn capabilities(entry: &Entry, file: &File) -> Vec<Problem> {
    let line = file.line_of("capabilities:");
    let all = entry.guarantee.capabilities;
    let repeated = all.iter().enumerate().filter(|(at, one)| all[..*at].contains(one));
    let what =
        |one: &str| format!("{} names the capability {one:?} twice: once is enough", entry.name);
    repeated.map(|(_, one)| file.problem(line, what(one.as_str()))).collect()
}

fn entry(guarantee: Guarantee) -> Entry {
    Entry {
        name: "memory/x",
        family: Family { name: "memory", needs: Needs::Nothing },
        guarantee,
        open: |_| Err(StoreError::unavailable("memory/x", "it is a guarantee and nothing else")),
        inside: lab_store::nothing_inside,
    }
}

const MUDDLED: Guarantee = Guarantee {
    mechanism: "none",
    capabilities: &[Capability::Persistent, Capability::Leases, Capability::Persistent],
    promises: &[
        (ScenarioName::TwoEditors, Promise::Admits(&[Anomaly::LostUpdate])),
        (ScenarioName::TwoEditors, Promise::Holds),
    ],
};

#[test]
fn a_scenario_with_two_promises_and_a_repeated_capability_are_named() {
    let file = File::new("x.rs", "mechanism:\ncapabilities: &[],\npromises: &[\n");
    let store = Registered { name: "memory/x".to_owned(), path: "x.rs".to_owned() };
    let expected = [
        "x.rs:3: memory/x promises 2 things in two_editors: say one",
        "x.rs:2: memory/x names the capability \"persistent\" twice: once is enough",
    ];
    assert_eq!(said(&check(&[file], &[store], &[entry(MUDDLED)])), expected);
}

#[test]
fn a_store_that_only_the_catalogue_or_only_a_registry_knows_is_named() {
    let store = Registered { name: "memory/y".to_owned(), path: "y.rs".to_owned() };
    let expected = [
        "crates/lab-catalog/src/lib.rs:1: memory/y is registered and not in here: add it",
        "crates/lab-catalog/src/lib.rs:1: memory/x has no file and registry line",
    ];
    assert_eq!(said(&check(&[], &[store], &[entry(MUDDLED)])), expected);
}
