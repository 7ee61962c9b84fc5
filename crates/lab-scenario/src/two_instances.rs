//! Two instances of the backend on one site, as behind a load balancer: `log_time` across them.

use lab_task::{Anomaly, Outcome, Refusal};

use crate::{Answer, Execution, Judgement, Scenario, Size, changes, only};

pub(crate) fn scenario(size: Size) -> Scenario {
    Scenario {
        script: size.into(),
        story: "two instances of the backend run, and people add time to one task through either",
        tasks: vec![crate::new_task("write the report", "")],
        processes: crate::log_time::clients(size),
        instances: 2,
        describe: |tasks| only(tasks, |task| format!("{}, {} min", task.version, task.minutes)),
        judge,
    }
}

fn judge(scenario: &Scenario, execution: &Execution<'_>) -> Judgement {
    let knows_nothing = execution.answers().find(|(_, told)| {
        matches!(told.answer, Ok(Answer::Changed(Outcome::Refused(Refusal::NotFound))))
    });
    let Some((asked, _)) = knows_nothing else {
        return changes::judge(scenario, execution);
    };
    let name = &scenario.processes[asked.process].name;
    let sentence = format!("{name}'s instance knows nothing of a task that the other one has");
    Judgement::anomaly_of(Anomaly::DivergentInstances, asked, sentence)
}
