//! The negative control: stores that are wrong on purpose, and must be found out.

use std::sync::{Arc, Mutex};

use lab_store::{
    Capability, Entry, Family, Guarantee, Needs, Session, Site, Store, StoreError, Table,
    TableAccess, TableSession,
};
use lab_task::{Filter, Rules};

use super::sequential::conforms;

/// Far more than it takes to meet each of these mistakes.
const PROGRAMS: u32 = 256;

/// What a store does wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mistake {
    /// Nothing.
    None,
    /// Every third change is acknowledged and dropped.
    DropsChanges,
    /// An id is free again when its task was deleted.
    ReusesIds,
    /// A client sees no changes but its own.
    CachesPerClient,
}

#[test]
fn a_store_without_mistakes_is_not_accused() {
    let conforming = conforms(entry(&[], |_| open(Mistake::None)), PROGRAMS, None);
    assert!(conforming.is_ok(), "{conforming:?}");
}

#[test]
fn a_dropped_change_is_found_in_a_short_program() {
    assert!(steps_to_find(&[], |_| open(Mistake::DropsChanges)) <= 4);
}

#[test]
fn a_reused_id_is_found_in_a_short_program() {
    assert!(steps_to_find(&[], |_| open(Mistake::ReusesIds)) <= 4);
}

#[test]
fn a_client_that_sees_only_its_own_changes_is_found_in_a_short_program() {
    assert!(steps_to_find(&[], |_| open(Mistake::CachesPerClient)) <= 4);
}

#[test]
fn a_capability_that_is_named_and_not_there_is_found_in_a_short_program() {
    let honest = |_: &Site| open(Mistake::None);
    assert!(steps_to_find(&[Capability::VersionChecks], honest) <= 4);
    assert!(steps_to_find(&[Capability::IdempotentCreates], honest) <= 4);
    assert!(steps_to_find(&[Capability::Persistent], honest) <= 4);
}

/// The length of the program that shows what is wrong with a store that claims `capabilities`.
fn steps_to_find(
    capabilities: &'static [Capability],
    open: fn(&Site) -> Result<Box<dyn Store>, StoreError>,
) -> usize {
    let failure = conforms(entry(capabilities, open), PROGRAMS, None);
    failure.expect_err("the mistake is found").program.len()
}

fn entry(
    capabilities: &'static [Capability],
    open: fn(&Site) -> Result<Box<dyn Store>, StoreError>,
) -> Entry {
    let guarantee = Guarantee { mechanism: "mistakes", capabilities, promises: &[] };
    let family = Family { name: "control", needs: Needs::Nothing };
    Entry { name: "control/mistaken", family, guarantee, open, inside: lab_store::nothing_inside }
}

fn open(mistake: Mistake) -> Result<Box<dyn Store>, StoreError> {
    Ok(Box::new(Mistaken { mistake, kept: Arc::default(), cached: None }))
}

#[derive(Clone)]
struct Mistaken {
    mistake: Mistake,
    kept: Arc<Mutex<Kept>>,
    cached: Option<Table>,
}

#[derive(Default)]
struct Kept {
    table: Table,
    changes: u32,
}

impl Store for Mistaken {
    fn session(&self) -> Result<Box<dyn Session>, StoreError> {
        Ok(Box::new(TableSession(self.clone())))
    }
}

impl TableAccess for Mistaken {
    const RULES: Rules = Rules { refuses_stale: false, idempotent_creates: false };

    fn read<T>(&mut self, look: impl FnOnce(&Table) -> T) -> Result<T, StoreError> {
        let kept = self.kept.lock().unwrap();
        if self.mistake == Mistake::CachesPerClient {
            return Ok(look(self.cached.get_or_insert_with(|| kept.table.clone())));
        }
        Ok(look(&kept.table))
    }

    fn write<T>(&mut self, mut change: impl FnMut(&mut Table) -> T) -> Result<T, StoreError> {
        let mut kept = self.kept.lock().unwrap();
        let before = kept.table.clone();
        let (tasks, answer) = (before.list(&Filter::ALL), change(&mut kept.table));
        kept.changes += u32::from(kept.table.list(&Filter::ALL) != tasks);
        if self.mistake == Mistake::DropsChanges && kept.changes.is_multiple_of(3) {
            kept.table = before;
        }
        if self.mistake == Mistake::ReusesIds {
            kept.table = without_memory_of_ids(&kept.table);
        }
        self.cached = Some(kept.table.clone());
        Ok(answer)
    }
}

/// The same tasks, in a table that has never heard of any others.
fn without_memory_of_ids(table: &Table) -> Table {
    let tasks = table.list(&Filter::ALL);
    let last_id = tasks.last().map_or(0, |task| task.id.0);
    serde_json::from_value(serde_json::json!({ "last_id": last_id, "tasks": tasks })).unwrap()
}
