//! The answer to a create is lost, and the client tries again with the same idempotency key.
//!
//! The fault is a process of its own: when it takes its step is a choice like any other.

use lab_task::{Anomaly, IdempotencyKey};

use crate::{Action, Asked, Execution, Judgement, Process, Scenario, Size, titles};

pub(crate) fn scenario(size: Size) -> Scenario {
    let client = Process {
        name: crate::play::client_name(0),
        role: "creates a task, retries if unanswered".to_owned(),
        actions: vec![Action::CreateRetried(crate::new_task("A's task", ""), key())],
    };
    let network = Process {
        name: "the network".to_owned(),
        role: "loses an answer".to_owned(),
        actions: vec![Action::CutWire],
    };
    Scenario {
        script: size.into(),
        story: "the answer to a create is lost, and the client tries again",
        tasks: Vec::new(),
        processes: vec![client, network],
        instances: 1,
        describe: titles,
        judge,
    }
}

#[expect(clippy::expect_used, reason = "the text is written here, and a test makes it")]
fn key() -> IdempotencyKey {
    IdempotencyKey::new("A's form, sent once").expect("a key")
}

fn judge(_scenario: &Scenario, execution: &Execution<'_>) -> Judgement {
    let after = match execution.after() {
        Ok(tasks) => tasks,
        Err(judgement) => return judgement,
    };
    match after.len() {
        0 if execution.answers().any(|(_, told)| told.answer.is_err()) => execution.judge_errors(),
        0 => Judgement::anomaly_of(
            Anomaly::LostCreate,
            Asked { process: 0, nth: 0 },
            "client A was told \"created\"; there is no task".to_owned(),
        ),
        1 => execution.judge_errors(),
        tasks => Judgement::anomaly_seen(
            Anomaly::DuplicateCreate,
            format!("client A wanted one task; there are {tasks}"),
        ),
    }
}
