//! What lies in the place of a store, for a person who looks past the store at the file or the row.

use lab_task::TaskId;

use crate::{Site, StoreError};

/// A look at a place that changes nothing there and never waits.
pub trait Inside {
    /// What lies there now, line by line.
    ///
    /// # Errors
    /// The place cannot be reached.
    fn lines(&mut self) -> Result<Vec<Lying>, StoreError>;
}

/// One line of a file, or one row of a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lying {
    /// The file or the table.
    pub place: String,
    /// Whose row it is, where the place goes on counting ids when it is emptied.
    pub id: Option<TaskId>,
    /// What lies there.
    pub text: String,
}

/// For tasks in memory: there is nothing that could be looked at but the tasks.
///
/// # Errors
/// None.
pub fn nothing_inside(_site: &Site) -> Result<Box<dyn Inside>, StoreError> {
    struct Nothing;
    impl Inside for Nothing {
        fn lines(&mut self) -> Result<Vec<Lying>, StoreError> {
            Ok(Vec::new())
        }
    }
    Ok(Box::new(Nothing))
}
