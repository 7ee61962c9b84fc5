//! No dead documents: each is linked from where readers begin, each data file named by a report.

use crate::links::destination;
use crate::markdown::links;
use crate::problem::{File, Problem};

/// Looks at everything under `docs/` and `reports/` and at the documents of the root.
pub(crate) fn check(files: &[File]) -> Vec<Problem> {
    let unread = files.iter().filter(|file| is_document(&file.path) && !is_mentioned(file, files));
    let what = "nobody finds it: link it from README.md, ARCHITECTURE.md, CONTRIBUTING.md or docs/, \
                or delete it";
    unread.map(|file| file.problem(1, what)).collect()
}

fn is_document(path: &str) -> bool {
    let is_of_root = path.ends_with(".md") && !path.contains('/');
    path != "README.md" && (is_of_root || path.starts_with("docs/") || path.starts_with("reports/"))
}

/// Where readers begin.
fn is_signpost(path: &str) -> bool {
    ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].contains(&path)
        || path.starts_with("docs/") && path.ends_with(".md")
}

fn is_mentioned(file: &File, files: &[File]) -> bool {
    let mut others = files.iter().filter(|other| other.path != file.path);
    others.any(|other| {
        is_signpost(&other.path) && links_to(other, &file.path) || names_its_data(other, &file.path)
    })
}

fn links_to(file: &File, path: &str) -> bool {
    let targets = links(&file.text).into_iter().map(|(_, target)| target);
    targets.filter_map(|target| destination(&file.path, &target)).any(|(to, _)| to == path)
}

/// Whether `report` is one and names the data at `path`, which lies beside it.
fn names_its_data(report: &File, path: &str) -> bool {
    let is_report = |path: &str| path.starts_with("reports/") && path.ends_with(".md");
    let name = path.rsplit('/').next().unwrap_or(path);
    path.starts_with("reports/")
        && is_report(&report.path)
        && !is_report(path)
        && report.text.contains(name)
}

#[test]
fn a_document_that_nobody_links_is_named() {
    let files = [
        File::new("README.md", "[d](docs/DESIGN.md) [r](reports/races.md)\n"),
        File::new("CHANGELOG.md", "[self](CHANGELOG.md)\n"),
        File::new("docs/DESIGN.md", "![p](picture.svg)\n"),
        File::new("docs/picture.svg", "<svg/>"),
        File::new("docs/old.md", ""),
        File::new("reports/races.md", "The data: `races.json`. See [x](old.md).\n"),
        File::new("reports/races.json", "{}"),
        File::new("reports/old.json", "{}"),
        File::new("reports/old.md", ""),
    ];
    let said = crate::problem::said(&check(&files));
    let named: Vec<&str> = said.iter().filter_map(|one| one.split(':').next()).collect();
    assert_eq!(named, ["CHANGELOG.md", "docs/old.md", "reports/old.json", "reports/old.md"]);
}
