//! Isolation levels as data: what each forbids, and which weaker ones it implies.
//!
//! Sources: Adya 1999 (PL-1, PL-2, PL-2+, PL-2.99, PL-3), Berenson et al. 1995 (cursor stability,
//! snapshot isolation), Sovran et al., "Transactional Storage for Geo-Replicated Systems", SOSP
//! 2011 (parallel snapshot isolation), Cerone et al., "A Framework for Transactional Consistency
//! Models with Atomic Visibility", CONCUR 2015 (which cycles the snapshot levels forbid).

use std::fmt;

use super::phenomenon::{Kind, Phenomenon, Variant};

/// An isolation level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// PL-1.
    ReadUncommitted,
    /// PL-2.
    ReadCommitted,
    /// Read committed without lost updates.
    CursorStability,
    /// PL-2+.
    ConsistentView,
    /// Snapshots that may be of different pasts.
    ParallelSnapshotIsolation,
    /// Snapshots of one past, and the first committer wins.
    SnapshotIsolation,
    /// PL-2.99.
    RepeatableRead,
    /// PL-3; over items, which is all that these histories have.
    Serializable,
}

/// A level, which holds also against the order of clients or real time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Promise {
    /// The level.
    pub level: Level,
    /// Against what it holds as well.
    pub variant: Variant,
}

struct Row {
    level: Level,
    implies: &'static [Level],
    forbids: &'static [Kind],
}

/// Each level behind those that it implies.
const TABLE: [Row; 8] = [
    Row {
        level: Level::ReadUncommitted,
        implies: &[],
        forbids: &[Kind::DuplicateElements, Kind::IncompatibleOrder, Kind::G0],
    },
    Row {
        level: Level::ReadCommitted,
        implies: &[Level::ReadUncommitted],
        forbids: &[Kind::G1a, Kind::G1b, Kind::GarbageRead, Kind::G1c],
    },
    Row {
        level: Level::CursorStability,
        implies: &[Level::ReadCommitted],
        forbids: &[Kind::LostUpdate],
    },
    Row {
        level: Level::ConsistentView,
        implies: &[Level::CursorStability],
        forbids: &[Kind::Internal, Kind::GSingle],
    },
    Row {
        level: Level::ParallelSnapshotIsolation,
        implies: &[Level::ConsistentView],
        forbids: &[],
    },
    Row {
        level: Level::SnapshotIsolation,
        implies: &[Level::ParallelSnapshotIsolation],
        forbids: &[Kind::GNonadjacent],
    },
    Row {
        level: Level::RepeatableRead,
        implies: &[Level::ConsistentView],
        forbids: &[Kind::GNonadjacent, Kind::G2Item],
    },
    Row {
        level: Level::Serializable,
        implies: &[Level::SnapshotIsolation, Level::RepeatableRead],
        forbids: &[Kind::NoOrder],
    },
];

const VARIANTS: [Variant; 3] = [Variant::Plain, Variant::Process, Variant::Realtime];

/// The strongest promises that a history with just these phenomena does not break. Empty: not even
/// read uncommitted.
pub fn promises(found: impl Iterator<Item = Phenomenon> + Clone) -> Vec<Promise> {
    let allowed = all(|promise| !found.clone().any(|it| promise.forbids(it)));
    let is_implied = |weaker: Promise| {
        allowed.iter().any(|stronger| *stronger != weaker && stronger.implies(weaker))
    };
    allowed.iter().copied().filter(|promise| !is_implied(*promise)).collect()
}

/// The weakest promises that a history with these phenomena breaks; it breaks all that imply them.
pub fn broken(found: impl Iterator<Item = Phenomenon> + Clone) -> Vec<Promise> {
    let broken = all(|promise| found.clone().any(|it| promise.forbids(it)));
    let implies_another = |stronger: Promise| {
        broken.iter().any(|weaker| *weaker != stronger && stronger.implies(*weaker))
    };
    broken.iter().copied().filter(|promise| !implies_another(*promise)).collect()
}

