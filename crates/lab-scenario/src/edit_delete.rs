//! A delete between a read and a save: what was removed must stay removed.

use lab_task::{Anomaly, Change, Outcome};

use crate::two_editors::editor;
use crate::{Action, Answer, Execution, Judgement, Process, Scenario, Size, changes, only};

pub(crate) fn scenario(size: Size) -> Scenario {
    let edited = crate::new_task("A's title", "C's notes");
    let remover = Process {
        name: crate::play::client_name(1),
        role: "deletes the task".to_owned(),
        actions: vec![Action::Delete(0)],
    };
    let processes = [
        editor(0, Change::Title(edited.title)),
        remover,
        editor(2, Change::Description(edited.description)),
    ];
    Scenario {
        script: size.into(),
        story: "somebody deletes a task that somebody else has open and saves afterwards",
        tasks: vec![crate::new_task("title", "notes")],
        processes: processes.into_iter().take(size.processes).collect(),
        instances: 1,
        describe: |tasks| only(tasks, |task| format!("{}, {}", task.version, task.title)),
        judge,
    }
}

fn judge(scenario: &Scenario, execution: &Execution<'_>) -> Judgement {
    let after = match execution.after() {
        Ok(tasks) => tasks,
        Err(judgement) => return judgement,
    };
    let deleted = execution.answers().find(|(_, told)| {
        matches!(
            (&told.action, &told.answer),
            (Action::Delete(_), Ok(Answer::Changed(Outcome::Applied(_))))
        )
    });
    let Some((asked, _)) = deleted else {
        return changes::judge(scenario, execution);
    };
    if after.is_empty() {
        return execution.judge_errors();
    }
    let name = &scenario.processes[asked.process].name;
    let sentence = format!("{name} was told \"deleted\"; the task is there again");
    Judgement::anomaly_of(Anomaly::ResurrectedDelete, asked, sentence)
}
