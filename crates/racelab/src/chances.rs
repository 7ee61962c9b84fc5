//! How likely a loss is: counted in the explorer's tree, and tried on threads and processes that
//! nobody schedules but the system.

mod counted;
mod place;
mod processes;
mod threads;

use lab_explore::Stepped;
use lab_runtime::Threads;
use lab_sites::{SiteError, Sites};
use lab_store::{Capability, Entry, Promise, ScenarioName};
use lab_witness::{Chances, Increments};

use crate::output::Output;
use crate::select::{find, select};

pub(crate) use place::serve;

/// How many clients add to one task at once.
const CLIENTS: [usize; 3] = [2, 3, 4];

/// How often something is tried whose outcome is a matter of chance, unless one says otherwise.
pub(crate) const TRIALS: usize = 100;

/// Measures both figures on every store that loses updates of one operation and needs two steps for
/// it, as the theory has it; or on the stores that `chosen` means, whatever they do. Where a server
/// is missing and may be, the store is left out in words.
///
/// # Errors
/// No store has that name, one cannot be used, or a server is missing and may not be.
pub(crate) fn chances(
    chosen: Option<&str>,
    sites: &Sites,
    trials: usize,
    output: &Output,
) -> anyhow::Result<Chances> {
    let stores = match chosen {
        Some(name) => select::<Stepped>(name)?,
        None => lab_catalog::entries::<Stepped>().into_iter().filter(loses_increments).collect(),
    };
    let mut chances = Chances::default();
    for entry in stores {
        let store = entry.name;
        output.progress(&format!("counting and trying {store}"));
        match why_not(&entry, chosen.is_some(), sites)? {
            Some(why) => chances.left_out.push(format!("{store}: {why}")),
            None => measure(entry, sites, trials, &mut chances)?,
        }
    }
    Ok(chances)
}

fn measure(
    entry: Entry,
    sites: &Sites,
    trials: usize,
    chances: &mut Chances,
) -> anyhow::Result<()> {
    for clients in CLIENTS {
        chances.increments.push(increments(entry, clients, sites, trials)?);
    }
    if entry.guarantee.has(Capability::SharedSite) {
        chances.windows.push(processes::window(&entry, sites, trials)?);
    }
    Ok(())
}

/// Why nothing can be said of a store, or is not, since nobody chose it.
fn why_not(entry: &Entry, is_chosen: bool, sites: &Sites) -> anyhow::Result<Option<String>> {
    match sites.make(entry.family.needs) {
        Ok(_) if is_chosen => return Ok(None),
        Ok(_) => {}
        Err(SiteError::Server { server, why }) => return Ok(Some(server.not_run(why)?)),
        Err(error) => return Err(error.into()),
    }
    let steps = counted::steps_of_two_edits(*entry, sites)?;
    let why = format!("two edits take {steps} steps that others see, and not four");
    Ok((steps != 4).then_some(why))
}

/// Whether one edit that meets another may be lost.
fn loses_increments(entry: &Entry) -> bool {
    let promise = entry.guarantee.promise(ScenarioName::LogTime);
    promise.is_some_and(|promise| promise != Promise::Holds)
}

fn increments(
    entry: Entry,
    clients: usize,
    sites: &Sites,
    trials: usize,
) -> anyhow::Result<Increments> {
    let counted = counted::count(entry, clients, sites, trials)?;
    let on_threads = find::<Threads>(entry.name)?;
    let threads = threads::kept(&on_threads, clients, sites, trials)?;
    Ok(Increments { threads, ..counted })
}
