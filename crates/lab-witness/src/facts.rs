//! What every form of a witness says, in the same words.

use crate::{Lane, Row, Witness};

/// Diagrams show so many steps; the text shows all of them.
const STEPS_DRAWN_MAX: usize = 100;

/// What is written at the first step after which every schedule loses.
pub(crate) const POINT_OF_NO_RETURN: &str = "point of no return";

/// What is written where no row says what is stored.
const NOBODY_LOOKED: &str =
    "not shown: to look between the steps would wait for a lock, or wake a thread of the store";

impl Witness {
    /// The word for what it shows.
    pub fn word(&self) -> String {
        let calm = if self.has_failed { "FAILED" } else { "HOLDS" };
        self.anomaly.map_or(calm.to_owned(), |one| one.as_str().to_uppercase())
    }

    /// The scenario, and in which it was found, if it is only a part of that.
    pub(crate) fn played(&self) -> String {
        match self.found_in.first() {
            Some(whole) if !self.found_in.contains(&self.scenario) => {
                format!("{}, a part of {whole}", self.scenario)
            }
            _ => self.scenario.clone(),
        }
    }

    /// What stands below the steps: each line with its name. A line that goes on where the one
    /// before it ended has an empty name.
    pub(crate) fn closing(&self) -> Vec<(&'static str, String)> {
        let named = |name| std::iter::once(name).chain(std::iter::repeat(""));
        let mut lines = Vec::new();
        if self.rows.iter().all(|row| row.stored.is_none()) {
            lines.push(("stored", NOBODY_LOOKED.to_owned()));
        }
        lines.extend(named("before").zip(self.lay_before.iter().cloned()));
        lines.extend(named("after").zip(self.lies_after.iter().cloned()));
        lines.push(("so", self.consequence.clone()));
        lines.extend(self.cause.iter().map(|cause| ("cause", cause.clone())));
        if !self.token.is_empty() {
            lines.push(("replay", format!("racelab replay {}", self.token)));
        }
        lines.extend(self.changed.iter().map(|changed| ("changed", changed.clone())));
        lines.extend(named("cure").zip(self.cures.iter().cloned()));
        lines
    }

    /// The steps that a diagram shows, and what it says of those that it has no room for.
    pub(crate) fn drawn(&self) -> (&[Row], Option<String>) {
        let Some((drawn, cut)) = self.rows.split_at_checked(STEPS_DRAWN_MAX) else {
            return (&self.rows, None);
        };
        if cut.is_empty() {
            return (drawn, None);
        }
        let steps = if cut.len() == 1 { "step" } else { "steps" };
        let has_point = cut.iter().any(|row| row.is_point_of_no_return);
        let point = if has_point {
            format!(", the {POINT_OF_NO_RETURN} among them")
        } else {
            String::new()
        };
        (
            drawn,
            Some(format!("… and {} more {steps}{point}; `racelab replay` shows all", cut.len())),
        )
    }
}

impl Lane {
    /// The name, and in brackets what it wants.
    pub(crate) fn title(&self) -> String {
        if self.role.is_empty() {
            self.name.clone()
        } else {
            format!("{} ({})", self.name, self.role)
        }
    }
}

impl Row {
    /// Its number, and ⇄ if it takes the baton from a process that could have gone on.
    pub(crate) fn number(&self, at: usize) -> String {
        let preemption = if self.is_preemption { " ⇄" } else { "" };
        format!("{}{preemption}", at + 1)
    }
}
