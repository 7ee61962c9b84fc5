//! The headline of each store of one setting as bars on a scale of tens.

use lab_stats::{Interval, Pass, Results, Role, Row, Setting};

use super::numbers::{digits, rate};
use super::svg::{ALARM, Anchor, FAINT, INK, MUTED, Svg, family_colour};
use super::table::of_all;

const WIDTH: f64 = 860.0;
const LEFT: f64 = 220.0;
const RIGHT: f64 = 200.0;
const TOP: f64 = 46.0;
const BAR: f64 = 14.0;
const PITCH: f64 = 20.0;
const GAP: f64 = 12.0;

/// A bar for each store; `None` where there are fewer than two, or where it is about times.
pub(super) fn of(results: &Results, setting: &Setting) -> Option<String> {
    let has_bar = |row: &&Row| row.setting == *setting && !row.samples.is_empty();
    let rows: Vec<&Row> = results.rows.iter().filter(has_bar).collect();
    if rows.len() < 2 || setting.pass != Pass::Throughput {
        return None;
    }
    let families = in_order(&rows);
    let height = TOP + PITCH * rows.len() as f64 + GAP * families.len() as f64 + 24.0;
    let mut svg = Svg::new(WIDTH, height);
    let scale = Scale::of(rows.iter().map(|row| headline(row).middle))?;
    let title =
        format!("Acknowledged writes that survived, per second: {}", super::setting(setting));
    svg.sized_text((12.0, 20.0), Anchor::Start, INK, 14, &title);
    scale.draw(&mut svg, height - 18.0);
    let mut y = TOP;
    for (at, family) in families.iter().enumerate() {
        for row in rows.iter().filter(|row| row.subject.family == *family) {
            bar(&mut svg, &scale, row, y, family_colour(at));
            y += PITCH;
        }
        y += GAP;
    }
    Some(svg.finish(&title))
}

fn bar(svg: &mut Svg, scale: &Scale, row: &Row, y: f64, colour: &str) {
    let Interval { low, middle, high } = headline(row);
    let is_lossy = row.lies_per_1000() > 0.0;
    let is_peer = matches!(row.subject.role, Role::Peer | Role::Reference);
    let again = if row.subject.role == Role::Control { " again" } else { "" };
    let ink = if is_peer { MUTED } else { INK };
    let (name, middle_y) = (format!("{}{again}", row.subject.name), y + BAR / 2.0);
    svg.text((LEFT - 8.0, y + 11.0), Anchor::End, ink, &name);
    let fill = match (is_lossy, is_peer) {
        (true, _) => ALARM,
        (false, true) => "#afb8c1",
        (false, false) => colour,
    };
    svg.rect(LEFT, y, scale.x(middle) - LEFT, BAR, fill);
    if high > low {
        svg.line((scale.x(low), middle_y), (scale.x(high), middle_y), INK, 1.5);
    }
    let mark = if row.quiet().next().is_none() { "≈ " } else { "" };
    let lost = if is_lossy {
        format!("  ✗ loses {} of 1,000", digits(row.lies_per_1000()))
    } else {
        String::new()
    };
    let label = format!("{mark}{}{lost}", rate(middle));
    let ink = if is_lossy { ALARM } else { INK };
    svg.text((scale.x(high) + 6.0, y + 11.0), Anchor::Start, ink, &label);
}

/// The headline; where no round was quiet, the median of all.
fn headline(row: &Row) -> Interval {
    row.headline_per_s().unwrap_or_else(|| {
        let middle = of_all(row, lab_stats::Sample::headline_per_s);
        Interval { low: middle, middle, high: middle }
    })
}

/// The families in the order of the rows.
fn in_order<'a>(rows: &[&'a Row]) -> Vec<&'a str> {
    let mut families: Vec<&str> = Vec::new();
    for row in rows {
        if !families.contains(&row.subject.family.as_str()) {
            families.push(&row.subject.family);
        }
    }
    families
}

/// From a power of ten below the smallest to one above the largest.
struct Scale {
    first: i32,
    last: i32,
}

impl Scale {
    fn of(values: impl Iterator<Item = f64>) -> Option<Self> {
        let exponents: Vec<f64> = values.filter(|value| *value > 0.0).map(f64::log10).collect();
        let first = exponents.iter().copied().min_by(f64::total_cmp)?.floor() as i32;
        let last = exponents.iter().copied().max_by(f64::total_cmp)?.ceil() as i32;
        Some(Self { first, last: last.max(first + 1) })
    }

    fn x(&self, value: f64) -> f64 {
        let span = f64::from(self.last - self.first);
        let part = (value.max(f64::MIN_POSITIVE).log10() - f64::from(self.first)) / span;
        LEFT + part.clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT)
    }

    fn draw(&self, svg: &mut Svg, bottom: f64) {
        for exponent in self.first..=self.last {
            let value = 10_f64.powi(exponent);
            svg.line((self.x(value), TOP - 6.0), (self.x(value), bottom), FAINT, 1.0);
            let label = rate(value).replace(".00", "").replace(".0", "");
            svg.text((self.x(value), TOP - 10.0), Anchor::Middle, MUTED, &label);
        }
    }
}
