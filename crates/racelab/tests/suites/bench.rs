//! `racelab bench`, `compare` and `report` as a person meets them, in short form. No time is
//! asserted: what is looked at is what was counted, and how it ends.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use lab_stats::{Results, Role, Row};

fn racelab(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_racelab"));
    command.args(arguments).env_remove("RACELAB_REQUIRE").output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

const SHORT: [&str; 4] = ["--rounds", "2", "--for-each", "10ms"];

fn bench(arguments: &[&str]) -> Results {
    let output = racelab(&[&["bench", "--json"], arguments, &SHORT].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn find<'a>(results: &'a Results, name: &str) -> &'a Row {
    results.rows.iter().find(|row| row.subject.name == name).unwrap()
}

#[test]
fn stores_are_measured_beside_their_peers_and_a_control() {
    let results = bench(&["memory/mutex", "memory/sharded", "--clients", "1,2"]);
    let of = |role| results.rows.iter().filter(|row| row.subject.role == role).count();
    let counts = [Role::Store, Role::Control, Role::Reference].map(of);
    assert_eq!(counts, [4, 2, 2]);
    for row in &results.rows {
        assert_eq!(row.samples.len(), 2, "{} {:?}", row.subject.name, row.not_run);
        let kept = row.samples.iter().all(|one| one.survived == one.acknowledged);
        assert!(kept, "{}", row.subject.name);
    }
}

#[test]
fn clients_that_are_processes_lose_nothing_behind_a_lock_of_the_system() {
    let locked = ["file/json_locked", "--processes", "--clients", "2"];
    let results = bench(&[&locked[..], &["--dir", "/dev/shm"]].concat());
    let row = find(&results, "file/json_locked");
    assert!(row.setting.processes && row.samples.len() == 2, "{:?}", row.not_run);
    let sample = &row.samples[0];
    assert!(sample.acknowledged > 0 && sample.by_client.len() == 2);
    assert_eq!(sample.survived, sample.acknowledged);
}

#[test]
fn times_are_measured_in_a_closed_and_in_an_open_loop() {
    for pass in [&["--latency"][..], &["--open", "1000"]] {
        let results = bench(&[&["memory/mutex", "--clients", "1"], pass].concat());
        let latency = find(&results, "memory/mutex").latency.unwrap();
        assert!(latency.count > 0 && latency.ns_p50 <= latency.ns_max, "{pass:?}");
    }
}

#[test]
fn where_the_time_of_an_edit_goes_is_shown_with_what_it_costs_to_see() {
    let arguments = ["memory/mutex", "file/json_locked", "--costs", "--clients", "2"];
    let results = bench(&[&arguments[..], &["--dir", "/dev/shm"]].concat());
    assert!(results.rows.is_empty());
    let names: Vec<&str> = results.costs.iter().map(|cost| &*cost.subject.name).collect();
    assert_eq!(names, ["memory/mutex", "file/json_locked"]);
    for cost in &results.costs {
        assert_eq!((cost.rounds.len(), cost.clients), (2, 2), "{:?}", cost.not_run);
        assert!(cost.price().is_some() && !cost.loses());
        for round in &cost.rounds {
            let parts: u64 = round.parts.iter().map(|part| part.total_ns).sum();
            assert!(round.traced.count > 0 && round.untraced.count > 0);
            assert_eq!(parts + round.rest_ns, round.traced.total_ns, "{}", cost.subject.name);
        }
    }
    let syncs = |at: usize| {
        let sum = results.costs[at].sum();
        sum.parts.iter().filter(|part| part.span == "fsync").map(|part| part.count).sum::<u64>()
    };
    assert_eq!(syncs(0), 0);
    assert!(syncs(1) > 0);
}

#[test]
fn the_report_is_written_beside_the_results_and_can_be_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let arguments = ["bench", "memory/naive_vec", "--clients", "1", "--out", out];
    let output = racelab(&[&arguments[..], &SHORT].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("| memory/naive_vec"), "{}", text(&output.stdout));
    let report = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let first = [report("benchmarks.md"), report("benchmarks-1.svg")];
    assert!(first[0].contains("](benchmarks-1.svg)"), "{}", first[0]);
    fs::remove_file(folder.path().join("benchmarks.md")).unwrap();
    assert_eq!(racelab(&["report", out]).status.code(), Some(0));
    assert_eq!([report("benchmarks.md"), report("benchmarks-1.svg")], first);
}

