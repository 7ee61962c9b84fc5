//! What a person sees who replays the token of code that has changed.

use std::process::{Command, Output};

fn racelab(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_racelab")).args(arguments).output().unwrap()
}

fn replayed(token: &str) -> String {
    let output = racelab(&["replay", token]);
    assert_eq!(output.status.code(), Some(0), "{token}");
    String::from_utf8(output.stdout).unwrap()
}

/// The token that a replay of a schedule gives, which knows what was observed.
fn made(schedule: &str) -> String {
    let text = replayed(schedule);
    let token = text.lines().find_map(|line| line.split_once("racelab replay ")).unwrap().1;
    assert!(token.starts_with(&format!("{schedule}:1")), "{token}");
    token.to_owned()
}

#[test]
fn a_token_says_when_the_code_has_changed_since_it_was_made() {
    let token = made("file/json_rename:two_editors:ABBBAA");
    assert_eq!(replayed(&token), replayed("file/json_rename:two_editors:ABBBAA"));
    // The last letter is that of the last step.
    let last = if token.ends_with('0') { "1" } else { "0" };
    let other = format!("{}{last}", &token[..token.len() - 1]);
    let text = replayed(&other);
    let said = "changed the code has changed since this token was made, or it was mistyped: \
                step 6 is now \"rename";
    assert!(text.contains(said), "{text}");
    let json = racelab(&["replay", &other, "--json"]);
    assert!(
        String::from_utf8(json.stdout).unwrap().contains("\"changed\": \"the code has changed")
    );
}

#[test]
fn a_token_that_was_cut_says_how_to_replay_what_is_left() {
    let token = made("memory/naive_vec:log_time:ABBA");
    let output = racelab(&["replay", &token[..token.len() - 1]]);
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("without it the schedule alone is replayed"), "{error}");
}
