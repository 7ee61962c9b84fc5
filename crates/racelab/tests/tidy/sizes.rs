//! Files that are read in one sitting, lines that fit.

use crate::problem::{File, Problem, said};
use crate::registered::Registered;

const FILE_LINES_MAX: usize = 500;
const STORE_LINES_MAX: usize = 200;
const LINE_COLUMNS_MAX: usize = 100;

/// Looks at every Rust file.
pub(crate) fn check(files: &[File], stores: &[Registered]) -> Vec<Problem> {
    let sources = files.iter().filter(|file| file.path.ends_with(".rs"));
    sources.flat_map(|file| too_long(file, stores).into_iter().chain(too_wide(file))).collect()
}

fn too_long(file: &File, stores: &[Registered]) -> Option<Problem> {
    let is_store = stores.iter().any(|store| store.path == file.path);
    let (kind, lines_max) =
        if is_store { ("a store", STORE_LINES_MAX) } else { ("a file", FILE_LINES_MAX) };
    // The lesson may be as long as it has to be; it is the code that must stay short.
    let doc = if is_store { file.lines().take_while(|(_, line)| is_doc(line)).count() } else { 0 };
    let lines = file.lines().count() - doc;
    let what = || format!("{kind} has at most {lines_max} lines, this has {lines}: divide it");
    (lines > lines_max).then(|| file.problem(doc + lines_max + 1, what()))
}

fn is_doc(line: &str) -> bool {
    line.starts_with("//!")
}

fn too_wide(file: &File) -> impl Iterator<Item = Problem> {
    let columns = |line: &str| line.chars().count();
    let wide = file.lines().filter(move |(_, line)| columns(line) > LINE_COLUMNS_MAX);
    wide.map(move |(number, line)| {
        let columns = columns(line);
        let what = format!("at most {LINE_COLUMNS_MAX} columns, this has {columns}: break it");
        file.problem(number, what)
    })
}

#[test]
fn a_long_file_is_named_and_a_store_sooner() {
    let store = Registered { name: "memory/x".to_owned(), path: "x.rs".to_owned() };
    let said = |path, lines| {
        let file = File::new(path, &"//\n".repeat(lines));
        said(&check(&[file], std::slice::from_ref(&store)))
    };
    assert_eq!(said("x.rs", 200), [""; 0]);
    let what = "x.rs:201: a store has at most 200 lines, this has 201: divide it";
    assert_eq!(said("x.rs", 201), [what]);
    let lesson = File::new("x.rs", &("//!\n".repeat(50) + &"//\n".repeat(201)));
    let what = "x.rs:251: a store has at most 200 lines, this has 201: divide it";
    assert_eq!(crate::problem::said(&check(&[lesson], std::slice::from_ref(&store))), [what]);
    assert_eq!(said("y.rs", 500), [""; 0]);
    let what = "y.rs:501: a file has at most 500 lines, this has 501: divide it";
    assert_eq!(said("y.rs", 501), [what]);
}

#[test]
fn a_wide_line_is_named_and_counted_in_characters() {
    let file = File::new("x.rs", &format!("//\n{}\n{}\n", "é".repeat(100), "é".repeat(101)));
    let said = said(&check(&[file], &[]));
    assert_eq!(said, ["x.rs:3: at most 100 columns, this has 101: break it"]);
}
