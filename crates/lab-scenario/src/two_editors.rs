//! Two people open one task, each saves another field: what a lock inside the store cannot help.

use lab_task::{Change, Status};

use crate::{Action, Process, Scenario, Size, changes, only};

pub(crate) fn scenario(size: Size) -> Scenario {
    let edited = crate::new_task("A's title", "B's notes");
    let changes = [
        Change::Title(edited.title),
        Change::Description(edited.description),
        Change::Status(Status::Done),
    ];
    Scenario {
        script: size.into(),
        story: "people open one task, then each saves another field of it",
        tasks: vec![crate::new_task("title", "notes")],
        processes: changes
            .into_iter()
            .enumerate()
            .take(size.processes)
            .map(|(process, change)| editor(process, change))
            .collect(),
        instances: 1,
        describe: |tasks| {
            only(tasks, |task| format!("{}, {} / {}", task.version, task.title, task.description))
        },
        judge: changes::judge,
    }
}

/// Somebody who opens the task, and later saves the copy with one change.
pub(crate) fn editor(process: usize, change: Change) -> Process {
    Process {
        name: crate::play::client_name(process),
        role: change.to_string(),
        actions: vec![Action::Open(0), Action::SaveCopy(change)],
    }
}
