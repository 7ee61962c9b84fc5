//! Throughput against the number of clients, a small panel for each store.

use std::fmt::Write as _;

use lab_stats::{
    Interval, Pass, Results, Role, Row, Sample, Scaling, Setting, fit_with_band, median_interval,
};

use super::numbers::{digits, rate};
use super::svg::{ALARM, Anchor, FAINT, INK, MUTED, Svg, family_colour};

const PANEL: (f64, f64) = (212.0, 150.0);
const PLOT: (f64, f64) = (150.0, 78.0);
const INSET: (f64, f64) = (44.0, 34.0);
const PER_LINE: usize = 4;
const TOP: f64 = 30.0;

/// How many points a curve has between the fewest and the most clients.
const STEPS: u32 = 24;

const SEED: u64 = 11;

/// One store with several numbers of clients, all else equal.
struct Swept<'a> {
    row: &'a Row,
    family: usize,
    /// Clients, and the headlines of the rounds that were quiet for all of them.
    samples: Vec<(f64, Vec<f64>)>,
    /// With any number of clients.
    is_lossy: bool,
    law: Scaling,
    band: Vec<(f64, Interval)>,
}

impl Swept<'_> {
    fn name(&self) -> String {
        let mark = if self.is_lossy { "✗ " } else { "" };
        format!("{mark}{}", self.row.subject.name)
    }
}

/// A section with the laws as a table, and the figure; `None` where nothing was swept.
pub(super) fn of(results: &Results) -> Option<(String, String)> {
    let swept = swept(results);
    if swept.is_empty() {
        return None;
    }
    let mut text = String::from(HEAD);
    for one in &swept {
        let Swept { row, law, .. } = one;
        let peak = law.peak_clients().map_or("none".to_owned(), |peak| format!("{peak:.0}"));
        let Scaling { rate: alone, contention, crosstalk } = law;
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {peak} |",
            one.name(),
            row.setting.workload.replace(',', " "),
            rate(*alone),
            digits(*contention),
            digits(*crosstalk),
        );
    }
    Some((text, figure(&swept)))
}

const HEAD: &str = "
## Scaling

The Universal Scalability Law (Gunther 2007), fitted to the rounds that were quiet with every number
of clients: *alone* is what it gives one client, *contention* the share of work that queues, and
*crosstalk* what each pair of clients costs the others; above 0 more clients get less in the end,
from the *peak* on. A law of three coefficients through so few points describes and does not
foretell.

![Throughput against clients](benchmarks-scaling.svg)

| store | workload | alone/s | contention | crosstalk | peak, clients |
|---|---|---|---|---|---|
";

fn swept(results: &Results) -> Vec<Swept<'_>> {
    let mut all: Vec<Swept<'_>> = Vec::new();
    let mut families: Vec<&str> = Vec::new();
    for row in results.rows.iter().filter(|row| is_swept(row)) {
        let is_known = |known: &Swept<'_>| {
            known.row.subject == row.subject && like(&known.row.setting) == like(&row.setting)
        };
        if all.iter().any(is_known) {
            continue;
        }
        let family = &row.subject.family;
        if !families.contains(&family.as_str()) {
            families.push(family);
        }
        let at = families.iter().position(|known| known == family).unwrap_or_default();
        all.extend(fitted(results, row, at));
    }
    all
}

fn is_swept(row: &Row) -> bool {
    row.setting.pass == Pass::Throughput
        && row.subject.role != Role::Control
        && !row.samples.is_empty()
}

/// The setting without the number of clients.
fn like(setting: &Setting) -> Setting {
    Setting { clients: 0, ..setting.clone() }
}

