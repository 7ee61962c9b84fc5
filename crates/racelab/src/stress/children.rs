//! Clients in other processes of the operating system, as seen from the one that started them.

use std::io::{BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::thread;

use lab_history::{Progress, Record};

use super::failures::Failures;
use super::frame::Frame;
use super::orders::Orders;
use super::{COMMAND_OF_CHILDREN, StressError};

/// How many frames of one child may wait to be taken.
const FRAMES_MAX: usize = 8;
/// Records of one child that others hold up; it is not listened to before they are taken.
const EARLY_MAX: usize = 1 << 18;

/// One process with some of the clients.
pub(super) struct Helper {
    child: Child,
    frames: Receiver<std::io::Result<Frame>>,
    early: Vec<Record>,
    progress: Progress,
    /// What its clients say of their failures, when they have ended.
    failures: Option<Failures>,
}

impl Helper {
    /// Starts `binary`, which is this very program.
    pub(super) fn start(binary: &Path, orders: &Orders) -> Result<Self, StressError> {
        let mut command = Command::new(binary);
        command.arg(COMMAND_OF_CHILDREN).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(StressError::Start)?;
        let pipes = (child.stdin.as_mut(), child.stdout.take());
        let (Some(stdin), Some(stdout)) = pipes else {
            return Err(StressError::Start(std::io::ErrorKind::BrokenPipe.into()));
        };
        let mut line = serde_json::to_vec(orders).map_err(std::io::Error::from)?;
        line.push(b'\n');
        stdin.write_all(&line)?;
        let (to, frames) = sync_channel(FRAMES_MAX);
        thread::spawn(move || {
            let mut stdout = BufReader::new(stdout);
            loop {
                let frame = Frame::read(&mut stdout);
                let is_last = !matches!(frame, Ok(Frame::Records(..)));
                if to.send(frame).is_err() || is_last {
                    return;
                }
            }
        });
        let (early, progress) = (Vec::new(), Progress::default());
        Ok(Self { child, frames, early, progress, failures: None })
    }

    /// Waits until it has opened the store.
    pub(super) fn wait_until_ready(&mut self) -> Result<(), StressError> {
        match self.frames.recv() {
            Ok(frame) => frame.map(drop).map_err(StressError::Child),
            Err(_) => Err(StressError::Child(std::io::ErrorKind::UnexpectedEof.into())),
        }
    }

    /// Tells it to begin.
    pub(super) fn begin(&mut self) -> Result<(), StressError> {
        match &mut self.child.stdin {
            Some(stdin) => stdin.write_all(b"\n").map_err(StressError::Child),
            None => Ok(()),
        }
    }

    /// Tells it to stop: its clients still finish what they have begun.
    pub(super) fn stop(&mut self) {
        drop(self.child.stdin.take());
    }

    fn listen(&mut self, early_max: usize) -> Result<(), StressError> {
        while self.failures.is_none() && self.early.len() < early_max {
            match self.frames.try_recv() {
                Ok(Ok(Frame::Records(records, progress))) => {
                    self.early.extend(records);
                    self.progress = progress;
                }
                Ok(Ok(Frame::End(failures))) => {
                    let everything = Progress { known_before: u64::MAX, invoked_from: u64::MAX };
                    (self.failures, self.progress) = (Some(failures), everything);
                }
                Err(TryRecvError::Empty) => return Ok(()),
                Ok(Err(why)) => return Err(StressError::Child(why)),
                Err(TryRecvError::Disconnected) => {
                    return Err(StressError::Child(std::io::ErrorKind::UnexpectedEof.into()));
                }
            }
        }
        Ok(())
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        if self.failures.is_none() {
            // It is of no use any more; if it has ended already, so much the better.
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// All such processes together.
pub(super) struct Children(pub(super) Vec<Helper>);

impl Children {
    /// Appends to `records`, in the order of their answers, those that became known. If the others
    /// are to wait, only who is furthest behind is listened to.
    pub(super) fn drain(
        &mut self,
        records: &mut Vec<Record>,
        others_wait: bool,
    ) -> Result<Progress, StressError> {
        let slowest = self.least(|helper| helper.progress.invoked_from);
        let is_heard =
            |helper: &&mut Helper| !others_wait || helper.progress.invoked_from == slowest;
        // What one of them can send while it is behind is limited by itself.
        let early_max = if others_wait { usize::MAX } else { EARLY_MAX };
        self.0.iter_mut().filter(is_heard).try_for_each(|helper| helper.listen(early_max))?;
        let known_before = self.least(|helper| helper.progress.known_before);
        let from = records.len();
        for helper in &mut self.0 {
            let known = helper.early.partition_point(|record| record.answered < known_before);
            records.extend(helper.early.drain(..known));
        }
        records[from..].sort_by_key(|record| record.answered);
        let invoked_from = self.least(|helper| {
            let early = helper.early.iter().map(|record| record.invoked).min();
            early.map_or(helper.progress.invoked_from, |e| e.min(helper.progress.invoked_from))
        });
        Ok(Progress { known_before, invoked_from })
    }

    fn least(&self, of: impl Fn(&Helper) -> u64) -> u64 {
        self.0.iter().map(of).min().unwrap_or(u64::MAX)
    }

    pub(super) fn stop(&mut self) {
        self.0.iter_mut().for_each(Helper::stop);
    }

    /// Whether the clients of one of them have ended, so that the others had better end too.
    pub(super) fn has_ended(&self) -> bool {
        self.0.iter().any(|helper| helper.failures.is_some())
    }

    /// What failed, of clients that have ended.
    pub(super) fn failures(&self) -> Failures {
        let mut all = Failures::default();
        self.0.iter().filter_map(|helper| helper.failures.clone()).for_each(|one| all.append(one));
        all
    }
}
