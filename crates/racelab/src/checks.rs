//! Checks of what no interleaving shows: clients who act one after the other, a store that is
//! opened twice, a program that is killed.

use std::fs;
use std::path::Path;
use std::time::Duration;

use lab_scenario::Scenario;
use lab_sites::{SiteError, Sites};
use lab_store::{Capability, Claim, Entry, Leasing, Needs, ScenarioName, Session, StoreError};
use lab_task::{Change, FencingToken, Filter, NewTask, Outcome, Refusal, Task, TaskId};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// One check, on every store that promises what it is about.
#[derive(Clone, Copy)]
pub struct Check {
    /// Its name among the suites.
    pub name: &'static str,
    /// Whether the store promises it.
    pub applies: fn(&Entry) -> bool,
    /// Tries it on an empty store; what is broken.
    check: fn(&Entry, &Sites) -> Result<(), CheckError>,
}

/// Why a check has not passed.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The store has not kept what it promises.
    #[error("{0}")]
    Broken(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no place for it.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// Its files cannot be copied.
    #[error("the files cannot be copied: {0}")]
    Copy(#[from] std::io::Error),
}

impl Check {
    /// Every check, on stores as small as they come.
    pub const ALL: [Self; 3] = [
        Self { name: "late_owner", applies: has_leases, check: late_owner },
        Self { name: "second_instance", applies: is_sole, check: second_instance },
        Self { name: "killed_program", applies: has_files, check: killed_program },
    ];

    /// Tries it on a store that is opened for it.
    ///
    /// # Errors
    /// What is broken.
    pub fn run(&self, entry: &Entry, sites: &Sites) -> Result<(), CheckError> {
        (self.check)(entry, sites)
    }
}

fn has_leases(entry: &Entry) -> bool {
    entry.guarantee.has(Capability::Leases)
}

fn is_sole(entry: &Entry) -> bool {
    let has = |capability| entry.guarantee.has(capability);
    has(Capability::Persistent) && !has(Capability::SharedSite)
}

fn has_files(entry: &Entry) -> bool {
    let needs_folder = matches!(entry.family.needs, Needs::Directory | Needs::Database);
    entry.guarantee.has(Capability::Persistent) && needs_folder
}

/// An owner whose lease ran out saves after the next one has: the token must not let that in.
fn late_owner(entry: &Entry, sites: &Sites) -> Result<(), CheckError> {
    let site = sites.make(entry.family.needs)?;
    let store = (entry.open)(&site)?;
    let (mut late, mut next) = (store.session()?, store.session()?);
    let id = late.create(&new_task(), None)?;
    let copy = get(&mut *late, id)?;
    let old = claimed(&mut *late, id, "late", Duration::ZERO)?;
    let token = claimed(&mut *next, id, "next", HOUR)?;
    let changed = Task { minutes: 20, ..copy.clone() };
    let saved = leases(&mut *next)?.save_claimed(&changed, token)?;
    if !matches!(saved, Outcome::Applied(_)) {
        return broken(format!("the owner of the lease may not save: {saved:?}"));
    }
    match leases(&mut *late)?.save_claimed(&copy, old)? {
        Outcome::Refused(Refusal::Fenced { .. }) => Ok(()),
        Outcome::Refused(refusal) => broken(format!("a late save was refused: {refusal}")),
        Outcome::Applied(_) => {
            let now = get(&mut *next, id)?.minutes;
            broken(format!("a late save was applied: of the next owner's 20 min {now} are there"))
        }
    }
}

/// A store that belongs to one instance is opened by two.
fn second_instance(entry: &Entry, sites: &Sites) -> Result<(), CheckError> {
    let site = sites.make(entry.family.needs)?;
    let _first = (entry.open)(&site)?;
    match (entry.open)(&site) {
        Ok(_second) => broken("a second instance was let in beside the first".to_owned()),
        Err(_) => Ok(()),
    }
}

/// What the files hold at the moment of an acknowledgement is what `kill -9` leaves of it.
fn killed_program(entry: &Entry, sites: &Sites) -> Result<(), CheckError> {
    let site = sites.make(entry.family.needs)?;
    let store = (entry.open)(&site)?;
    let mut session = store.session()?;
    let [first, second] = [session.create(&new_task(), None)?, session.create(&new_task(), None)?];
    let was_killed_after = |what: &str, session: &mut dyn Session| {
        let left = sites.make(entry.family.needs)?;
        copy_files(&site.directory, &left.directory)?;
        let found = (entry.open)(&left)?.session()?.list(&Filter::ALL)?;
        if found == session.list(&Filter::ALL)? {
            return Ok(());
        }
        broken(format!("{what} was acknowledged, and a program killed then has lost it"))
    };
    was_killed_after("a create", &mut *session)?;
    session.edit(first, &Change::AddMinutes(10))?;
    was_killed_after("an edit", &mut *session)?;
    let copy = get(&mut *session, first)?;
    session.save(&copy)?;
    was_killed_after("a save", &mut *session)?;
    session.delete(second, None)?;
    was_killed_after("a delete", &mut *session)
}

fn copy_files(from: &Path, to: &Path) -> Result<(), CheckError> {
    for file in fs::read_dir(from)? {
        let file = file?;
        fs::copy(file.path(), to.join(file.file_name()))?;
    }
    Ok(())
}

/// The task of a scenario.
fn new_task() -> NewTask {
    Scenario::usual(ScenarioName::LogTime).tasks.swap_remove(0)
}

fn get(session: &mut dyn Session, id: TaskId) -> Result<Task, CheckError> {
    let missing = || CheckError::Broken(format!("{id} was created and is not there"));
    session.get(id)?.ok_or_else(missing)
}

fn claimed(
    session: &mut dyn Session,
    id: TaskId,
    owner: &str,
    time_to_live: Duration,
) -> Result<FencingToken, CheckError> {
    match leases(session)?.claim(id, owner, time_to_live)? {
        Claim::Granted(token) => Ok(token),
        Claim::Refused(refusal) => {
            Err(CheckError::Broken(format!("a lease that nobody has was refused: {refusal}")))
        }
    }
}

fn leases(session: &mut dyn Session) -> Result<&mut dyn Leasing, CheckError> {
    let none = || CheckError::Broken("it promises leases and has none".to_owned());
    session.leasing().ok_or_else(none)
}

fn broken(what: String) -> Result<(), CheckError> {
    Err(CheckError::Broken(what))
}
