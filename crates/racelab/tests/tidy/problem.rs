//! The texts that the rules look at, and what they have to say about them.

use std::fmt;
use std::sync::LazyLock;

use crate::checkout;

/// One file of the repository.
pub(crate) struct File {
    /// From the root, with slashes.
    pub(crate) path: String,
    /// Empty where it is no text.
    pub(crate) text: String,
}

impl File {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// The lines with their numbers.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }

    /// The number of the first line that contains `part`, or of the first line of all.
    pub(crate) fn line_of(&self, part: &str) -> usize {
        self.lines().find(|(_, line)| line.contains(part)).map_or(1, |(number, _)| number)
    }

    /// Something that is wrong at a line of this file.
    pub(crate) fn problem(&self, line: usize, what: impl Into<String>) -> Problem {
        Problem { path: self.path.clone(), line, what: what.into() }
    }
}

/// Something to put right: where, and how.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

/// Every file of the repository, read once.
pub(crate) fn files() -> &'static [File] {
    static FILES: LazyLock<Vec<File>> = LazyLock::new(|| {
        let read = |path: &String| std::fs::read(checkout::root().join(path)).unwrap();
        let file = |path: String| {
            let text = String::from_utf8(read(&path)).unwrap_or_default();
            File { path, text }
        };
        checkout::paths().into_iter().map(file).collect()
    });
    &FILES
}

/// Fails with the whole list, so that one run shows all there is to do.
pub(crate) fn assert_none(problems: &[Problem]) {
    let list: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{} to put right:\n{}\n", list.len(), list.join("\n"));
}

/// What a rule says, as people read it: for the controls.
pub(crate) fn said(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}
