//! How long to wait before somebody asks why: tokio's own timers count whole milliseconds, and a
//! statement takes a tenth of one. To look again and again instead would keep the processor from
//! the server.

use std::time::Duration;

pub(crate) use timer::Patience;

#[cfg(target_os = "linux")]
mod timer {
    use std::io::{self, ErrorKind};

    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use tokio::net::unix::pipe::Receiver;

    use super::Duration;

    /// A timer of the system, on the runtime in which it was made: read as a pipe is, it gives
    /// something when its time has come.
    pub(crate) struct Patience(Receiver);

    impl Patience {
        pub(crate) fn new() -> io::Result<Self> {
            let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
            let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
            Receiver::from_owned_fd_unchecked(timer).map(Self)
        }

        /// Ends after `limit`, or at once where the system refuses.
        pub(crate) async fn ends(&self, limit: Duration) {
            let _ = self.wait(limit).await;
        }

        async fn wait(&self, limit: Duration) -> io::Result<()> {
            let none = Timespec { tv_sec: 0, tv_nsec: 0 };
            let it_value = limit.try_into().unwrap_or(none);
            let once = Itimerspec { it_interval: none, it_value };
            timerfd_settime(&self.0, TimerfdTimerFlags::empty(), &once)?;
            // It may still be called readable for the last time that it was set.
            loop {
                self.0.readable().await?;
                match self.0.try_read(&mut [0; 8]) {
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    ended => return ended.map(drop),
                }
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod timer {
    use std::io;

    use super::Duration;

    /// Tokio's timer.
    pub(crate) struct Patience;

    impl Patience {
        pub(crate) fn new() -> io::Result<Self> {
            Ok(Self)
        }

        /// Ends after `limit`, counted in whole milliseconds.
        pub(crate) async fn ends(&self, limit: Duration) {
            let _ = tokio::time::timeout(limit, std::future::pending::<()>()).await;
        }
    }
}
