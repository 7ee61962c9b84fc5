//! The lease of one task, and the file that holds it.

use std::time::Duration;

use lab_runtime::Runtime;
use lab_store::StoreError;
use lab_task::{FencingToken, Refusal, TaskId};
use serde::{Deserialize, Serialize};

use crate::files::Files;

/// No store has counted tokens up to here; from here on one could not be higher than the last.
const TOKENS_MAX: u64 = u64::MAX / 2;

/// The newest lease of a task, running or not.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lease {
    pub(super) token: FencingToken,
    pub(super) owner: String,
    expires_unix_ms: u64,
}

impl Lease {
    /// What is kept for a task; `None` if it was never claimed.
    pub(super) fn read<R: Runtime>(
        files: &Files<R>,
        id: TaskId,
    ) -> Result<Option<Self>, StoreError> {
        let name = file_name(id);
        let Some(bytes) = files.read(&name)? else {
            return Ok(None);
        };
        let parsed = serde_json::from_slice::<Self>(&bytes).map_err(|error| error.to_string());
        let counted = parsed.and_then(|lease| match lease.token.0 {
            ..=TOKENS_MAX => Ok(lease),
            token => Err(format!("{token} is beyond what can have been counted")),
        });
        counted.map(Some).map_err(|fault| {
            let why = format!(
                "expected a token, an owner and an end: {fault}; restore it from a backup, for \
                 without it the tokens begin again and a late writer is not recognised"
            );
            StoreError::corrupt(files.path(&name).display(), why)
        })
    }

    /// Puts this lease in the place of the last one. The rename is what makes a crash leave a
    /// whole lease: a file made with `create_new` and then written could stay empty.
    pub(super) fn write<R: Runtime>(&self, files: &Files<R>, id: TaskId) -> Result<(), StoreError> {
        let mut bytes = serde_json::to_vec(self)
            .map_err(|error| StoreError::unavailable("the lease as JSON", error))?;
        bytes.push(b'\n');
        files.replace_durably(&file_name(id), &bytes).map(|_| ())
    }

    /// Forgets the lease and the count of tokens of a task that is gone.
    pub(super) fn remove<R: Runtime>(files: &Files<R>, id: TaskId) -> Result<(), StoreError> {
        files.remove(&file_name(id))
    }

    /// What a claim by `owner` gets where the newest lease so far is `last`.
    pub(super) fn after<R: Runtime>(
        last: Option<Self>,
        owner: &str,
        time_to_live: Duration,
    ) -> Result<Self, Refusal> {
        let newest = Self::newest(last.as_ref());
        let token = match last.filter(Self::runs::<R>) {
            Some(last) if last.owner != owner => return Err(Refusal::Held { owner: last.owner }),
            Some(_) => newest,
            None => FencingToken(newest.0 + 1),
        };
        // A lease of no time has run out at once, even if the clock is set back.
        let end = ms(R::unix_time()).saturating_add(ms(time_to_live));
        let expires_unix_ms = if time_to_live.is_zero() { 0 } else { end };
        Ok(Self { token, owner: owner.to_owned(), expires_unix_ms })
    }

    /// The same lease, run out. The token stays the newest until somebody else is given one.
    pub(super) fn ended(self) -> Self {
        Self { expires_unix_ms: 0, ..self }
    }

    /// Whether its time has not run out.
    pub(super) fn runs<R: Runtime>(&self) -> bool {
        self.expires_unix_ms > ms(R::unix_time())
    }

    /// The newest token of a task, 0 if there never was one.
    pub(super) fn newest(last: Option<&Self>) -> FencingToken {
        last.map_or(FencingToken(0), |lease| lease.token)
    }
}

fn file_name(id: TaskId) -> String {
    format!("task-{}.lease", id.0)
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
