//! Two people open one task, each saves another field: what a lock inside the store cannot help.

use lab_task::Change;

use crate::{Action, Process, Scenario, Size};

pub(crate) fn scenario(size: Size) -> Scenario {
    let edited = crate::new_task("A's title", "B's notes");
    let changes = [Change::Title(edited.title), Change::Description(edited.description)];
    let client = |(process, change): (usize, Change)| Process {
        name: super::play::client_name(process),
        role: change.to_string(),
        actions: vec![Action::Open, Action::SaveCopy(change)],
    };
    Scenario {
        size,
        story: "two people open one task, then each saves another field of it",
        task: crate::new_task("title", "notes"),
        processes: changes.into_iter().enumerate().take(size.processes).map(client).collect(),
    }
}
