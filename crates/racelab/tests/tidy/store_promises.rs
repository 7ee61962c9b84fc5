//! Every store says what it promises in each scenario, and names each capability once.

use lab_store::{Entry, ScenarioName};

use crate::problem::{File, Problem};
use crate::registered::Registered;

/// Looks at the guarantee of every store of the catalogue.
pub(crate) fn check(files: &[File], stores: &[Registered], entries: &[Entry]) -> Vec<Problem> {
    let one = |entry: &Entry| {
        let store = stores.iter().find(|store| store.name == entry.name);
        let file = store.and_then(|store| files.iter().find(|file| file.path == store.path));
        let unknown = File::new("crates/lab-catalog/src/lib.rs", "");
        let file = file.unwrap_or(&unknown);
        promises(entry, file).into_iter().chain(capabilities(entry, file)).collect::<Vec<_>>()
    };
    entries.iter().flat_map(one).collect()
}

fn promises(entry: &Entry, file: &File) -> Vec<Problem> {
    let line = file.line_of("promises:");
    let problem = |scenario: ScenarioName| {
        let named = entry.guarantee.promises.iter().filter(|(name, _)| *name == scenario).count();
        let what = format!("{} promises {named} things in {scenario}: say one", entry.name);
        (named != 1).then(|| file.problem(line, what))
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

#[test]
fn a_scenario_without_a_promise_and_a_repeated_capability_are_named() {
    use lab_store::{Capability, Family, Guarantee, Needs, Promise, StoreError};
    const GUARANTEE: Guarantee = Guarantee {
        mechanism: "none",
        capabilities: &[Capability::Persistent, Capability::Leases, Capability::Persistent],
        promises: &[(ScenarioName::LogTime, Promise::Holds)],
    };
    let entry = Entry {
        name: "memory/x",
        family: Family { name: "memory", needs: Needs::Nothing },
        guarantee: GUARANTEE,
        open: |_| Err(StoreError::unavailable("memory/x", "it is a guarantee and nothing else")),
    };
    let file = File::new("x.rs", "mechanism:\ncapabilities: &[],\npromises: &[\n");
    let store = Registered { name: "memory/x".to_owned(), path: "x.rs".to_owned() };
    let expected = [
        "x.rs:3: memory/x promises 0 things in two_editors: say one",
        "x.rs:2: memory/x names the capability \"persistent\" twice: once is enough",
    ];
    assert_eq!(crate::problem::said(&check(&[file], &[store], &[entry])), expected);
}
