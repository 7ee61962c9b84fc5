//! N processes add minutes to one task with `edit`: the increment that a lost update swallows.

use crate::changes::{add_minutes, judge};
use crate::{Action, Process, Scenario, Size, only};

pub(crate) fn scenario(size: Size) -> Scenario {
    Scenario {
        script: size.into(),
        story: "people add the time that they spent to one task, each with one edit",
        tasks: vec![crate::new_task("write the report", "")],
        processes: clients(size),
        instances: 1,
        describe: |tasks| only(tasks, |task| format!("{}, {} min", task.version, task.minutes)),
        judge,
    }
}

/// Each adds other minutes, as often as there are rounds.
pub(crate) fn clients(size: Size) -> Vec<Process> {
    (0..size.processes).map(|process| client(process, size.rounds)).collect()
}

fn client(process: usize, rounds: usize) -> Process {
    let actions = add_minutes(0, process * rounds..(process + 1) * rounds);
    let changes: Vec<String> =
        actions.iter().filter_map(Action::change).map(ToString::to_string).collect();
    Process { name: crate::play::client_name(process), role: changes.join(", "), actions }
}
