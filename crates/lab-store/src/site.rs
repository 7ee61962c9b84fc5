//! Where one instance of a store keeps its tasks.

use std::path::PathBuf;

/// A place of its own for one store: what it needs of these it uses, the rest it leaves alone.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// A folder, there and writable.
    pub directory: PathBuf,
    /// How to reach the server, for stores that need one.
    pub url: Option<String>,
    /// A name that no other site of that server has: a schema.
    pub namespace: String,
}
