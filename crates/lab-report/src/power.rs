//! Detector power: what the lab noticed of stores that lack a protection.

use std::fmt::Write as _;

use lab_witness::{Caught, Evidence, Mutation, Results};

use crate::grid::stores;
use crate::table::Table;

const HEAD: &str = "
## Detector power

Would the search have noticed? Each store once more without one of the protections that it
declares, in every scenario with two processes, and in checks of what no interleaving shows.
CAUGHT: they show what the whole store does not admit. SURVIVES: none does, and the store does not
say why. UNSEEN: none can yet, and the store says why.
";

/// The section of the report.
pub(crate) fn section(results: &Results) -> String {
    let mut text = String::from(HEAD);
    if results.mutations.is_empty() {
        text.push_str("\nNot tried in this run.\n");
        return text;
    }
    let _ = write!(text, "\n{}.\n\n{}", results.mutations_counted(), table(results).markdown());
    let declare_none = declare_none(results);
    if !declare_none.is_empty() {
        let _ = write!(text, "\nNo protection to take away: {}. ", declare_none.join(", "));
        text.push_str("Of these nobody has tried whether the search would miss a ✓.\n");
    }
    text
}

/// What is to be known of the store before one reads that it holds: the protections on which
/// nothing depends that was tried.
pub(crate) fn caveats(results: &Results, store: &str) -> String {
    let own = results.mutations.iter().filter(|one| one.store == store && !one.is_caught());
    own.map(|one| {
        format!("\n{}: without `{}` nothing fails{}.\n", one.word(), one.protection(), why(one))
    })
    .collect()
}

fn why(mutation: &Mutation) -> String {
    mutation.unseen.as_ref().map_or(String::new(), |why| format!(", since {why}"))
}

fn table(results: &Results) -> Table<5> {
    let row = |one: &Mutation| {
        let caught = one.caught.iter().map(noticed).collect::<Vec<_>>().join("; ");
        let noticed = if one.is_caught() { caught } else { format!("nothing{}", why(one)) };
        let token = one.caught.iter().find_map(|by| by.token.as_ref());
        [
            one.store.clone(),
            format!("`{}`: {}", one.protection(), one.without),
            one.word().to_owned(),
            noticed.replace('|', "\\|"),
            token.map_or(String::new(), |token| format!("`{token}`")),
        ]
    };
    let head = ["store", "taken away", "came of it", "noticed by", "first token"];
    Table { head, rows: results.mutations.iter().map(row).collect() }
}

fn noticed(Caught { suite, what, found_after, .. }: &Caught) -> String {
    let after = found_after.map_or(String::new(), |after| format!(" in schedule {after}"));
    format!("{suite}: {what}{after}")
}

/// The stores that were run and have no mutant.
fn declare_none(results: &Results) -> Vec<&str> {
    let was_run = |store: &&str| {
        let mut own = results.cells.iter().filter(|cell| cell.store == *store);
        own.any(|cell| !matches!(cell.evidence, Evidence::NotRun { .. }))
    };
    let has_none = |store: &&str| results.mutations.iter().all(|one| one.store != *store);
    stores(results).into_iter().filter(was_run).filter(has_none).collect()
}
