//! A witness as a Mermaid sequence diagram, for markdown that is read on a page.

use std::fmt::Write as _;

use crate::facts::POINT_OF_NO_RETURN;
use crate::lines::lines;
use crate::{Lane, Row, Witness};

/// Mermaid breaks no lines by itself.
const COLUMNS_MAX: usize = 64;
const PARTICIPANT_COLUMNS_MAX: usize = 28;

impl Witness {
    /// The witness as a Mermaid `sequenceDiagram`, the last line ended: a participant for each
    /// lane, one for the store, an arrow for each step.
    pub fn to_mermaid(&self) -> String {
        let title = format!("{} {} {}", self.word(), self.store, self.played());
        // A title has one line.
        let title = lines(&title, usize::MAX).join(" ");
        let mut text = format!("sequenceDiagram\n  title {}\n", escaped(&title));
        self.lanes.iter().enumerate().for_each(|(at, lane)| participant(at, lane, &mut text));
        text.push_str("  participant store\n");
        self.opening(&mut text);
        self.steps(&mut text);
        self.ending(&mut text);
        text
    }

    /// What was searched, and what was stored before the first step.
    fn opening(&self, text: &mut String) {
        if let Some(search) = self.search {
            self.note_below(&search.to_string(), text);
        }
        let lose = self.search.map(|search| format!("\n{} lose", search.lose));
        note("store", &format!("stored: {}{}", self.before, lose.unwrap_or_default()), text);
    }

    fn steps(&self, text: &mut String) {
        let (drawn, cut) = self.drawn();
        let mut stored = Some(self.before.as_str());
        for (at, row) in drawn.iter().enumerate() {
            arrow(at, row, text);
            if row.stored.is_some() && row.stored.as_deref() != stored {
                stored = row.stored.as_deref();
                note("store", &format!("stored: {}", stored.unwrap_or_default()), text);
            }
            if row.is_point_of_no_return {
                note("store", &format!("◄ {POINT_OF_NO_RETURN}"), text);
            }
        }
        if let Some(cut) = cut {
            self.note_below(&cut, text);
        }
    }

    /// A note for each name.
    fn ending(&self, text: &mut String) {
        let mut notes: Vec<String> = Vec::new();
        for (name, line) in self.closing() {
            match notes.last_mut() {
                Some(note) if name.is_empty() => note.extend(["\n", &line]),
                _ => notes.push(format!("{name}: {line}")),
            }
        }
        notes.iter().for_each(|note| self.note_below(note, text));
    }

    /// A note from the first participant to the last.
    fn note_below(&self, said: &str, text: &mut String) {
        note(if self.lanes.is_empty() { "store" } else { "P1,store" }, said, text);
    }
}

fn participant(at: usize, lane: &Lane, text: &mut String) {
    let title = set(&lane.title(), PARTICIPANT_COLUMNS_MAX);
    let _ = writeln!(text, "  participant P{} as {title}", at + 1);
}

fn arrow(at: usize, row: &Row, text: &mut String) {
    let lose = row.still_lose.map_or(String::new(), |share| format!("\n{share} still lose"));
    let said = set(&format!("{} {}{lose}", row.number(at), row.text), COLUMNS_MAX);
    let _ = writeln!(text, "  P{}->>store: {said}", row.lane + 1);
}

fn note(over: &str, said: &str, text: &mut String) {
    let _ = writeln!(text, "  Note over {over}: {}", set(said, COLUMNS_MAX));
}

/// The text as a statement of Mermaid has it: on one line, and nothing in it that means something
/// else there.
fn set(text: &str, columns_max: usize) -> String {
    let lines: Vec<String> = lines(text, columns_max).iter().map(|line| escaped(line)).collect();
    lines.join("<br/>")
}

/// The letters, those that mean something else to Mermaid as entities.
pub(crate) fn escaped(line: &str) -> String {
    let mut escaped = String::with_capacity(line.len());
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter.is_control() {
            escaped.push(char::REPLACEMENT_CHARACTER);
        } else if means_something(letter, &escaped, letters.peek().copied()) {
            let _ = write!(escaped, "#{};", u32::from(letter));
        } else {
            escaped.push(letter);
        }
    }
    escaped
}

/// Whether Mermaid would take a letter for something else than itself: the end of a statement, a
/// comment, markup, a directive, a formula, or one of the marks (`ﬂ°59¶ß`) that stand for entities
/// within it. A colon is one where a blank comes after it, but not in `wrap: `, which is an order;
/// without the blank, as in `style:x`, it makes Mermaid drop the end of an entity.
fn means_something(letter: char, before: &str, next: Option<char>) -> bool {
    match letter {
        ':' => next != Some(' ') || before.ends_with("wrap"),
        '#' | ';' | '<' | '>' | '&' | '%' | '$' | '@' | '\\' | '`' | 'ﬂ' | '¶' => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_statement_or_begins_an_entity_is_escaped() {
        assert_eq!(set("a; b #c\nend: d", 64), "a#59; b #35;c<br/>end: d");
        assert_eq!(set("style:x; %%{init}", 64), "style#58;x#59; #37;#37;{init}");
        assert_eq!(set("wrap: this: that:", 64), "wrap#58; this: that#58;");
        assert_eq!(set("<b>\u{7} &lt;", 64), "#60;b#62;\u{fffd} #38;lt#59;");
    }
}
