//! Nobody branches on a store's name: outside the stores and the tests no literal has one. What a
//! suite wants to know of a store it asks `Guarantee` and `Capability`.

use crate::problem::{File, Problem};

/// Looks at the sources of every crate that is no family of stores.
pub(crate) fn check(files: &[File], families: &[&str]) -> Vec<Problem> {
    let sources = files.iter().filter(|file| is_looked_at(&file.path));
    sources.flat_map(|file| of_source(file, families)).collect()
}

fn is_looked_at(path: &str) -> bool {
    let is_source = path.ends_with(".rs") && path.contains("/src/");
    let is_of_tests = path.contains("/tests/") || path.ends_with("/tests.rs");
    is_source && !is_of_tests && !path.starts_with("crates/store-")
}

fn of_source(file: &File, families: &[&str]) -> Vec<Problem> {
    let code = without_tests(file).filter(|(_, line)| !line.trim_start().starts_with("//"));
    let named = code.filter(|(_, line)| families.iter().any(|family| names_store(line, family)));
    let what = "a store's name decides nothing here: ask its guarantee or its capabilities";
    named.map(|(number, _)| file.problem(number, what)).collect()
}

/// The lines outside `#[cfg(test)] mod tests { ... }`, which rustfmt closes at the margin.
fn without_tests(file: &File) -> impl Iterator<Item = (usize, &str)> {
    let mut is_test = false;
    let mut before = "";
    file.lines().filter(move |(_, line)| {
        let begins = before == "#[cfg(test)]" && line.starts_with("mod ") && line.ends_with('{');
        let ends = before == "}" && is_test;
        is_test = begins || is_test && !ends;
        before = line;
        !is_test
    })
}

/// Whether a line has `family/` and a letter, where a word may begin.
fn names_store(line: &str, family: &str) -> bool {
    let is_store = |(at, found): (usize, &str)| {
        let begins = line[..at].chars().next_back().is_some_and(|one| "\"' `(=".contains(one));
        let rest = line[at + found.len()..].chars().next();
        begins && rest.is_some_and(|one| one.is_ascii_lowercase())
    };
    line.match_indices(&format!("{family}/")).any(is_store)
}

#[test]
fn a_store_s_name_in_code_is_named_and_in_docs_and_tests_it_is_not() {
    let text = "//! For instance memory/mutex.\nfn slow(name: &str) -> bool {\n    \
                name == \"memory/actor\"\n}\n#[cfg(test)]\nmod tests {\n    \
                const NAME: &str = \"memory/mutex\";\n}\nconst HELP: &str = \"try file/journal\";\n\
                const FOLDER: &str = \"/var/memory/x profile/a file/\";\n";
    let files = ["lab-explore/src/run.rs", "store-file/src/x.rs", "racelab/src/tests.rs"]
        .map(|path| File::new(&format!("crates/{path}"), text));
    let what = "a store's name decides nothing here: ask its guarantee or its capabilities";
    let expected = [3, 9].map(|line| format!("crates/lab-explore/src/run.rs:{line}: {what}"));
    assert_eq!(crate::problem::said(&check(&files, &["memory", "file"])), expected);
}
