//! The names of what transactions may show.

use std::fmt;

/// How one transaction depends on another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dependency {
    /// It overwrote what the other wrote.
    Ww,
    /// It read what the other wrote.
    Wr,
    /// It overwrote what the other read: an anti-dependency.
    Rw,
    /// Its client had done the other before.
    Process,
    /// The other had ended before it began.
    Realtime,
}

/// What is wrong, by the edges of a cycle or by what one transaction saw. From what every level
/// forbids to what only the strongest do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A value is there twice, or was written twice: no order can be inferred from it.
    DuplicateElements,
    /// Two reads of a list are none a beginning of the other.
    IncompatibleOrder,
    /// A cycle of `ww` alone: Adya's G0, dirty write.
    G0,
    /// A read saw what an aborted transaction wrote: Adya's G1a, aborted read.
    G1a,
    /// A read saw a value that its writer overwrote itself: Adya's G1b, intermediate read.
    G1b,
    /// A read saw a value that nobody wrote: Elle's garbage read.
    GarbageRead,
    /// A cycle of `ww` and `wr`: Adya's G1c, circular information flow.
    G1c,
    /// A transaction does not see what it has itself seen or written before: Elle's internal.
    Internal,
    /// Two transactions read one version of a key and both wrote the next: P4.
    LostUpdate,
    /// A cycle with one `rw`: Adya's G-single; read skew is one of them.
    GSingle,
    /// A cycle with several `rw`, no two of them next to each other: Elle's G-nonadjacent; the
    /// long fork is one of them.
    GNonadjacent,
    /// Any cycle with `rw` over items: Adya's G2-item; write skew is one of them.
    G2Item,
    /// No cycle is known, and still no order of the transactions explains every read: of registers
    /// the order of writes is known in part.
    NoOrder,
}

/// What a cycle needs beside the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Variant {
    /// Nothing.
    Plain,
    /// The order in which a client did things.
    Process,
    /// Real time.
    Realtime,
}

/// A phenomenon as Elle names it: `G-single-realtime`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phenomenon {
    /// By its edges.
    pub kind: Kind,
    /// By what else it needs.
    pub variant: Variant,
}

impl Phenomenon {
    /// What it is in a few words.
    pub fn meaning(self) -> &'static str {
        match (self.kind, self.variant) {
            (Kind::DuplicateElements, _) => "one value twice",
            (Kind::IncompatibleOrder, _) => "reads that allow no order of writes",
            (Kind::G0, Variant::Plain) => "dirty write",
            (Kind::G1a, _) => "aborted read",
            (Kind::G1b, _) => "intermediate read",
            (Kind::GarbageRead, _) => "read of what nobody wrote",
            (Kind::G1c, Variant::Plain) => "circular information flow",
            (Kind::Internal, _) => "a transaction contradicts itself",
            (Kind::LostUpdate, _) => "lost update",
            (Kind::GSingle, Variant::Plain) => "a cycle with one read of what was overwritten",
            (Kind::GNonadjacent | Kind::G2Item, Variant::Plain) => {
                "a cycle with several reads of what was overwritten"
            }
            (Kind::NoOrder, _) => "no order explains every read",
            (_, Variant::Process) => "a cycle with the order of a client",
            (_, Variant::Realtime) => "a cycle with real time",
        }
    }
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::DuplicateElements => "duplicate-elements",
            Self::IncompatibleOrder => "incompatible-order",
            Self::G0 => "G0",
            Self::G1a => "G1a",
            Self::G1b => "G1b",
            Self::GarbageRead => "garbage-read",
            Self::G1c => "G1c",
            Self::Internal => "internal",
            Self::LostUpdate => "lost-update",
            Self::GSingle => "G-single",
            Self::GNonadjacent => "G-nonadjacent",
            Self::G2Item => "G2-item",
            Self::NoOrder => "no-order",
        }
    }
}

impl fmt::Display for Phenomenon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.as_str())?;
        f.write_str(match self.variant {
            Variant::Plain => "",
            Variant::Process => "-process",
            Variant::Realtime => "-realtime",
        })
    }
}

impl fmt::Display for Dependency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ww => "ww",
            Self::Wr => "wr",
            Self::Rw => "rw",
            Self::Process => "process",
            Self::Realtime => "realtime",
        })
    }
}
