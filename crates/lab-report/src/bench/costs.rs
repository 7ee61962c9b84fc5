//! Where the time of an edit goes: a table for each setting.

use std::fmt::Write as _;

use lab_stats::{Cost, CostPart, CostRound, Results, median};

use super::numbers::{digits, ratio, time};
use super::table::aligned;

/// The section of the report; empty where nobody measured it.
pub(super) fn section(results: &Results) -> String {
    if results.costs.is_empty() {
        return String::new();
    }
    let (prices, tables) = (prices(results), tables(results));
    format!("\n## Where the time of an edit goes\n\n{HEAD}{prices}{tables}")
}

/// What it cost in this run to take the times, in a sentence.
fn prices(results: &Results) -> String {
    let price = |cost: &Cost| Some((cost.price()?.middle, cost.subject.name.clone()));
    let mut prices: Vec<(f64, String)> = results.costs.iter().filter_map(price).collect();
    prices.sort_by(|one, other| one.0.total_cmp(&other.0));
    let middles: Vec<f64> = prices.iter().map(|price| price.0).collect();
    let (Some(middle), Some((most, store))) = (median(&middles), prices.last()) else {
        return String::new();
    };
    let (middle, most) = (digits(middle), digits(*most));
    format!(
        "\nIn this run an edit whose parts were timed took {middle} times as long in the median of \
         the rows, and {most} times\nat most, which was {store}.\n"
    )
}

/// The tables alone, each under its setting.
pub(super) fn tables(results: &Results) -> String {
    let mut text = String::new();
    for (clients, tasks) in settings(results) {
        let is_meant = |cost: &&Cost| (cost.clients, cost.tasks) == (clients, tasks);
        let costs: Vec<&Cost> = results.costs.iter().filter(is_meant).collect();
        let _ = write!(text, "\n### {}\n\n{}", setting(clients, tasks), table(&costs));
    }
    text
}

const HEAD: &str = "\
Every client edits the same task. At each moment one part of an edit is under way, the innermost, so
the parts and *rest*, which is in none of them, sum to the edit. *Lock* is waiting for one that
somebody else has, and asking the system for one of its own; a free lock in memory is rest, for it
costs less than to read the clock. *Statement* is SQLite without its reads, writes and syncs. A
*round trip* holds what the server does and waits for. *Hand-off* is waiting for another thread that
does the work, or for company to commit with.

To take these times costs time: each part reads the clock twice. *Timed / not* is how many times as
long an edit took as without, in the same rounds of the same run; where it is far above 1 the parts
say little.
";

fn settings(results: &Results) -> Vec<(u32, u32)> {
    let mut settings = Vec::new();
    for cost in &results.costs {
        let setting = (cost.clients, cost.tasks);
        if !settings.contains(&setting) {
            settings.push(setting);
        }
    }
    settings
}

fn setting(clients: u32, tasks: u32) -> String {
    let s = |count| if count == 1 { "" } else { "s" };
    format!("An edit, {clients} client{}, {tasks} task{}", s(clients), s(tasks))
}

fn table(costs: &[&Cost]) -> String {
    let sums: Vec<(&Cost, CostRound)> = costs.iter().map(|cost| (*cost, cost.sum())).collect();
    let met = |part: &CostPart| part.count > 0;
    let mut spans: Vec<&str> = Vec::new();
    if let Some((_, first)) = sums.iter().find(|(_, sum)| !sum.parts.is_empty()) {
        let is_met = |span: &&str| {
            let mut parts = sums.iter().flat_map(|(_, sum)| &sum.parts);
            parts.any(|part| part.span == *span && met(part))
        };
        spans.extend(first.parts.iter().map(|part| part.span.as_str()).filter(is_met));
    }
    let head = [&["store", "an edit"], &spans[..], &["rest", "timed / not", "edits"]].concat();
    let measured = sums.iter().filter(|(_, sum)| sum.traced.count > 0);
    let lines: Vec<Vec<String>> = measured.map(|(cost, sum)| line(cost, sum, &spans)).collect();
    let mut text = aligned(&head, &lines);
    for (cost, sum) in &sums {
        text.push_str(&reserves(cost, sum));
    }
    text
}

fn line(cost: &Cost, sum: &CostRound, spans: &[&str]) -> Vec<String> {
    let count = sum.traced.count;
    let per_edit = |total_ns: u64| time(total_ns / count.max(1));
    let lies = if cost.loses() { "✗ " } else { "" };
    let loaded = if cost.has_quiet() { "" } else { "≈ " };
    let mut cells = vec![format!("{lies}{}", cost.subject.name)];
    cells.push(format!("{loaded}{}", per_edit(sum.traced.total_ns)));
    cells.extend(spans.iter().map(|span| {
        let part = sum.parts.iter().find(|part| part.span == *span && part.count > 0);
        part.map_or(String::new(), |part| per_edit(part.total_ns))
    }));
    cells.push(per_edit(sum.rest_ns));
    cells.push(cost.price().map_or(String::new(), ratio));
    cells.push(count.to_string());
    cells
}

/// What keeps a row from being relied on, or from being there.
fn reserves(cost: &Cost, sum: &CostRound) -> String {
    let name = &cost.subject.name;
    let (mut text, failed) = (String::new(), sum.traced.failed);
    if let Some(why) = &cost.not_run {
        let _ = write!(text, "\n{name}: not run: {}\n", why.replace('\n', " "));
    }
    if failed > 0 {
        let _ = write!(text, "\n{name}: {failed} of {} edits failed.\n", sum.traced.count);
    }
    text
}
