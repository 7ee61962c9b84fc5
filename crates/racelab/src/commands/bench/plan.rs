//! What is measured: what the command line asks for, or everything that the report shows.

use std::thread;

use lab_measure::{ClientProgram, Contender, CostSeries, Series, Traced, contenders_of};
use lab_scenario::Workload;
use lab_stats::{Pass, Placement, Role};
use lab_store::Needs;

use crate::bench_args::BenchArgs;

/// The series of a run, in their order.
pub(super) fn of(
    args: &BenchArgs,
    contenders: &[Contender],
    program: &ClientProgram,
) -> Vec<Series> {
    if args.all {
        return everything(args, contenders);
    }
    if args.costs {
        return Vec::new();
    }
    let pass = match args.open {
        Some(per_s) => Pass::Open(per_s),
        None if args.latency => Pass::Latency,
        None => Pass::Throughput,
    };
    vec![Series {
        workload: args.workload.clone(),
        contenders: contenders.to_vec(),
        clients: args.clients.clone(),
        tasks: args.tasks.clone(),
        placements: args.placement.iter().copied().map(Placement::from).collect(),
        pass,
        program: args.processes.then(|| program.clone()),
        rounds: args.rounds,
        for_each: args.for_each,
        seed: args.seed,
    }]
}

/// How many tasks there are where the parts of an edit are shown, unless somebody says so.
const TASKS_OF_COSTS: u32 = 100;

/// Rounds that show where the time goes: each takes the mean of all of its edits.
const ROUNDS_OF_COSTS: u32 = 5;

/// What shows where the time of an edit goes, where that is asked for: of each store the edits with
/// spans and without.
pub(super) fn costs(args: &BenchArgs, contenders: &[Contender]) -> Vec<CostSeries> {
    if !args.all && !args.costs {
        return Vec::new();
    }
    let traced = contenders_of(&lab_catalog::entries::<Traced>());
    let pair = |store: &Contender| {
        let twin = traced.iter().find(|one| one.subject.name == store.subject.name)?;
        Some((store.clone(), twin.clone()))
    };
    let stores = contenders.iter().filter(|one| one.subject.role == Role::Store);
    let pairs: Vec<(Contender, Contender)> = stores.filter_map(pair).collect();
    let tasks = if args.tasks.is_empty() { &[TASKS_OF_COSTS][..] } else { &args.tasks };
    let series = |tasks: &u32| CostSeries {
        contenders: pairs.clone(),
        clients: args.clients.clone(),
        tasks: *tasks,
        rounds: if args.all { ROUNDS_OF_COSTS } else { args.rounds },
        for_each: args.for_each,
        seed: args.seed,
    };
    tasks.iter().map(series).collect()
}

/// The rate of the open loop: what a file that is rewritten and synced can still keep up with.
const OPEN_PER_S: f64 = 200.0;

/// Times need many operations and not many rounds: they are shown, and not compared.
const ROUNDS_OF_TIMES: u32 = 2;

/// From one client to four times as many as can run together, each time twice as many.
fn sweep() -> Vec<u32> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let most = u32::try_from(4 * cores).unwrap_or(u32::MAX);
    std::iter::successors(Some(1), |clients| Some(2 * clients))
        .take_while(|clients| *clients <= most)
        .collect()
}

fn everything(args: &BenchArgs, contenders: &[Contender]) -> Vec<Series> {
    let series = |workload: &str, clients: &[u32], pass| {
        // A name of this program's own always reads.
        let workload = workload.parse::<Workload>().ok()?;
        Some(Series {
            workload,
            contenders: contenders.to_vec(),
            clients: clients.to_vec(),
            tasks: Vec::new(),
            placements: vec![Placement::Free],
            pass,
            program: None,
            rounds: if pass == Pass::Throughput { args.rounds } else { ROUNDS_OF_TIMES },
            for_each: args.for_each,
            seed: args.seed,
        })
    };
    // Only where something else than the client can be on another processor does it matter.
    let has_files = |one: &Contender| matches!(one.needs, Needs::Directory | Needs::Database);
    let placed = series("hot_task", &[1], Pass::Throughput).map(|series| Series {
        contenders: contenders.iter().filter(|one| !has_files(one)).cloned().collect(),
        placements: vec![Placement::Together, Placement::Apart],
        ..series
    });
    // Two clients on many tasks say whether a store in memory lets them pass each other.
    let paired = series("uniform,edit=1", &[2], Pass::Throughput).map(|series| {
        let in_memory = contenders.iter().filter(|one| one.needs == Needs::Nothing);
        Series { contenders: in_memory.cloned().collect(), ..series }
    });
    // Group commit gains with writers beyond what scaling is about.
    let crowded = series("hot_task", &[16], Pass::Throughput).map(|series| {
        let in_folders = contenders.iter().filter(|one| one.needs == Needs::Directory);
        Series { contenders: in_folders.cloned().collect(), ..series }
    });
    // What rewrites a file for each task takes too long to be filled with more.
    let sized = |is_in_memory: bool, tasks: &[u32]| {
        series("uniform", &[1], Pass::Throughput).map(|series| {
            let meant = |one: &&Contender| (one.needs == Needs::Nothing) == is_in_memory;
            let contenders = contenders.iter().filter(meant).cloned().collect();
            Series { contenders, tasks: tasks.to_vec(), rounds: ROUNDS_OF_TIMES, ..series }
        })
    };
    [
        series("hot_task", &sweep(), Pass::Throughput),
        series("uniform,edit=1", &[4], Pass::Throughput),
        paired,
        crowded,
        placed,
        sized(true, &[10, 1_000, 100_000]),
        sized(false, &[10, 1_000]),
        series("hot_task", &[1, 8], Pass::Latency),
        series("hot_task", &[4], Pass::Open(OPEN_PER_S)),
    ]
    .into_iter()
    .flatten()
    .collect()
}
