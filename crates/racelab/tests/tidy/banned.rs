//! What no code has: tests that wait, or that do not run; schedule points in the body of a store.

use crate::problem::{File, Problem, said};
use crate::registered::Registered;

/// The only place that sleeps: the runtime of production, for all who have to wait.
const SLEEPER: &str = "crates/lab-runtime/src/threads.rs";

// In two pieces, so that this file does not find itself.
const SLEEP: &str = concat!("sleep", "(");
const IGNORE: &str = concat!("#[", "ignore");
const SHOULD_PANIC: &str = concat!("#[", "should_panic");
const POINT: &str = concat!("::", "point(");

/// Looks at every Rust file.
pub(crate) fn check(files: &[File], stores: &[Registered]) -> Vec<Problem> {
    let sources = files.iter().filter(|file| file.path.ends_with(".rs"));
    sources.flat_map(|file| of_source(file, stores)).collect()
}

fn of_source(file: &File, stores: &[Registered]) -> Vec<Problem> {
    let is_store = stores.iter().any(|store| store.path == file.path);
    let code = file.lines().filter(|(_, line)| !line.trim_start().starts_with("//"));
    let rules = [
        (
            SLEEP,
            file.path != SLEEPER,
            "nobody sleeps: wait for what happens, a store by its runtime",
        ),
        (IGNORE, true, "a test that does not run shows nothing: let it run"),
        (SHOULD_PANIC, true, "any panic would do: compare the error"),
        (POINT, is_store, "schedule points stand in the seams: move it there"),
    ];
    let broken = |line: &str| rules.iter().find(|(text, holds, _)| *holds && line.contains(text));
    code.filter_map(|(number, line)| Some(file.problem(number, broken(line)?.2))).collect()
}

#[test]
fn a_test_that_waits_or_does_not_run_is_named() {
    let text = format!("// {SLEEP}\n{SLEEP}1);\n    {IGNORE}]\n    {SHOULD_PANIC}(expected)]\n");
    let files = [File::new("crates/x/tests/y.rs", &text), File::new(SLEEPER, SLEEP)];
    let expected = [
        "crates/x/tests/y.rs:2: nobody sleeps: wait for what happens, a store by its runtime",
        "crates/x/tests/y.rs:3: a test that does not run shows nothing: let it run",
        "crates/x/tests/y.rs:4: any panic would do: compare the error",
    ];
    assert_eq!(said(&check(&files, &[])), expected);
}

#[test]
fn a_schedule_point_in_a_store_is_named_and_in_a_seam_it_is_not() {
    let text = format!("R{POINT}access);\n");
    let files = ["store.rs", "seam.rs"].map(|path| File::new(path, &text));
    let store = Registered { name: "memory/store".to_owned(), path: "store.rs".to_owned() };
    let expected = ["store.rs:1: schedule points stand in the seams: move it there"];
    assert_eq!(said(&check(&files, &[store])), expected);
}
