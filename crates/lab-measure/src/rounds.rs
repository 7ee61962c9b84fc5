//! Rounds: every cell once, each round in another order, so that whatever changes on the machine
//! meets all of them alike.

use std::time::Duration;

use fastrand::Rng;
use hdrhistogram::Histogram;
use lab_scenario::Workload;
use lab_stats::{FOREIGN_CPU_SHARE_MAX, Latency, Machine, Pass, Placement, Row, Setting};

use crate::crew::longest_warm_up;
use crate::gate::Gate;
use crate::ground::Ground;
use crate::once::{Measurement, Once};
use crate::processes::ClientProgram;
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
    let server = lab_servers::postgres_if_started().and_then(lab_servers::PostgresServer::pid);
    let mut gate = Gate::new(cpu::cores()?, server);
    let mut rng = Rng::with_seed(series.seed);
    let mut cells = cells(series);
    for round in 0..series.rounds {
        let mut order: Vec<usize> = (0..cells.len()).collect();
        rng.shuffle(&mut order);
        for (count, at) in order.iter().copied().enumerate() {
            let cell = &mut cells[at];
            if cell.row.not_run.is_none() {
                let rounds = format!("round {} of {}", round + 1, series.rounds);
                let place = format!("{} of {}", count + 1, order.len());
                let (workload, name) = (&series.workload.text, &cell.row.subject.name);
                progress(&format!("{workload}: {rounds}, {place}: {name}"));
                if cell.take(series, ground, (round, rng.u64(..)), server) {
                    gate.taken(at, cell.row.samples.len() - 1);
                }
            }
            let is_last = round + 1 == series.rounds && count + 1 == order.len();
            if let Some((share, taken)) = gate.close(is_last) {
                for (at, place) in taken {
                    cells[at].row.samples[place].foreign_cpu_share = Some(share);
                }
            }
        }
    }
    Ok(cells.into_iter().map(finished).collect())
}

impl Cell<'_> {
    /// Takes one sample; whether there is one. Else the reason is kept, and nobody tries again.
    fn take(
        &mut self,
        series: &Series,
        ground: &mut Ground,
        (round, seed): (u32, u64),
        server: Option<u32>,
    ) -> bool {
        let measurement = Measurement {
            contender: self.contender,
            workload: &self.workload,
            setting: &self.row.setting,
            for_each: series.for_each,
            seed,
            server,
            program: series.program.as_ref(),
        };
        match measurement.take(ground) {
            Ok(Once { mut sample, times_ns }) => {
                sample.round = round;
                self.row.samples.push(sample);
                add(&mut self.times, &times_ns);
            }
            Err(error) => self.row.not_run = Some(error.to_string()),
        }
        self.row.not_run.is_none()
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
                let cell = |contender| cell(contender, &series.workload, setting.clone());
                cells.extend(series.contenders.iter().map(cell));
            }
        }
    }
    cells
}

fn cell<'a>(contender: &'a Contender, workload: &Workload, setting: Setting) -> Cell<'a> {
    let workload = Workload { tasks: setting.tasks as usize, ..workload.clone() };
    let subject = contender.subject.clone();
    let row = Row { subject, setting, samples: Vec::new(), latency: None, not_run: None };
    Cell { contender, workload, row, times: None }
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
    ]
}