/// Writes results in which nobody else used the processors and every figure is `times` as large.
fn write(results: &Results, times: f64, path: &Path) -> String {
    let mut results = results.clone();
    for sample in results.rows.iter_mut().flat_map(|row| &mut row.samples) {
        sample.foreign_cpu_share = Some(0.0);
        sample.operations_per_s = 1000.0 * times;
        sample.survived_per_s = 1000.0 * times;
    }
    fs::write(path, serde_json::to_string(&results).unwrap()).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn what_has_become_slower_fails_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let mut results = bench(&["memory/mutex", "--clients", "1"]);
    // Without a reference figures are compared as they are.
    results.rows.retain(|row| row.subject.role == Role::Store);
    let old = write(&results, 1.0, &folder.path().join("old.json"));
    let new = write(&results, 0.9, &folder.path().join("new.json"));
    let compare = |one: &str, other: &str, more: &[&str]| {
        let output = racelab(&[&["compare", one, other], more].concat());
        (output.status.code(), text(&output.stdout).to_owned())
    };
    let (code, said) = compare(&old, &old, &["--fail-if", "slower:5%"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("no difference, absolute"), "{said}");
    let (code, said) = compare(&old, &new, &["--fail-if", "slower:5%"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("0.900 (0.900 to 0.900)  slower, absolute  FAILS"), "{said}");
    assert_eq!(compare(&old, &new, &["--fail-if", "slower:15%"]).0, Some(0));
    assert_eq!(compare(&old, &new, &[]).0, Some(0));
}

#[test]
fn what_makes_no_sense_is_a_usage_error_that_says_what_to_do() {
    let said = |arguments: &[&str], expected: &str| {
        let output = racelab(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains(expected), "{}", text(&output.stderr));
    };
    said(&["bench", "memory/mutx"], "no store is called \"memory/mutx\"");
    said(&["bench", "--workload", "hot"], "no workload is called \"hot\"");
    said(&["bench", "--for-each", "fast"], "expected a time from 1ms to 60s");
    said(&["bench", "--clients", "0"], "1..=256");
    said(&["bench", "--all", "--workload", "uniform"], "cannot be used with");
    said(&["bench", "--open", "1", "--latency"], "cannot be used with");
    said(&["bench", "--costs", "--latency"], "cannot be used with");
    said(&["compare", "/nowhere", "/nowhere"], "/nowhere: No such file");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    let path = path.to_str().unwrap();
    for (content, expected) in [
        ("{", "it holds no results of `racelab bench`"),
        ("{\"cells\": []}", "it holds no results of `racelab bench`"),
        ("{\"format\": 99}", "its format is 99 and this program knows 1"),
    ] {
        fs::write(path, content).unwrap();
        said(&["compare", path, path], expected);
    }
    said(&["compare", path, path, "--fail-if", "slower"], "expected slower:PERCENT");
}

#[test]
fn a_missing_server_is_a_line_unless_its_stores_are_asked_for() {
    let without = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_racelab"));
        command.args(arguments).env("RACELAB_POSTGRES_BIN", "/nowhere");
        command.env_remove("RACELAB_REQUIRE").output().unwrap()
    };
    let asked = without(&["bench", "postgres/optimistic", "--rounds", "1"]);
    assert_eq!(asked.status.code(), Some(4), "{}", text(&asked.stderr));
    assert!(text(&asked.stderr).contains("RACELAB_POSTGRES_BIN"));
}