fn all(is_meant: impl Fn(Promise) -> bool) -> Vec<Promise> {
    let with = |level| VARIANTS.map(|variant| Promise { level, variant });
    TABLE.iter().flat_map(|row| with(row.level)).filter(|it| is_meant(*it)).collect()
}

impl Promise {
    fn forbids(self, phenomenon: Phenomenon) -> bool {
        phenomenon.variant <= self.variant
            && TABLE
                .iter()
                .any(|row| self.level.implies(row.level) && row.forbids.contains(&phenomenon.kind))
    }

    fn implies(self, weaker: Self) -> bool {
        weaker.variant <= self.variant && self.level.implies(weaker.level)
    }
}

impl Level {
    /// Whether what holds this level holds `weaker`; each holds itself.
    pub fn implies(self, weaker: Self) -> bool {
        let row = TABLE.iter().find(|row| row.level == self);
        let implied = row.map_or(&[][..], |row| row.implies);
        self == weaker || implied.iter().any(|level| level.implies(weaker))
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::ReadUncommitted => "read uncommitted",
            Self::ReadCommitted => "read committed",
            Self::CursorStability => "cursor stability",
            Self::ConsistentView => "consistent view",
            Self::ParallelSnapshotIsolation => "parallel snapshot isolation",
            Self::SnapshotIsolation => "snapshot isolation",
            Self::RepeatableRead => "repeatable read",
            Self::Serializable => "serializable",
        }
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.variant, self.level) {
            (Variant::Realtime, Level::Serializable) => return f.write_str("strict serializable"),
            (Variant::Plain, _) => "",
            (Variant::Process, _) => "strong session ",
            (Variant::Realtime, _) => "strong ",
        })?;
        f.write_str(self.level.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(found: &[Kind]) -> Vec<String> {
        let found = found.iter().map(|kind| Phenomenon { kind: *kind, variant: Variant::Plain });
        promises(found).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_strongest_levels_without_what_was_found_are_left() {
        assert_eq!(allowed(&[]), ["strict serializable"]);
        assert_eq!(allowed(&[Kind::G2Item]), ["strong snapshot isolation"]);
        assert_eq!(allowed(&[Kind::GNonadjacent]), ["strong parallel snapshot isolation"]);
        assert_eq!(allowed(&[Kind::GSingle]), ["strong cursor stability"]);
        assert_eq!(allowed(&[Kind::LostUpdate]), ["strong read committed"]);
        assert_eq!(allowed(&[Kind::G1a]), ["strong read uncommitted"]);
        assert_eq!(allowed(&[Kind::G0]), [""; 0]);
    }

    #[test]
    fn the_weakest_levels_that_forbid_what_was_found_are_broken() {
        let names = |kind| {
            let found = [Phenomenon { kind, variant: Variant::Plain }];
            broken(found.into_iter()).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(names(Kind::G2Item), ["repeatable read"]);
        assert_eq!(names(Kind::GNonadjacent), ["snapshot isolation", "repeatable read"]);
        assert_eq!(names(Kind::G0), ["read uncommitted"]);
    }

    #[test]
    fn what_needs_real_time_leaves_the_level_itself() {
        let stale = Phenomenon { kind: Kind::GSingle, variant: Variant::Realtime };
        let left: Vec<String> =
            promises([stale].into_iter()).iter().map(ToString::to_string).collect();
        assert_eq!(left, ["strong cursor stability", "strong session serializable"]);
    }

    #[test]
    fn every_level_stands_behind_those_that_it_implies() {
        for (at, row) in TABLE.iter().enumerate() {
            let before = &TABLE[..at];
            let is_before = |level: &Level| before.iter().any(|row| row.level == *level);
            assert!(row.implies.iter().all(is_before), "{:?}", row.level);
        }
    }
}
