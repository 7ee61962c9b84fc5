//! `racelab stress` as a person meets it.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Output};

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_racelab"));
    command.arg("stress").args(arguments).env_remove("RACELAB_REQUIRE");
    command
}

fn stress(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn a_lost_update_is_named_counted_and_proved_by_its_operations() {
    let editors = ["--workload", "editors,tasks=1", "--operations", "100000", "--until-found"];
    let output = stress(&[&["memory/mutex"], &editors[..], &["--for", "1h"]].concat());
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    for part in [
        "LOST UPDATE  memory/mutex  editors,tasks=1    100 % save, 1 task, uniform, think 1ms\n",
        "\n  run       4 clients in one process, ",
        " lost update (admitted)",
        " acknowledged changes\n",
        " for each 1,000 acknowledgements\n",
        "save task 1, based on v",
        "racelab stress memory/mutex --workload editors,tasks=1 --clients 4 --seed 1\n",
    ] {
        assert!(said.contains(part), "{part:?} is not in {said}");
    }
}

#[test]
fn what_proves_an_anomaly_is_as_little_as_can_be() {
    let editors = ["memory/mutex", "--workload", "editors,tasks=1", "--operations", "100000"];
    let output = stress(&[&editors[..], &["--until-found", "--for", "1h", "--json"]].concat());
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = document["anomalies"].as_array().unwrap();
    let lost = found.iter().find(|one| one["anomaly"] == "lost_update").unwrap();
    assert_eq!(lost["core_is_minimal"], true, "{lost}");
    // That it was told another version than the next one after its base is enough.
    let [step] = lost["steps"].as_array().unwrap().as_slice() else { panic!("{lost}") };
    let version = |name: &str| step[name].as_u64().unwrap();
    assert!(version("based_on") + 1 < version("version"), "{step}");
    // Whose change it overwrote is said beside the proof.
    let [overwritten] = lost["overwritten"].as_array().unwrap().as_slice() else {
        panic!("{lost}")
    };
    assert_eq!(overwritten["version"].as_u64().unwrap() + 1, version("version"), "{lost}");
    assert_eq!(document["places"], "events");
}

#[test]
fn a_protected_store_holds_and_json_says_so_in_one_document() {
    let arguments = ["memory/versioned", "--workload", "hot_task", "--operations", "20000"];
    let output = stress(&[&arguments[..], &["--for", "1h", "--json"]].concat());
    assert_eq!(output.status.code(), Some(0));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["verdict"], "not_seen");
    assert_eq!(document["lost"], 0);
    assert!(document["operations"].as_u64().unwrap() >= 20_000);
    assert_eq!(
        document["acknowledged"].as_u64().unwrap(),
        document["operations"].as_u64().unwrap() - 1
    );
}

#[test]
fn what_a_deleted_task_had_lost_is_no_less_a_lie() {
    // Each client sees and saves the one task while others do, and now and then it is deleted.
    let load = ["--workload", "editors,tasks=1,delete=0.05,create=0.05", "--operations", "2000"];
    let output = stress(&[&["memory/mutex"], &load[..], &["--for", "1h", "--json"]].concat());
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = document["anomalies"].as_array().unwrap();
    let lost = found.iter().find(|one| one["anomaly"] == "lost_update").unwrap();
    // Every save that was based on an old version put that back.
    let (lost, lies) = (lost["count"].as_u64().unwrap(), document["lost"].as_u64().unwrap());
    assert!(lies >= lost / 2, "{lies} lies, and {lost} lost updates");
}

#[test]
fn what_versions_do_not_decide_is_said_where_nothing_was_found() {
    let open = |store, workload| {
        let load = [store, "--workload", workload, "--operations", "2000", "--for", "1h"];
        let output = stress(&[&load[..], &["--json"]].concat());
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        document["left_open"].clone()
    };
    // Whether a task may be started depends on how many others are, which nobody is told.
    let counts = "counts, and lists by status, while tasks changed";
    assert_eq!(open("file/json_optimistic", "office"), serde_json::json!([counts]));
    // What is found needs no search.
    assert_eq!(open("memory/mutex", "editors,tasks=1,start=0.3"), serde_json::json!([]));
}

#[test]
fn a_file_that_stays_damaged_ends_the_run_and_is_one_torn_read() {
    let run = |seed: u32| {
        let seed = seed.to_string();
        let load = ["file/json_naive", "--for", "1h", "--operations", "20000", "--seed", &seed];
        text(&stress(&load).stdout).to_owned()
    };
    let is_early = |said: &String| said.contains("\n  ended     after ");
    let said = (1..20).map(run).find(is_early).expect("a naive file is torn sooner or later");
    assert!(said.contains(" gave up after 1,000 errors in a row"), "{said}");
    let is_readable = !said.contains("the store cannot be read any more");
    let why = if is_readable { "all that they read was" } else { "what is stored stayed" };
    assert!(said.contains(&format!(": {why} damaged\n")), "{said}");
    assert!(said.contains(" of them met again a damage that is counted once\n"), "{said}");
}

