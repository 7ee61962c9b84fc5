//! Carries out one process of a scenario on a session.

use std::fmt;
use std::time::Duration;

use lab_store::{Claim, Session, StoreError};
use lab_task::{Change, FencingToken, IdempotencyKey, NewTask, Outcome, Refusal, Task, TaskId};

use crate::{Action, Process, Wire};

/// Longer than any exploration: within a scenario no lease runs out.
const LEASE_TIME_TO_LIVE: Duration = Duration::from_secs(60 * 60);

/// What a process did and what it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What it did.
    pub action: Action,
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
    /// To `Edit`, `SaveCopy`, `Delete` and `Start`.
    Changed(Outcome),
    /// To a create.
    Created(TaskId),
    /// To a create whose answer did not arrive.
    Unanswered,
    /// To `List`.
    Listed(Vec<Task>),
    /// To a fault.
    Cut,
}

/// The name of the process with that number, from 0.
pub(crate) fn client_name(process: usize) -> String {
    format!("client {}", letter(process))
}

/// The letter of the process with that number, from 0.
pub(crate) fn letter(process: usize) -> char {
    char::from(b'A' + u8::try_from(process).unwrap_or(u8::MAX - b'A'))
}

/// Carries out the actions of `process` on the tasks `ids`, in the order of the scenario, and
/// tells each answer as it comes. A process whose claim is refused or that met an error stops
/// there.
pub fn play(
    process: &Process,
    session: &mut dyn Session,
    ids: &[TaskId],
    wire: &dyn Wire,
    mut told: impl FnMut(Told),
) {
    let mut client = Client { name: &process.name, session, ids, wire, copy: None, lease: None };
    for action in &process.actions {
        if let Some(answer) = client.begin(action).transpose() {
            let then = Then::after(&answer);
            told(Told { action: action.clone(), answer });
            match then {
                Then::Act => {}
                Then::Next => continue,
                Then::Stop => return,
            }
        }
        let answer = client.act(action);
        let has_failed = answer.is_err();
        told(Told { action: action.clone(), answer });
        if has_failed {
            return;
        }
    }
}

/// What a process does after the first half of an action.
enum Then {
    Act,
    Next,
    Stop,
}

impl Then {
    fn after(answer: &Result<Answer, StoreError>) -> Self {
        match answer {
            Err(_) | Ok(Answer::Claimed(Claim::Refused(_))) => Self::Stop,
            Ok(Answer::Created(_)) => Self::Next,
            Ok(_) => Self::Act,
        }
    }
}

struct Client<'a> {
    name: &'a str,
    session: &'a mut dyn Session,
    ids: &'a [TaskId],
    wire: &'a dyn Wire,
    copy: Option<Task>,
    lease: Option<FencingToken>,
}

impl Client<'_> {
    /// The task in that position; a position that the scenario does not have is a task that
    /// nobody has.
    fn id(&self, slot: usize) -> TaskId {
        self.ids.get(slot).copied().unwrap_or(TaskId(u64::MAX >> 1))
    }

    /// The first half of an action that has two.
    fn begin(&mut self, action: &Action) -> Result<Option<Answer>, StoreError> {
        match action {
            Action::Open(slot) => self.claim(*slot),
            Action::CreateRetried(new, key) => self.create_first(new, key).map(Some),
            _ => Ok(None),
        }
    }

    /// Asks for the lease, where the store has leases.
    fn claim(&mut self, slot: usize) -> Result<Option<Answer>, StoreError> {
        let id = self.id(slot);
        let Some(leasing) = self.session.leasing() else {
            return Ok(None);
        };
        let claim = leasing.claim(id, self.name, LEASE_TIME_TO_LIVE)?;
        if let Claim::Granted(token) = claim {
            self.lease = Some(token);
        }
        Ok(Some(Answer::Claimed(claim)))
    }

    /// The first try of a create: what was answered, or that nothing was.
    fn create_first(&mut self, new: &NewTask, key: &IdempotencyKey) -> Result<Answer, StoreError> {
        let id = self.session.create(new, Some(key))?;
        let has_arrived = self.wire.answer_arrives();
        Ok(if has_arrived { Answer::Created(id) } else { Answer::Unanswered })
    }

    fn act(&mut self, action: &Action) -> Result<Answer, StoreError> {
        Ok(match action {
            Action::Open(slot) => {
                self.copy = self.session.get(self.id(*slot))?;
                Answer::Opened(self.copy.clone())
            }
            Action::Edit(slot, change) => {
                Answer::Changed(self.session.edit(self.id(*slot), change)?)
            }
            Action::SaveCopy(change) => Answer::Changed(self.save(change)?),
            Action::Create(new) => Answer::Created(self.session.create(new, None)?),
            Action::CreateRetried(new, key) => {
                Answer::Created(self.session.create(new, Some(key))?)
            }
            Action::Delete(slot) => Answer::Changed(self.session.delete(self.id(*slot), None)?),
            Action::List => Answer::Listed(self.session.list(&lab_task::Filter::ALL)?),
            Action::Start(slot, limit) => {
                Answer::Changed(self.session.start(self.id(*slot), *limit)?)
            }
            Action::CutWire => {
                self.wire.cut();
                Answer::Cut
            }
        })
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
            Self::Changed(Outcome::Applied(_)) => f.write_str("saved"),
            Self::Changed(Outcome::Refused(refusal)) => write!(f, "refused: {refusal}"),
            Self::Created(id) => write!(f, "created {id}"),
            Self::Unanswered => f.write_str("no answer"),
            Self::Listed(tasks) => write!(f, "{} tasks", tasks.len()),
            Self::Cut => f.write_str("cut"),
        }
    }
}
