//! `racelab likely [STORE]`: how likely a loss is where nothing protects an update.

use lab_sites::Sites;

use crate::chances::chances;
use crate::exit::Exit;
use crate::output::Output;

pub(super) fn run(
    store: Option<&str>,
    sites: &Sites,
    trials: usize,
    output: &mut Output,
) -> anyhow::Result<Exit> {
    let chances = chances(store, sites, trials, output)?;
    if output.is_json() {
        output.json(&chances)?;
    } else {
        output.document(&lab_report::chances_text(&chances))?;
    }
    Ok(Exit::Met)
}
