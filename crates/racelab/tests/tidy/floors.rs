//! A crate imports only from lower floors: ARCHITECTURE.md against `cargo metadata`.

use std::collections::BTreeMap;

use crate::problem::{File, Problem};
use crate::workspace::{Import, Package};

/// Holds the block ```` ```floors ```` of the architecture against what the crates import.
pub(crate) fn check(architecture: &File, packages: &[Package]) -> Vec<Problem> {
    let (floors, mut problems) = floors(architecture, packages);
    for package in packages {
        if !floors.contains_key(package.name.as_str()) {
            let what = format!("{} stands on no floor: name it in ```floors", package.name);
            problems.push(architecture.problem(architecture.line_of("```floors"), what));
        }
        for import in &package.imports {
            let never = never(&package.name, import).map(str::to_owned);
            if let Some(why) = never.or_else(|| not_lower(package, import, &floors)) {
                problems.push(problem(package, import, &why));
            }
        }
    }
    problems.extend(loom_in_releases(packages));
    problems
}

type Floors<'a> = BTreeMap<&'a str, u32>;

/// The floor of each crate, and what is wrong with the list itself.
fn floors<'a>(architecture: &'a File, packages: &[Package]) -> (Floors<'a>, Vec<Problem>) {
    let mut floors = Floors::new();
    let mut problems = Vec::new();
    let block = architecture.lines().skip_while(|(_, line)| *line != "```floors").skip(1);
    for (number, line) in block.take_while(|(_, line)| *line != "```") {
        let mut words = line.split_whitespace();
        let Some(floor) = words.next().and_then(|word| word.parse().ok()) else {
            let what = "begin the line with the number of the floor, then name its crates";
            problems.push(architecture.problem(number, what));
            continue;
        };
        for name in words {
            if packages.iter().all(|package| package.name != name) {
                let what = format!("no crate of the workspace is called {name}: remove it here");
                problems.push(architecture.problem(number, what));
            }
            if floors.insert(name, floor).is_some() {
                let what = format!("{name} stands on two floors: choose one");
                problems.push(architecture.problem(number, what));
            }
        }
    }
    (floors, problems)
}

/// The rules that hold on whichever floor, and for tests as well.
fn never(importer: &str, import: &Import) -> Option<&'static str> {
    let imported = import.name.as_str();
    if importer.starts_with("store-") && imported.starts_with("store-") {
        return Some("a family of stores knows no other: move what both need to a lower crate");
    }
    if importer == "lab-report" && (imported.starts_with("store-") || imported == "lab-explore") {
        return Some("the report is pure: it knows results, and neither stores nor the explorer");
    }
    let judges = ["lab-history", "lab-check", "lab-order"];
    if judges.contains(&importer) && !import.is_dev && imported.starts_with("store-") {
        return Some("who judges histories knows no store: any store's history is judged alike");
    }
    let only_benches = "nothing imports the binary but racelab-benches: move what is needed down";
    (imported == "racelab" && importer != "racelab-benches").then_some(only_benches)
}

fn not_lower(package: &Package, import: &Import, floors: &Floors) -> Option<String> {
    let own = floors.get(package.name.as_str())?;
    let other = floors.get(import.name.as_str())?;
    (!import.is_dev && other >= own)
        .then(|| format!("floor {own} imports floor {other}: import only from a lower floor"))
}

/// Every import of loom that a release build of the binary reaches.
fn loom_in_releases(packages: &[Package]) -> Vec<Problem> {
    let mut reached = vec!["racelab"];
    let mut problems = Vec::new();
    let mut next = 0;
    while let Some(name) = reached.get(next) {
        next += 1;
        let Some(package) = packages.iter().find(|package| package.name == *name) else {
            continue;
        };
        for import in package.imports.iter().filter(|import| !import.is_dev) {
            if import.name == "loom" || import.name == "lab-loom" {
                let what = "loom stays out of release builds: import it for tests only";
                problems.push(problem(package, import, what));
            } else if !reached.contains(&import.name.as_str()) {
                reached.push(&import.name);
            }
        }
    }
    problems
}

