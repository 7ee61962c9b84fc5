//! A reader lists two tasks while they are changed one after the other.

use lab_task::{Anomaly, Task};

use crate::changes::add_minutes;
use crate::{Action, Answer, Execution, Judgement, Process, Scenario, Size};

pub(crate) fn scenario(size: Size) -> Scenario {
    let writer = Process {
        name: crate::play::client_name(0),
        role: "adds 10 min to both tasks, in order".to_owned(),
        actions: [add_minutes(0, 0..1), add_minutes(1, 0..1)].concat(),
    };
    let reader = |process| Process {
        name: crate::play::client_name(process),
        role: "lists the tasks".to_owned(),
        actions: vec![Action::List],
    };
    Scenario {
        script: size.into(),
        story: "somebody lists the tasks while two of them are changed, one after the other",
        tasks: vec![crate::new_task("first", ""), crate::new_task("second", "")],
        processes: std::iter::once(writer).chain((1..size.processes).map(reader)).collect(),
        instances: 1,
        describe: minutes,
        judge,
    }
}

fn minutes(tasks: &[Task]) -> String {
    let minutes: Vec<String> = tasks.iter().map(|task| task.minutes.to_string()).collect();
    format!("{} min", minutes.join(" + "))
}

fn judge(scenario: &Scenario, execution: &Execution<'_>) -> Judgement {
    // Where the first edit is left out nothing forbids to see the second alone.
    let edits = scenario.processes[0].actions.len();
    for (asked, told) in execution.answers() {
        let Ok(Answer::Listed(tasks)) = &told.answer else { continue };
        let name = &scenario.processes[asked.process].name;
        match tasks[..] {
            [ref first, ref second] if edits > 1 && second.minutes > first.minutes => {
                let seen = minutes(tasks);
                let sentence = format!("{name} saw {seen}, which was never the state of both");
                return Judgement::anomaly_of(Anomaly::ReadSkew, asked, sentence);
            }
            [_, _] => {}
            _ => {
                let sentence = format!("{name} saw {} tasks where there are 2", tasks.len());
                return Judgement::anomaly_of(Anomaly::TornRead, asked, sentence);
            }
        }
    }
    match execution.after() {
        Ok(_) => execution.judge_errors(),
        Err(judgement) => judgement,
    }
}
