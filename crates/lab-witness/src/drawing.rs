//! The few elements of SVG that a drawing of a witness is made of.

use std::fmt::Write as _;

/// How wide a column of text is at the size of [`FONT_PX`]: a little more than the widest of the
/// usual fonts needs.
pub(crate) const COLUMN_PX: usize = 8;
const FONT_PX: usize = 13;

const FONTS: &str = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";

/// How a text looks.
#[derive(Clone, Copy)]
pub(crate) enum Ink {
    Plain,
    Pale,
    Bold,
    /// Of a loss.
    Alarm,
    /// Of a schedule that holds.
    Calm,
}

impl Ink {
    pub(crate) fn colour(self) -> &'static str {
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

/// A place, from the left and from the top.
pub(crate) type At = (usize, usize);

/// Elements; what comes later covers what came before.
#[derive(Default)]
pub(crate) struct Drawing(String);

impl Drawing {
    /// A line of text; `at` is where its baseline begins.
    pub(crate) fn text(&mut self, (x, y): At, ink: Ink, text: &str) {
        let (fill, weight, text) = (ink.colour(), ink.weight(), escaped(text));
        let _ = writeln!(
            self.0,
            r#"<text x="{x}" y="{y}" fill="{fill}" font-weight="{weight}">{text}</text>"#
        );
    }

    /// A line through points, `dashed` or not.
    pub(crate) fn line(&mut self, points: &[At], stroke: &str, width: usize, dashed: bool) {
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{x},{y}")).collect();
        let points = points.join(" ");
        let dashes = if dashed { r#" stroke-dasharray="5,4""# } else { "" };
        let _ = write!(self.0, r#"<polyline points="{points}" fill="none" stroke="{stroke}""#);
        let _ = writeln!(self.0, r#" stroke-width="{width}"{dashes}/>"#);
    }

    pub(crate) fn dot(&mut self, (x, y): At, fill: &str) {
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
    pub(crate) fn pointer(&mut self, (x, y): At, fill: &str) {
        let (right, top, bottom) = (x + 10, y - 6, y + 6);
        let _ = writeln!(
            self.0,
            r#"<polygon points="{x},{y} {right},{top} {right},{bottom}" fill="{fill}"/>"#
        );
    }

    /// The whole document, with a title and a description for those who cannot see it.
    pub(crate) fn document(self, (width, height): At, title: &str, description: &str) -> String {
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
