//! The report of a benchmark as people read it, from results that never change.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::path::Path;
use std::{env, fs};

use lab_report::{bench_tables, benchmarks};
use lab_stats::{
    Cost, CostPart, CostRound, Edits, FORMAT, Latency, Machine, Pass, Placement, Results, Role,
    Row, Sample, Setting, Subject,
};

const ROUNDS: u32 = 16;

fn setting(clients: u32, pass: Pass) -> Setting {
    Setting {
        workload: "hot_task".to_owned(),
        clients,
        tasks: 1,
        processes: false,
        placement: Placement::Free,
        pass,
    }
}

/// A row whose speed swings by a tenth over the rounds, and which loses `lost` of 1,000.
fn row(name: &str, role: Role, setting: Setting, per_s: f64, lost: u64) -> Row {
    let sample = |round: u32| {
        let swing = 1.0 + 0.05 * f64::from(round % 5) / 2.0;
        let kept = (1000 - lost) as f64 / 1000.0;
        Sample {
            round,
            operations_per_s: per_s * swing,
            survived_per_s: per_s * swing * kept,
            acknowledged: 1000,
            survived: 1000 - lost,
            retries: lost / 2,
            by_client: (1..=u64::from(setting.clients)).map(|at| 100 * at).collect(),
            window_ms: 200.0,
            warm_up_ms: 40.0,
            is_settled: true,
            foreign_cpu_share: Some(if round == 3 { 0.2 } else { 0.01 }),
            probe_per_s: name.starts_with("file").then_some(1000.0),
            ..Sample::default()
        }
    };
    let times = Latency {
        count: 5000,
        ns_p50: 900,
        ns_p90: 1_500,
        ns_p99: 20_000,
        ns_p999: 3_000_000,
        ns_max: 832_000_000,
    };
    Row {
        subject: Subject {
            name: name.to_owned(),
            family: name.split('/').next().unwrap().replace("peer", "memory"),
            mechanism: "some <mechanism> & more".to_owned(),
            role,
        },
        samples: (0..ROUNDS).map(sample).collect(),
        latency: (setting.pass != Pass::Throughput).then_some(times),
        setting,
        not_run: None,
    }
}

fn results() -> Results {
    let mut rows = Vec::new();
    for clients in [1, 2, 4, 8] {
        let of = |name, role, per_s: f64, lost| {
            // More clients get less each, as behind one lock.
            let all = per_s * f64::from(clients) / (1.0 + 0.4 * f64::from(clients - 1));
            row(name, role, setting(clients, Pass::Throughput), all, lost)
        };
        let lost = if clients == 1 { 0 } else { 300 };
        rows.push(of("memory/naive_vec", Role::Store, 2e6, lost));
        rows.push(of("memory/mutex", Role::Store, 6e6, 0));
        rows.push(of("memory/mutex", Role::Control, 6.06e6, 0));
        rows.push(of("peer/fetch_add", Role::Reference, 1e7, 0));
        rows.push(of("file/journal", Role::Store, 900.0, 0));
    }
    rows.push(row("memory/mutex", Role::Store, setting(4, Pass::Latency), 5e6, 0));
    rows.push(row("memory/mutex", Role::Store, setting(4, Pass::Open(200.0)), 200.0, 0));
    let refused = "peer/pgbench_single: pgbench is not available:\nit is not there".to_owned();
    let last = row("peer/pgbench_single", Role::Peer, setting(4, Pass::Latency), 1.0, 0);
    rows.push(Row { samples: Vec::new(), not_run: Some(refused), ..last });
    Results {
        format: FORMAT,
        machine: Machine { processor: "A processor".to_owned(), cores: 2, ..Machine::default() },
        method: vec!["16 rounds.".to_owned()],
        not_run: vec!["postgres: not run: it is not there".to_owned()],
        rows,
        costs: vec![cost("memory/mutex", 1, 0), cost("file/journal", 4, 0), cost("memory/x", 4, 3)],
    }
}

