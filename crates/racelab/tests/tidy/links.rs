//! Every relative link of every markdown file leads to a file, and its anchor to a heading.

use crate::markdown::{anchors, links};
use crate::problem::{File, Problem};

/// Looks at every markdown file.
pub(crate) fn check(files: &[File]) -> Vec<Problem> {
    let documents = files.iter().filter(|file| file.path.ends_with(".md"));
    documents.flat_map(|file| of_document(file, files)).collect()
}

fn of_document(file: &File, files: &[File]) -> Vec<Problem> {
    let links = links(&file.text).into_iter();
    links
        .filter_map(|(line, target)| {
            let why = broken(&file.path, &target, files)?;
            Some(file.problem(line, format!("the link to {target} leads nowhere: {why}")))
        })
        .collect()
}

fn broken(from: &str, target: &str, files: &[File]) -> Option<String> {
    let (path, anchor) = destination(from, target)?;
    let folder = format!("{path}/");
    let file = files.iter().find(|file| file.path == path);
    if file.is_none() && files.iter().all(|file| !file.path.starts_with(&folder)) {
        return Some(format!("there is no {path}"));
    }
    let file = file.filter(|_| path.ends_with(".md"))?;
    let is_missing = !anchor.is_empty() && !anchors(&file.text).contains(&anchor);
    is_missing.then(|| format!("no heading of {path} has the anchor #{anchor}"))
}

/// The path from the root and the anchor that a link has; `None` for one that leaves the
/// repository.
pub(crate) fn destination(from: &str, target: &str) -> Option<(String, String)> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    if path.is_empty() {
        return Some((from.to_owned(), anchor.to_owned()));
    }
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.pop().is_some() => {}
            part => parts.push(part),
        }
    }
    Some((parts.join("/"), anchor.to_owned()))
}

#[test]
fn a_link_to_a_missing_file_or_heading_is_named() {
    let files = [
        File::new("docs/a.md", "# A b\n[1](#a-b) [2](#c)\n[3](../README.md#racelab) [4](b.md)\n"),
        File::new("README.md", "# racelab\n[5](docs/) [6](docs/a.md#b) [7](https://x.y/z)\n"),
        File::new("docs/guide/c.md", "[8](../../../README.md)\n"),
    ];
    let expected = [
        "docs/a.md:2: the link to #c leads nowhere: no heading of docs/a.md has the anchor #c",
        "docs/a.md:3: the link to b.md leads nowhere: there is no docs/b.md",
        "README.md:2: the link to docs/a.md#b leads nowhere: no heading of docs/a.md has the \
         anchor #b",
        "docs/guide/c.md:1: the link to ../../../README.md leads nowhere: there is no ../README.md",
    ];
    assert_eq!(crate::problem::said(&check(&files)), expected);
}
