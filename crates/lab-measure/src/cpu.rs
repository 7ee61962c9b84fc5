//! What others do with the processors while we measure.

use std::fs;
use std::time::Instant;

use crate::MeasureError;

/// The kernel counts in hundredths of a second, whatever its timer runs at (proc(5)).
const TICKS_PER_S: f64 = 100.0;

/// The time of processors that somebody has used up to a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    at: Instant,
    /// By everybody, in ticks.
    busy: u64,
    /// By this process, its children that have ended, the server that it uses, and by threads of
    /// the kernel, which write to the disk what we have written.
    own: u64,
}

impl Reading {
    /// Reads now; `server` is the first process of a private server. `None` where the system has
    /// no such counters.
    pub(crate) fn now(server: Option<u32>) -> Option<Self> {
        let busy = busy(&fs::read_to_string("/proc/stat").ok()?)?;
        let own = used(&fs::read_to_string("/proc/self/stat").ok()?)?;
        let others = server.map_or(0, used_by_server) + used_by_kernel_threads();
        Some(Self { at: Instant::now(), busy, own: own + others })
    }

    /// The share of `cores` processors that others used since `before`, from 0 to 1.
    pub(crate) fn foreign_share(&self, before: &Self, cores: u32) -> f64 {
        let foreign = (self.busy - before.busy).saturating_sub(self.own.saturating_sub(before.own));
        let possible = (self.at - before.at).as_secs_f64() * TICKS_PER_S * f64::from(cores);
        if possible > 0.0 { foreign as f64 / possible } else { 0.0 }
    }

    /// How long ago this was read.
    pub(crate) fn age_s(&self) -> f64 {
        self.at.elapsed().as_secs_f64()
    }
}

/// The processor's own name for itself.
pub(crate) fn name() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let named = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    named.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.to_owned())
}

/// How many threads can run together.
pub(crate) fn cores() -> Result<u32, MeasureError> {
    let cores = std::thread::available_parallelism().map_err(MeasureError::Thread)?;
    Ok(u32::try_from(cores.get()).unwrap_or(u32::MAX))
}

/// User, nice, system and steal of all processors; not idle and not iowait. Interrupts are not
/// counted: those of the disk are ours.
fn busy(stat: &str) -> Option<u64> {
    let mut fields = stat.lines().next()?.strip_prefix("cpu ")?.split_ascii_whitespace();
    let mut next = || fields.next()?.parse::<u64>().ok();
    let [user, nice, system, _idle, _iowait, _irq, _softirq, steal] =
        std::array::from_fn(|_| next());
    Some(user? + nice? + system? + steal?)
}

/// User and system time of a process and of its children that it has waited for: fields 14 to 17,
/// counted behind the name in brackets, in which anything may stand.
fn used(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let fields = rest.split_ascii_whitespace().skip(11).take(4);
    fields.map(|field| field.parse::<u64>().ok()).sum()
}

/// The kernel's own threads are the children of process 2.
fn used_by_kernel_threads() -> u64 {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let is_number = |name: &str| name.bytes().all(|byte| byte.is_ascii_digit());
    let numbers = processes.filter_map(|entry| entry.file_name().into_string().ok());
    numbers.filter(|name| is_number(name)).filter_map(|pid| used_by_kernel_thread(&pid)).sum()
}

fn used_by_kernel_thread(pid: &str) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    let parent = rest.split_ascii_whitespace().nth(1)?;
    if parent == "2" { used(&stat) } else { None }
}

fn used_by_server(pid: u32) -> u64 {
    let of = |pid: &str| used(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?);
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
    let children = children.unwrap_or_default();
    let own = of(&pid.to_string()).unwrap_or_default();
    own + children.split_ascii_whitespace().filter_map(of).sum::<u64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_time_is_not_busy_and_the_time_of_guests_is_not_counted_twice() {
        let stat = "cpu  10 20 30 1000 500 1 2 3 7 7\ncpu0 5 10 15 500 250 0 1 1 0 0\n";
        assert_eq!(busy(stat), Some(63));
        assert_eq!(busy("intr 1 2"), None);
    }

    #[test]
    fn a_process_may_have_any_name() {
        let stat = "42 (a) b (c) S 1 42 42 0 -1 4194560 100 0 0 0 7 8 9 10 20 0 1 0 5 0 0";
        assert_eq!(used(stat), Some(34));
        assert_eq!(used("42"), None);
    }

    #[test]
    fn what_is_busy_and_not_our_own_is_foreign() {
        let at = Instant::now();
        let before = Reading { at, busy: 100, own: 50 };
        let after = Reading { at: at + std::time::Duration::from_secs(1), busy: 220, own: 150 };
        assert!((after.foreign_share(&before, 2) - 0.1).abs() < 1e-9);
        let all_own = Reading { own: 900, ..after };
        assert_eq!(all_own.foreign_share(&before, 2), 0.0);
    }
}
