//! `racelab race STORE --programs N`: programs that nobody wrote.

use lab_explore::Stepped;
use lab_sites::Sites;

use crate::commands::race::site_first;
use crate::exit::Exit;
use crate::output::Output;
use crate::programs::{Draw, Drawn, draw};
use crate::select::select;

pub(super) fn run(
    store: &str,
    sites: &Sites,
    wanted: Draw,
    output: &mut Output,
) -> anyhow::Result<Exit> {
    let mut all = Vec::new();
    for entry in select::<Stepped>(store)? {
        output.progress(&format!("exploring {} programs on {}", wanted.programs, entry.name));
        let drawn = draw(entry, sites, wanted).map_err(site_first)?;
        if !output.is_json() {
            show(&drawn, output)?;
        }
        all.push(drawn);
    }
    if output.is_json() {
        output.json(&all)?;
    }
    let is_broken = all.iter().any(|drawn| drawn.broken.is_some());
    Ok(if is_broken { Exit::Broken } else { Exit::Met })
}

fn show(drawn: &Drawn, output: &mut Output) -> anyhow::Result<()> {
    output.line(&drawn.to_string())?;
    for witness in &drawn.witnesses {
        output.line("shrunk:")?;
        output.witness(witness)?;
    }
    if let Some(broken) = &drawn.broken {
        output.note(&format!("broken promise: {}: {broken}", drawn.store));
    }
    Ok(())
}
