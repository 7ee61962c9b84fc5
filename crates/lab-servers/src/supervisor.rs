//! The process between us and a server, which outlives us by the moment that cleaning up takes.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::account::Account;
use crate::{ServerError, place};

/// A running `supervisor.sh`. Dropping it stops the server, removes its folder, and waits until
/// that is done.
#[derive(Debug)]
pub(crate) struct Supervisor {
    process: Child,
    /// The script stops everything when this is closed.
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Supervisor {
    /// Starts a server; gives its folder, in which its socket is.
    pub(crate) fn start(
        binaries: &Path,
        account: Option<Account>,
    ) -> Result<(Self, PathBuf), ServerError> {
        let failed =
            |why: &dyn ToString| ServerError::failed("cannot start postgres", why.to_string());
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", include_str!("supervisor.sh"), "racelab-postgres"])
            .arg(binaries)
            .args(place::parents(account.is_some()))
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Ctrl-C goes to the terminal's process group, and the script has to outlive us.
            .process_group(0);
        if let Some(account) = account {
            command.uid(account.user).gid(account.group);
        }
        let mut process = command.spawn().map_err(|error| failed(&error))?;
        let commands = process.stdin.take();
        let answers = process.stdout.take().ok_or_else(|| failed(&"its output has no pipe"))?;
        let mut supervisor = Self { process, commands, answers: BufReader::new(answers) };
        let folder = supervisor.answer("ready ")?;
        Ok((supervisor, PathBuf::from(folder)))
    }

    /// Stops the server and keeps its data.
    pub(crate) fn stop_server(&mut self) -> Result<(), ServerError> {
        self.tell("stop\n", "stopped").map(drop)
    }

    /// Starts the server again.
    pub(crate) fn start_server(&mut self) -> Result<(), ServerError> {
        self.tell("start\n", "ready ").map(drop)
    }

    fn tell(&mut self, command: &str, answer: &str) -> Result<String, ServerError> {
        if let Some(commands) = &mut self.commands {
            let written = commands.write_all(command.as_bytes());
            written.map_err(|error| ServerError::failed("cannot reach the supervisor", error))?;
        }
        self.answer(answer)
    }

    /// What stands behind `expected` in the next answer; any other answer is a failure that goes
    /// on to the end of the output.
    fn answer(&mut self, expected: &str) -> Result<String, ServerError> {
        let failed = |why: &dyn ToString| ServerError::failed("postgres failed", why.to_string());
        let mut line = String::new();
        self.answers.read_line(&mut line).map_err(|error| failed(&error))?;
        if let Some(rest) = line.strip_prefix(expected) {
            return Ok(rest.trim_end().to_owned());
        }
        self.commands = None;
        self.answers.read_to_string(&mut line).map_err(|error| failed(&error))?;
        let why = line.trim_end();
        Err(failed(&why.strip_prefix("failed ").unwrap_or(why)))
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.commands = None;
        // Without the process there is nothing left to wait for.
        let _ = self.process.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_that_fails_shows_the_end_of_the_log() {
        let error = Supervisor::start(Path::new("/nonexistent"), None).unwrap_err().to_string();
        assert!(error.starts_with("postgres failed: initdb failed\n"), "{error}");
        assert!(error.contains("/nonexistent/initdb"), "{error}");
    }
}
