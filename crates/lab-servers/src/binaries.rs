//! Where Postgres is installed.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::ServerError;

const VARIABLE: &str = "RACELAB_POSTGRES_BIN";

/// A folder with `initdb` and `postgres`, both of which run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binaries {
    pub(crate) folder: PathBuf,
    /// As `postgres --version` says it: `15.18`.
    pub(crate) version: String,
}

/// Looks where the environment says, and only there if it says something; else in PATH and in the
/// usual folders of distributions and Homebrew, newest first.
pub(crate) fn find() -> Result<Binaries, ServerError> {
    if let Some(folder) = env::var_os(VARIABLE) {
        return probe(Path::new(&folder)).ok_or_else(|| {
            let folder = folder.display();
            let why = format!("no `initdb` and `postgres` that run are in {folder}");
            ServerError::Environment { variable: VARIABLE, why }
        });
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let in_path = env::split_paths(&path).collect::<Vec<_>>();
    in_path.iter().chain(&usual_folders()).find_map(|folder| probe(folder)).ok_or_else(|| {
        ServerError::Missing {
            reason: format!(
                "postgres is neither in PATH nor in a usual folder such as \
                 /usr/lib/postgresql/*/bin (if it is elsewhere, set {VARIABLE})"
            ),
            install: install_line(),
        }
    })
}

/// A program of Postgres beside the server's own binaries.
///
/// # Errors
/// Postgres is not installed, or without that program.
pub fn postgres_program(name: &str) -> Result<PathBuf, ServerError> {
    let folder = find()?.folder;
    // What is in PATH may be a link to one of the server's programs, without the others beside it.
    let real = folder.join("postgres").canonicalize().ok();
    let real = real.as_deref().and_then(Path::parent).map(|folder| folder.join(name));
    let beside = folder.join(name);
    let reason = format!("{} is not there", beside.display());
    [Some(beside), real]
        .into_iter()
        .flatten()
        .find(|program| program.is_file())
        .ok_or_else(|| ServerError::Missing { reason, install: install_line() })
}

/// The binaries in `folder`, if they are there and run: a distribution's wrapper may be there
/// without what it wraps.
fn probe(folder: &Path) -> Option<Binaries> {
    version_of(&folder.join("initdb"))?;
    let version = version_of(&folder.join("postgres"))?;
    Some(Binaries { folder: folder.to_owned(), version })
}

fn version_of(binary: &Path) -> Option<String> {
    let output = Command::new(binary).arg("--version").output().ok()?;
    if !output.status.success() {
        return None;
    }
    parse_version(&String::from_utf8_lossy(&output.stdout))
}

/// `15.18` of `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn parse_version(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("(PostgreSQL) ")?;
    rest.split_whitespace().next().map(str::to_owned)
}

fn usual_folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for (parent, prefix, below) in [
        ("/usr/lib/postgresql", "", "bin"),
        ("/usr", "pgsql-", "bin"),
        ("/opt/homebrew/opt", "postgresql", "bin"),
        ("/usr/local/opt", "postgresql", "bin"),
    ] {
        let mut versions = versions_in(Path::new(parent), prefix);
        versions.sort_unstable_by(|(one, _), (other, _)| other.total_cmp(one));
        folders.extend(versions.into_iter().map(|(_, folder)| folder.join(below)));
    }
    folders
}

/// The folders in `parent` whose names are `prefix` and a version; without a version (Homebrew's
/// newest is just `postgresql`) they count as the oldest.
fn versions_in(parent: &Path, prefix: &str) -> Vec<(f64, PathBuf)> {
    let Ok(entries) = fs::read_dir(parent) else {
        return Vec::new();
    };
    let folders = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        let name = entry.file_name().into_string().ok()?;
        let version = name.strip_prefix(prefix)?.trim_start_matches('@').parse().unwrap_or(0.0);
        Some((version, entry.path()))
    });
    folders.collect()
}

fn install_line() -> &'static str {
    if cfg!(target_os = "macos") {
        "brew install postgresql"
    } else if Path::new("/usr/bin/dnf").exists() {
        "dnf install postgresql-server"
    } else {
        "apt-get install postgresql"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_what_the_server_prints() {
        let line = "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n";
        assert_eq!(parse_version(line).as_deref(), Some("15.18"));
        assert_eq!(parse_version("initdb (PostgreSQL) 18beta1\n").as_deref(), Some("18beta1"));
        assert_eq!(parse_version("Error: no such wrapper\n"), None);
    }

    #[test]
    fn a_folder_without_binaries_is_not_taken() {
        assert_eq!(probe(Path::new("/nonexistent")), None);
    }
}
