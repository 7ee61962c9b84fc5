//! One measurement: a fresh store, clients at work for a while, and the audit afterwards.

use std::time::Duration;

use lab_scenario::{Skew, StepKind, Workload};
use lab_stats::{Pass, Sample, Setting};
use lab_store::{Needs, StoreError};
use lab_task::{Task, TaskId};

use crate::client::{Client, all_tasks};
use crate::contender::{External, ExternalWork, How};
use crate::crew::{Threads, Watched, watch};
use crate::ground::{Fresh, Ground};
use crate::ledger::{Ledger, audit, audit_total};
use crate::placement::{Cpus, PinnedServer, cpus, pin, pin_server};
use crate::processes::{ClientProgram, Processes};
use crate::worker::Told;
use crate::{Contender, MeasureError, probe};

/// One cell of one round.
pub(crate) struct Measurement<'a> {
    pub(crate) contender: &'a Contender,
    /// With as many tasks as the setting has.
    pub(crate) workload: &'a Workload,
    pub(crate) setting: &'a Setting,
    pub(crate) for_each: Duration,
    pub(crate) seed: u64,
    /// The first process of a private server.
    pub(crate) server: Option<u32>,
    /// What clients that are processes run.
    pub(crate) program: Option<&'a ClientProgram>,
}

/// What one measurement gave.
pub(crate) struct Once {
    pub(crate) sample: Sample,
    /// Times in nanoseconds and how often each was seen.
    pub(crate) times_ns: Vec<(u64, u64)>,
}