fn fitted<'a>(results: &'a Results, row: &'a Row, family: usize) -> Option<Swept<'a>> {
    let alike: Vec<&Row> = results
        .rows
        .iter()
        .filter(|other| is_swept(other) && other.subject == row.subject)
        .filter(|other| like(&other.setting) == like(&row.setting))
        .collect();
    let rounds: Vec<u32> = row
        .quiet()
        .map(|sample| sample.round)
        .filter(|round| alike.iter().all(|other| other.quiet().any(|one| one.round == *round)))
        .collect();
    let headline = |other: &&Row| {
        let kept = other.quiet().filter(|sample| rounds.contains(&sample.round));
        let rates = kept.map(Sample::headline_per_s).collect::<Vec<_>>();
        (f64::from(other.setting.clients), rates)
    };
    let samples: Vec<(f64, Vec<f64>)> = alike.iter().map(headline).collect();
    let most = samples.iter().map(|(clients, _)| *clients).max_by(f64::total_cmp)?;
    let at: Vec<f64> =
        (0..=STEPS).map(|step| 1.0 + (most - 1.0) * f64::from(step) / f64::from(STEPS)).collect();
    let (law, band) = fit_with_band(&samples, &at, SEED)?;
    let is_lossy = alike.iter().any(|other| other.lies_per_1000() > 0.0);
    let band = at.into_iter().zip(band).collect();
    Some(Swept { row, family, samples, is_lossy, law, band })
}

fn figure(swept: &[Swept<'_>]) -> String {
    let lines = swept.len().div_ceil(PER_LINE);
    let width = PANEL.0 * PER_LINE.min(swept.len()).max(2) as f64 + 12.0;
    let mut svg = Svg::new(width, TOP + PANEL.1 * lines as f64 + 8.0);
    let title = "Survived per second against clients";
    svg.sized_text((12.0, 20.0), Anchor::Start, INK, 14, title);
    for (at, one) in swept.iter().enumerate() {
        let left = PANEL.0 * (at % PER_LINE) as f64;
        let top = TOP + PANEL.1 * (at / PER_LINE) as f64;
        panel(&mut svg, one, (left, top));
    }
    svg.finish(title)
}

fn panel(svg: &mut Svg, swept: &Swept<'_>, (left, top): (f64, f64)) {
    let colour = if swept.is_lossy { ALARM } else { family_colour(swept.family) };
    let points: Vec<(f64, Interval)> = swept
        .samples
        .iter()
        .filter_map(|(clients, rates)| Some((*clients, median_interval(rates, SEED)?)))
        .collect();
    let highest = points.iter().map(|(_, point)| point.high);
    let highest = highest.chain(swept.band.iter().map(|(_, band)| band.high)).fold(1.0, f64::max);
    let most = points.iter().map(|(clients, _)| *clients).fold(2.0, f64::max);
    let x = |clients: f64| left + INSET.0 + PLOT.0 * (clients - 1.0) / (most - 1.0);
    let y = |per_s: f64| top + INSET.1 + PLOT.1 * (1.0 - per_s / highest);

    let title = swept.name();
    svg.text((left + INSET.0 - 32.0, top + 16.0), Anchor::Start, INK, &title);
    let workload = swept.row.setting.workload.replace(',', " ");
    svg.sized_text((left + INSET.0 - 32.0, top + 28.0), Anchor::Start, MUTED, 10, &workload);
    svg.line((x(1.0), y(0.0)), (x(most), y(0.0)), FAINT, 1.0);
    svg.line((x(1.0), y(0.0)), (x(1.0), y(highest)), FAINT, 1.0);
    svg.sized_text((x(1.0) - 4.0, y(highest) + 8.0), Anchor::End, MUTED, 10, &rate(highest));
    svg.sized_text((x(1.0) - 4.0, y(0.0)), Anchor::End, MUTED, 10, "0");

    let upper = swept.band.iter().map(|(clients, band)| (x(*clients), y(band.high)));
    let lower = swept.band.iter().rev().map(|(clients, band)| (x(*clients), y(band.low)));
    svg.area(&upper.chain(lower).collect::<Vec<_>>(), colour);
    let law = swept.band.iter().map(|(clients, band)| (x(*clients), y(band.middle)));
    svg.curve(&law.collect::<Vec<_>>(), colour);
    for (clients, Interval { low, middle, high }) in points {
        svg.line((x(clients), y(low)), (x(clients), y(high)), INK, 1.0);
        svg.dot((x(clients), y(middle)), 2.5, INK);
        let place = (x(clients), y(0.0) + 13.0);
        svg.sized_text(place, Anchor::Middle, MUTED, 10, &format!("{clients:.0}"));
    }
}
