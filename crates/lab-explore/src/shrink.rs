//! Makes a program that goes wrong as small as it can be: fewest operations first, then fewest
//! processes, then the simplest operations, and at last fewest preemptions. A scenario of this
//! crate's catalogue keeps its operations as they are; only what is not needed is left out.
//!
//! Parts of a small program are so few that all of them are tried, the smallest first (as
//! SmallCheck does: Runciman, Naylor and Lindblad, Haskell 2008). So no smaller part of the
//! program shows the same, which shrinking from above step by step cannot promise. Fewest
//! preemptions come by themselves, since schedules are run in their order.

use lab_scenario::{Op, Program, Scenario, Size, Unit};
use lab_store::StoreError;
use lab_task::Anomaly;

use crate::arena::Arena;
use crate::search::{Search, explore_until};

/// Looks for the smallest program that shows `anomaly` as `program` does, and leaves the arena
/// with it. Each is tried with up to `schedules_max` schedules.
///
/// # Errors
/// The store cannot be opened or seeded.
pub fn shrink(
    arena: &mut Arena,
    program: &Program,
    unit: Unit,
    anomaly: Anomaly,
    schedules_max: usize,
) -> Result<Program, StoreError> {
    let mut shows =
        |candidate: &Program| shows(arena, candidate.scenario(unit), anomaly, (schedules_max, 0));
    let mut smallest = program.clone();
    loop {
        // What an operation is replaced by may make another one needless.
        let next = match first(parts(&smallest), &mut shows)? {
            None => first(simpler(&smallest), &mut shows)?,
            part => part,
        };
        match next {
            Some(next) => smallest = next,
            None => break,
        }
    }
    arena.change(smallest.scenario(unit));
    Ok(smallest)
}

/// Looks for the smallest part of a scenario, other than all of it, that shows `anomaly` with up
/// to so many faults, and leaves the arena with it. Each is tried with up to `schedules_max`
/// schedules.
///
/// # Errors
/// The store cannot be opened or seeded.
pub fn shrink_size(
    arena: &mut Arena,
    size: Size,
    anomaly: Anomaly,
    (schedules_max, faults_max): (usize, usize),
) -> Result<Option<Size>, StoreError> {
    let effort = (schedules_max, faults_max);
    first(size.parts(), &mut |part: &Size| shows(arena, Scenario::sized(*part), anomaly, effort))
}

/// Whether a schedule of `scenario` shows `anomaly`, of up to so many, with up to so many faults.
fn shows(
    arena: &mut Arena,
    scenario: Scenario,
    anomaly: Anomaly,
    (schedules_max, faults_max): (usize, usize),
) -> Result<bool, StoreError> {
    arena.change(scenario);
    let is_found = |search: &Search| search.found.iter().any(|one| one.anomaly == anomaly);
    explore_until(arena, schedules_max, faults_max, is_found).map(|search| is_found(&search))
}

/// The first that is wanted.
fn first<T>(
    candidates: Vec<T>,
    wanted: &mut impl FnMut(&T) -> Result<bool, StoreError>,
) -> Result<Option<T>, StoreError> {
    for candidate in candidates {
        if wanted(&candidate)? {
            return Ok(Some(candidate));
        }
    }
    Ok(None)
}

/// What is left when some operations are left out: each program once, fewest operations first,
/// then fewest processes.
pub(crate) fn parts(program: &Program) -> Vec<Program> {
    let sets = 1..(1_u32 << program.ops()) - 1;
    let mut parts: Vec<Program> = sets.filter_map(|kept| part(program, kept)).collect();
    parts.sort_by_cached_key(|part| (part.ops(), part.processes().len(), part.clone()));
    parts.dedup();
    parts
}

/// The operations whose bits are set; `None` if no two processes are left.
fn part(program: &Program, kept: u32) -> Option<Program> {
    let mut at = 0;
    let mut is_kept = |_: &&Op| {
        at += 1;
        kept & 1 << (at - 1) != 0
    };
    let processes = program.processes().iter();
    let processes = processes.map(|ops| ops.iter().filter(&mut is_kept).copied().collect());
    Program::new(processes.collect()).ok()
}

/// The program with all of its operations on the first task, or with one of them replaced by a
/// simpler one.
fn simpler(program: &Program) -> Vec<Program> {
    let processes = program.processes();
    let on_first: Vec<Vec<Op>> =
        processes.iter().map(|ops| ops.iter().map(|op| op.on_first_task()).collect()).collect();
    let on_first = Program::new(on_first).ok().filter(|other| other != program);
    let places = processes
        .iter()
        .enumerate()
        .flat_map(|(process, ops)| (0..ops.len()).map(move |nth| (process, nth)));
    let programs = places.flat_map(|(process, nth)| {
        processes[process][nth].simpler().filter_map(move |op| {
            let mut changed = processes.to_vec();
            changed[process][nth] = op;
            Program::new(changed).ok()
        })
    });
    on_first.into_iter().chain(programs).collect()
}
