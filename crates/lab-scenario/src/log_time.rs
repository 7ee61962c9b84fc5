//! N processes add minutes to one task with `edit`: the increment that a lost update swallows.

use lab_task::Change;

use crate::{Action, Process, Scenario, Size};

/// Each edit adds another power of two times ten, so that the sum tells which edits survived.
const MINUTES_FIRST: u32 = 10;

pub(crate) fn scenario(size: Size) -> Scenario {
    Scenario {
        size,
        story: "people add the time that they spent to one task, each with one edit",
        task: crate::new_task("write the report", ""),
        processes: (0..size.processes).map(|process| client(process, size.rounds)).collect(),
    }
}

fn client(process: usize, rounds: usize) -> Process {
    let edits = process * rounds..(process + 1) * rounds;
    let minutes: Vec<u32> = edits.map(|edit| MINUTES_FIRST << edit).collect();
    let amounts: Vec<String> = minutes.iter().map(u32::to_string).collect();
    Process {
        name: super::play::client_name(process),
        role: format!("adds {} min", amounts.join(" and ")),
        actions: minutes
            .into_iter()
            .map(|minutes| Action::Edit(Change::AddMinutes(minutes)))
            .collect(),
    }
}
