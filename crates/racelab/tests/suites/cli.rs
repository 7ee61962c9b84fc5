//! The command line as a person meets it.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use lab_witness::{Chances, Moment, Share};

fn racelab(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_racelab"));
    command.args(arguments).env_remove("RACELAB_REQUIRE");
    command
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

/// What a command says on stdout, however it ends.
fn said(arguments: &[&str]) -> String {
    stdout(&racelab(arguments)).to_owned()
}

/// The end of the process, and what it said on stderr.
fn failure(arguments: &[&str]) -> (Option<i32>, String) {
    let output = racelab(arguments);
    assert_eq!(stdout(&output), "", "data on stdout of a command that failed");
    (output.status.code(), stderr(&output).to_owned())
}

#[test]
fn whoever_stops_reading_does_not_change_how_a_command_ends() {
    let editors = "editors,tasks=1";
    for arguments in [
        &["race", "memory/mutex~atomic_edit", "log_time"][..],
        &["replay", "memory/mutex~atomic_edit:log_time:ABAB"],
        &["mutate", "memory/mutex", "--tries", "0"],
        &["stress", "memory/versioned~version_check", "--workload", editors, "--until-found"],
    ] {
        for is_read in [true, false] {
            let (reader, writer) = std::io::pipe().unwrap();
            let reader = is_read.then_some(reader);
            let mut child =
                command(arguments).stdout(writer).stderr(Stdio::null()).spawn().unwrap();
            let text = reader.map(std::io::read_to_string);
            assert_eq!(child.wait().unwrap().code(), Some(1), "{arguments:?}, read: {is_read}");
            assert!(text.is_none_or(|text| !text.unwrap().is_empty()), "{arguments:?}");
        }
    }
}

#[test]
fn a_race_is_shown_with_a_token_that_replays_it() {
    let race = racelab(&["race", "memory/naive_vec", "log_time"]);
    assert_eq!(race.status.code(), Some(0));
    let text = stdout(&race);
    assert!(text.starts_with("LOST UPDATE  memory/naive_vec  log_time"), "{text}");
    let replay = text.lines().find_map(|line| line.split_once("racelab replay ")).unwrap().1;
    let first = racelab(&["replay", replay]);
    assert_eq!(first.status.code(), Some(0));
    assert_eq!(stdout(&first), text, "a replay says all that the search did");
    assert_eq!(first.stdout, racelab(&["replay", replay]).stdout);
}

#[test]
fn a_race_and_its_replay_come_in_every_form_with_the_same_facts() {
    for form in [&[][..], &["--json"], &["--form", "mermaid"], &["--form", "svg"]] {
        let replay = &["replay", "memory/naive_vec:log_time:ABBA"];
        for command in [&["race", "memory/naive_vec", "log_time"][..], replay] {
            let output = racelab(&[command, form].concat());
            assert_eq!(output.status.code(), Some(0));
            let text = stdout(&output).replace("<br/>", " ");
            for fact in ["its 20 minutes are gone", "memory/mutex: the same schedule"] {
                assert!(text.contains(fact), "{command:?} {form:?}: {text}");
            }
        }
    }
    let (code, text) = failure(&["race", "memory", "two_editors", "--form", "svg"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("racelab replay memory/mutex:two_editors:"), "{text}");
}

#[test]
fn faults_that_a_store_cannot_have_are_said_not_to_be_there() {
    let output = racelab(&["race", "memory/mutex", "log_time", "--faults", "1"]);
    let said = "memory/mutex log_time: no step there can fail";
    assert!(stderr(&output).contains(said), "{}", stderr(&output));
    let output = racelab(&["race", "sqlite/immediate", "log_time", "--faults", "1"]);
    assert_eq!(stderr(&output), "with up to 1 fault in each schedule\n");
}

#[test]
fn the_words_lost_update_are_said_only_where_one_was_found() {
    let output = racelab(&["race", "memory/mutex", "log_time"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stdout(&output), "PROVEN  memory/mutex  log_time    all 2 schedules hold\n");
    let output = racelab(&["replay", "memory/mutex:log_time:AB"]);
    assert!(stdout(&output).starts_with("HOLDS  memory/mutex  log_time    2 of 2 "));
    assert!(!stdout(&output).contains("LOST UPDATE"));
}

#[test]
fn what_makes_no_sense_is_a_usage_error_that_says_what_to_do() {
    let (code, text) = failure(&["race", "memory/mutx"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("no store is called \"memory/mutx\""), "{text}");
    assert!(text.contains("`racelab list`"), "{text}");
    let (_, text) = failure(&["race", "memory_naive_vec"]);
    assert!(text.contains("did you mean memory/naive_vec?"), "{text}");
    let (code, text) = failure(&["race", "memory/mutex", "log_tim"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("there are log_time, two_editors"), "{text}");
    let (code, text) = failure(&["replay", "ABBA"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("expected STORE:SCENARIO:SCHEDULE"), "{text}");
    let (code, _) = failure(&["frobnicate"]);
    assert_eq!(code, Some(2));
    let (code, text) = failure(&["race", "memory/mutex", "--sample", "random", "--budget", "0"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("'--budget <SCHEDULES>': expected at least 1"), "{text}");
    let (code, text) = failure(&["report", "--json"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("report writes files"), "{text}");
}

#[test]
fn a_program_that_a_person_wrote_is_shrunk_to_what_its_anomaly_takes() {
    let text = said(&["race", "memory/naive_vec", "edit1.minutes/edit1.title/list"]);
    let part = "edit1.minutes/edit1.minutes, a part of edit1.minutes/edit1.title/list";
    assert!(text.contains(part), "{text}");
}

#[test]
fn a_file_of_leases_holds_no_tasks_and_a_cure_is_not_the_first_store_alone() {
    let text = said(&["race", "file/json_leased~file_lock", "edit_delete"]);
    assert!(text.contains("read task-1.lease ") && !text.contains("task-1.lease:"), "{text}");
    let text = said(&["race", "file/json_naive", "edit_delete@3x1-B1"]);
    assert!(text.contains("  cure    file/json_optimistic: "), "{text}");
}

#[test]
fn a_token_that_does_not_fit_the_code_says_where_it_differs() {
    let (code, text) = failure(&["replay", "memory/mutex:log_time:AABB"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("it differs from step 2 on"), "{text}");
    let (code, text) = failure(&["replay", "memory/naive_vec:two_editors:ABBAA"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("it differs from step 5 on"), "{text}");
}

#[test]
fn a_token_of_a_scenario_that_does_not_apply_is_a_usage_error() {
    let (code, text) = failure(&["replay", "file/journal:two_instances:AB"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("the site belongs to one instance"), "{text}");
}

#[test]
fn a_misspelt_requirement_and_a_report_without_a_place_are_refused_before_anything_is_run() {
    let mut race = command(&["race", "memory/mutex", "log_time"]);
    let race = race.env("RACELAB_REQUIRE", "postgrs").output().unwrap();
    assert_eq!(race.status.code(), Some(2));
    assert!(stderr(&race).contains("there is no \"postgrs\""), "{}", stderr(&race));
    let (code, text) = failure(&["--out", "/dev/null/reports"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("--out names another folder") && !text.contains("exploring"), "{text}");
}

#[test]
fn a_budget_that_ran_out_is_unknown_and_not_proven() {
    let output = racelab(&["race", "memory/optimistic", "log_time", "--budget", "2"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stdout(&output).starts_with("UNKNOWN"), "{}", stdout(&output));
}

#[test]
fn random_schedules_are_drawn_from_a_seed_and_what_they_show_is_shrunk() {
    let drawn = |seed| {
        let sample = ["--sample", "random", "--budget", "50", "--seed", seed];
        let race = ["race", "memory/naive_vec", "log_time@4x2"];
        racelab(&[&race[..], &sample].concat())
    };
    let one = drawn("1");
    assert_eq!(one.status.code(), Some(0));
    assert_eq!(one.stdout, drawn("1").stdout);
    let text = stdout(&one);
    assert!(text.starts_with("WITNESSED  memory/naive_vec  log_time@4x2    lost update"), "{text}");
    assert!(text.contains("racelab replay memory/naive_vec:log_time:ABBA"), "{text}");
    assert!(text.contains("of 50 random schedules (sampler random, seed 1)"), "{text}");
    assert!(text.contains("  cure    memory/mutex: "), "{text}");
    let none = racelab(&["race", "memory/mutex", "log_time@4x2", "--sample", "pct"]);
    assert!(stdout(&none).starts_with("NOT SEEN  memory/mutex  log_time@4x2"));
    assert_eq!(failure(&["race", "memory/mutex", "--seed", "1"]).0, Some(2));
}

#[test]
fn a_folder_that_cannot_be_used_is_a_usage_error_that_names_it() {
    let (code, error) = failure(&["--dir", "/nowhere", "race", "file/journal", "log_time"]);
    assert_eq!(code, Some(2), "{error}");
    assert!(error.contains("/nowhere cannot hold a temporary folder"), "{error}");
    assert!(error.contains("name another folder"), "{error}");
}

#[test]
fn a_missing_server_has_an_exit_code_of_its_own_and_says_how_to_get_one() {
    let race = ["race", "postgres/autocommit", "log_time"];
    let output = command(&race).env("RACELAB_POSTGRES_BIN", "/nowhere").output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    assert!(stderr(&output).contains("RACELAB_POSTGRES_BIN"), "{}", stderr(&output));
}

#[test]
fn how_likely_a_loss_is_says_what_theory_the_explorer_and_walks_say() {
    let likely = racelab(&["likely", "memory/naive_vec", "--trials", "20"]);
    assert_eq!(likely.status.code(), Some(0), "{}", stderr(&likely));
    for (theory, counted, walk) in [
        ("1/3 = 33 %", "2 of 6", "must be 1/2 = 50 %"),
        ("1/15 = 6.7 %", "6 of 90", "must be 1/6 = 17 %"),
        ("1/105 = 0.95 %", "24 of 2520", "must be 1/24 = 4.2 %"),
    ] {
        let has_all = |line: &str| [theory, counted, walk].iter().all(|part| line.contains(part));
        assert!(stdout(&likely).lines().any(has_all), "{}", stdout(&likely));
    }
    assert_eq!(racelab(&["likely", "memory/mutx"]).status.code(), Some(2));
}

#[test]
fn two_processes_behind_a_lock_lose_nothing_and_each_trial_is_accounted_for() {
    let likely = racelab(&["likely", "file/json_locked", "--trials", "3", "--json"]);
    assert_eq!(likely.status.code(), Some(0), "{}", stderr(&likely));
    let chances: Chances = serde_json::from_slice(&likely.stdout).unwrap();
    for increments in chances.increments {
        assert_eq!(increments.threads, Share { part: 3, of: 3 });
        assert_eq!(increments.walked, Share { part: 3, of: 3 });
    }
    let [window] = &chances.windows[..] else { panic!("{:?}", chances.windows) };
    assert_eq!(window.moments[0].delay_us, 0);
    for Moment { lost, refused, late, .. } in &window.moments {
        assert_eq!((lost.part, *refused), (0, 0));
        assert!(lost.of == 3 || lost.of + late == 9, "{window:?}");
    }
}

#[test]
fn the_other_process_of_a_trial_says_what_it_did_not_understand() {
    let mut client = command(&["client"]);
    client.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut client = client.spawn().unwrap();
    client.stdin.take().unwrap().write_all(b"hello\n").unwrap();
    let output = client.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(70));
    assert!(stderr(&output).contains("\"hello\" is no line of this conversation"));
}

#[test]
fn a_report_is_made_from_results_and_from_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let (code, text) = failure(&["report", out]);
    assert_eq!(code, Some(2));
    assert!(text.contains("neither of results.json and benchmarks.json is there"), "{text}");
    assert!(text.contains("`racelab` makes the one"), "{text}");
    let results = folder.path().join("results.json");
    for (foreign, why) in [
        ("{\"cells\": []}", "it holds no results of racelab"),
        ("{\"racelab_results\": 1, \"results\": {}}", "it has form 1"),
        ("{\"racelab_results\": 3, \"results\": {}}", "its results are damaged"),
    ] {
        fs::write(&results, foreign).unwrap();
        let (code, text) = failure(&["report", out]);
        assert_eq!(code, Some(2));
        assert!(text.contains("results.json: ") && text.contains(why), "{text}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn the_tour_goes_on_without_a_server_unless_that_is_required() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let tour = |required: &str| {
        let mut tour = command(&["--out", out, "--budget", "100", "--trials", "2"]);
        tour.env("RACELAB_POSTGRES_BIN", "/nowhere").env("RACELAB_REQUIRE", required);
        tour.output().unwrap()
    };
    let without = tour("");
    // That budget says nothing of some scenarios with three processes.
    assert_eq!(without.status.code(), Some(3), "{}", stderr(&without));
    for said in ["? unknown", "✓ holds*", "With three processes\n", " mutants: "] {
        assert!(stdout(&without).contains(said), "{said}: {}", stdout(&without));
    }
    assert!(stdout(&without).contains("postgres: not run: "), "{}", stdout(&without));
    let report = fs::read_to_string(Path::new(out).join("races.md")).unwrap();
    assert!(report.contains("- not run"), "{report}");
    assert!(report.contains("\n- postgres/autocommit: postgres: not run: "), "{report}");
    let made = ["races.md", "increments.svg", "window.svg"];
    let bytes = || made.map(|name| fs::read(Path::new(out).join(name)).unwrap());
    let by_the_tour = bytes();
    for name in made {
        fs::remove_file(Path::new(out).join(name)).unwrap();
    }
    assert_eq!(racelab(&["report", out]).status.code(), Some(0));
    assert_eq!(bytes(), by_the_tour, "the same results give the same bytes");
    assert_eq!(tour("postgres").status.code(), Some(4));
    assert_eq!(tour("postgers").status.code(), Some(2));
}

#[test]
fn json_is_one_document_and_nothing_else() {
    for arguments in [
        &["race", "memory", "--json"][..],
        &["list", "--json"],
        &["replay", "memory/naive_vec:log_time:ABBA", "--json"],
    ] {
        let output = racelab(arguments);
        assert_eq!(output.status.code(), Some(0));
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(document.is_array() || document.is_object());
    }
}

#[test]
fn colours_are_for_terminals_only() {
    let output = racelab(&["race", "memory/naive_vec", "log_time"]);
    assert!(!stdout(&output).contains('\u{1b}'));
    let mut forced = command(&["race", "memory/naive_vec", "log_time"]);
    let forced = forced.env("CLICOLOR_FORCE", "1").output().unwrap();
    assert!(stdout(&forced).contains('\u{1b}'));
    let mut none = command(&["race", "memory/naive_vec", "log_time"]);
    let none = none.env("NO_COLOR", "1").output().unwrap();
    assert!(!stdout(&none).contains('\u{1b}'));
}

#[test]
fn doctor_says_what_this_machine_has() {
    let output = racelab(&["doctor"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    for word in ["cores", "clock", "sqlite", "postgres", "fdatasync"] {
        assert!(stdout(&output).contains(word), "{}", stdout(&output));
    }
}

#[test]
fn completions_are_made_for_every_usual_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = racelab(&["completions", shell]);
        assert_eq!(output.status.code(), Some(0));
        assert!(stdout(&output).contains("racelab"));
    }
}

#[test]
fn ctrl_c_leaves_no_folder_behind() {
    let folder = tempfile::tempdir().unwrap();
    let long = ["race", "file/json_optimistic", "log_time@4x4", "--budget", "100000000", "--dir"];
    let mut racelab = command(&long).arg(folder.path()).spawn().unwrap();
    let is_empty = || fs::read_dir(folder.path()).unwrap().next().is_none();
    while is_empty() {
        assert_eq!(racelab.try_wait().unwrap(), None, "it ended before it had begun");
        std::thread::yield_now();
    }
    let kill = Command::new("kill").args(["-INT", &racelab.id().to_string()]).status().unwrap();
    assert!(kill.success());
    assert_eq!(racelab.wait().unwrap().code(), Some(130));
    assert!(is_empty());
}

/// Each `console` block of the README is a session: what follows a `$ ` line is what it prints.
#[test]
fn the_sessions_of_the_readme_print_what_they_show() {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md");
    let readme = fs::read_to_string(readme).unwrap();
    let sessions: Vec<&str> = readme
        .split("```console\n")
        .skip(1)
        .map(|rest| rest.split_once("```").unwrap().0)
        .collect();
    assert!(!sessions.is_empty());
    for session in sessions {
        let (line, shown) = session.split_once('\n').unwrap();
        let arguments = line.strip_prefix("$ racelab ").unwrap();
        let output = racelab(&arguments.split(' ').collect::<Vec<_>>());
        assert_eq!(stdout(&output).trim_end(), shown.trim_end(), "{line}");
    }
}
