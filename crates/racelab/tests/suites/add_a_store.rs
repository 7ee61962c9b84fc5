//! Acid test 1: a new store is one new file and one registry line. What CONTRIBUTING.md tells a
//! person to do is done here, in a copy of the checkout, and then the lab has to know the store.
//!
//! The suites go over the same catalogue that `list` shows, so to run them here once more would
//! take a minute and show nothing new.

#[path = "../tidy/checkout.rs"]
mod checkout;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use lab_store::ScenarioName;
use lab_witness::{Cell, Evidence, Mutation, Results};
use serde::Deserialize;

#[test]
fn a_new_store_is_one_new_file_and_one_registry_line() {
    let document = fs::read_to_string(checkout::root().join("CONTRIBUTING.md"));
    let recipe = Recipe::of(&document.expect("CONTRIBUTING.md says how to add a store"));
    let trial = Trial::of_checkout(&recipe);
    let name = recipe.store_name();

    let listed: Vec<Listed> = serde_json::from_slice(&trial.racelab(&["list", "--json"])).unwrap();
    assert!(listed.iter().any(|one| one.store == name), "`racelab list` does not show {name}");

    let raced: Results =
        serde_json::from_slice(&trial.racelab(&["race", &name, "--json"])).unwrap();
    assert_eq!(raced.cells.len(), ScenarioName::ALL.len());
    for cell in &raced.cells {
        let is_found = matches!(cell.evidence, Evidence::Witnessed { .. });
        assert_eq!(is_found, !cell.admits.is_empty(), "{name} {}", cell.scenario);
    }
    let is_proven = |cell: &Cell| matches!(cell.evidence, Evidence::Proven { .. });
    assert!(raced.cells.iter().any(is_proven), "a recipe shows something that holds");
    assert!(!raced.witnesses.is_empty(), "a recipe shows something that does not");

    let mutated: Results =
        serde_json::from_slice(&trial.racelab(&["mutate", &name, "--json"])).unwrap();
    assert!(!mutated.mutations.is_empty(), "a recipe says what protects its store");
    assert!(mutated.mutations.iter().all(Mutation::is_caught), "{:?}", mutated.mutations);
}

/// What `list --json` says of a store, as far as it matters here.
#[derive(Deserialize)]
struct Listed {
    store: String,
}

/// What CONTRIBUTING.md tells a person to do.
struct Recipe {
    file: Part,
    line: Part,
}

/// A text, and the path from the root where it belongs.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    path: String,
    text: String,
}

impl Recipe {
    fn of(document: &str) -> Self {
        Self { file: part(document, "file"), line: part(document, "line") }
    }

    /// `memory/x` for `crates/store-memory/src/x.rs`.
    fn store_name(&self) -> String {
        let name = self.file.path.strip_prefix("crates/store-").unwrap();
        name.strip_suffix(".rs").unwrap().replacen("/src/", "/", 1)
    }
}

/// The one block of Rust after `<!-- kind: path -->`.
fn part(document: &str, kind: &str) -> Part {
    let marker = format!("<!-- {kind}: ");
    let places: Vec<&str> = document.split(marker.as_str()).skip(1).collect();
    let [place] = places[..] else {
        panic!("CONTRIBUTING.md has {} places marked {marker:?} and needs one", places.len());
    };
    let (path, rest) = place.split_once(" -->\n").unwrap();
    let block = rest.trim_start().strip_prefix("```rust\n").expect("a block follows its mark");
    let (text, _) = block.split_once("\n```\n").unwrap();
    Part { path: path.to_owned(), text: format!("{text}\n") }
}

/// The checkout with the recipe followed, in a folder of its own.
struct Trial(PathBuf);

impl Trial {
    fn of_checkout(recipe: &Recipe) -> Self {
        let read = |path: String| {
            let bytes = fs::read(checkout::root().join(&path)).unwrap();
            (path, bytes)
        };
        let mut files: BTreeMap<String, Vec<u8>> =
            checkout::paths().into_iter().map(read).collect();
        let before = files.insert(recipe.file.path.clone(), recipe.file.text.clone().into_bytes());
        assert_eq!(before, None, "{} is here already", recipe.file.path);
        change(&mut files, &recipe.line.path, |text| with_line(text, &recipe.line.text));
        change(&mut files, "Cargo.toml", with_version_of_its_own);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("add_a_store");
        let trial = Self(folder);
        write_what_differs(&trial.0.join("checkout"), &files);
        trial
    }