/// Edits of 1 µs without spans; with them a tenth longer. One round was not quiet.
fn cost(name: &str, clients: u32, lost: u64) -> Cost {
    let part = |span: &str, count, total_ns| CostPart { span: span.to_owned(), count, total_ns };
    let has_files = name.starts_with("file");
    let round = |foreign| CostRound {
        untraced: Edits { count: 1_000, failed: 0, lost: 0, total_ns: 1_000_000 },
        traced: Edits { count: 1_000, failed: lost, lost, total_ns: 1_100_000 },
        parts: vec![
            part("lock", 10, 100_000),
            part("fsync", if has_files { 1_000 } else { 0 }, if has_files { 700_000 } else { 0 }),
        ],
        rest_ns: if has_files { 300_000 } else { 1_000_000 },
        foreign_cpu_share: Some(foreign),
    };
    let Row { subject, .. } = row(name, Role::Store, setting(clients, Pass::Throughput), 1.0, 0);
    let rounds = vec![round(0.0), round(0.01), round(0.5)];
    Cost { subject, clients, tasks: 100, rounds, not_run: None }
}

/// Holds a text against the file that was read and committed; `RACELAB_BLESS=1` writes it anew.
fn assert_golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if env::var_os("RACELAB_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(text == expected, "{} differs; RACELAB_BLESS=1 writes it anew", path.display());
}

#[test]
fn the_report_and_its_figures_are_as_they_were_read() {
    for (name, text) in benchmarks(&results()) {
        assert_golden(&name.replace(".md", ".md.txt"), &text);
    }
}

#[test]
fn equal_results_give_equal_files() {
    assert_eq!(benchmarks(&results()), benchmarks(&results()));
}

#[test]
fn a_store_that_loses_writes_is_marked_wherever_it_is_shown() {
    let files = benchmarks(&results());
    let (_, report) = files.iter().find(|(name, _)| name == "benchmarks.md").unwrap();
    assert!(report.contains("| ✗ memory/naive_vec"), "{report}");
    assert!(bench_tables(&results()).contains("| ✗ memory/naive_vec"));
    let figures = files.iter().filter(|(name, text)| {
        name.ends_with(".svg") && text.contains("memory/naive_vec") && text.contains('✗')
    });
    // One for each number of clients with which it lost some, and the scaling.
    assert_eq!(figures.count(), 4);
}

#[test]
fn the_parts_of_an_edit_sum_to_it_and_say_what_it_costs_to_see_them() {
    let results = results();
    for cost in &results.costs {
        let sum = cost.sum();
        // Two of three rounds were quiet.
        assert_eq!(sum.traced.count, 2_000);
        let parts: u64 = sum.parts.iter().map(|part| part.total_ns).sum();
        assert_eq!(parts + sum.rest_ns, sum.traced.total_ns);
    }
    let files = benchmarks(&results);
    let (_, report) = files.iter().find(|(name, _)| name == "benchmarks.md").unwrap();
    let section = report.split("## Where the time of an edit goes").nth(1).unwrap();
    assert!(section.contains("took 1.10 times as long in the median"), "{section}");
    let rows = || section.lines().filter(|line| line.starts_with('|'));
    let line = |store: &str| rows().find(|line| line.contains(store)).unwrap();
    let cells = |store: &str| {
        let cells = line(store).split('|').map(|cell| cell.trim().to_owned());
        cells.collect::<Vec<_>>()[1..].to_vec()
    };
    let price = "1.10 (1.10 to 1.10)";
    // Nobody of one client syncs there, so there is no such column.
    assert_eq!(cells("memory/mutex")[..5], ["memory/mutex", "1.10 µs", "100 ns", "1.00 µs", price]);
    let journal = ["file/journal", "1.10 µs", "100 ns", "700 ns", "300 ns", price, "2000"];
    assert_eq!(cells("file/journal")[..7], journal);
    assert_eq!(cells("memory/x")[0], "✗ memory/x");
    assert!(section.contains("memory/x: 6 of 2000 edits failed."), "{section}");
    let mut without = results;
    without.costs.clear();
    let files = benchmarks(&without);
    assert!(files.iter().all(|(_, text)| !text.contains("Where the time of an edit goes")));
}

#[test]
fn a_loaded_round_counts_nowhere_and_without_quiet_ones_a_figure_is_marked() {
    assert!(bench_tables(&results()).contains("| 15/16"));
    let mut loaded = results();
    let samples = loaded.rows.iter_mut().flat_map(|row| &mut row.samples);
    samples.for_each(|sample| sample.foreign_cpu_share = Some(0.5));
    let text = bench_tables(&loaded);
    assert!(text.contains("| ≈ 6.30 M") && text.contains("| 0/16"), "{text}");
}

#[test]
fn no_figure_has_a_letter_that_ends_it() {
    for (name, text) in benchmarks(&results()) {
        let is_whole = text.matches('<').count() == text.matches('>').count();
        assert!(!name.ends_with(".svg") || is_whole && text.ends_with("</svg>\n"), "{name}");
    }
}
