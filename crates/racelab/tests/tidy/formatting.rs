//! Every source file is formatted, also those that `registry!` declares, which `cargo fmt` does not
//! see.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::problem::{File, Problem};

const INSTALL: &str = "rustfmt is missing: rustup component add rustfmt";

/// Asks rustfmt about the files at `paths`, which are relative to `root`.
pub(crate) fn check(root: &Path, paths: &[&str]) -> Vec<Problem> {
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.args(["--check", "--edition", "2024", "--color", "never"]).args(paths);
    let answer = rustfmt.current_dir(root).output().expect(INSTALL);
    let complaint = String::from_utf8_lossy(&answer.stderr);
    assert!(!complaint.contains("is not installed"), "{INSTALL}");
    let root = root.canonicalize().unwrap();
    let differences = differences(&String::from_utf8_lossy(&answer.stdout), &root);
    assert!(answer.status.success() || !differences.is_empty(), "rustfmt: {complaint}");
    differences
}

/// The first difference of each file.
fn differences(answer: &str, root: &Path) -> Vec<Problem> {
    let mut seen = BTreeSet::new();
    let place = |line: &str| {
        let (path, number) = line.strip_prefix("Diff in ")?.strip_suffix(':')?.rsplit_once(':')?;
        let path = Path::new(path).strip_prefix(root).ok()?.to_str()?.to_owned();
        Some((path, number.parse().ok()?))
    };
    let first = answer.lines().filter_map(place).filter(|(path, _)| seen.insert(path.clone()));
    let what = |path: &str| format!("run: rustfmt --edition 2024 {path}");
    first.map(|(path, line)| File::new(&path, "").problem(line, what(&path))).collect()
}

#[test]
fn a_file_that_is_not_formatted_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("a.rs", "fn a() {}\n");
    write("b.rs", "fn b() {}\nfn  c(){ }\n");
    let said = crate::problem::said(&check(folder.path(), &["a.rs", "b.rs"]));
    assert_eq!(said, ["b.rs:1: run: rustfmt --edition 2024 b.rs"]);
}
