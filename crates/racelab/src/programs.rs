//! Programs that were made up, on one store: explored, shrunk, held against what it promises.

use std::fmt;

use lab_explore::{Bounds, Search, explore, programs};
use lab_scenario::{Program, Unit};
use lab_sites::Sites;
use lab_store::Entry;
use lab_task::Anomaly;
use lab_witness::{Evidence, Witness};
use serde::Serialize;

use crate::cure::find_cures;
use crate::expected::Expected;
use crate::stand::Stand;
use crate::study::{Effort, SCHEDULES_MAX, StudyError, broken, smallest_program};

/// Which programs to make up, and how hard to look at each.
#[derive(Clone, Copy, Debug)]
pub struct Draw {
    /// How many.
    pub programs: usize,
    /// Equal seeds make equal programs.
    pub seed: u64,
    /// How large each may be.
    pub bounds: Bounds,
    /// The most schedules of each.
    pub schedules_max: usize,
}

/// What came of made-up programs on one store.
#[derive(Clone, Debug, Serialize)]
pub struct Drawn {
    /// `family/mechanism`.
    pub store: String,
    /// How many programs were run.
    pub programs: usize,
    /// Of how many of them every schedule was.
    pub whole: usize,
    /// How many schedules that were.
    pub schedules: usize,
    /// How many programs showed an anomaly.
    pub anomalous: usize,
    /// The smallest witness of each anomaly, from the first program that showed it.
    pub witnesses: Vec<Witness>,
    /// How that breaks what the store promises, if it does.
    pub broken: Option<String>,
}

/// Makes up programs, runs their schedules in order, and shrinks what goes wrong.
///
/// # Errors
/// There is no place for the store, it cannot be opened, or it does not do the same twice.
pub fn draw(entry: Entry, sites: &Sites, draw: Draw) -> Result<Drawn, StudyError> {
    let made: Vec<Program> = programs(draw.seed, draw.bounds).take(draw.programs).collect();
    let mut stand = Stand::new(entry, sites);
    let mut drawn = Drawn {
        store: entry.name.to_owned(),
        programs: made.len(),
        whole: 0,
        schedules: 0,
        anomalous: 0,
        witnesses: Vec::new(),
        broken: None,
    };
    for program in &made {
        let search = drawn.look(&mut stand, program, Unit::Op, draw.schedules_max)?;
        drawn.whole += usize::from(search.is_complete);
        drawn.schedules += search.schedules.len();
        drawn.anomalous += usize::from(!search.found.is_empty());
        // Where nothing is promised of two requests, each alone must still hold.
        let admits = |unit| program.admits(&entry.guarantee, unit);
        if admits(Unit::Op) != admits(Unit::Request) {
            drawn.look(&mut stand, program, Unit::Request, draw.schedules_max)?;
        }
    }
    let effort = Effort::exhaustive(SCHEDULES_MAX);
    find_cures(&[], &mut drawn.witnesses, effort, sites)?;
    Ok(drawn)
}

impl Drawn {
    /// Explores one program; keeps the first witness of each anomaly, and the first promise that
    /// is broken.
    fn look(
        &mut self,
        stand: &mut Stand,
        program: &Program,
        unit: Unit,
        schedules_max: usize,
    ) -> Result<Search, StudyError> {
        let entry = *stand.entry();
        let arena = stand.arena(&program.scenario(unit))?;
        let search = explore(arena, schedules_max).map_err(|why| StudyError::of(&entry, why))?;
        let expected = Expected::of_program(&entry.guarantee, program, unit);
        let is_known = |anomaly| self.witnesses.iter().any(|one| one.anomaly == Some(anomaly));
        let is_new = |anomaly: &Anomaly| !is_known(*anomaly) || expected.admits.is_empty();
        let found = search.found.iter().map(|found| found.anomaly);
        let new: Vec<Anomaly> = found.filter(is_new).collect();
        for anomaly in new {
            self.witnesses.push(smallest_program(arena, program, unit, anomaly)?);
        }
        if self.broken.is_none() {
            let nothing = Evidence::Unknown { why: String::new() };
            let broken = broken(&search, &nothing, &expected);
            self.broken = broken.map(|broken| format!("{program} {broken}"));
        }
        Ok(search)
    }
}

impl fmt::Display for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { programs, whole, schedules, anomalous, .. } = self;
        let word = if *anomalous > 0 { "WITNESSED" } else { "NOT SEEN" };
        write!(f, "{word}  {}  {anomalous} of {programs} generated programs show ", self.store)?;
        write!(f, "an anomaly, in {schedules} schedules (every schedule of {whole} programs)")?;
        if *anomalous == 0 && *whole > 0 {
            // The rule of three, as for random schedules; a program that was explored in part may
            // still be one that does.
            let most = (300.0 / *whole as f64).min(100.0);
            write!(f, "; of those that are small enough to be explored whole, at most ")?;
            write!(f, "3/{whole} = {most:.2} % of what is generated in this way do, at 95 %")?;
        }
        Ok(())
    }
}
