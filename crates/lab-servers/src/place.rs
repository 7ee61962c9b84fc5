//! Where a server may have its folder.

use std::env;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The bytes that `/racelab-XXXXXX/.s.PGSQL.5432` adds to a folder, and the most that the path of
/// a socket may have: 103 on macOS and the BSDs, 107 on Linux.
const SOCKET_BYTES: usize = "/racelab-XXXXXX/.s.PGSQL.5432".len();
const SOCKET_BYTES_MAX: usize = 103;

/// What a server's files may grow to in memory; a container's default /dev/shm has 64 MiB.
const ROOM_KIB_MIN: u64 = 512 * 1024;

/// The folders to try, best first; only such that everybody may write to, if the server runs as
/// somebody else than we.
pub(crate) fn parents(for_another_account: bool) -> Vec<PathBuf> {
    let memory = PathBuf::from("/dev/shm");
    let memory = has_room(&memory).then_some(memory);
    let own = env::temp_dir();
    let usual = PathBuf::from("/tmp");
    let usual = (usual != own).then_some(usual);
    memory
        .into_iter()
        .chain([own])
        .chain(usual)
        .filter(|parent| parent.as_os_str().as_bytes().len() + SOCKET_BYTES <= SOCKET_BYTES_MAX)
        .filter(|parent| !for_another_account || is_for_everybody(parent))
        .collect()
}

fn is_for_everybody(folder: &Path) -> bool {
    folder.metadata().is_ok_and(|found| found.permissions().mode() & 0o002 != 0)
}

/// Asks `df`: the standard library does not know how much room there is.
fn has_room(folder: &Path) -> bool {
    let Ok(output) = Command::new("df").arg("-Pk").arg(folder).output() else {
        return false;
    };
    available_kib(&String::from_utf8_lossy(&output.stdout)).is_some_and(|kib| kib >= ROOM_KIB_MIN)
}

/// The fourth column of the second line, as POSIX has it.
fn available_kib(df: &str) -> Option<u64> {
    df.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_of_a_file_system_is_read_from_df() {
        let df = "Filesystem 1024-blocks Used Available Capacity Mounted on\n\
                  tmpfs         25165824    4  25165820       1% /dev/shm\n";
        assert_eq!(available_kib(df), Some(25_165_820));
        assert_eq!(available_kib("df: /dev/shm: No such file or directory\n"), None);
    }
}
