//! The learner as the scheduler, through the binary, as in a pipe.

use std::io::Write;
use std::process::{Command, Output, Stdio};

/// Plays with `typed` on stdin: the exit code and what was printed.
fn play(arguments: &[&str], typed: impl AsRef<[u8]>) -> (Option<i32>, String) {
    let output = output(arguments, typed.as_ref(), &[]);
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

fn output(arguments: &[&str], typed: &[u8], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_racelab"));
    command.arg("play").args(arguments).env_remove("RACELAB_REQUIRE");
    command.envs(variables.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut racelab = command.spawn().unwrap();
    // A command that ends before it has read everything is no failure of the test.
    let _ = racelab.stdin.take().unwrap().write_all(typed);
    racelab.wait_with_output().unwrap()
}

/// Plays what must end well, and gives what was printed.
fn played(arguments: &[&str], typed: &str) -> String {
    let (code, text) = play(arguments, typed);
    assert_eq!(code, Some(0), "{text}");
    text
}

fn assert_in_order(text: &str, parts: &[&str]) {
    let mut rest = text;
    for part in parts {
        let at = rest.find(part).unwrap_or_else(|| panic!("no {part:?} where it belongs:\n{text}"));
        rest = &rest[at + part.len()..];
    }
}

const NAIVE: [&str; 2] = ["memory/naive_vec", "log_time"];
const NAIVE_QUIZ: [&str; 3] = ["memory/naive_vec", "log_time", "--quiz"];

#[test]
fn a_whole_session_reads_like_this() {
    assert_eq!(played(&NAIVE, "A\nX\nu\nBA\ntoken\nA\nquit\n"), SESSION);
}

const SESSION: &str = r#"PLAY  memory/naive_vec  log_time
people add the time that they spent to one task, each with one edit
6 of 6 schedules explored, 4 show an anomaly
you decide who takes each step; `?` explains

  client A (adds 10 min)  client B (adds 20 min)  stored     schedules that still lose
                                                  v1, 0 min  4/6

  A  would read
  B  would read
who goes (A, B)? A
step 1: A; schedules that still lose: 4/6 before, 2/3 now

       client A (adds 10 min)  client B (adds 20 min)  stored     schedules that still lose
                                                       v1, 0 min  4/6
  1    read v1, 0 min                                  v1, 0 min  2/3

  A  would write
  B  would read
who goes (A, B)? X
nobody is called 'X': there are A, B; `?` explains
who goes (A, B)? u
back before step 1

  client A (adds 10 min)  client B (adds 20 min)  stored     schedules that still lose
                                                  v1, 0 min  4/6

  A  would read
  B  would read
who goes (A, B)? BA
step 1: B; schedules that still lose: 4/6 before, 2/3 now
step 2: A; schedules that still lose: 2/3 before, 2/2 now
point of no return: all that begin like this lose

       client A (adds 10 min)  client B (adds 20 min)  stored     schedules that still lose
                                                       v1, 0 min  4/6
  1                            read v1, 0 min          v1, 0 min  2/3
  2 ⇄  read v1, 0 min                                  v1, 0 min  2/2  ◄ point of no return

  A  would write
  B  would write
who goes (A, B)? token
played so far: memory/naive_vec:log_time:BA
who goes (A, B)? A
step 3: A; schedules that still lose: 2/2 before, 1/1 now
step 4: B, the only one who can; schedules that still lose: 1/1 before, 1/1 now

LOST UPDATE  memory/naive_vec  log_time    6 of 6 schedules explored, 4 show an anomaly
       client A (adds 10 min)  client B (adds 20 min)  stored      schedules that still lose
                                                       v1, 0 min   4/6
  1                            read v1, 0 min          v1, 0 min   2/3
  2 ⇄  read v1, 0 min                                  v1, 0 min   2/2  ◄ point of no return
  3    write v2; saved                                 v2, 10 min  1/1
  4                            write v2; saved         v2, 20 min  1/1
  before  task id 1: "write the report", "", todo, 0 min, v1
  after   task id 1: "write the report", "", todo, 20 min, v2
  so      client A was told "saved v2"; its 10 minutes are gone
  cause   client B wrote at step 4 what it had read at step 1, before client A's write at step 3
  replay  racelab replay memory/naive_vec:log_time:BAAB:1cwyhazpy

token: memory/naive_vec:log_time:BAAB:1cwyhazpy
undo or quit? quit
"#;

#[test]
fn four_letters_lose_an_update_and_give_a_token_that_replays_it() {
    let text = played(&NAIVE, "ABBA\n");
    let lost = ["4/6 before, 2/3 now", "point of no return", "LOST UPDATE", "20 minutes are gone"];
    assert_in_order(&text, &lost);
    assert!(text.contains("\ntoken: memory/naive_vec:log_time:ABBA:1afkaxe4b\n"), "{text}");
    let command = text.lines().find_map(|line| line.split_once("racelab replay ")).unwrap().1;
    let mut replay = Command::new(env!("CARGO_BIN_EXE_racelab"));
    let replay = replay.args(["replay", command]).output().unwrap();
    assert!(String::from_utf8(replay.stdout).unwrap().starts_with("LOST UPDATE"));
}

#[test]
fn a_schedule_out_of_danger_is_said_to_be_so_and_holds() {
    let text = played(&NAIVE, "AA\n");
    assert_in_order(&text, &["out of danger", "step 3: B, the only one who can", "HOLDS"]);
    assert!(!text.contains("LOST UPDATE"), "{text}");
}

#[test]
fn undo_takes_back_the_last_choice_and_the_steps_that_were_none() {
    let text = played(&NAIVE, "u\nAA\nundo\nB\nB\n");
    assert_in_order(&text, &["there is no choice to take back", "HOLDS", "back before step 2"]);
    assert_in_order(&text, &["back before step 2", "LOST UPDATE", "naive_vec:log_time:ABBA"]);
}

#[test]
fn a_letter_of_nobody_and_a_process_that_cannot_go_are_answered() {
    let text = played(&NAIVE, "AC\nABAA\n\n");
    let nobody = "nobody is called 'C': there are A, B; `?` explains\nwho goes (A, B)?";
    let ended = "A cannot go now, it waits or has ended; who can: B; left out: A\n";
    assert_in_order(&text, &[nobody, "step 3: A", ended, "step 4: B, the only one who can"]);
    let text = played(&NAIVE, "AABBA\nB\n");
    assert_in_order(&text, &["no step left for A; left out: A\n", "HOLDS", "no step left for B"]);
    let (code, text) = play(&NAIVE, b"\xff\xfe\0\n");
    assert_eq!(code, Some(0));
    assert!(text.contains("nobody is called '\u{fffd}'"), "{text}");
}

#[test]
fn help_and_token_move_nothing() {
    let text = played(&NAIVE, "?\ntoken\nA\ntoken\n");
    assert_in_order(&text, &["undo, u", "nothing was played so far\nwho goes (A, B)? A\n"]);
    assert_in_order(&text, &["step 1: A", "played so far: memory/naive_vec:log_time:A\n"]);
}

#[test]
fn a_quiz_hides_what_is_stored_until_it_is_answered() {
    let text = played(&NAIVE_QUIZ, "ABBA\nperhaps\nno\n");
    let (before, after) = text.split_once("be broken? (y/n) no\n").unwrap();
    for hint in ["still lose", "no return", "LOST", "20 min\n", "of 6"] {
        assert!(!before.contains(hint), "{hint}:\n{before}");
    }
    assert!(before.contains("(y/n) perhaps\ntype y or n"), "{before}");
    let right = ["right: client B was told \"saved v2\"", "because client A wrote at step 4"];
    assert_in_order(after, &right);
    assert_in_order(after, &["LOST UPDATE", "point of no return", "token: "]);
}

#[test]
fn a_wrong_guess_is_told_the_consequence_and_may_try_again() {
    let text = played(&NAIVE_QUIZ, "ABBA\ny\nundo\nundo\nA\ny\n");
    assert_in_order(&text, &["wrong: client B was told", "because client A", "LOST UPDATE"]);
    assert_in_order(&text, &["back before step 2", "right: every acknowledged change", "HOLDS"]);
}

#[test]
fn the_end_of_the_input_ends_it_with_what_was_played() {
    let half = "played so far: memory/naive_vec:log_time:AB\n\
                `racelab play memory/naive_vec log_time` goes on from these letters\n";
    for (typed, last) in
        [("", "nothing was played so far\n"), ("AB", half), ("AB\nquit\nA\n", half)]
    {
        let text = played(&NAIVE, typed);
        assert!(text.ends_with(last), "{text}");
    }
    let text = played(&NAIVE_QUIZ, "ABBA\n");
    assert!(text.ends_with("played so far: memory/naive_vec:log_time:ABBA\n"), "{text}");
    assert!(!text.contains("LOST UPDATE"), "{text}");
}

#[test]
fn threads_of_the_store_are_small_letters() {
    let actor = ["memory/actor", "log_time"];
    let text = played(&actor, "A\na\na\nb\n");
    assert_in_order(&text, &["a  would wake up (a thread of the store)", "step 3: a"]);
    assert!(text.contains("nobody is called 'b': there are A, B, a"), "{text}");
    let instances = ["memory/actor", "two_instances", "--budget", "50"];
    let text = played(&instances, "ABab\n");
    assert_in_order(&text, &["not of all", "step 3: a", "step 4: b", "who goes"]);
}

/// A file store does not stop at a step that nobody takes; what it goes on to do is not shown.
#[test]
fn a_step_shows_nothing_of_what_comes_after_it() {
    for store in ["file/json_naive", "file/json_locked", "sqlite/immediate", "memory/actor"] {
        let text = played(&[store, "log_time"], "A\n");
        assert!(!text.contains("saved"), "{text}");
    }
}

#[test]
fn a_process_that_waits_says_so_and_is_answered_later() {
    let text = played(&["sqlite/immediate", "log_time"], "AAB\n");
    let told = ["step 4: A, the only one", "HOLDS", "IMMEDIATE (waits)", "COMMIT → v3; saved"];
    assert_in_order(&text, &told);
}

#[test]
fn what_cannot_be_played_is_a_usage_error() {
    for (arguments, why) in [
        (&["memory/mutx", "log_time"][..], "no store is called \"memory/mutx\""),
        (&["memory/mutex", "log_tim"], "there are log_time, two_editors"),
        (&["memory/mutex"], "<SCENARIO>"),
        (&["file/journal", "two_instances"], "does not apply"),
        (&["memory/mutex", "log_time", "--json"], "`racelab replay TOKEN --json`"),
    ] {
        let output = output(arguments, b"A\n", &[]);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(output.stdout, b"", "{arguments:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn a_missing_server_has_the_exit_code_that_it_has_elsewhere() {
    let nowhere = [("RACELAB_POSTGRES_BIN", "/nowhere")];
    let output = output(&["postgres/autocommit", "log_time"], b"A\n", &nowhere);
    assert_eq!(output.status.code(), Some(4));
}
