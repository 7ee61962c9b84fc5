//! A series: every store with every setting, in interleaved rounds.

use std::time::Duration;

use hdrhistogram::Histogram;
use lab_scenario::Workload;
use lab_stats::{FOREIGN_CPU_SHARE_MAX, Latency, Machine, Pass, Placement, Row, Setting};

use crate::crew::longest_warm_up;
use crate::ground::Ground;
use crate::interleaved::{Measured, Rounds, Turn, interleave};
use crate::once::{Measurement, Once};
use crate::processes::ClientProgram;
use crate::worker::sampling;
use crate::{Contender, MeasureError, cpu, probe, warm_up};

/// What is measured together.
pub struct Series {
    /// What clients do.
    pub workload: Workload,
    /// Who.
    pub contenders: Vec<Contender>,
    /// With how many clients, each in turn.
    pub clients: Vec<u32>,
    /// With how many tasks, each in turn; as many as the workload has if none is given.
    pub tasks: Vec<u32>,
    /// On which processors, each in turn.
    pub placements: Vec<Placement>,
    /// What is looked at.
    pub pass: Pass,
    /// What clients run that are processes of their own; threads of this one if `None`.
    pub program: Option<ClientProgram>,
    /// How often everything is measured.
    pub rounds: u32,
    /// For how long each time.
    pub for_each: Duration,
    /// Where chance begins: the order of rounds and what clients do.
    pub seed: u64,
}

/// A row that is being made.
struct Cell<'a> {
    series: &'a Series,
    contender: &'a Contender,
    workload: Workload,
    row: Row,
    times: Option<Histogram<u64>>,
}

/// Measures a series. What cannot be measured has its reason in its row.
///
/// # Errors
/// Nothing can be measured here at all.
pub fn run(
    series: &Series,
    ground: &mut Ground,
    mut progress: impl FnMut(&str),
) -> Result<Vec<Row>, MeasureError> {
    let mut cells = cells(series);
    let rounds = Rounds { count: series.rounds, seed: series.seed };
    interleave(&mut cells, rounds, ground, &series.workload.text, &mut progress)?;
    Ok(cells.into_iter().map(finished).collect())
}

impl Measured for Cell<'_> {
    fn name(&self) -> &str {
        &self.row.subject.name
    }

    fn is_out(&self) -> bool {
        self.row.not_run.is_some()
    }

    fn take(&mut self, Turn { round, server, ground, rng }: Turn<'_>) -> Option<usize> {
        let measurement = Measurement {
            contender: self.contender,
            workload: &self.workload,
            setting: &self.row.setting,
            for_each: self.series.for_each,
            seed: rng.u64(..),
            server,
            program: self.series.program.as_ref(),
        };
        match measurement.take(ground) {
            Ok(Once { mut sample, times_ns }) => {
                sample.round = round;
                self.row.samples.push(sample);
                add(&mut self.times, &times_ns);
                Some(self.row.samples.len() - 1)
            }
            Err(error) => {
                self.row.not_run = Some(error.to_string());
                None
            }
        }
    }

    fn mark(&mut self, place: usize, foreign_cpu_share: f64) {
        self.row.samples[place].foreign_cpu_share = Some(foreign_cpu_share);
    }
}

fn cells(series: &Series) -> Vec<Cell<'_>> {
    let own = [u32::try_from(series.workload.tasks).unwrap_or(u32::MAX)];
    let tasks = if series.tasks.is_empty() { &own[..] } else { &series.tasks };
    let mut cells = Vec::new();
    for tasks in tasks {
        for clients in &series.clients {
            for placement in &series.placements {
                let setting = Setting {
                    workload: series.workload.text.clone(),
                    clients: *clients,
                    tasks: *tasks,
                    processes: series.program.is_some(),
                    placement: *placement,
                    pass: series.pass,
                };
                let cell = |contender| cell(series, contender, setting.clone());
                cells.extend(series.contenders.iter().map(cell));
            }
        }
    }
    cells
}

fn cell<'a>(series: &'a Series, contender: &'a Contender, setting: Setting) -> Cell<'a> {
    let workload = Workload { tasks: setting.tasks as usize, ..series.workload.clone() };
    let subject = contender.subject.clone();
    let row = Row { subject, setting, samples: Vec::new(), latency: None, not_run: None };
    Cell { series, contender, workload, row, times: None }
}

fn add(times: &mut Option<Histogram<u64>>, seen: &[(u64, u64)]) {
    if times.is_none() && !seen.is_empty() {
        // Three digits are always possible.
        *times = Histogram::new(3).ok();
    }
    if let Some(times) = times {
        for (ns, count) in seen {
            // It grows to whatever comes, up to what memory holds.
            let _ = times.record_n(*ns, *count);
        }
    }
}

fn finished(cell: Cell<'_>) -> Row {
    let latency = cell.times.map(|times| Latency {
        count: times.len(),
        ns_p50: times.value_at_quantile(0.5),
        ns_p90: times.value_at_quantile(0.9),
        ns_p99: times.value_at_quantile(0.99),
        ns_p999: times.value_at_quantile(0.999),
        ns_max: times.max(),
    });
    Row { latency, ..cell.row }
}

/// What a report says about this machine.
///
/// # Errors
/// The system does not say how many threads can run together.
pub fn machine(ground: &Ground, sqlite: &str) -> Result<Machine, MeasureError> {
    let server = lab_servers::postgres_if_started();
    Ok(Machine {
        processor: cpu::name(),
        cores: cpu::cores()?,
        file_system: probe::file_system(ground.folder()),
        sqlite: sqlite.to_owned(),
        postgres: server.and_then(|server| server.version().map(str::to_owned)),
    })
}

/// How a series is measured, in sentences.
pub fn method(rounds: u32, for_each: Duration) -> Vec<String> {
    let ms = for_each.as_millis();
    vec![
        format!(
            "{rounds} rounds; each measures every row once for {ms} ms, in another random order, \
             on a fresh store with its tasks in it."
        ),
        warm_up::rule(longest_warm_up(for_each)),
        format!(
            "A sample is marked and left out of every figure if others used more than {:.0} % of \
             the processors around it: what was busy by the kernel's count, without our own \
             processes, the server's and the kernel's threads, over at least half a second.",
            100.0 * FOREIGN_CPU_SHARE_MAX,
        ),
        sampling(),
    ]
}
