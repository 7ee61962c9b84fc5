//! The table of one setting: one row a store, with what it lost and how sure that is.

use std::fmt::Write as _;

use lab_stats::{
    Comparison, Pass, Results, Role, Row, Sample, Setting, compare, median, reference_of, to_probe,
};

use super::numbers::{digits, rate, ratio, time};

/// The table, then what was not run and why, then what the marks mean.
pub(super) fn of(results: &Results, setting: &Setting) -> String {
    let rows = || results.rows.iter().filter(|row| row.setting == *setting);
    let mut reserves: Vec<String> = Vec::new();
    let lines = rows().filter(|row| !row.samples.is_empty()).map(|row| match setting.pass {
        Pass::Throughput => throughput(results, row, &mut reserves),
        Pass::Latency | Pass::Open(_) => times(row),
    });
    let lines: Vec<Vec<String>> = lines.collect();
    let mut text = match setting.pass {
        Pass::Throughput => aligned(&THROUGHPUT, &lines),
        Pass::Latency | Pass::Open(_) => aligned(&TIMES, &lines),
    };
    for reserve in reserves {
        let _ = write!(text, "\n† {reserve}.\n");
    }
    let not_run: Vec<String> = rows().filter_map(not_run).collect();
    if !not_run.is_empty() {
        let _ = write!(text, "\nNot run:\n\n{}\n", not_run.join("\n"));
    }
    text
}

const THROUGHPUT: [&str; 12] = [
    "store",
    "survived/s",
    "95 %",
    "good/s",
    "to the reference",
    "says",
    "lost of 1,000",
    "attempts",
    "Jain",
    "shares",
    "to fdatasync",
    "rounds",
];

const TIMES: [&str; 9] =
    ["store", "median", "90 %", "99 %", "99.9 %", "longest", "of", "good/s", "lost of 1,000"];

fn throughput(results: &Results, row: &Row, reserves: &mut Vec<String>) -> Vec<String> {
    let (headline, interval) = match row.headline_per_s() {
        Some(headline) => {
            let interval = format!("{} to {}", rate(headline.low), rate(headline.high));
            (rate(headline.middle), interval)
        }
        None => (format!("≈ {}", rate(of_all(row, Sample::headline_per_s))), String::new()),
    };
    let (to_reference, says) = against_reference(results, row, reserves);
    vec![
        name(row),
        headline,
        interval,
        rate(of_all(row, |sample| sample.operations_per_s)),
        to_reference,
        says,
        lost(row),
        digits(of_all(row, Sample::attempts_per_success)),
        digits(of_all(row, Sample::fairness)),
        shares(row),
        to_probe(row).map_or(String::new(), ratio),
        format!("{}/{}", row.quiet().count(), row.samples.len()),
    ]
}

/// The ratio to the reference of the family, and what it says.
fn against_reference(results: &Results, row: &Row, reserves: &mut Vec<String>) -> (String, String) {
    if row.subject.role == Role::Reference {
        return ("reference".to_owned(), String::new());
    }
    let compared = reference_of(results, row).and_then(|other| compare(results, row, other));
    let Some(Comparison { ratio: interval, verdict, reserve, .. }) = compared else {
        return (String::new(), String::new());
    };
    let Some(reserve) = reserve else { return (ratio(interval), verdict.to_string()) };
    let of_family = format!("{}: {reserve}", row.subject.family);
    if !reserves.contains(&of_family) {
        reserves.push(of_family);
    }
    (format!("{} †", ratio(interval)), verdict.to_string())
}

fn times(row: &Row) -> Vec<String> {
    let Some(latency) = row.latency else { return vec![name(row)] };
    let good_per_s = of_all(row, |sample| sample.operations_per_s);
    let quantiles = [latency.ns_p50, latency.ns_p90, latency.ns_p99, latency.ns_p999];
    let loaded = if row.quiet().next().is_none() { "≈ " } else { "" };
    let mut cells = vec![format!("{loaded}{}", name(row))];
    cells.extend(quantiles.map(time));
    cells.extend([time(latency.ns_max), latency.count.to_string(), rate(good_per_s), lost(row)]);
    cells
}

/// The median over all rounds, loaded or not: for figures that are no speeds.
pub(super) fn of_all(row: &Row, figure: impl Fn(&Sample) -> f64) -> f64 {
    median(&row.samples.iter().map(figure).collect::<Vec<_>>()).unwrap_or_default()
}

fn name(row: &Row) -> String {
    let mark = if row.lies_per_1000() > 0.0 { "✗ " } else { "" };
    let again = if row.subject.role == Role::Control { " *again*" } else { "" };
    format!("{mark}{}{again}", row.subject.name)
}

fn lost(row: &Row) -> String {
    let lies = row.lies_per_1000();
    if lies == 0.0 { "0".to_owned() } else { digits(lies) }
}

/// The smallest and the largest share of a client, where there are several.
fn shares(row: &Row) -> String {
    if row.setting.clients == 1 || row.samples.iter().all(|sample| sample.by_client.is_empty()) {
        return String::new();
    }
    let least = of_all(row, |sample| sample.share_min_max().0);
    let most = of_all(row, |sample| sample.share_min_max().1);
    format!("{} to {}", digits(least), digits(most))
}

fn not_run(row: &Row) -> Option<String> {
    let why = row.not_run.as_ref()?;
    let rounds = row.samples.len();
    let after = if rounds == 0 { String::new() } else { format!("after {rounds} rounds, ") };
    let why = why.strip_prefix(&format!("{}: ", row.subject.name)).unwrap_or(why);
    // A message may have several lines; a list item has one.
    Some(format!("- {}: {after}{}", name(row), why.replace('\n', " ")))
}

/// A table of markdown whose columns stand below each other.
pub(super) fn aligned(head: &[&str], lines: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column)).map(|cell| columns(cell));
        cells.chain([columns(head[column])]).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &[String]| {
        let cell = |(at, width): (usize, &usize)| {
            let text = cells.get(at).map_or("", String::as_str);
            format!("{text}{}", " ".repeat(width - columns(text)))
        };
        let padded: Vec<String> = widths.iter().enumerate().map(cell).collect();
        format!("| {} |\n", padded.join(" | "))
    };
    let mut text = line(&head.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    text.push_str(&line(&widths.iter().map(|width| "-".repeat(*width)).collect::<Vec<_>>()));
    lines.iter().for_each(|cells| text.push_str(&line(cells)));
    text
}

fn columns(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other() {
        let lines = [vec!["µ".to_owned(), "1".to_owned()], vec!["long".to_owned()]];
        let expected = "| a    | bb |\n| ---- | -- |\n| µ    | 1  |\n| long |    |\n";
        assert_eq!(aligned(&["a", "bb"], &lines), expected);
    }
}