#[test]
fn places_have_a_unit_and_old_reads_an_age() {
    // It loses updates, and is never torn: so there is always something to show.
    let load = ["file/json_rename", "--workload", "hot_task", "--operations", "5000"];
    for (processes, unit) in [("1", "event"), ("2", "ns")] {
        let output = stress(&[&load[..], &["--for", "1h", "--processes", processes]].concat());
        let said = text(&output.stdout);
        let is_timed = |line: &&str| line.starts_with("    client ") && line.contains("    from ");
        let step = said.lines().find(is_timed).unwrap_or_else(|| panic!("{said}"));
        assert!(step.contains(unit), "{step}");
        if said.contains("  stale read: ") {
            assert!(said.contains("    what was read was at least "), "{said}");
        }
    }
}

#[test]
fn what_makes_no_sense_is_a_usage_error_that_says_what_to_do() {
    for (arguments, part) in [
        (&["memory/mutex", "--processes", "2"][..], "each process would have tasks of its own"),
        (&["file/journal", "--processes", "2"], "belongs to one process at a time"),
        (&["file/json_locked", "--processes", "4", "--clients", "2"], "at least as many clients"),
        (&["memory/mutex", "--workload", "offices"], "no workload is called \"offices\""),
        (&["memory/mutex", "--for", "5"], "as in 500ms, 5s or 2m"),
        (&["memory/mutex", "--clients", "0"], "expected a number from 1 to 256"),
        (&["memory/mutx"], "no store is called \"memory/mutx\""),
    ] {
        let output = stress(arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(part), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn ctrl_c_ends_a_run_with_its_result_and_leaves_nothing_behind() {
    for processes in ["1", "2"] {
        let folder = tempfile::tempdir().unwrap();
        let long = ["file/json_locked", "--workload", "hot_task", "--for", "1h", "--processes"];
        let mut running = command(&[&long[..], &[processes, "--json", "--dir"]].concat());
        running.arg(folder.path()).stdout(std::process::Stdio::piped());
        let mut running = running.spawn().unwrap();
        // The task's third minute: by then the clients are at work.
        let is_at_work = || {
            let sites = fs::read_dir(folder.path()).unwrap();
            let files = sites.flatten().filter_map(|site| fs::read_dir(site.path()).ok());
            let texts =
                files.flatten().flatten().filter_map(|file| fs::read_to_string(file.path()).ok());
            texts.into_iter().any(|text| text.replace(' ', "").contains("\"minutes\":3"))
        };
        while !is_at_work() {
            assert_eq!(running.try_wait().unwrap(), None, "it ended before it had begun");
            std::thread::yield_now();
        }
        let pid = running.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        let output = running.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["verdict"], "not_seen");
        assert!(document["operations"].as_u64().unwrap() >= 3);
        assert!(fs::read_dir(folder.path()).unwrap().next().is_none(), "a folder is left");
    }
}

/// The names of what is found in a document.
fn anomalies(output: &Output, of: &str) -> BTreeSet<String> {
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = document[of].as_array().unwrap_or_else(|| panic!("{output:?}"));
    found.iter().map(|one| one["anomaly"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_history_of_threads_or_of_processes_is_one_in_which_check_finds_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.jsonl");
    let file = file.to_str().unwrap();
    let editors = "editors,tasks=1,list=0.1";
    for (store, workload, processes, code) in [
        ("memory/mutex", editors, "1", 1),
        ("memory/versioned", editors, "1", 0),
        ("memory/versioned", "office", "1", 0),
        ("file/json_locked", editors, "2", 1),
        ("file/json_optimistic", editors, "2", 0),
        ("file/json_optimistic", "office", "2", 0),
    ] {
        let load = ["--workload", workload, "--operations", "2000", "--processes", processes];
        let load = [&[store], &load[..], &["--for", "1h", "--json", "--history", file]].concat();
        let run = stress(&load);
        assert_eq!(run.status.code(), Some(0), "{store}: {}", text(&run.stderr));
        let check = Command::new(env!("CARGO_BIN_EXE_racelab"))
            .args(["check", "--json", file])
            .output()
            .unwrap();
        assert_eq!(check.status.code(), Some(code), "{store} {workload}: {check:?}");
        let [told, found] =
            [(&run, "anomalies"), (&check, "violations")].map(|(run, of)| anomalies(run, of));
        assert_eq!(told, found, "{store} {workload}");
    }
}
