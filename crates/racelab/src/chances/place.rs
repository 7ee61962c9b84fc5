//! What two processes of the operating system say to each other, a line of JSON each, and the one
//! that adds to a task when it is told to.

use std::hint;
use std::io::{self, BufRead, Write};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use anyhow::Context;
use lab_runtime::Threads;
use lab_store::{Session, Site};
use lab_task::{Change, Outcome, TaskId};
use serde::{Deserialize, Serialize};

use crate::select::find;

/// The first line: which store, and where.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) store: String,
    pub(super) directory: PathBuf,
    pub(super) url: Option<String>,
    pub(super) namespace: String,
    /// Which of the processors it may use is its own, from 0.
    pub(super) processor: usize,
}

/// Every further line: what to add to which task, and when.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Appointment {
    pub(super) task: TaskId,
    pub(super) minutes: u32,
    /// Since 1970, on the clock that all processes of the machine share.
    pub(super) start_ns: u64,
}

/// The answer to each.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    /// The store is open.
    Ready,
    /// The edit was acknowledged.
    Saved {
        /// How long after the appointed time it began.
        late_ns: u64,
        /// How long it took.
        edit_ns: u64,
    },
    /// The edit was not acknowledged.
    Refused,
}

/// Is the process at the other end: takes lines from stdin and answers on stdout until stdin ends.
pub(crate) fn serve() -> anyhow::Result<()> {
    let mut lines = io::stdin().lock().lines();
    let Some(place) = lines.next() else {
        return Ok(());
    };
    let Place { store, directory, url, namespace, processor } = from_line(&place?)?;
    keep_to(processor);
    let entry = find::<Threads>(&store)?;
    let store = (entry.open)(&Site { directory, url, namespace })?;
    let mut session = store.session()?;
    say(&mut io::stdout(), &Answer::Ready)?;
    for line in lines {
        let answer = keep(&from_line(&line?)?, &mut *session);
        say(&mut io::stdout(), &answer)?;
    }
    Ok(())
}

/// Keeps this process on one of the processors that it may use: of two on the same one, the second
/// could not begin before the first has ended.
#[cfg(target_os = "linux")]
fn keep_to(nth: usize) {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
    let Ok(allowed) = sched_getaffinity(None) else { return };
    let mut own = CpuSet::new();
    let mut processors = (0..CpuSet::MAX_CPU).filter(|one| allowed.is_set(*one)).cycle();
    processors.nth(nth).into_iter().for_each(|one| own.set(one));
    // Where that is not allowed the trials are as good, and more of them are left out as late.
    let _ = sched_setaffinity(None, &own);
}

#[cfg(not(target_os = "linux"))]
fn keep_to(_nth: usize) {}

/// Turns on the spot until the appointed time, to wake up would take longer, and adds.
fn keep(appointment: &Appointment, session: &mut dyn Session) -> Answer {
    let change = Change::AddMinutes(appointment.minutes);
    let start = SystemTime::UNIX_EPOCH + Duration::from_nanos(appointment.start_ns);
    let late = loop {
        match SystemTime::now().duration_since(start) {
            Ok(late) => break late,
            Err(_) => hint::spin_loop(),
        }
    };
    let outcome = session.edit(appointment.task, &change);
    let end = SystemTime::now().duration_since(start).unwrap_or(late);
    match outcome {
        Ok(Outcome::Applied(_)) => {
            Answer::Saved { late_ns: ns(late), edit_ns: ns(end.saturating_sub(late)) }
        }
        Ok(Outcome::Refused(_)) | Err(_) => Answer::Refused,
    }
}

pub(super) fn ns(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

pub(super) fn say(to: &mut impl Write, message: &impl Serialize) -> anyhow::Result<()> {
    writeln!(to, "{}", serde_json::to_string(message)?)?;
    Ok(to.flush()?)
}

pub(super) fn from_line<'a, T: Deserialize<'a>>(line: &'a str) -> anyhow::Result<T> {
    serde_json::from_str(line).with_context(|| format!("{line:?} is no line of this conversation"))
}
