//! A background job changes the status while a person saves a copy from before.

use lab_task::{Change, Status};

use crate::two_editors::editor;
use crate::{Action, Process, Scenario, Size, changes, only};

pub(crate) fn scenario(size: Size) -> Scenario {
    let edited = crate::new_task("A's title", "C's notes");
    let job = Process {
        name: crate::play::client_name(1),
        role: "a job: sets status done".to_owned(),
        actions: vec![Action::Edit(0, Change::Status(Status::Done))],
    };
    let processes = [
        editor(0, Change::Title(edited.title)),
        job,
        editor(2, Change::Description(edited.description)),
    ];
    Scenario {
        script: size.into(),
        story: "a job sets the status of a task that somebody has open and saves afterwards",
        tasks: vec![crate::new_task("title", "notes")],
        processes: processes.into_iter().take(size.processes).collect(),
        instances: 1,
        describe: |tasks| {
            only(tasks, |task| format!("{}, {}, {}", task.version, task.title, task.status))
        },
        judge: changes::judge,
    }
}
