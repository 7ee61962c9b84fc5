//! What one process of the operating system tells another to do, and how that does it.

use std::io::{self, BufRead, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use anyhow::Context;
use lab_history::{Places, Progress, recorder};
use lab_runtime::Threads;
use lab_scenario::Workload;
use lab_store::Site;
use lab_task::TaskId;
use serde::{Deserialize, Serialize};

use super::crew::{Crew, with_clients};
use super::frame::Frame;
use super::stop::Stop;
use super::{PAUSE, RECORDS_MANY, RECORDS_MAX};
use crate::select::find;

/// The clients of one process.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Orders {
    pub(super) store: String,
    pub(super) directory: PathBuf,
    pub(super) url: Option<String>,
    pub(super) namespace: String,
    pub(super) workload: String,
    pub(super) seed: u64,
    /// The number of the first client.
    pub(super) first: u32,
    pub(super) clients: usize,
    /// What is there at the beginning.
    pub(super) tasks: Vec<TaskId>,
}

/// Carries out the orders that stand in the first line of stdin, until stdin ends, and writes what
/// happens to stdout as frames.
///
/// # Errors
/// The orders make no sense, the store cannot be opened, or nobody listens.
pub fn carry_out() -> anyhow::Result<()> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    let orders: Orders = serde_json::from_str(&line).context("these are no orders")?;
    // Ctrl-C reaches this process as well; it is the other one that says when to stop.
    lab_sites::on_interrupt(|| {});
    clients(&orders)
}

fn clients(orders: &Orders) -> anyhow::Result<()> {
    let stop = Arc::new(Stop::default());
    let entry = find::<Threads>(&orders.store)?;
    let workload: Workload = orders.workload.parse()?;
    let Orders { directory, url, namespace, seed, first, .. } = orders.clone();
    let store = (entry.open)(&Site { directory, url, namespace })?;
    let records_max = RECORDS_MAX / orders.clients.max(1);
    let (tracks, mut recording) = recorder(Places::Clock, first, orders.clients, records_max);
    let crew =
        Crew { store: &*store, workload: &workload, seed, tasks: &orders.tasks, stop: &stop };
    let mut stdout = io::stdout().lock();
    wait_for_the_others(&mut stdout)?;
    say_at_the_end_of_stdin(&stop);
    let (told, failures) = with_clients(crew, tracks, || -> io::Result<()> {
        let mut records = Vec::new();
        let mut progress = Progress::default();
        // Records since an operation began that does not end.
        let (mut waiting, mut settled) = (0, 0);
        while progress.known_before != u64::MAX {
            records.clear();
            progress = if waiting > RECORDS_MAX && recording.is_held_up() {
                recording.progress()
            } else {
                recording.drain(&mut records)
            };
            waiting = if progress.invoked_from > settled { 0 } else { waiting + records.len() };
            settled = progress.invoked_from;
            Frame::write_records(&mut stdout, &records, progress)?;
            if records.len() < RECORDS_MANY {
                stop.wait(PAUSE);
            }
        }
        drop(recording);
        Ok(())
    })?;
    told?;
    Ok(Frame::write_end(&mut stdout, &failures)?)
}

/// Says that this process is ready, and waits until all are: while one of them opens a store
/// nobody is at work in it.
fn wait_for_the_others(stdout: &mut impl io::Write) -> io::Result<()> {
    Frame::write_records(stdout, &[], Progress::default())?;
    io::stdin().lock().read_line(&mut String::new()).map(drop)
}

fn say_at_the_end_of_stdin(stop: &Arc<Stop>) {
    let stop = Arc::clone(stop);
    thread::spawn(move || {
        let _ = io::stdin().lock().read_to_end(&mut Vec::new());
        stop.say();
    });
}
