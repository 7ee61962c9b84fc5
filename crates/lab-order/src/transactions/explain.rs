//! A dependency in words.

use super::{Dependency, Link, Transactions, Values};

/// Who read and wrote what, so that one transaction must come before another.
pub fn explain(transactions: &Transactions, link: &Link) -> String {
    let (from, to) = (link.from, link.to);
    let Some(about) = link.about else {
        return match link.kind {
            Dependency::Process => format!("T{from} and T{to} are of one client, in this order"),
            _ => format!("T{from} had ended before T{to} began"),
        };
    };
    let value = |element: Option<usize>| {
        element.map_or("nothing", |element| transactions.elements[element].as_str())
    };
    let (key, before, after) =
        (&transactions.keys[about.key], value(about.before), value(about.after));
    let shown = about.shown_by.map_or_else(String::new, |by| format!(", as T{by} read it"));
    match (link.kind, transactions.values) {
        (Dependency::Wr, Values::Lists) => {
            format!("T{from} appended {after} to {key}, and T{to} read it")
        }
        (Dependency::Wr, Values::Registers) => {
            format!("T{from} wrote {after} to {key}, and T{to} read it")
        }
        (Dependency::Rw, Values::Lists) => {
            format!("T{from} read {key} without {after}, which T{to} appended{shown}")
        }
        (Dependency::Rw, Values::Registers) => {
            format!("T{from} read {before} in {key}, over which T{to} wrote {after}")
        }
        (_, Values::Lists) => {
            format!("T{from} appended {before} to {key} before T{to} appended {after}{shown}")
        }
        (_, Values::Registers) => {
            format!("T{from} wrote {before} to {key}, over which T{to} wrote {after}")
        }
    }
}
