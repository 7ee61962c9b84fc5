//! What a schedule led to, as a number that is the same for two schedules between which nobody
//! could tell.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use lab_store::Needs;

use crate::arena::Arena;
use crate::run::Run;

/// The number of the outcome of `run`, without what is another each time: the folder, and the ids,
/// which a database goes on counting when it is emptied between two schedules.
pub(crate) fn outcome(arena: &Arena, run: &Run) -> u64 {
    // `DefaultHasher::new` has fixed keys.
    let mut hasher = DefaultHasher::new();
    let text = run.outcome();
    match arena.entry().family.needs {
        // A store in memory has no folder, and counts ids from the first again.
        Needs::Nothing => text.hash(&mut hasher),
        _ => with_ids_counted_anew(&arena.without_folder(&text)).hash(&mut hasher),
    }
    hasher.finish()
}

/// The debug text of tasks and answers with each id replaced by its rank among those in it.
pub(crate) fn with_ids_counted_anew(text: &str) -> String {
    let parts: Vec<&str> = text.split("TaskId(").collect();
    let id = |part: &&str| part.split(')').next().and_then(|digits| digits.parse::<u64>().ok());
    let ids: BTreeSet<u64> = parts.iter().skip(1).filter_map(id).collect();
    let anew = parts.iter().skip(1).map(|part| {
        let rank = id(part).map_or(0, |id| ids.range(..id).count());
        format!("task {rank}{}", part.split_once(')').map_or("", |(_, rest)| rest))
    });
    std::iter::once(parts[0].to_owned()).chain(anew).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_counted_anew_in_their_own_order() {
        let text = "a TaskId(17), b TaskId(9) c TaskId(17)";
        assert_eq!(with_ids_counted_anew(text), "a task 1, b task 0 c task 1");
        assert_eq!(with_ids_counted_anew("none"), "none");
    }
}
