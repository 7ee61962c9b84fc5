//! The crates of the workspace as cargo sees them.

use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use crate::checkout::root;
use crate::problem::File;

/// One crate.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) manifest: File,
    /// The files that cargo hands to the compiler, by their paths from the root.
    pub(crate) roots: Vec<String>,
    pub(crate) imports: Vec<Import>,
}

/// What a crate depends on.
pub(crate) struct Import {
    pub(crate) name: String,
    /// Whether only its tests and benches do.
    pub(crate) is_dev: bool,
}

/// Every crate of the workspace.
pub(crate) fn packages() -> Vec<Package> {
    packages_of("Cargo.toml")
}

/// Every crate of the workspace whose manifest is at `path` from the root.
pub(crate) fn packages_of(path: &str) -> Vec<Package> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version", "1", "--no-deps", "--offline"]);
    let answer = cargo.args(["--manifest-path", path]).current_dir(root()).output().unwrap();
    let complaint = String::from_utf8_lossy(&answer.stderr);
    assert!(answer.status.success(), "cargo metadata: {complaint}");
    let metadata: Metadata = serde_json::from_slice(&answer.stdout).unwrap();
    metadata.packages.into_iter().map(package).collect()
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Described>,
}

#[derive(Deserialize)]
struct Described {
    name: String,
    manifest_path: String,
    targets: Vec<Target>,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Target {
    src_path: String,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

fn package(described: Described) -> Package {
    let text = std::fs::read_to_string(&described.manifest_path).unwrap();
    let import =
        |one: Dependency| Import { name: one.name, is_dev: one.kind.as_deref() == Some("dev") };
    Package {
        name: described.name,
        manifest: File { path: from_root(&described.manifest_path), text },
        roots: described.targets.iter().map(|target| from_root(&target.src_path)).collect(),
        imports: described.dependencies.into_iter().map(import).collect(),
    }
}

fn from_root(path: &str) -> String {
    Path::new(path).strip_prefix(root()).unwrap().to_str().unwrap().to_owned()
}
