//! Concurrent creates: each gets an id of its own, and each task is there.

use lab_task::{Anomaly, TaskId};

use crate::{Action, Answer, Asked, Execution, Judgement, Process, Scenario, Size, titles};

pub(crate) fn scenario(size: Size) -> Scenario {
    Scenario {
        script: size.into(),
        story: "people create tasks at the same time",
        tasks: Vec::new(),
        processes: (0..size.processes).map(|process| client(process, size.rounds)).collect(),
        instances: 1,
        describe: titles,
        judge,
    }
}

fn client(process: usize, rounds: usize) -> Process {
    let name = crate::play::client_name(process);
    let letter = name.chars().last().unwrap_or('?');
    let create = |round: usize| {
        let number = if rounds == 1 { String::new() } else { format!(" {}", round + 1) };
        Action::Create(crate::new_task(&format!("{letter}'s task{number}"), ""))
    };
    let role = if rounds == 1 { "creates a task" } else { "creates tasks" };
    Process { name, role: role.to_owned(), actions: (0..rounds).map(create).collect() }
}

fn judge(scenario: &Scenario, execution: &Execution<'_>) -> Judgement {
    let after = match execution.after() {
        Ok(tasks) => tasks,
        Err(judgement) => return judgement,
    };
    let mut given: Vec<(TaskId, Asked)> = Vec::new();
    for (asked, told) in execution.answers() {
        let (Action::Create(new), Ok(Answer::Created(id))) = (&told.action, &told.answer) else {
            continue;
        };
        let is_there = |task: &&lab_task::Task| task.id == *id && task.title == new.title;
        let name = &scenario.processes[asked.process].name;
        if let Some((_, first)) = given.iter().find(|(other, _)| other == id) {
            let first_name = &scenario.processes[first.process].name;
            let sentence = format!("{first_name} and {name} were both told \"created {id}\"");
            let victim = if after.iter().any(|task| is_there(&task)) { *first } else { asked };
            return Judgement::anomaly_of(Anomaly::DuplicateId, victim, sentence);
        }
        given.push((*id, asked));
    }
    for (asked, told) in execution.answers() {
        if let (Action::Create(new), Ok(Answer::Created(id))) = (&told.action, &told.answer)
            && !after.iter().any(|task| task.id == *id && task.title == new.title)
        {
            let name = &scenario.processes[asked.process].name;
            let sentence = format!("{name} was told \"created {id}\"; there is no such task");
            return Judgement::anomaly_of(Anomaly::LostCreate, asked, sentence);
        }
    }
    execution.judge_errors()
}
