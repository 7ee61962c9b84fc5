//! What is counted.

mod checker;
mod explorer;
mod histories;
mod readers;
mod stores;

use anyhow::Result;

/// A case, carried out by a process of its own.
pub(crate) struct Case {
    pub(crate) name: String,
    /// Prepares what is needed and then carries out what is counted; why not, where it cannot be.
    pub(crate) carry_out: Box<dyn Fn() -> Result<Option<String>>>,
}

impl Case {
    /// A case that can always be counted.
    fn new(name: impl Into<String>, carry_out: impl Fn() -> Result<()> + 'static) -> Self {
        Self { name: name.into(), carry_out: Box::new(move || carry_out().map(|()| None)) }
    }
}

/// Every one.
pub(crate) fn all() -> Vec<Case> {
    let mut all = stores::cases();
    all.extend(explorer::cases());
    all.extend(checker::cases());
    all.extend(readers::cases());
    all
}