fn problem(package: &Package, import: &Import, what: &str) -> Problem {
    let line = package.manifest.line_of(&format!("{}.workspace", import.name));
    let what = format!("{} imports {}: {what}", package.name, import.name);
    package.manifest.problem(line, what)
}

fn package(name: &str, imports: &[&str]) -> Package {
    let lines: Vec<String> =
        imports.iter().map(|name| format!("{name}.workspace = true")).collect();
    let import = |name: &&str| Import { name: (*name).to_owned(), is_dev: false };
    Package {
        name: name.to_owned(),
        manifest: File::new(&format!("crates/{name}/Cargo.toml"), &lines.join("\n")),
        roots: Vec::new(),
        imports: imports.iter().map(import).collect(),
    }
}

fn said(floors: &str, packages: &[Package]) -> Vec<String> {
    let architecture = File::new("ARCHITECTURE.md", &format!("# A\n```floors\n{floors}\n```\n"));
    crate::problem::said(&check(&architecture, packages))
}

#[test]
fn an_import_from_the_same_floor_is_named() {
    let packages = [package("lab-task", &["serde", "lab-runtime"]), package("lab-runtime", &[])];
    let what = "crates/lab-task/Cargo.toml:2: lab-task imports lab-runtime: floor 1 imports \
                floor 1: import only from a lower floor";
    assert_eq!(said("1  lab-task lab-runtime", &packages), [what]);
    assert_eq!(said("1  lab-runtime\n2  lab-task", &packages), [""; 0]);
}

#[test]
fn a_test_may_import_from_any_floor_but_the_binary() {
    let mut packages = [package("lab-task", &["racelab"]), package("racelab", &[])];
    packages[0].imports[0].is_dev = true;
    let binary_said = said("1 lab-task\n2 racelab", &packages);
    assert!(binary_said[0].contains("nothing imports the binary"), "{binary_said:?}");
    packages[0].imports[0].name = "lab-explore".to_owned();
    let explorer = package("lab-explore", &[]);
    let [task, binary] = packages;
    assert_eq!(said("1 lab-task\n2 lab-explore racelab", &[task, explorer, binary]), [""; 0]);
}

#[test]
fn a_crate_without_a_floor_or_with_two_is_named() {
    let packages = [package("lab-task", &[]), package("lab-runtime", &[])];
    let expected = [
        "ARCHITECTURE.md:4: lab-task stands on two floors: choose one",
        "ARCHITECTURE.md:4: no crate of the workspace is called lab-tusk: remove it here",
        "ARCHITECTURE.md:2: lab-runtime stands on no floor: name it in ```floors",
    ];
    assert_eq!(said("1  lab-task\n2  lab-task lab-tusk", &packages), expected);
}

#[test]
fn a_line_without_the_number_of_its_floor_is_named() {
    let said = said("lab-task", &[]);
    assert!(said[0].starts_with("ARCHITECTURE.md:3: begin the line with the number"), "{said:?}");
}

#[test]
fn a_family_that_imports_another_is_named_on_whichever_floor() {
    let packages = [package("store-file", &["store-memory"]), package("store-memory", &[])];
    let said = said("1  store-memory\n2  store-file", &packages);
    assert!(said[0].contains("a family of stores knows no other"), "{said:?}");
}

#[test]
fn a_judge_of_histories_that_imports_a_store_is_named() {
    let packages = [package("lab-check", &["store-file"]), package("store-file", &[])];
    let said = said("1 store-file\n2 lab-check", &packages);
    assert!(said[0].contains("who judges histories knows no store"), "{said:?}");
}

#[test]
fn a_report_that_imports_a_store_is_named() {
    let packages = [package("lab-report", &["store-memory"]), package("store-memory", &[])];
    let said = said("1  store-memory\n2  lab-report", &packages);
    assert!(said[0].contains("the report is pure"), "{said:?}");
}

#[test]
fn loom_behind_another_crate_is_named() {
    let packages = [package("racelab", &["lab-sites"]), package("lab-sites", &["loom"])];
    let said = said("1  lab-sites\n2  racelab", &packages);
    let what = "crates/lab-sites/Cargo.toml:1: lab-sites imports loom: loom stays out of release \
                builds: import it for tests only";
    assert_eq!(said, [what]);
}
