//! Finds stores by name.

use lab_runtime::Runtime;
use lab_store::Entry;

/// A name that no store and no family has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no store is called {name:?}{hint}; `racelab list` shows them all")]
pub struct UnknownStore {
    name: String,
    hint: String,
}

/// The stores that `name` means: one by its name, all of a family by the family's name.
///
/// # Errors
/// There is none of that name: the most similar names.
pub fn select<R: Runtime>(name: &str) -> Result<Vec<Entry>, UnknownStore> {
    if let Some(mutant) = mutant::<R>(name) {
        return Ok(vec![mutant]);
    }
    let entries = lab_catalog::entries::<R>();
    let is_meant = |entry: &&Entry| entry.name == name || entry.family.name == name;
    let meant: Vec<Entry> = entries.iter().filter(is_meant).copied().collect();
    if meant.is_empty() {
        return Err(UnknownStore { name: name.to_owned(), hint: hint(name, &entries) });
    }
    Ok(meant)
}

/// The one store that is called `name`.
///
/// # Errors
/// There is none of that name: the most similar names.
pub fn find<R: Runtime>(name: &str) -> Result<Entry, UnknownStore> {
    let entries = lab_catalog::entries::<R>();
    let entry = entries.iter().find(|entry| entry.name == name).copied();
    entry
        .or_else(|| mutant::<R>(name))
        .ok_or_else(|| UnknownStore { name: name.to_owned(), hint: hint(name, &entries) })
}

/// The store that lacks a protection, as `memory/mutex~atomic_edit`.
fn mutant<R: Runtime>(name: &str) -> Option<Entry> {
    let mutants = lab_catalog::mutants::<R>();
    mutants.into_iter().map(|mutant| mutant.entry).find(|entry| entry.name == name)
}

/// How alike two names are that are taken for one, from 0 to 1.
const ALIKE: f64 = 0.8;
const HINTS_MAX: usize = 3;

/// The names that are most alike, be it only in what follows the family.
fn hint(name: &str, entries: &[Entry]) -> String {
    let own = |name: &str| name.rsplit('/').next().unwrap_or(name).to_owned();
    let alike = |entry: &Entry| {
        let whole = strsim::jaro(name, entry.name);
        whole.max(strsim::jaro(&own(name), &own(entry.name)))
    };
    let mut similar: Vec<(f64, &str)> =
        entries.iter().map(|entry| (alike(entry), entry.name)).collect();
    similar.retain(|(alike, _)| *alike >= ALIKE);
    similar.sort_by(|one, other| other.0.total_cmp(&one.0));
    let best = similar.first().map_or(0.0, |(alike, _)| *alike);
    let names = similar.iter().take_while(|(alike, _)| best - alike < 0.05).take(HINTS_MAX);
    let names: Vec<&str> = names.map(|(_, name)| *name).collect();
    if names.is_empty() {
        String::new()
    } else {
        format!(" (did you mean {}?)", names.join(" or "))
    }
}

#[cfg(test)]
mod tests {
    use lab_runtime::Threads;

    use super::*;

    #[test]
    fn a_name_means_a_store_or_a_family() {
        let names = |name| select::<Threads>(name).map(|entries| entries.len());
        assert_eq!(names("memory/mutex"), Ok(1));
        assert!(names("memory").unwrap() > 1);
    }

    #[test]
    fn a_wrong_name_is_answered_with_similar_ones() {
        for (wrong, meant) in [
            ("mutex", "memory/mutex"),
            ("memory/navie_vec", "memory/naive_vec"),
            ("memory/mutx", "memory/mutex"),
            ("memory_naive_vec", "memory/naive_vec"),
            ("sqlite/imediate", "sqlite/immediate"),
        ] {
            let error = find::<Threads>(wrong).err().unwrap().to_string();
            assert!(error.contains(&format!("did you mean {meant}?")), "{error}");
        }
        let error = find::<Threads>("").err().unwrap().to_string();
        assert_eq!(error, "no store is called \"\"; `racelab list` shows them all");
    }
}
