//! In which size a scenario is played, and which of its actions are left out.

use std::fmt;
use std::str::FromStr;

use lab_store::ScenarioName;

use crate::{Action, Process, Scenario};

/// A scenario's name with the number of processes and how often each does its part. It reads
/// `log_time`, or `log_time@3x1` where it is not the usual size, or `edit_delete-A2` where client
/// A's second action is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Which scenario.
    pub name: ScenarioName,
    /// How many processes.
    pub processes: usize,
    /// How often each does its part.
    pub rounds: usize,
    /// What they do not do of it.
    pub left_out: LeftOut,
}

/// Actions of a scenario that nobody carries out: a bit for each, [`ACTIONS_MAX`] for a process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut(u16);

/// The most processes that a scenario may have: tokens name them A to D.
pub const PROCESSES_MAX: usize = 4;
/// The most rounds that a process may have.
pub const ROUNDS_MAX: usize = 4;
/// The most actions that a process of a scenario has.
const ACTIONS_MAX: usize = 4;

impl Size {
    /// Two processes that do their part once.
    pub fn usual(name: ScenarioName) -> Self {
        Self { name, processes: 2, rounds: 1, left_out: LeftOut::default() }
    }

    /// Three processes that do their part once; `None` where the scenario has parts for two.
    pub fn of_three(name: ScenarioName) -> Option<Self> {
        Self { processes: 3, ..Self::usual(name) }.checked().ok()
    }

    /// The scenario that two of the processes play among themselves, if that is another one: with
    /// a third, two people have the task open.
    pub fn inner(self) -> Option<ScenarioName> {
        let has_two_editors =
            matches!(self.name, ScenarioName::BackgroundStatus | ScenarioName::EditDelete);
        (self.processes > 2 && has_two_editors).then_some(ScenarioName::TwoEditors)
    }

    /// The same scenario with fewer actions, in every way in which two processes or more still do
    /// something: the fewest actions first, then the fewest processes.
    pub fn parts(self) -> Vec<Self> {
        let whole = self.acts();
        let left_out = self.left_out.0;
        let sizes = (2..=self.processes)
            .flat_map(|processes| (1..=self.rounds).map(move |rounds| (processes, rounds)));
        let sizes = sizes.map(|(processes, rounds)| Self { processes, rounds, ..self });
        let mut parts: Vec<(usize, usize, Self)> = sizes
            .flat_map(Self::subsets)
            .filter(|part| part.left_out.0 & left_out == left_out)
            .map(|part| {
                let acts = part.acts();
                (acts.iter().sum(), acts.iter().filter(|acts| **acts > 0).count(), part)
            })
            .filter(|(actions, acting, _)| *actions < whole.iter().sum() && *acting >= 2)
            .collect();
        parts.sort_by_key(|(actions, acting, part)| (*actions, *acting, part.left_out));
        parts.into_iter().map(|(.., part)| part).collect()
    }

    /// Everything of this size, and every part of it in which its last process and its last round
    /// still have something to do: the others are parts of a smaller size.
    fn subsets(self) -> impl Iterator<Item = Self> {
        let whole = Self { left_out: LeftOut::default(), ..self };
        let actions = Scenario::sized(whole).processes.into_iter().map(|one| one.actions.len());
        let actions: Vec<usize> = actions.collect();
        let all =
            actions.iter().enumerate().map(|(process, count)| LeftOut::first(process, *count));
        let all = all.fold(0, |all, of_one| all | of_one.0);
        let last = LeftOut::first(self.processes - 1, actions[self.processes - 1]).0;
        let has_last_round = move |left_out: u16| {
            self.rounds == 1
                || (0..self.processes)
                    .any(|process| !LeftOut(left_out).has(process, actions[process] - 1))
        };
        (0..all)
            .filter(move |left_out| left_out & !all == 0 && left_out & last != last)
            .filter(move |left_out| has_last_round(*left_out))
            .map(move |left_out| Self { left_out: LeftOut(left_out), ..self })
    }

    /// How many actions each process carries out.
    fn acts(self) -> Vec<usize> {
        let processes = Scenario::sized(self).processes;
        processes.iter().map(|process| process.actions.len()).collect()
    }

