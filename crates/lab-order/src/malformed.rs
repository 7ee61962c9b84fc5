//! Records that no store and no recorder can mean.

use lab_history::{Ending, Function, Record};

use crate::position::VERSION_MAX;

/// A record that cannot be checked, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Its answer comes before its invocation.
    #[error(
        "client {process}: an operation invoked at {invoked} was answered before, at {answered}"
    )]
    Backwards {
        /// Whose.
        process: u32,
        /// Its place.
        invoked: u64,
        /// The place of its answer.
        answered: u64,
    },
    /// It was invoked before a place from which on all operations were said to come.
    #[error("client {process}: an operation invoked at {invoked} came after {settled} was settled")]
    Late {
        /// Whose.
        process: u32,
        /// Its place.
        invoked: u64,
        /// What was settled.
        settled: u64,
    },
    /// A task of a list that does not follow its list.
    #[error(
        "client {process}: {task} is a task of a list at {invoked}, and no such list is before it"
    )]
    Strayed {
        /// Whose.
        process: u32,
        /// The place of the list.
        invoked: u64,
        /// Which task.
        task: u64,
    },
    /// Versions begin with 1 and grow by one.
    #[error(
        "client {process}: version {version} of task {task} at {invoked} is none; the first is 1"
    )]
    Version {
        /// Whose.
        process: u32,
        /// Its place.
        invoked: u64,
        /// Which task.
        task: u64,
        /// What was said.
        version: u64,
    },
}

/// Whether `record` can be checked as it stands; `last_list` is the client and the place of
/// the record before it, if that is a list or a task of one.
#[inline]
pub(crate) fn check(
    record: &Record,
    last_list: Option<(u32, u64)>,
    settled: u64,
) -> Result<(), Malformed> {
    let Record { process, invoked, answered, task, version, .. } = *record;
    if answered < invoked && record.ending != Ending::Info {
        return Err(Malformed::Backwards { process, invoked, answered });
    }
    if invoked < settled {
        return Err(Malformed::Late { process, invoked, settled });
    }
    if record.function == Function::Listed && last_list != Some((process, invoked)) {
        return Err(Malformed::Strayed { process, invoked, task });
    }
    let is_versioned = match (record.function, record.ending) {
        (Function::Create | Function::List | Function::Summary, _) => false,
        (_, Ending::Ok | Ending::Stale) => true,
        _ => false,
    };
    if is_versioned && !(1..VERSION_MAX).contains(&version) {
        return Err(Malformed::Version { process, invoked, task, version });
    }
    Ok(())
}
