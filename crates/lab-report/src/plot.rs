//! A frame with two axes, and what is marked in it.

use lab_chance::{Interval, wilson};
use lab_witness::Share;
use lab_witness::drawing::{Anchor, At, Drawing, Ink, Shape};

use crate::percent::value;

const AXIS: &str = "#59636e";
const GRID: &str = "#d8dee4";
/// From the middle of a line of text down to its baseline.
pub(crate) const BASELINE_PX: usize = 4;

/// How one series is told from another, with colour and without.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    pub(crate) shape: Shape,
    pub(crate) colour: &'static str,
    pub(crate) is_dashed: bool,
}

/// Where a frame lies, in pixels from the left and from the top.
#[derive(Clone, Copy)]
pub(crate) struct Frame {
    pub(crate) left: usize,
    pub(crate) top: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

/// How a share becomes a height.
#[derive(Clone, Copy)]
pub(crate) enum Scale {
    /// From 0 to 1.
    Even,
    /// From that share to 1, each tenth of it as high as the one before.
    Tenths(f64),
}

impl Scale {
    /// 0 at the bottom, 1 at the top; what is too small stands at the bottom.
    fn height(self, share: f64) -> f64 {
        let height = match self {
            Self::Even => share,
            Self::Tenths(least) => 1.0 - share.max(least).log10() / least.log10(),
        };
        height.clamp(0.0, 1.0)
    }
}

/// One frame of a figure.
pub(crate) struct Plot<'a> {
    pub(crate) drawing: &'a mut Drawing,
    pub(crate) frame: Frame,
    pub(crate) scale: Scale,
}

impl Plot<'_> {
    /// How far down a share is.
    fn y(&self, share: f64) -> usize {
        let Frame { top, height, .. } = self.frame;
        top + ((1.0 - self.scale.height(share)) * height as f64).round() as usize
    }

    /// How far right a place is, from 0 at the left to 1 at the right.
    pub(crate) fn x(&self, place: f64) -> usize {
        self.frame.left + (place * self.frame.width as f64).round() as usize
    }

    fn bottom(&self) -> usize {
        self.frame.top + self.frame.height
    }

    /// The frame, with a line across for each share that has a name.
    pub(crate) fn shares(&mut self, ticks: &[(f64, &str)], is_named: bool) {
        let Frame { left, top, width, .. } = self.frame;
        let right = left + width;
        for (share, name) in ticks {
            let y = self.y(*share);
            self.drawing.line(&[(left, y), (right, y)], GRID, 1, false);
            if is_named {
                let at = (left - 8, y + BASELINE_PX);
                self.drawing.text_at(at, Anchor::End, Ink::Pale, name);
            }
        }
        self.drawing.line(
            &[(left, top), (left, self.bottom()), (right, self.bottom())],
            AXIS,
            1,
            false,
        );
    }

    /// A name below the axis, with a tick above it.
    pub(crate) fn tick(&mut self, place: f64, name: &str) {
        let (x, y) = (self.x(place), self.bottom());
        self.drawing.line(&[(x, y), (x, y + 5)], AXIS, 1, false);
        self.drawing.text_at((x, y + 20), Anchor::Middle, Ink::Pale, name);
    }

    /// A share of so many trials, with its interval.
    pub(crate) fn estimate(&mut self, x: usize, seen: Share, style: Style) -> Option<At> {
        if seen.of == 0 {
            return None;
        }
        let Interval { low, high } = wilson(seen.part, seen.of);
        let (low, high) = (self.y(low), self.y(high));
        for end in [low, high] {
            self.drawing.line(&[(x - 4, end), (x + 4, end)], style.colour, 1, false);
        }
        self.drawing.line(&[(x, low), (x, high)], style.colour, 1, false);
        let at = (x, self.y(value(seen)));
        self.drawing.mark(at, style.shape, style.colour);
        Some(at)
    }

    /// A share that is known exactly: a mark without an interval.
    pub(crate) fn exact(&mut self, x: usize, share: f64, style: Style) {
        let y = self.y(share);
        self.drawing.mark((x, y), style.shape, style.colour);
    }

    /// A share that is known exactly, as a line from one `x` to another.
    pub(crate) fn level(&mut self, from: usize, to: usize, share: f64, style: Style) {
        let y = self.y(share);
        self.drawing.line(&[(from, y), (to, y)], style.colour, 2, style.is_dashed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_of_tenths_gives_each_of_them_the_same_height() {
        let scale = Scale::Tenths(0.001);
        let heights = [0.001, 0.01, 0.1, 1.0, 0.0].map(|share| scale.height(share));
        let expected = [0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0, 0.0];
        assert!(heights.iter().zip(expected).all(|(one, other)| (one - other).abs() < 1e-9));
    }

    #[test]
    fn an_even_scale_stands_on_0_and_ends_at_1() {
        assert_eq!([0.0, 0.5, 1.0].map(|share| Scale::Even.height(share)), [0.0, 0.5, 1.0]);
    }
}
