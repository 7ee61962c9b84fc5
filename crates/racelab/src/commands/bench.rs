//! `racelab bench [STORE|FAMILY ...]`: stores beside each other, and beside their peers.

mod plan;

use std::path::Path;
use std::{env, fs, io};

use anyhow::Context;
use lab_measure::{
    ClientProgram, Contender, Counted, Ground, contenders_of, machine, method,
    serve_client as serve, with_controls,
};
use lab_scenario::{StepKind, Workload};
use lab_sites::{SiteError, Sites};
use lab_stats::{FORMAT, Results, Role, Row, Subject};
use lab_store::{Entry, Family, StoreError};

use crate::bench_args::BenchArgs;
use crate::commands::{make_folder, not_run, report};
use crate::exit::Exit;
use crate::output::Output;
use crate::select::select;

/// The hidden command that is one client.
const CLIENT: &str = "bench-client";

pub(super) fn run(
    args: &BenchArgs,
    dir: Option<&Path>,
    output: &mut Output,
) -> anyhow::Result<Exit> {
    // Where temporary files go, not where they are fastest: a synced write has its price.
    let sites = Sites::in_folder(dir.map_or_else(env::temp_dir, Path::to_owned));
    if let Some(out) = &args.out {
        make_folder(out)?;
    }
    let entries = entries(&args.stores)?;
    let (contenders, missing) = contenders(entries, &sites, !args.stores.is_empty())?;
    missing.iter().for_each(|line| output.note(line));
    let mut ground = Ground::new(sites);
    let mut rows = Vec::new();
    let program = ClientProgram {
        path: env::current_exe().context("this program cannot find itself")?,
        arguments: vec![CLIENT.to_owned()],
    };
    for series in plan::of(args, &contenders, &program) {
        let progress = |text: &str| output.progress(text);
        rows.extend(lab_measure::run(&series, &mut ground, progress)?);
    }
    let mut costs = Vec::new();
    for series in plan::costs(args, &contenders) {
        let progress = |text: &str| output.progress(text);
        costs.extend(lab_measure::costs(&series, &mut ground, progress)?);
    }
    let results = Results {
        format: FORMAT,
        machine: machine(&ground, store_sqlite::version())?,
        method: method(args.rounds, args.for_each),
        not_run: missing,
        rows,
        costs,
    };
    if output.is_json() {
        output.json(&results)?;
    } else {
        output.document(&lab_report::bench_tables(&results))?;
    }
    if let Some(out) = &args.out {
        let path = out.join(report::RESULTS);
        fs::write(&path, serde_json::to_string_pretty(&results)? + "\n")
            .with_context(|| format!("{} cannot be written", path.display()))?;
        report::write(&results, out)?;
        output.note(&format!("report: {}", out.join("benchmarks.md").display()));
    }
    exit(&results, &contenders, output)
}

/// `racelab bench-client`: one client that is a process of its own.
pub(super) fn serve_client() -> anyhow::Result<Exit> {
    let open = |name: &str, site: &_| {
        let entry = crate::select::find::<Counted>(name);
        let entry = entry.map_err(|why| StoreError::unavailable(name, why))?;
        (entry.open)(site)
    };
    serve(open, io::stdin().lock(), io::stdout().lock())?;
    Ok(Exit::Met)
}

fn entries(names: &[String]) -> anyhow::Result<Vec<Entry>> {
    if names.is_empty() {
        return Ok(lab_catalog::entries::<Counted>());
    }
    let mut chosen: Vec<Entry> = Vec::new();
    for name in names {
        let is_new = |entry: &Entry| chosen.iter().all(|known| known.name != entry.name);
        let more: Vec<Entry> = select::<Counted>(name)?.into_iter().filter(is_new).collect();
        chosen.extend(more);
    }
    Ok(chosen)
}

/// The stores, their controls and their peers, and a line for each family whose server is missing:
/// an error where it `is_asked_for`.
fn contenders(
    mut entries: Vec<Entry>,
    sites: &Sites,
    is_asked_for: bool,
) -> anyhow::Result<(Vec<Contender>, Vec<String>)> {
    let mut families: Vec<Family> = Vec::new();
    let mut missing = Vec::new();
    let is_chosen = |family: &Family| entries.iter().any(|entry| entry.family == *family);
    for family in lab_catalog::FAMILIES.into_iter().filter(is_chosen) {
        match sites.make(family.needs) {
            Ok(_) => families.push(family),
            Err(error @ SiteError::Server { .. }) if !is_asked_for => missing.push(not_run(error)?),
            Err(error) => return Err(error.into()),
        }
    }
    entries.retain(|entry| families.contains(&entry.family));
    let mut all = with_controls(contenders_of(&entries));
    all.extend(families.into_iter().flat_map(lab_peers::peers_of));
    Ok((all, missing))
}

/// A store that promises to lose no edit and loses one has broken its word.
fn exit(results: &Results, contenders: &[Contender], output: &Output) -> anyhow::Result<Exit> {
    let promised = |subject: &Subject| {
        let keeps = |one: &Contender| one.subject == *subject && one.keeps_edits;
        subject.role == Role::Store && contenders.iter().any(keeps)
    };
    let mut exit = Exit::Met;
    for cost in results.costs.iter().filter(|cost| cost.loses() && promised(&cost.subject)) {
        let (name, clients) = (&cost.subject.name, cost.clients);
        output.note(&format!("broken promise: {name} lost edits of {clients} clients, costs"));
        exit = Exit::Broken;
    }
    let lies = |row: &&Row| row.lies_per_1000() > 0.0 && promised(&row.subject);
    for row in results.rows.iter().filter(lies) {
        let workload: Workload = row.setting.workload.parse()?;
        let edits_only = workload.mix.share_of(|kind| kind.is_read() || kind == StepKind::Edit);
        if edits_only > 0.999_999 {
            let lies = row.lies_per_1000();
            let setting = lab_report::setting(&row.setting);
            let name = &row.subject.name;
            output.note(&format!("broken promise: {name} lost {lies} of 1,000 edits, {setting}"));
            exit = Exit::Broken;
        }
    }
    Ok(exit)
}