impl Measurement<'_> {
    pub(crate) fn take(&self, ground: &mut Ground) -> Result<Once, MeasureError> {
        let cpus = self.processors()?;
        // What the store starts, and the sessions, stay where this thread is.
        let pinned = cpus.stores.map(pin);
        let _pinned_server = self.pin_server(cpus)?;
        let fresh = ground.fresh(self.contender, self.workload.tasks)?;
        let probe_per_s = self.probe(&fresh)?;
        let mut once = match self.contender.how {
            How::External(external) => {
                drop(pinned);
                let _pinned = cpus.clients.map(pin);
                self.external(&external, &fresh)?
            }
            How::Sessions(_) if self.setting.processes => {
                let crew = Processes::start(self, &fresh)?;
                self.sessions(watch(crew, self.for_each)?, &fresh)?
            }
            How::Sessions(_) => {
                let clients = self.clients(&fresh)?;
                drop(pinned);
                let crew = Threads::start(clients, self.setting.pass, cpus.clients, self.seed)?;
                self.sessions(watch(crew, self.for_each)?, &fresh)?
            }
        };
        once.sample.probe_per_s = probe_per_s;
        Ok(once)
    }

    fn name(&self) -> &str {
        &self.contender.subject.name
    }

    fn store_error(&self, why: StoreError) -> MeasureError {
        MeasureError::store(self.name(), why)
    }

    fn not_possible(&self, why: &str) -> MeasureError {
        MeasureError::NotPossible(format!("{}: {why}", self.name()))
    }

    fn processors(&self) -> Result<Cpus, MeasureError> {
        if self.setting.processes && !self.contender.shares_site {
            return Err(self.not_possible("another process has tasks of its own, or is kept out"));
        }
        let placement = self.setting.placement;
        cpus(placement)
            .ok_or_else(|| self.not_possible(&format!("this machine cannot place it {placement}")))
    }

    /// Sessions of a server are processes that the server starts, where it is itself.
    fn pin_server(&self, cpus: Cpus) -> Result<Option<PinnedServer>, MeasureError> {
        let Some(cpu) = cpus.stores.filter(|_| self.contender.needs == Needs::Postgres) else {
            return Ok(None);
        };
        let pinned = self.server.map(|server| pin_server(server, cpu));
        match pinned.filter(PinnedServer::is_pinned) {
            Some(pinned) => Ok(Some(pinned)),
            None => Err(self.not_possible("a server that is not ours cannot be placed")),
        }
    }

    fn probe(&self, fresh: &Fresh) -> Result<Option<f64>, MeasureError> {
        let has_files = matches!(self.contender.needs, Needs::Directory | Needs::Database);
        let folder = &fresh.site.directory;
        let probed = has_files.then(|| probe::appends_per_s(folder)).transpose();
        probed.map_err(|why| MeasureError::File { path: folder.display().to_string(), why })
    }

    fn clients(&self, fresh: &Fresh) -> Result<Vec<Client>, MeasureError> {
        let tasks: Vec<TaskId> = fresh.tasks.iter().map(|task| task.id).collect();
        let plan = self.workload.plan();
        (0..self.setting.clients)
            .map(|at| {
                let session = fresh.store.session().map_err(|why| self.store_error(why))?;
                let steps = plan.client(self.seed, u64::from(at));
                let client = Client::new(session, self.workload, steps, &tasks);
                client.map_err(|why| self.store_error(why))
            })
            .collect()
    }

    fn external(&self, external: &External, fresh: &Fresh) -> Result<Once, MeasureError> {
        let Workload { skew, mix, .. } = self.workload;
        let tasks = match skew {
            Skew::Hot => 1,
            Skew::Uniform => fresh.tasks.len() as u64,
            Skew::Zipf(_) | Skew::Latest(_) => 0,
        };
        if mix.share(StepKind::Edit) < 1.0 || tasks == 0 || self.setting.pass != Pass::Throughput {
            return Err(self.not_possible("it measures the throughput of edits, and no more"));
        }
        let work = ExternalWork { clients: self.setting.clients, tasks, about: self.for_each };
        let run = (external.run)(&fresh.site, &work).map_err(|why| self.store_error(why))?;
        let after = self.stored(fresh)?;
        let survival = audit_total(run.acknowledged, &fresh.tasks, &after);
        let sample = Sample {
            operations_per_s: run.per_s,
            survived_per_s: run.per_s * survival.share(),
            acknowledged: survival.acknowledged,
            survived: survival.survived,
            window_ms: 1e3 * survival.acknowledged as f64 / run.per_s,
            is_settled: true,
            ..Sample::default()
        };
        Ok(Once { sample, times_ns: Vec::new() })
    }

    fn sessions(&self, watched: Watched, fresh: &Fresh) -> Result<Once, MeasureError> {
        let Watched { by_client, window, warm_up, is_settled, told } = watched;
        let count = by_client.iter().sum::<u64>();
        if count == 0 {
            return Err(self.no_answer(&told, window));
        }
        let after = self.stored(fresh)?;
        let sum = |of: fn(&Told) -> u64| told.iter().map(of).sum::<u64>();
        let ledgers: Vec<&Ledger> = told.iter().map(|one| &one.ledger).collect();
        let survival = audit(&ledgers, &fresh.tasks, &after);
        let operations_per_s = count as f64 / window.as_secs_f64();
        let sample = Sample {
            operations_per_s,
            // Of all good answers since the start, the share that were writes and survived.
            survived_per_s: operations_per_s * survival.survived as f64
                / sum(|one| one.good).max(1) as f64,
            acknowledged: survival.acknowledged,
            survived: survival.survived,
            refused: sum(|one| one.refused),
            failed: sum(|one| one.failed),
            retries: sum(|one| one.retries),
            waits: sum(|one| one.waits),
            by_client,
            window_ms: millis(window),
            warm_up_ms: millis(warm_up),
            is_settled,
            ..Sample::default()
        };
        Ok(Once { sample, times_ns: told.into_iter().flat_map(|one| one.times_ns).collect() })
    }

    fn no_answer(&self, told: &[Told], window: Duration) -> MeasureError {
        let failure = told.iter().find_map(|one| one.failure.as_ref());
        MeasureError::NoAnswer {
            store: self.name().to_owned(),
            window_ms: window.as_millis(),
            because: failure.map_or(String::new(), |failure| format!(": {failure}")),
        }
    }

    /// What is there now. A file that cannot be read any more holds nothing that survived.
    fn stored(&self, fresh: &Fresh) -> Result<Vec<Task>, MeasureError> {
        let listed = fresh.store.session().and_then(|mut session| all_tasks(&mut *session));
        match listed {
            Err(StoreError::Corrupt { .. }) => Ok(Vec::new()),
            listed => listed.map_err(|why| self.store_error(why)),
        }
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