    fn checked(self) -> Result<Self, ParseSizeError> {
        let most = match self.name {
            ScenarioName::LogTime | ScenarioName::TwoInstances => (PROCESSES_MAX, ROUNDS_MAX),
            ScenarioName::CreateBurst => (PROCESSES_MAX, 2),
            ScenarioName::WipLimit => (PROCESSES_MAX, 1),
            ScenarioName::TwoEditors | ScenarioName::BackgroundStatus => (3, 1),
            ScenarioName::EditDelete | ScenarioName::ListWhileEditing => (3, 1),
            ScenarioName::RetriedCreate => (2, 1),
        };
        if (2..=most.0).contains(&self.processes) && (1..=most.1).contains(&self.rounds) {
            return Ok(self);
        }
        Err(ParseSizeError::OutOfRange { name: self.name, processes: most.0, rounds: most.1 })
    }

    /// This size without the actions that `text` names.
    fn without(self, text: &str) -> Result<Self, ParseSizeError> {
        let no_action = || ParseSizeError::NoAction(text.to_owned());
        let acts = self.acts();
        let mut letters = text.chars();
        let mut left_out = LeftOut::default();
        while let Some(letter) = letters.next() {
            let process = (letter as usize).checked_sub('A' as usize);
            let action = letters.next().and_then(|digit| digit.to_digit(10));
            let action = action.and_then(|digit| (digit as usize).checked_sub(1));
            let (Some(process), Some(action)) = (process, action) else { return Err(no_action()) };
            if acts.get(process).is_none_or(|acts| action >= *acts) {
                return Err(no_action());
            }
            left_out.0 |= LeftOut::bit(process, action);
        }
        let part = Self { left_out, ..self };
        let acting = part.acts().iter().filter(|acts| **acts > 0).count();
        if text.is_empty() || acting < 2 { Err(no_action()) } else { Ok(part) }
    }
}

impl LeftOut {
    fn bit(process: usize, action: usize) -> u16 {
        1 << (process * ACTIONS_MAX + action)
    }

    /// The first `count` actions of that process.
    fn first(process: usize, count: usize) -> Self {
        Self((0..count).map(|action| Self::bit(process, action)).sum())
    }

    fn has(self, process: usize, action: usize) -> bool {
        self.0 & Self::bit(process, action) != 0
    }

    /// Takes them out of what the processes do.
    pub(crate) fn take_out(self, processes: &mut [Process]) {
        for (process, one) in processes.iter_mut().enumerate() {
            let whole = one.actions.len();
            let mut at = 0;
            one.actions.retain(|_| {
                at += 1;
                !self.has(process, at - 1)
            });
            if one.actions.len() < whole {
                let words: Vec<String> = one.actions.iter().map(Action::to_string).collect();
                one.role = words.join(", ");
            }
        }
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = (0..PROCESSES_MAX).flat_map(|one| (0..ACTIONS_MAX).map(move |at| (one, at)));
        let mut left_out = all.filter(|(process, action)| self.has(*process, *action));
        left_out.try_for_each(|(process, action)| {
            write!(f, "{}{}", crate::play::letter(process), action + 1)
        })
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)?;
        let usual = Self::usual(self.name);
        if (self.processes, self.rounds) != (usual.processes, usual.rounds) {
            write!(f, "@{}x{}", self.processes, self.rounds)?;
        }
        if self.left_out == LeftOut::default() { Ok(()) } else { write!(f, "-{}", self.left_out) }
    }
}

impl FromStr for Size {
    type Err = ParseSizeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (text, left_out) = text.split_once('-').map_or((text, None), |(t, l)| (t, Some(l)));
        let (word, size) = text.split_once('@').map_or((text, None), |(w, s)| (w, Some(s)));
        let name = ScenarioName::ALL.into_iter().find(|name| name.as_str() == word);
        let name = name.ok_or_else(|| ParseSizeError::NoSuchScenario(word.to_owned()))?;
        let usual = Self::usual(name);
        let size = match size {
            None => usual,
            Some(size) => {
                let (processes, rounds) =
                    numbers(size).ok_or_else(|| ParseSizeError::NoSize(size.to_owned()))?;
                Self { processes, rounds, ..usual }.checked()?
            }
        };
        left_out.map_or(Ok(size), |left_out| size.without(left_out))
    }
}

