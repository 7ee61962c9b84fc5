//! The figure of the race window: how often two processes lose an increment, against the delay of
//! the second one.

use lab_witness::Window;
use lab_witness::drawing::{Anchor, At, Drawing, Ink, Shape};

use crate::plot::{BASELINE_PX, Frame, Plot, Scale, Style};

const FRAME: Frame = Frame { left: 88, top: 112, width: 720, height: 300 };
const RIGHT_PX: usize = 32;
const BOTTOM_PX: usize = 56;
const LEGEND_LINE_PX: usize = 18;
/// Between the marks of two stores at one delay, so that no interval covers another.
const ASIDE_PX: usize = 7;
/// Left and right of the outermost delays, in parts of the width.
const MARGIN: f64 = 0.04;

const TICKS: [(f64, &str); 5] =
    [(0.0, "0 %"), (0.25, "25 %"), (0.5, "50 %"), (0.75, "75 %"), (1.0, "100 %")];

const STYLES: [Style; 4] = [
    Style { shape: Shape::Disc, colour: "#1d4ed8", is_dashed: false },
    Style { shape: Shape::Triangle, colour: "#b45309", is_dashed: true },
    Style { shape: Shape::Square, colour: "#1f2328", is_dashed: false },
    Style { shape: Shape::Diamond, colour: "#6d28d9", is_dashed: true },
];

const DELAY: &str = "delay of the second process in microseconds (log scale, and 0)";

/// The figure as an SVG document.
pub(crate) fn figure(windows: &[Window]) -> String {
    let mut drawing = Drawing::default();
    drawing.text((FRAME.left, 28), Ink::Bold, "How often do two processes lose an increment?");
    let mut plot = Plot { drawing: &mut drawing, frame: FRAME, scale: Scale::Even };
    plot.shares(&TICKS, true);
    let delays = delays_us(windows);
    for delay_us in &delays {
        plot.tick(place(*delay_us, &delays), &delay_us.to_string());
    }
    for (at, window) in windows.iter().enumerate() {
        let style = STYLES[at % STYLES.len()];
        series(&mut plot, window, &delays, at * ASIDE_PX, style);
        legend(plot.drawing, at, window, style);
    }
    let below = (FRAME.left + FRAME.width / 2, FRAME.top + FRAME.height + 44);
    drawing.text_at(below, Anchor::Middle, Ink::Plain, DELAY);
    drawing.text_upwards((22, FRAME.top + FRAME.height / 2), Ink::Plain, "an increment is lost in");
    let width = FRAME.left + FRAME.width + RIGHT_PX;
    let size = (width, FRAME.top + FRAME.height + BOTTOM_PX);
    drawing.document(size, "The race window", &description(windows))
}

/// Every delay, the shortest first.
fn delays_us(windows: &[Window]) -> Vec<usize> {
    let all = windows.iter().flat_map(|window| &window.moments);
    let mut delays: Vec<usize> = all.map(|moment| moment.delay_us).collect();
    delays.sort_unstable();
    delays.dedup();
    delays
}

/// Where a delay stands from left to right. That of none stands as far before the first as half a
/// tenth is long, since it has no logarithm.
fn place(delay_us: usize, delays_us: &[usize]) -> f64 {
    let shortest = delays_us.iter().copied().find(|delay| *delay > 0).unwrap_or(1);
    let tenths = |delay: usize| match delay {
        0 => 0.0,
        delay => 0.5 + (delay as f64 / shortest as f64).log10(),
    };
    let longest = delays_us.iter().copied().map(tenths).fold(0.5, f64::max);
    MARGIN + (1.0 - 2.0 * MARGIN) * tenths(delay_us) / longest
}

fn series(plot: &mut Plot<'_>, window: &Window, delays: &[usize], aside_px: usize, style: Style) {
    let x = |delay_us| plot.x(place(delay_us, delays)) + aside_px - ASIDE_PX;
    let places: Vec<usize> = window.moments.iter().map(|moment| x(moment.delay_us)).collect();
    let marks = window.moments.iter().zip(places);
    let points: Vec<Option<At>> =
        marks.map(|(moment, x)| plot.estimate(x, moment.lost, style)).collect();
    // Where every trial was left out the line is broken.
    for run in points.split(Option::is_none) {
        let run: Vec<At> = run.iter().flatten().copied().collect();
        plot.drawing.line(&run, style.colour, 1, style.is_dashed);
    }
}

fn legend(drawing: &mut Drawing, at: usize, window: &Window, style: Style) {
    let y = 50 + at * LEGEND_LINE_PX;
    drawing.line(&[(FRAME.left, y), (FRAME.left + 26, y)], style.colour, 1, style.is_dashed);
    drawing.mark((FRAME.left + 13, y), style.shape, style.colour);
    let text = format!("{}: one edit takes {} µs, bars: 95 %", window.store, window.edit_us_p50);
    drawing.text((FRAME.left + 36, y + BASELINE_PX), Ink::Plain, &text);
}

fn description(windows: &[Window]) -> String {
    let of = |window: &Window| {
        let moments = window.moments.iter();
        let moments: Vec<String> =
            moments.map(|one| format!("{} at {} µs", one.lost, one.delay_us)).collect();
        format!("{}: {}", window.store, moments.join(", "))
    };
    let numbers: Vec<String> = windows.iter().map(of).collect();
    let what = "The share of trials in which two processes lose an increment, by how much later \
                the second one starts.";
    format!("{what} {}.", numbers.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_stand_in_order_and_tenths_are_equally_wide() {
        let delays = [0, 10, 100, 1_000];
        let places = delays.map(|delay| place(delay, &delays));
        assert!(places.windows(2).all(|pair| pair[0] < pair[1]), "{places:?}");
        assert!((places[3] - places[2] - (places[2] - places[1])).abs() < 1e-9, "{places:?}");
        assert_eq!(place(0, &[0]), MARGIN);
    }
}
