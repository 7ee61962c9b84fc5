//! No crate has its documentation searched for examples to run (`doctest = false`: to look for none
//! in each of two dozen crates took four seconds). So there must be none.

use crate::problem::{File, Problem, said};

const WHY: &str = "nobody runs an example in the docs: make it a test, or name its language";

/// What rustdoc takes for Rust.
const RUST: [&str; 6] = ["rust", "no_run", "should_panic", "compile_fail", "edition", "ignore"];

/// Looks at the documentation in every Rust file.
pub(crate) fn check(files: &[File]) -> Vec<Problem> {
    files.iter().filter(|file| file.path.ends_with(".rs")).flat_map(of_source).collect()
}

fn of_source(file: &File) -> Vec<Problem> {
    let documentation = file.lines().filter_map(|(number, line)| {
        let line = line.trim_start();
        let text = line.strip_prefix("//!").or_else(|| line.strip_prefix("///"))?;
        Some((number, text.trim().strip_prefix("```")?))
    });
    // Every second fence ends what the one before it began.
    let openings = documentation.step_by(2);
    let is_rust = |tag: &str| tag.is_empty() || RUST.iter().any(|word| tag.starts_with(word));
    openings.filter(|(_, tag)| is_rust(tag)).map(|(line, _)| file.problem(line, WHY)).collect()
}

#[test]
fn an_example_that_nobody_would_run_is_named_and_a_drawing_is_not() {
    let fenced = |tag: &str| format!("/// ```{tag}\n/// x\n/// ```\n");
    let text = ["text", "", "sql", "no_run", "rust"].map(fenced).concat();
    let expected = [4, 10, 13].map(|line| format!("crates/x/src/y.rs:{line}: {WHY}"));
    assert_eq!(said(&check(&[File::new("crates/x/src/y.rs", &text)])), expected);
}
