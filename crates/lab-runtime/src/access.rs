//! What a step does, as far as a scheduler and a reader of the schedule want to know.

/// One step that others can see.
#[derive(Clone, Copy, Debug)]
pub struct Access<'a> {
    /// What it does to the object.
    pub kind: Kind,
    /// Which object: equal for two accesses if they may meet.
    pub object: u64,
    /// What a person calls it: `lock`, `read tasks.json`, `UPDATE`.
    pub label: &'a str,
}

/// What a step does to its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Looks at it.
    Read,
    /// May change it.
    Write,
    /// Gives back what others may be waiting for, perhaps with a change: unlock, commit, rollback.
    Release,
}

impl<'a> Access<'a> {
    /// A look at `object`.
    pub fn read(object: u64, label: &'a str) -> Self {
        Self { kind: Kind::Read, object, label }
    }

    /// A possible change of `object`.
    pub fn write(object: u64, label: &'a str) -> Self {
        Self { kind: Kind::Write, object, label }
    }

    /// The end of a hold on `object`.
    pub fn release(object: u64, label: &'a str) -> Self {
        Self { kind: Kind::Release, object, label }
    }
}
