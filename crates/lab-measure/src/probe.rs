//! What the disk gives to somebody who does nothing but append and sync.

use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// The bytes of one append: about what a journal writes for a change.
const RECORD: [u8; 64] = [b'.'; 64];

/// How long a probe takes, and how many appends it makes at least.
const PROBE: Duration = Duration::from_millis(15);
const APPENDS_MIN: u32 = 8;

/// Appends with fdatasync a second in `folder`, one after the other.
pub(crate) fn appends_per_s(folder: &Path) -> io::Result<f64> {
    let mut file = tempfile::tempfile_in(folder)?;
    let begin = Instant::now();
    let mut count = 0;
    while count < APPENDS_MIN || begin.elapsed() < PROBE {
        file.write_all(&RECORD)?;
        file.sync_data()?;
        count += 1;
    }
    Ok(f64::from(count) / begin.elapsed().as_secs_f64())
}

/// The type of the file system: the entry of the mount table with the longest path above `path`.
pub fn file_system(path: &Path) -> String {
    let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
    let of_line = |line: &str| {
        let mut words = line.split(' ').skip(1);
        Some((words.next()?.to_owned(), words.next()?.to_owned()))
    };
    let above = mounts.lines().filter_map(of_line).filter(|(mount, _)| path.starts_with(mount));
    let nearest = above.max_by_key(|(mount, _)| mount.len());
    nearest.map_or("unknown".to_owned(), |(_, kind)| kind)
}
