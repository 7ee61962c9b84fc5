//! Counting by valgrind's callgrind.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

/// The argument before the name of the case that a child carries out.
pub(crate) const CASE: &str = "--case";

/// Carries out `body`. callgrind looks for this function by its name, and counts what a thread does
/// from when it enters it until it leaves it.
#[inline(never)]
pub(crate) fn only_this_is_counted(body: &mut dyn FnMut() -> Result<()>) -> Result<()> {
    body()
}

/// An installed valgrind.
pub(crate) struct Valgrind {
    path: PathBuf,
    version: String,
}

/// What became of a case.
pub(crate) enum Counted {
    Instructions(u64),
    /// Why not, as the case says.
    Not(String),
}

impl Valgrind {
    /// The one in the path; `None` if there is none.
    pub(crate) fn find() -> Option<Self> {
        let folders = env::var_os("PATH")?;
        let mut paths = env::split_paths(&folders).map(|folder| folder.join("valgrind"));
        let path = paths.find(|path| path.is_file())?;
        let said = Command::new(&path).arg("--version").output().ok()?;
        let version = String::from_utf8_lossy(&said.stdout).trim().to_owned();
        said.status.success().then_some(Self { path, version })
    }

    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// Carries out a case in a process of its own and counts.
    pub(crate) fn count(&self, case: &str) -> Result<Counted> {
        let folder = tempfile::tempdir().context("a folder for what callgrind writes")?;
        let out = folder.path().join("callgrind.out");
        let (folder_of_program, name) = program()?;
        let mut valgrind = Command::new(&self.path);
        // Neither anybody's environment nor the path of the checkout takes part: their length alone
        // moves the stack, and what is copied to and from it takes more or fewer instructions.
        valgrind.env_clear().current_dir(folder_of_program);
        valgrind.args(["--quiet", "--tool=callgrind", "--toggle-collect=*only_this_is_counted*"]);
        let mut out_file = OsString::from("--callgrind-out-file=");
        out_file.push(&out);
        valgrind.arg(out_file);
        valgrind.arg(Path::new(".").join(name)).args([CASE, case]);
        let said = valgrind.output().context("valgrind cannot be started")?;
        let complaint = String::from_utf8_lossy(&said.stderr);
        ensure!(said.status.success(), "{case}: {}: {}", said.status, complaint.trim());
        let why = String::from_utf8_lossy(&said.stdout).trim().to_owned();
        if !why.is_empty() {
            return Ok(Counted::Not(why));
        }
        let text = fs::read_to_string(&out).with_context(|| out.display().to_string())?;
        match total(&text) {
            Some(count) if count > 0 => Ok(Counted::Instructions(count)),
            _ => bail!("{case}: callgrind counted nothing: {}", complaint.trim()),
        }
    }
}

/// Where this program is, and its name there.
fn program() -> Result<(PathBuf, OsString)> {
    let path = env::current_exe().context("the path of this program")?;
    let place = path.parent().zip(path.file_name());
    let (folder, name) = place.context("this program has no folder")?;
    Ok((folder.to_owned(), name.to_owned()))
}

/// The total of what callgrind wrote.
fn total(text: &str) -> Option<u64> {
    let mut totals = text.lines().filter_map(|line| line.strip_prefix("totals: "));
    totals.next_back()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_stands_at_the_end() {
        let text = "events: Ir\nsummary: 0\n\nfn=(1) x\n1 5\n\ntotals: 12345\n";
        assert_eq!(total(text), Some(12_345));
        assert_eq!(total("events: Ir\n"), None);
    }
}
