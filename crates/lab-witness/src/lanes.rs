//! The text of a witness: a lane for each process, a row for each step.

use std::fmt;
use std::fmt::Write as _;

use crate::facts::POINT_OF_NO_RETURN;
use crate::{Lane, Row, Searched, Witness};

impl Witness {
    /// The witness in lines of text, the last one ended.
    pub fn to_text(&self) -> String {
        let mut text = self.headline();
        text.push('\n');
        text.push_str(&self.table());
        for (name, line) in self.closing() {
            let _ = writeln!(text, "  {name:<7} {line}");
        }
        text
    }

    /// What it shows, on what, and in how many of the schedules.
    pub fn headline(&self) -> String {
        let word = self.word();
        let searched = self.search.map_or(String::new(), |search| format!("    {search}"));
        format!("{word}  {}  {}{searched}", self.store, self.played())
    }

    /// The lanes alone: what is stored at first, and the steps.
    pub fn table(&self) -> String {
        let mut rows = vec![self.head(), self.start()];
        rows.extend(self.rows.iter().enumerate().map(|(at, row)| self.row(at, row)));
        let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
        let widths: Vec<usize> = (0..columns).map(|column| width(&rows, column)).collect();
        let mut text = String::new();
        for row in rows {
            let cells = row.iter().zip(&widths);
            let line: Vec<String> = cells.map(|(cell, width)| pad(cell, *width)).collect();
            let _ = writeln!(text, "{}", line.join("  ").trim_end());
        }
        text
    }

    fn head(&self) -> Vec<String> {
        let mut cells = vec![String::new()];
        cells.extend(self.lanes.iter().map(Lane::title));
        cells.push("stored".to_owned());
        if self.search.is_some() {
            cells.push("schedules that still lose".to_owned());
        }
        cells
    }

    fn start(&self) -> Vec<String> {
        let mut cells = vec![String::new(); self.lanes.len() + 1];
        cells.push(self.before.clone());
        cells.extend(self.search.map(|search| search.lose.to_string()));
        cells
    }

    fn row(&self, at: usize, row: &Row) -> Vec<String> {
        let preemption = if row.is_preemption { "⇄" } else { " " };
        let mut cells = vec![format!("{:>3} {preemption}", at + 1)];
        let lanes = 0..self.lanes.len();
        cells.extend(
            lanes.map(|lane| if lane == row.lane { row.text.clone() } else { String::new() }),
        );
        cells.push(row.stored.clone().unwrap_or_default());
        let is_point = row.is_point_of_no_return;
        let mark = if is_point { format!("  ◄ {POINT_OF_NO_RETURN}") } else { String::new() };
        cells.extend(row.still_lose.map(|share| format!("{share}{mark}")));
        cells
    }
}

impl fmt::Display for Searched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (lose, of) = (self.lose.part, self.lose.of);
        let show = if lose == 1 { "shows" } else { "show" };
        if self.is_complete {
            return write!(f, "{of} of {of} schedules explored, {lose} {show} an anomaly");
        }
        write!(f, "{of} schedules explored, more are left; {lose} {show} an anomaly")
    }
}

fn width(rows: &[Vec<String>], column: usize) -> usize {
    rows.iter()
        .filter_map(|row| row.get(column))
        .map(|cell| cell.chars().count())
        .max()
        .unwrap_or(0)
}

fn pad(cell: &str, width: usize) -> String {
    let missing = width.saturating_sub(cell.chars().count());
    format!("{cell}{}", " ".repeat(missing))
}
