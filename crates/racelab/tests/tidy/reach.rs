//! Every source file is compiled: cargo builds it, or a file that is compiled declares it.

use std::collections::BTreeSet;

use crate::problem::{File, Problem};

/// Follows the modules from `roots`, the files that cargo hands to the compiler.
pub(crate) fn check(files: &[File], roots: &[&str]) -> Vec<Problem> {
    let mut compiled: BTreeSet<String> = BTreeSet::new();
    let mut next: Vec<String> = roots.iter().map(|root| (*root).to_owned()).collect();
    while let Some(path) = next.pop() {
        let Some(file) = files.iter().find(|file| file.path == path) else {
            continue;
        };
        if compiled.insert(path) {
            next.extend(modules(file, roots.contains(&file.path.as_str())));
        }
    }
    let sources = files.iter().filter(|file| file.path.ends_with(".rs"));
    let dead = sources.filter(|file| !compiled.contains(&file.path));
    dead.map(|file| file.problem(1, "nothing compiles it: declare it with `mod`, or delete it"))
        .collect()
}

/// The name of the module that a line declares, if it does: also within `registry!`.
pub(crate) fn declared_module(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix("pub").unwrap_or(line);
    let line =
        line.strip_prefix('(').map_or(line, |to| to.split_once(')').map_or("", |(_, to)| to));
    let line = line.trim_start().strip_prefix("mod ")?;
    let end = line.find(|letter: char| !letter.is_alphanumeric() && letter != '_')?;
    line[end..].trim_start().starts_with([';', ':', '{']).then_some(&line[..end])
}

/// Where the modules that `file` declares may be.
fn modules(file: &File, is_root: bool) -> Vec<String> {
    let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
    let stem = name.trim_end_matches(".rs");
    let own = if is_root || stem == "mod" { folder.to_owned() } else { format!("{folder}/{stem}") };
    let mut given = None;
    let mut found = Vec::new();
    for line in file.text.lines() {
        if let Some(path) = line.trim_start().strip_prefix("#[path = \"") {
            given = path.split('"').next();
        } else if let Some(module) = declared_module(line) {
            match given.take() {
                Some(path) => found.push(format!("{folder}/{path}")),
                None => {
                    found.push(format!("{own}/{module}.rs"));
                    found.push(format!("{own}/{module}/mod.rs"));
                }
            }
        }
    }
    found
}

#[test]
fn a_file_that_nothing_declares_is_named() {
    let files = [
        File::new("crates/x/src/lib.rs", "registry! {\n    mod a: A;\n}\npub mod b;\n"),
        File::new("crates/x/src/a.rs", "#[cfg(test)]\nmod tests;\n"),
        File::new("crates/x/src/a/tests.rs", ""),
        File::new("crates/x/src/b/mod.rs", "pub(crate) mod c;\n"),
        File::new("crates/x/src/b/c.rs", "// mod d;\n"),
        File::new("crates/x/src/b/c/d.rs", ""),
        File::new("crates/x/tests/e.rs", "#[path = \"f/g.rs\"]\nmod h;\n"),
        File::new("crates/x/tests/f/g.rs", ""),
        File::new("crates/x/src/old.rs", ""),
    ];
    let expected = [
        "crates/x/src/b/c/d.rs:1: nothing compiles it: declare it with `mod`, or delete it",
        "crates/x/src/old.rs:1: nothing compiles it: declare it with `mod`, or delete it",
    ];
    let said = check(&files, &["crates/x/src/lib.rs", "crates/x/tests/e.rs"]);
    assert_eq!(crate::problem::said(&said), expected);
}

#[test]
fn a_line_declares_a_module_or_not() {
    let declared = |line| declared_module(line);
    assert_eq!(declared("    mod naive_vec: NaiveVec;"), Some("naive_vec"));
    assert_eq!(declared("pub(super) mod frame;"), Some("frame"));
    assert_eq!(declared("mod tests {"), Some("tests"));
    assert_eq!(declared("        $(pub mod $module;)+"), None);
    assert_eq!(declared("pub fn modest(a: u8) {"), None);
    assert_eq!(declared("//! mod a;"), None);
}
