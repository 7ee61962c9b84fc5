//! On which processors threads and servers run.
//!
//! A hand-off that wakes a thread on another processor can cost thirty times one on the same, so
//! what one client of a server or of an actor gets depends on where the system happens to put the
//! two. Both ends are measured on purpose instead.

use lab_stats::Placement;

/// Who runs on which processor; `None` is anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cpus {
    pub(crate) clients: Option<usize>,
    pub(crate) stores: Option<usize>,
}

/// The processors for `placement`; `None` where this machine has too few, or cannot pin.
pub(crate) fn cpus(placement: Placement) -> Option<Cpus> {
    if placement == Placement::Free {
        return Some(Cpus { clients: None, stores: None });
    }
    let allowed = allowed();
    let first = *allowed.first()?;
    let stores = match placement {
        Placement::Apart => *allowed.get(1)?,
        Placement::Together | Placement::Free => first,
    };
    Some(Cpus { clients: Some(first), stores: Some(stores) })
}

/// The calling thread stays on one processor, and with it each thread that it starts, until this
/// is dropped.
pub(crate) struct Pinned(#[cfg(target_os = "linux")] Option<rustix::thread::CpuSet>);

#[cfg(target_os = "linux")]
pub(crate) fn pin(cpu: usize) -> Pinned {
    let before = rustix::thread::sched_getaffinity(None).ok();
    Pinned(before.filter(|_| set_affinity(None, &[cpu])))
}

#[cfg(target_os = "linux")]
impl Drop for Pinned {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            // A thread that stays pinned ends with its measurement.
            let _ = rustix::thread::sched_setaffinity(None, before);
        }
    }
}

#[cfg(target_os = "linux")]
fn set_affinity(process: Option<rustix::thread::Pid>, cpus: &[usize]) -> bool {
    let mut set = rustix::thread::CpuSet::new();
    cpus.iter().for_each(|cpu| set.set(*cpu));
    rustix::thread::sched_setaffinity(process, &set).is_ok()
}

/// A server whose new processes start on one processor, until this is dropped.
pub(crate) struct PinnedServer(#[cfg(target_os = "linux")] Option<rustix::thread::Pid>);

/// Pins the process `pid`: those that it starts from now on inherit it.
#[cfg(target_os = "linux")]
pub(crate) fn pin_server(pid: u32, cpu: usize) -> PinnedServer {
    let pid = i32::try_from(pid).ok().and_then(rustix::thread::Pid::from_raw);
    PinnedServer(pid.filter(|pid| set_affinity(Some(*pid), &[cpu])))
}

#[cfg(target_os = "linux")]
impl PinnedServer {
    /// Whether the system allowed it.
    pub(crate) fn is_pinned(&self) -> bool {
        self.0.is_some()
    }
}

#[cfg(target_os = "linux")]
impl Drop for PinnedServer {
    fn drop(&mut self) {
        if let Some(pid) = self.0 {
            set_affinity(Some(pid), &allowed());
        }
    }
}

#[cfg(target_os = "linux")]
fn allowed() -> Vec<usize> {
    let set = rustix::thread::sched_getaffinity(None).unwrap_or_default();
    (0..rustix::thread::CpuSet::MAX_CPU).filter(|cpu| set.is_set(*cpu)).collect()
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use super::{Pinned, PinnedServer};

    pub(crate) fn pin(_cpu: usize) -> Pinned {
        Pinned()
    }

    pub(crate) fn pin_server(_pid: u32, _cpu: usize) -> PinnedServer {
        PinnedServer()
    }

    impl PinnedServer {
        pub(crate) fn is_pinned(&self) -> bool {
            false
        }
    }

    /// This system has no call for it, so only `Placement::Free` can be had.
    pub(crate) fn allowed() -> Vec<usize> {
        Vec::new()
    }
}

#[cfg(not(target_os = "linux"))]
use elsewhere::allowed;
#[cfg(not(target_os = "linux"))]
pub(crate) use elsewhere::{pin, pin_server};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_is_always_possible_and_pins_nobody() {
        assert_eq!(cpus(Placement::Free), Some(Cpus { clients: None, stores: None }));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn together_is_one_processor_and_ends_with_the_guard() {
        let Cpus { clients, stores } = cpus(Placement::Together).unwrap();
        assert_eq!(clients, stores);
        let before = allowed();
        let pinned = pin(clients.unwrap());
        assert_eq!(allowed(), [clients.unwrap()]);
        drop(pinned);
        assert_eq!(allowed(), before);
    }
}
