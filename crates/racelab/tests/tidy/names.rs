//! No file and no module has a name that says nothing about what is in it.

use crate::problem::{File, Problem};
use crate::reach::declared_module;

const EMPTY_NAMES: [&str; 4] = ["utils", "common", "helpers", "manager"];

/// Looks at every folder, file and module.
pub(crate) fn check(files: &[File]) -> Vec<Problem> {
    files.iter().flat_map(|file| path(file).into_iter().chain(modules(file))).collect()
}

fn path(file: &File) -> Option<Problem> {
    let stem = |part: &str| part.split('.').next().is_some_and(|stem| EMPTY_NAMES.contains(&stem));
    let part = file.path.split('/').find(|part| stem(part))?;
    Some(file.problem(1, format!("{part} says nothing: name it after what is in it")))
}

fn modules(file: &File) -> impl Iterator<Item = Problem> {
    let is_source = file.path.ends_with(".rs");
    let named = file.lines().filter(move |_| is_source).filter_map(|(number, line)| {
        let name = declared_module(line)?;
        EMPTY_NAMES.contains(&name).then_some((number, name))
    });
    named.map(|(number, name)| {
        file.problem(number, format!("mod {name} says nothing: name it after what is in it"))
    })
}

#[test]
fn a_file_a_folder_and_a_module_without_a_meaning_are_named() {
    let files = [
        File::new("crates/x/src/utils.rs", ""),
        File::new("crates/x/tests/common/mod.rs", ""),
        File::new("crates/x/src/lib.rs", "//! X.\npub(crate) mod helpers {\n}\n"),
        File::new("crates/x/src/commons.rs", "mod managers;\n"),
    ];
    let expected = [
        "crates/x/src/utils.rs:1: utils.rs says nothing: name it after what is in it",
        "crates/x/tests/common/mod.rs:1: common says nothing: name it after what is in it",
        "crates/x/src/lib.rs:2: mod helpers says nothing: name it after what is in it",
    ];
    assert_eq!(crate::problem::said(&check(&files)), expected);
}
