//! `racelab doctor`: what is installed, and what this machine is like.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use lab_sites::Sites;
use serde::Serialize;

use crate::exit::Exit;
use crate::output::Output;

const SYNCS: usize = 30;
const CLOCK_READS: u32 = 10_000;

#[derive(Serialize)]
struct Findings {
    racelab: &'static str,
    cores: usize,
    clock_read_ns: u128,
    folders: Vec<Folder>,
    sqlite: &'static str,
    postgres: String,
    required: Vec<&'static str>,
}

/// What one folder costs: the median and the ends of a number of small durable writes.
#[derive(Serialize)]
struct Folder {
    what: &'static str,
    path: String,
    file_system: String,
    fdatasync_us_median: u128,
    fdatasync_us_min: u128,
    fdatasync_us_max: u128,
}

pub(super) fn run(sites: &Sites, output: &mut Output) -> anyhow::Result<Exit> {
    let here = std::env::current_dir().context("the current folder cannot be found")?;
    let mut folders = vec![folder("stores, while races are explored", sites.folder())?];
    match folder("the current folder", &here) {
        Ok(folder) => folders.push(folder),
        Err(error) => output.note(&format!("{error:#}")),
    }
    let findings = Findings {
        racelab: env!("CARGO_PKG_VERSION"),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        clock_read_ns: clock_read_ns(),
        folders,
        sqlite: store_sqlite::version(),
        postgres: postgres(),
        required: lab_servers::required()?.iter().map(|one| one.as_str()).collect(),
    };
    if output.is_json() {
        output.json(&findings)?;
    } else {
        show(&findings, output)?;
    }
    Ok(Exit::Met)
}

fn show(findings: &Findings, output: &mut Output) -> anyhow::Result<()> {
    let mut line = |name: &str, value: &str| output.line(&format!("{name:<10} {value}"));
    line("racelab", findings.racelab)?;
    line("cores", &findings.cores.to_string())?;
    line("clock", &format!("{} ns to read", findings.clock_read_ns))?;
    line("sqlite", &format!("{} (built in)", findings.sqlite))?;
    line("postgres", &findings.postgres)?;
    if !findings.required.is_empty() {
        line("required", &findings.required.join(", "))?;
    }
    for folder in &findings.folders {
        line("folder", &format!("{} ({}), for {}", folder.path, folder.file_system, folder.what))?;
        let Folder { fdatasync_us_median, fdatasync_us_min, fdatasync_us_max, .. } = folder;
        let range = format!("{fdatasync_us_min} to {fdatasync_us_max} µs");
        line("", &format!("fdatasync {fdatasync_us_median} µs (median of {SYNCS}, {range})"))?;
    }
    Ok(())
}

/// The server that the Postgres stores would use, or how to get one.
fn postgres() -> String {
    match lab_servers::postgres() {
        Ok(server) => {
            let version = server.version().map_or(String::new(), |version| format!("{version}, "));
            let origin = match server.origin() {
                lab_servers::Origin::Private => "started by the lab",
                lab_servers::Origin::Environment => "from RACELAB_POSTGRES_URL",
            };
            format!("{version}{origin}, {}", server.display_url())
        }
        Err(error) => format!("not there: {error}"),
    }
}

fn folder(what: &'static str, path: &Path) -> anyhow::Result<Folder> {
    let mut times = syncs(path).with_context(|| format!("{} cannot be written", path.display()))?;
    times.sort();
    let us = |time: Option<&Duration>| time.map_or(0, Duration::as_micros);
    Ok(Folder {
        what,
        path: path.display().to_string(),
        file_system: lab_measure::file_system(path),
        fdatasync_us_median: us(times.get(times.len() / 2)),
        fdatasync_us_min: us(times.first()),
        fdatasync_us_max: us(times.last()),
    })
}

/// How long each of a number of small appends took to be durable.
fn syncs(folder: &Path) -> std::io::Result<Vec<Duration>> {
    let mut file: File = tempfile::tempfile_in(folder)?;
    let mut times = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let start = Instant::now();
        file.write_all(&[0; 128])?;
        file.sync_data()?;
        times.push(start.elapsed());
    }
    Ok(times)
}

fn clock_read_ns() -> u128 {
    let start = Instant::now();
    for _ in 0..CLOCK_READS {
        std::hint::black_box(Instant::now());
    }
    start.elapsed().as_nanos() / u128::from(CLOCK_READS)
}
