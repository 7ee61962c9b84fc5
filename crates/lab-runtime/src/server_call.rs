//! Calls that may wait inside a server.

use std::sync::Arc;
use std::time::Duration;

/// Asks the server whether the caller's session waits there for another session. It is called
/// from any thread.
pub type Probe = Arc<dyn Fn() -> bool + Send + Sync>;

/// A request that was sent, or is sent at the first poll, and whose answer may have to wait for
/// another session of the same server.
pub trait ServerCall {
    /// The answer.
    type Output;

    /// Waits for the answer, but no longer than `limit`.
    fn poll_for(&mut self, limit: Duration) -> Option<Self::Output>;

    /// Waits for the answer.
    fn finish(&mut self) -> Self::Output;

    /// How to ask the server whether this call waits for another session.
    fn probe(&self) -> Probe;
}
