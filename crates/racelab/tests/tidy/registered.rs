//! The stores that the families register, each with its file.

use crate::problem::File;

/// One store.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Registered {
    /// `family/mechanism`.
    pub(crate) name: String,
    /// The one file that it is.
    pub(crate) path: String,
}

/// Every store, from the lines of `registry!`.
pub(crate) fn registered(files: &[File]) -> Vec<Registered> {
    let families = files.iter().filter(|file| file.path.ends_with("/src/lib.rs"));
    families.flat_map(of_family).collect()
}

fn of_family(file: &File) -> Vec<Registered> {
    let mut lines = file.text.lines().skip_while(|line| !line.ends_with("registry! {")).skip(1);
    let family = lines.next().and_then(|line| line.split('"').nth(1)).unwrap_or_default();
    let folder = file.path.trim_end_matches("lib.rs");
    let store = |line: &str| {
        let (module, _) = line.trim().strip_prefix("mod ")?.split_once(':')?;
        let path = format!("{folder}{module}.rs");
        Some(Registered { name: format!("{family}/{module}"), path })
    };
    lines.take_while(|line| *line != "}").filter_map(store).collect()
}

#[test]
fn a_line_of_a_registry_is_a_store() {
    let text = "mod x;\n\nlab_store::registry! {\n    family \"memory\" needs Nothing;\n    \
                mod mutex: Mutex;\n    mod actor: Actor;\n}\n\nmod y;\n";
    let store =
        |name: &str, path: &str| Registered { name: name.to_owned(), path: path.to_owned() };
    let expected = [
        store("memory/mutex", "crates/store-memory/src/mutex.rs"),
        store("memory/actor", "crates/store-memory/src/actor.rs"),
    ];
    assert_eq!(registered(&[File::new("crates/store-memory/src/lib.rs", text)]), expected);
}
