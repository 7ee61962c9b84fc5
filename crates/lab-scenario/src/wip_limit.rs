//! Two people start different tasks at a limit of one: an invariant over several rows.

use lab_task::{Anomaly, Outcome, Status, Task};

use crate::{Action, Answer, Execution, Judgement, Process, Scenario, Size};

const WIP_LIMIT: u32 = 1;

pub(crate) fn scenario(size: Size) -> Scenario {
    let client = |process| Process {
        name: crate::play::client_name(process),
        role: format!("starts task {}", process + 1),
        actions: vec![Action::Start(process, WIP_LIMIT)],
    };
    let task = |process| crate::new_task(&format!("task {}", process + 1), "");
    Scenario {
        script: size.into(),
        story: "people start different tasks, and at most one may be in progress",
        tasks: (0..size.processes).map(task).collect(),
        processes: (0..size.processes).map(client).collect(),
        instances: 1,
        describe: statuses,
        judge,
    }
}

fn statuses(tasks: &[Task]) -> String {
    let statuses: Vec<&str> = tasks.iter().map(|task| task.status.as_str()).collect();
    statuses.join(", ")
}

fn judge(scenario: &Scenario, execution: &Execution<'_>) -> Judgement {
    let after = match execution.after() {
        Ok(tasks) => tasks,
        Err(judgement) => return judgement,
    };
    let started = |task: &&Task| task.status == Status::InProgress;
    let in_progress = after.iter().filter(started).count();
    if in_progress > WIP_LIMIT as usize {
        let sentence = format!("{in_progress} tasks are in progress where {WIP_LIMIT} may be");
        return Judgement::anomaly_seen(Anomaly::WriteSkew, sentence);
    }
    for (asked, told) in execution.answers() {
        let (Action::Start(slot, _), Ok(Answer::Changed(Outcome::Applied(version)))) =
            (&told.action, &told.answer)
        else {
            continue;
        };
        let id = execution.before.get(*slot).map(|task| task.id);
        if !after.iter().any(|task| Some(task.id) == id && started(&task)) {
            let name = &scenario.processes[asked.process].name;
            let sentence =
                format!("{name} was told \"started {version}\"; its task is not started");
            return Judgement::anomaly_of(Anomaly::LostUpdate, asked, sentence);
        }
    }
    execution.judge_errors()
}
