//! What the zones found, as a violation that people can read.

use crate::parts::Entry;
use crate::zones::Decision;
use crate::{History, Operation, OperationId, Proof, ValueId, Violation};

impl Decision {
    /// The violation, where this is none of the decisions that let a part hold.
    pub(crate) fn violation<A>(
        &self,
        history: &History,
        key: ValueId,
        entries: &[Entry<A>],
    ) -> Violation {
        let places: Vec<u32> = match self {
            Self::NotForZones | Self::Order(_) => Vec::new(),
            Self::Unwritten(read) => vec![*read],
            Self::Future { read, write } => vec![*read, *write],
            Self::Crossed(places) => places.clone(),
        };
        let id = |place: &u32| entries[*place as usize].id;
        let operations: Vec<OperationId> = places.iter().map(id).collect();
        let sentence = self.sentence(history, &operations);
        Violation { key, operations, sentence, proof: Proof::Local }
    }

    fn sentence(&self, history: &History, operations: &[OperationId]) -> String {
        let said = |id: &OperationId| value(history, &history.operations()[*id as usize]);
        let Some(first) = operations.first().map(said) else { return String::new() };
        match self {
            Self::NotForZones | Self::Order(_) => String::new(),
            Self::Unwritten(_) => format!("{first} was read, and nobody wrote it"),
            Self::Future { .. } => {
                format!("{first} was read before anybody asked for it to be written")
            }
            Self::Crossed(_) => {
                let other = operations.iter().map(said).find(|value| *value != first);
                let other = other.unwrap_or_default();
                format!("{first} was there both before and after {other}, and was put there once")
            }
        }
    }
}

/// The value that an operation wrote or read.
fn value(history: &History, operation: &Operation) -> String {
    let is_write = operation.argument != ValueId::NULL;
    let id = if is_write { operation.argument } else { operation.result };
    history.values().get(id).to_string()
}
