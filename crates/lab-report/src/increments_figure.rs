//! The figure of the unsynchronised increments: a frame for each store, a group for each number of
//! clients, in it what is known and what was tried.

use lab_witness::Increments;
use lab_witness::drawing::{Anchor, COLUMN_PX, Drawing, Ink, Shape};

use crate::chances::theory;
use crate::percent::value;
use crate::plot::{BASELINE_PX, Frame, Plot, Scale, Style};

const LEFT_PX: usize = 88;
const TOP_PX: usize = 112;
const FRAME_PX: (usize, usize) = (190, 280);
const GAP_PX: usize = 18;
const BOTTOM_PX: usize = 54;
const RIGHT_PX: usize = 24;
/// From the middle of a group to each of its marks.
const ASIDE_PX: usize = 15;

const LEAST: f64 = 0.001;
const TICKS: [(f64, &str); 4] = [(LEAST, "0.1 %"), (0.01, "1 %"), (0.1, "10 %"), (1.0, "100 %")];

const THEORY: Style = Style { shape: Shape::Square, colour: "#1f2328", is_dashed: false };
const EXPLORED: Style = Style { shape: Shape::Square, colour: "#1f2328", is_dashed: false };
const WALK: Style = Style { shape: Shape::Disc, colour: "#1d4ed8", is_dashed: true };
const WALKED: Style = Style { shape: Shape::Disc, colour: "#1d4ed8", is_dashed: false };
const THREADS: Style = Style { shape: Shape::Triangle, colour: "#b45309", is_dashed: false };

/// The figure as an SVG document; `all` are together store by store.
pub(crate) fn figure(all: &[Increments]) -> String {
    let stores: Vec<&[Increments]> = all.chunk_by(|one, other| one.store == other.store).collect();
    let mut drawing = Drawing::default();
    drawing.text(
        (LEFT_PX, 28),
        Ink::Bold,
        "How often does every unsynchronised increment survive?",
    );
    legend(&mut drawing);
    for (at, store) in stores.iter().enumerate() {
        let left = LEFT_PX + at * (FRAME_PX.0 + GAP_PX);
        let frame = Frame { left, top: TOP_PX, width: FRAME_PX.0, height: FRAME_PX.1 };
        panel(Plot { drawing: &mut drawing, frame, scale: Scale::Tenths(LEAST) }, store, at == 0);
    }
    let right = LEFT_PX + stores.len().max(4) * (FRAME_PX.0 + GAP_PX) - GAP_PX;
    let size = (right + RIGHT_PX, TOP_PX + FRAME_PX.1 + BOTTOM_PX);
    let middle = LEFT_PX + (stores.len() * (FRAME_PX.0 + GAP_PX) - GAP_PX) / 2;
    let below = (middle, TOP_PX + FRAME_PX.1 + 42);
    drawing.text_at(below, Anchor::Middle, Ink::Plain, "clients that add at once");
    let beside = (22, TOP_PX + FRAME_PX.1 / 2);
    drawing.text_upwards(beside, Ink::Plain, "every increment survives in (log scale)");
    drawing.document(size, "Unsynchronised increments", &description(all))
}

/// Each entry with its style, whether it has a line, and whether it has a mark.
const LEGEND: [&[(Style, bool, bool, &str)]; 2] = [
    &[
        (THEORY, true, false, "n!·2^n/(2n)! of all schedules"),
        (EXPLORED, false, true, "all schedules, each run"),
        (THREADS, false, true, "real threads"),
    ],
    &[
        (WALK, true, false, "1/n! of random walks"),
        (WALKED, false, true, "random walks that were taken, bars: 95 %"),
    ],
];

fn legend(drawing: &mut Drawing) {
    for (row, entries) in LEGEND.iter().enumerate() {
        let y = 50 + row * 20;
        let mut x = LEFT_PX;
        for (style, has_line, has_mark, name) in *entries {
            if *has_line {
                drawing.line(&[(x, y), (x + 26, y)], style.colour, 2, style.is_dashed);
            }
            if *has_mark {
                drawing.mark((x + 13, y), style.shape, style.colour);
            }
            drawing.text((x + 34, y + BASELINE_PX), Ink::Plain, name);
            x += 34 + (name.chars().count() + 2) * COLUMN_PX;
        }
    }
}

fn panel(mut plot: Plot<'_>, store: &[Increments], is_first: bool) {
    let Frame { left, top, width, .. } = plot.frame;
    plot.shares(&TICKS, is_first);
    let name = store.first().map_or("", |one| one.store.as_str());
    plot.drawing.text_at((left + width / 2, top - 10), Anchor::Middle, Ink::Bold, name);
    for (at, one) in store.iter().enumerate() {
        let place = (at as f64 + 0.5) / store.len() as f64;
        plot.tick(place, &one.clients.to_string());
        let middle = plot.x(place);
        group(&mut plot, middle, one);
    }
}

fn group(plot: &mut Plot<'_>, middle: usize, one: &Increments) {
    let (from, to) = (middle - ASIDE_PX - 9, middle + ASIDE_PX + 9);
    if let Some(theory) = theory(one) {
        plot.level(from, to, theory.part as f64 / theory.of as f64, THEORY);
    }
    if let Some(walk) = one.walk {
        plot.level(from, to, value(walk), WALK);
    }
    if let Some(explored) = one.explored {
        plot.exact(middle - ASIDE_PX, value(explored), EXPLORED);
    }
    plot.estimate(middle, one.walked, WALKED);
    plot.estimate(middle + ASIDE_PX, one.threads, THREADS);
}

fn description(all: &[Increments]) -> String {
    let of = |one: &Increments| {
        let (walked, threads) = (one.walked, one.threads);
        let explored = one.explored.map_or("too many".to_owned(), |kept| kept.to_string());
        let clients = one.clients;
        format!("{} with {clients}: {explored}, {walked}, {threads}", one.store)
    };
    let numbers: Vec<String> = all.iter().map(of).collect();
    let what = "The share of all schedules, of random walks and of trials on real threads in which \
                every increment survives.";
    format!("{what} {}.", numbers.join("; "))
}
