//! The same rows as text in columns and as a table of markdown.

use std::fmt::Write as _;

/// A heading and rows of as many cells.
pub(crate) struct Table<const COLUMNS: usize> {
    pub(crate) head: [&'static str; COLUMNS],
    pub(crate) rows: Vec<[String; COLUMNS]>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    /// Columns with two blanks between them.
    pub(crate) fn text(&self) -> String {
        let head = self.head.map(str::to_owned);
        let all = || std::iter::once(&head).chain(&self.rows);
        let width = |column: usize| all().map(|row| row[column].chars().count()).max();
        let mut text = String::new();
        for row in all() {
            let cells = row.iter().enumerate().map(|(column, cell)| {
                let missing = width(column).unwrap_or(0) - cell.chars().count();
                format!("{cell}{}", " ".repeat(missing))
            });
            let _ = writeln!(text, "  {}", cells.collect::<Vec<_>>().join("  ").trim_end());
        }
        text
    }

    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("| {} |\n|{}\n", self.head.join(" | "), "---|".repeat(COLUMNS));
        for row in &self.rows {
            let _ = writeln!(text, "| {} |", row.join(" | "));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_have_the_same_cells() {
        let table = Table { head: ["a", "long"], rows: vec![["§§".to_owned(), "b".to_owned()]] };
        assert_eq!(table.text(), "  a   long\n  §§  b\n");
        assert_eq!(table.markdown(), "| a | long |\n|---|---|\n| §§ | b |\n");
    }
}
