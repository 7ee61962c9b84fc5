//! Carries out one process of a scenario on a session.

use std::fmt;
use std::time::Duration;

use lab_store::{Claim, Session, StoreError};
use lab_task::{Change, FencingToken, Outcome, Refusal, Task, TaskId};

use crate::{Action, Process};

/// Longer than any exploration: within a scenario no lease runs out.
const LEASE_TIME_TO_LIVE: Duration = Duration::from_secs(60 * 60);

/// What a process did and what it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The change that it asked for, if any.
    pub change: Option<Change>,
    /// The answer.
    pub answer: Result<Answer, StoreError>,
}

/// What a store answered to one action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// To `Open`, first half: the lease was granted or refused.
    Claimed(Claim),
    /// To `Open`: the copy.
    Opened(Option<Task>),
    /// To `Edit` and `SaveCopy`.
    Changed(Outcome),
}

/// The name of the process with that number, from 0.
pub(crate) fn client_name(process: usize) -> String {
    let letter = b'A' + u8::try_from(process).unwrap_or(u8::MAX - b'A');
    format!("client {}", char::from(letter))
}

/// Carries out the actions of `process` on the task `id`, and tells each answer as it comes. A
/// process whose claim is refused, whose task is gone or that met an error stops there.
pub fn play(process: &Process, session: &mut dyn Session, id: TaskId, mut told: impl FnMut(Told)) {
    let mut editor = Editor { name: &process.name, session, id, copy: None, lease: None };
    for action in &process.actions {
        if *action == Action::Open
            && let Some(answer) = editor.claim().transpose()
        {
            let is_granted = matches!(answer, Ok(Answer::Claimed(Claim::Granted(_))));
            told(Told { change: None, answer });
            if !is_granted {
                return;
            }
        }
        let answer = editor.act(action);
        let has_failed = answer.is_err();
        told(Told { change: action.change().cloned(), answer });
        if has_failed {
            return;
        }
    }
}

struct Editor<'a> {
    name: &'a str,
    session: &'a mut dyn Session,
    id: TaskId,
    copy: Option<Task>,
    lease: Option<FencingToken>,
}

impl Editor<'_> {
    /// Asks for the lease, where the store has leases.
    fn claim(&mut self) -> Result<Option<Answer>, StoreError> {
        let Some(leasing) = self.session.leasing() else {
            return Ok(None);
        };
        let claim = leasing.claim(self.id, self.name, LEASE_TIME_TO_LIVE)?;
        if let Claim::Granted(token) = claim {
            self.lease = Some(token);
        }
        Ok(Some(Answer::Claimed(claim)))
    }

    fn open(&mut self) -> Result<Answer, StoreError> {
        self.copy = self.session.get(self.id)?;
        Ok(Answer::Opened(self.copy.clone()))
    }

    fn act(&mut self, action: &Action) -> Result<Answer, StoreError> {
        match action {
            Action::Open => self.open(),
            Action::Edit(change) => Ok(Answer::Changed(self.session.edit(self.id, change)?)),
            Action::SaveCopy(change) => Ok(Answer::Changed(self.save(change)?)),
        }
    }

    fn save(&mut self, change: &Change) -> Result<Outcome, StoreError> {
        let Some(mut copy) = self.copy.clone() else {
            return Ok(Outcome::Refused(Refusal::NotFound));
        };
        change.apply_to_copy(&mut copy);
        match (self.lease, self.session.leasing()) {
            (Some(token), Some(leasing)) => leasing.save_claimed(&copy, token),
            _ => self.session.save(&copy),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Claimed(Claim::Granted(token)) => write!(f, "lease {} granted", token.0),
            Self::Claimed(Claim::Refused(refusal)) => write!(f, "lease refused: {refusal}"),
            Self::Opened(Some(task)) => write!(f, "got {}", task.version),
            Self::Opened(None) => f.write_str("no such task"),
            Self::Changed(Outcome::Applied(version)) => write!(f, "told \"saved {version}\""),
            Self::Changed(Outcome::Refused(refusal)) => write!(f, "refused: {refusal}"),
        }
    }
}
