//! Keeps an exploration on one processor: a hand-off there costs a tenth of one between two.

/// The calling thread, and every thread that it starts, stays on one processor until dropped.
pub(crate) struct Pinned {
    #[cfg(target_os = "linux")]
    before: Option<rustix::thread::CpuSet>,
}

#[cfg(target_os = "linux")]
impl Pinned {
    /// Pins the calling thread to the processor that it is on. Where the system refuses, nothing
    /// changes but the speed.
    pub(crate) fn here() -> Self {
        use rustix::thread::{CpuSet, sched_getaffinity, sched_getcpu, sched_setaffinity};
        let before = sched_getaffinity(None).ok();
        let mut here = CpuSet::new();
        here.set(sched_getcpu());
        Self { before: before.filter(|_| sched_setaffinity(None, &here).is_ok()) }
    }
}

#[cfg(target_os = "linux")]
impl Drop for Pinned {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            // A thread that stays pinned is slower and no less right.
            let _ = rustix::thread::sched_setaffinity(None, before);
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl Pinned {
    /// Pins nothing: this system has no call for it.
    pub(crate) fn here() -> Self {
        Self {}
    }
}