/// How many processes, and how many rounds.
fn numbers(size: &str) -> Option<(usize, usize)> {
    let (processes, rounds) = size.split_once('x')?;
    Some((processes.parse().ok()?, rounds.parse().ok()?))
}

/// A text that names no scenario.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseSizeError {
    /// The name is not known.
    #[error("no scenario is called {0:?}: there are {names}", names = names())]
    NoSuchScenario(String),
    /// What follows the name is no size.
    #[error("{0:?} is no size: expected processes x rounds, as in 3x1")]
    NoSize(String),
    /// What is to be left out is not there, or leaves nobody to race.
    #[error(
        "{0:?} cannot be left out: expected a client and which of its actions, as in A2, and two \
         clients that still have one"
    )]
    NoAction(String),
    /// The scenario does not come that large.
    #[error("{name} takes 2 to {processes} processes and 1 to {rounds} rounds")]
    OutOfRange {
        /// Which scenario.
        name: ScenarioName,
        /// The most processes that it takes.
        processes: usize,
        /// The most rounds that it takes.
        rounds: usize,
    },
}

fn names() -> String {
    ScenarioName::ALL.map(ScenarioName::as_str).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_reads_back_as_it_was_written() {
        let texts =
            ["log_time", "log_time@3x1", "log_time@2x2", "two_editors-B2", "edit_delete@3x1-B1C2"];
        for text in texts {
            assert_eq!(text.parse::<Size>().unwrap().to_string(), text);
        }
        assert_eq!("log_time@2x1".parse::<Size>().unwrap().to_string(), "log_time");
    }

    #[test]
    fn a_size_that_is_none_says_what_is_expected() {
        let error = |text: &str| text.parse::<Size>().unwrap_err().to_string();
        assert!(
            error("x").starts_with("no scenario is called \"x\": there are log_time, two_editors")
        );
        assert_eq!(error("log_time@3"), "\"3\" is no size: expected processes x rounds, as in 3x1");
        assert_eq!(error("log_time@0x1"), "log_time takes 2 to 4 processes and 1 to 4 rounds");
        let left_out = |text: &str| error(text).split(':').next().unwrap_or_default().to_owned();
        assert_eq!(left_out("two_editors-B3"), "\"B3\" cannot be left out");
        assert_eq!(left_out("two_editors-"), "\"\" cannot be left out");
        assert_eq!(left_out("log_time-A1"), "\"A1\" cannot be left out");
        assert_eq!(
            error("two_editors@4x1"),
            "two_editors takes 2 to 3 processes and 1 to 1 rounds"
        );
    }

    #[test]
    fn every_scenario_but_that_of_one_client_and_its_network_comes_with_three_processes() {
        let others = ScenarioName::ALL.into_iter().filter(|name| Size::of_three(*name).is_none());
        assert_eq!(others.collect::<Vec<_>>(), [ScenarioName::RetriedCreate]);
        let inner = |text: &str| text.parse::<Size>().unwrap().inner();
        assert_eq!(inner("edit_delete"), None);
        assert_eq!(inner("edit_delete@3x1"), Some(ScenarioName::TwoEditors));
        assert_eq!(inner("log_time@3x1"), None);
    }

    #[test]
    fn the_parts_of_a_scenario_have_fewer_actions_each_once_and_the_fewest_first() {
        let parts = |text: &str| -> Vec<String> {
            text.parse::<Size>().unwrap().parts().iter().map(ToString::to_string).collect()
        };
        assert_eq!(parts("log_time"), Vec::<String>::new());
        assert_eq!(parts("log_time@3x1"), ["log_time", "log_time@3x1-A1", "log_time@3x1-B1"]);
        assert_eq!(parts("list_while_editing"), ["list_while_editing-A1", "list_while_editing-A2"]);
        let of_four = parts("two_editors");
        assert_eq!((of_four.len(), of_four[7].as_str()), (8, "two_editors-B2"));
    }

    #[test]
    fn who_has_less_to_do_says_what_is_left() {
        let scenario = Scenario::sized("list_while_editing-A2".parse().unwrap());
        assert_eq!(scenario.processes[0].role, "adds 10 min (task 1)");
        assert_eq!(scenario.processes[1].role, "lists the tasks");
    }
}