    /// What the binary of the copy writes to stdout, if it ends well.
    fn racelab(&self, arguments: &[&str]) -> Vec<u8> {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["run", "--quiet", "--offline", "--package", "racelab", "--"]).args(arguments);
        // What others wrote is compiled once, for the checkout and for the copy.
        let build = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        cargo.env("CARGO_BUILD_BUILD_DIR", build).env("CARGO_TARGET_DIR", self.0.join("target"));
        let output = cargo.current_dir(self.0.join("checkout")).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let complaint = String::from_utf8_lossy(&output.stderr);
        let status = output.status;
        assert!(status.success(), "racelab {arguments:?}: {status}\n{complaint}\n{said}");
        output.stdout
    }
}

fn change(files: &mut BTreeMap<String, Vec<u8>>, path: &str, by: impl Fn(&str) -> String) {
    let file = files.get_mut(path).unwrap_or_else(|| panic!("there is no {path}"));
    *file = by(std::str::from_utf8(file).unwrap()).into_bytes();
}

/// The registry with one line more, at its end.
fn with_line(registry: &str, line: &str) -> String {
    let (before, after) = registry.split_once("registry! {\n").expect("a family has a registry");
    let (stores, after) = after.split_once("\n}\n").unwrap();
    format!("{before}registry! {{\n{stores}\n    {}\n}}\n{after}", line.trim())
}

/// Of two crates with one name, version and place in their workspace cargo takes what was built of
/// the one for what was built of the other.
fn with_version_of_its_own(manifest: &str) -> String {
    let own = concat!("\nversion = \"", env!("CARGO_PKG_VERSION"));
    assert!(manifest.contains(own), "the workspace gives the version");
    manifest.replacen(own, &format!("{own}-copy"), 1)
}

/// Makes `folder` hold these files and no others. What is the same already is left alone, so that
/// cargo does not compile it again.
fn write_what_differs(folder: &Path, files: &BTreeMap<String, Vec<u8>>) {
    fs::create_dir_all(folder).unwrap();
    remove_others(folder, "", files);
    for (path, bytes) in files {
        let path = folder.join(path);
        if fs::read(&path).ok().as_ref() != Some(bytes) {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, bytes).unwrap();
        }
    }
}

fn remove_others(folder: &Path, prefix: &str, files: &BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            remove_others(&entry.path(), &format!("{path}/"), files);
        } else if !files.contains_key(&path) {
            fs::remove_file(entry.path()).unwrap();
        }
    }
}

#[test]
fn a_recipe_is_two_blocks_with_their_paths() {
    let document = "# Add\n<!-- file: crates/store-memory/src/x.rs -->\n\n```rust\n//! ```text\n\
                    //! A\n//! ```\nstruct X;\n```\nThen\n<!-- line: y.rs -->\n```rust\nmod x: X;\n\
                    ```\n";
    let recipe = Recipe::of(document);
    assert_eq!(recipe.store_name(), "memory/x");
    assert_eq!(recipe.file.text, "//! ```text\n//! A\n//! ```\nstruct X;\n");
    assert_eq!(recipe.line, Part { path: "y.rs".to_owned(), text: "mod x: X;\n".to_owned() });
    let registry =
        "r! {\nlab_store::registry! {\n    family \"m\";\n    mod a: A;\n}\n\nfn b() {\n}\n";
    let expected = registry.replace("mod a: A;\n", "mod a: A;\n    mod x: X;\n");
    assert_eq!(with_line(registry, &recipe.line.text), expected);
}

#[test]
fn a_copy_follows_what_changes_and_what_goes() {
    let folder = tempfile::tempdir().unwrap();
    let files = |all: &[(&str, &str)]| {
        all.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
    };
    write_what_differs(folder.path(), &files(&[("a/b", "1"), ("c", "2"), ("d", "3")]));
    let modified = || fs::metadata(folder.path().join("d")).unwrap().modified().unwrap();
    let before = modified();
    write_what_differs(folder.path(), &files(&[("a/e", "1"), ("c", "4"), ("d", "3")]));
    assert_eq!(modified(), before, "a file that stays the same is written again");
    assert!(!folder.path().join("a/b").exists());
    assert_eq!(fs::read_to_string(folder.path().join("a/e")).unwrap(), "1");
    assert_eq!(fs::read_to_string(folder.path().join("c")).unwrap(), "4");
}
