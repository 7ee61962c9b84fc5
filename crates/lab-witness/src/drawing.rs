//! The few elements of SVG that the drawings of witnesses and figures are made of.

use std::fmt::Write as _;

/// How wide a column of text is at the size of [`FONT_PX`]: a little more than the widest of the
/// usual fonts needs.
pub const COLUMN_PX: usize = 8;
const FONT_PX: usize = 13;

const FONTS: &str = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";

/// How a text looks.
#[derive(Clone, Copy)]
pub enum Ink {
    /// Of most texts.
    Plain,
    /// Of what is there to be looked up.
    Pale,
    /// Of headings.
    Bold,
    /// Of a loss.
    Alarm,
    /// Of a schedule that holds.
    Calm,
}

impl Ink {
    /// The colour alone.
    pub fn colour(self) -> &'static str {
        match self {
            Self::Plain | Self::Bold => "#1f2328",
            Self::Pale => "#59636e",
            Self::Alarm => "#b42318",
            Self::Calm => "#1a7f37",
        }
    }

    fn weight(self) -> &'static str {
        match self {
            Self::Plain | Self::Pale => "normal",
            Self::Bold | Self::Alarm | Self::Calm => "bold",
        }
    }
}

/// Which part of a text stands at its place.
#[derive(Clone, Copy)]
pub enum Anchor {
    /// Its beginning.
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

impl Anchor {
    fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// The marks of a figure, which can be told apart without colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A filled disc.
    Disc,
    /// A filled triangle that stands on its base.
    Triangle,
    /// A square that is empty.
    Square,
    /// A filled square that stands on its corner.
    Diamond,
}

/// A place, from the left and from the top.
pub type At = (usize, usize);

/// Elements; what comes later covers what came before.
#[derive(Default)]
pub struct Drawing(String);

impl Drawing {
    /// A line of text; `at` is where its baseline begins.
    pub fn text(&mut self, (x, y): At, ink: Ink, text: &str) {
        let (fill, weight, text) = (ink.colour(), ink.weight(), escaped(text));
        let _ = writeln!(
            self.0,
            r#"<text x="{x}" y="{y}" fill="{fill}" font-weight="{weight}">{text}</text>"#
        );
    }

    /// A line of text of which that part stands at that place of its baseline.
    pub fn text_at(&mut self, (x, y): At, anchor: Anchor, ink: Ink, text: &str) {
        let (fill, weight, text) = (ink.colour(), ink.weight(), escaped(text));
        let _ = write!(self.0, r#"<text x="{x}" y="{y}" text-anchor="{}""#, anchor.name());
        let _ = writeln!(self.0, r#" fill="{fill}" font-weight="{weight}">{text}</text>"#);
    }

    /// A line of text that runs upwards, its middle at that place.
    pub fn text_upwards(&mut self, (x, y): At, ink: Ink, text: &str) {
        let (fill, text) = (ink.colour(), escaped(text));
        let _ = write!(self.0, r#"<text transform="translate({x},{y}) rotate(-90)""#);
        let _ = writeln!(self.0, r#" text-anchor="middle" fill="{fill}">{text}</text>"#);
    }

    /// A line through points, `dashed` or not.
    pub fn line(&mut self, points: &[At], stroke: &str, width: usize, dashed: bool) {
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{x},{y}")).collect();
        let points = points.join(" ");
        let dashes = if dashed { r#" stroke-dasharray="5,4""# } else { "" };
        let _ = write!(self.0, r#"<polyline points="{points}" fill="none" stroke="{stroke}""#);
        let _ = writeln!(self.0, r#" stroke-width="{width}"{dashes}/>"#);
    }

    /// A mark of a figure.
    pub fn mark(&mut self, (x, y): At, shape: Shape, colour: &str) {
        let points = match shape {
            Shape::Disc => {
                let _ = writeln!(self.0, r#"<circle cx="{x}" cy="{y}" r="5" fill="{colour}"/>"#);
                return;
            }
            Shape::Square => {
                let (left, top) = (x.saturating_sub(5), y.saturating_sub(5));
                let _ = write!(self.0, r##"<rect x="{left}" y="{top}" width="10" height="10""##);
                let _ = writeln!(self.0, r#" fill="none" stroke="{colour}" stroke-width="2"/>"#);
                return;
            }
            Shape::Triangle => [(0, -6), (6, 5), (-6, 5)].as_slice(),
            Shape::Diamond => &[(0, -6), (6, 0), (0, 6), (-6, 0)],
        };
        let place = |(dx, dy): &(isize, isize)| {
            format!("{},{}", x.saturating_add_signed(*dx), y.saturating_add_signed(*dy))
        };
        let points: Vec<String> = points.iter().map(place).collect();
        let _ = writeln!(self.0, r#"<polygon points="{}" fill="{colour}"/>"#, points.join(" "));
    }

    /// A dot on a line, with a rim of paper around it.
    pub fn dot(&mut self, (x, y): At, fill: &str) {
        let _ = write!(self.0, r#"<circle cx="{x}" cy="{y}" r="6" fill="{fill}""#);
        let _ = writeln!(self.0, r##" stroke="#ffffff" stroke-width="2"/>"##);
    }

    /// A box of a width and a height; `at` is its upper left corner. The edge is dashed or not.
    pub(crate) fn bar(&mut self, at: At, size: At, fill: &str, (edge, dashed): (&str, bool)) {
        let ((x, y), (width, height)) = (at, size);
        let dashes = if dashed { r#" stroke-dasharray="5,4""# } else { "" };
        let _ = write!(self.0, r#"<rect x="{x}" y="{y}" width="{width}" height="{height}""#);
        let _ = writeln!(self.0, r#" rx="4" fill="{fill}" stroke="{edge}"{dashes}/>"#);
    }

    /// A triangle that points to the left.
    pub fn pointer(&mut self, (x, y): At, fill: &str) {
        let (right, top, bottom) = (x + 10, y - 6, y + 6);
        let _ = writeln!(
            self.0,
            r#"<polygon points="{x},{y} {right},{top} {right},{bottom}" fill="{fill}"/>"#
        );
    }

    /// The whole document, with a title and a description for those who cannot see it.
    pub fn document(self, (width, height): At, title: &str, description: &str) -> String {
        let (title, description, body) = (escaped(title), escaped(description), self.0);
        let svg = r#"<svg xmlns="http://www.w3.org/2000/svg" version="1.1" role="img""#;
        let size = format!(r#"width="{width}" height="{height}""#);
        let view = format!(r#"viewBox="0 0 {width} {height}""#);
        let font = format!(r#"font-family="{FONTS}" font-size="{FONT_PX}""#);
        let paper = format!(r##"<rect {size} fill="#ffffff"/>"##);
        let words = format!("<title>{title}</title>\n<desc>{description}</desc>");
        format!("{svg} {size} {view} {font}>\n{words}\n{paper}\n{body}</svg>\n")
    }
}

/// The text as XML has it; what no XML may contain is replaced.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push('\n'),
            '\u{fffe}' | '\u{ffff}' => escaped.push(char::REPLACEMENT_CHARACTER),
            _ if letter.is_control() => escaped.push(char::REPLACEMENT_CHARACTER),
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_text_is_text() {
        let mut drawing = Drawing::default();
        drawing.text((1, 2), Ink::Plain, "</text><script>&\u{0}");
        let svg = drawing.document((9, 9), "a \"b\"", "");
        assert!(svg.contains(">&lt;/text&gt;&lt;script&gt;&amp;\u{fffd}</text>"), "{svg}");
        assert!(svg.contains("<title>a &quot;b&quot;</title>"), "{svg}");
    }
}
