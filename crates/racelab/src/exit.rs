//! How the process ends.

use std::process::ExitCode;

use lab_explore::{Cut, ReplayError};
use lab_history::HistoryError;
use lab_scenario::ParseScriptError;
use lab_servers::ServerError;
use lab_sites::SiteError;

use crate::commands::CheckError;
use crate::select::UnknownStore;
use crate::stress::StressError;
use crate::study::StudyError;

/// The exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// 0: what stores promise is what was found.
    Met,
    /// 3: nothing can be said, for want of budget.
    Unknown,
    /// 4: a server that was asked for is missing.
    ServerMissing,
    /// 1: an anomaly that a store does not admit, or none where it admits one.
    Broken,
    /// 2: the command line or a file makes no sense.
    Usage,
    /// 70: the lab itself failed.
    Internal,
}

/// What was asked for makes no sense with what is there.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct UsageError(pub(crate) String);

impl Exit {
    /// How an error ends the process.
    pub(crate) fn of(error: &anyhow::Error) -> Self {
        if error.is::<UnknownStore>()
            || error.is::<UsageError>()
            || error.is::<ParseScriptError>()
            || error.is::<lab_explore::ParseTokenError>()
            || error.is::<HistoryError>()
            || error.is::<CheckError>()
        {
            return Self::Usage;
        }
        if matches!(error.downcast_ref(), Some(SiteError::Folder { .. })) {
            return Self::Usage;
        }
        if error.is::<ServerError>()
            || matches!(error.downcast_ref(), Some(SiteError::Server { .. }))
        {
            return Self::ServerMissing;
        }
        if matches!(
            error.downcast_ref(),
            Some(StressError::NotShared { .. } | StressError::Idle { .. })
        ) {
            return Self::Usage;
        }
        if matches!(error.downcast_ref(), Some(StudyError::Server { .. })) {
            return Self::ServerMissing;
        }
        match error.downcast_ref() {
            Some(ReplayError::Cut(Cut::Diverged { .. })) => Self::Usage,
            Some(ReplayError::Cut(_) | ReplayError::Otherwise(_)) => Self::Broken,
            _ => Self::Internal,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Met => 0,
            Exit::Broken => 1,
            Exit::Usage => 2,
            Exit::Unknown => 3,
            Exit::ServerMissing => 4,
            Exit::Internal => 70,
        })
    }
}
