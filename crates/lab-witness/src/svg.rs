//! A witness as a picture: lanes as columns, steps as rows, the baton as a line through them.

use crate::drawing::{COLUMN_PX, Drawing, Ink};
use crate::lines::{columns, lines};
use crate::table::{Cell, LINE_PX, ROW_GAP_PX, Table, height_px};
use crate::{Row, Witness};

const MARGIN_PX: usize = 24;
/// From the line of a lane to the text beside it.
const INSET_PX: usize = 20;
/// From the left of a lane to its line.
const DOT_PX: usize = 6;
/// What stands above and below the table is given at least so much room.
const TEXT_COLUMNS_MIN: usize = 80;
/// The longest name of a line below the table, and two blanks.
const NAME_COLUMNS: usize = 8;
const LANE_COLOURS: [&str; 5] = ["#1d4ed8", "#b45309", "#6d28d9", "#0f766e", "#9d174d"];
/// From the middle of a line of text down to its baseline.
const BASELINE_PX: usize = 4;
const BATON: &str = "#6e7781";
const FAINT: &str = "#d0d7de";

impl Witness {
    /// The witness as an SVG 1.1 document, the last line ended.
    pub fn to_svg(&self) -> String {
        let (rows, cut) = self.drawn();
        let table = Table::of(self, rows, MARGIN_PX, INSET_PX);
        let end = table.end_px.max(MARGIN_PX + TEXT_COLUMNS_MIN * COLUMN_PX);
        let mut page = Page { drawing: Drawing::default(), y: MARGIN_PX, end };
        page.head(self);
        page.table(&table, rows, self.lanes.len());
        if let Some(cut) = cut {
            page.block(0, Ink::Pale, &cut);
        }
        page.foot(self);
        let size = (end + MARGIN_PX, page.y + MARGIN_PX);
        page.drawing.document(size, &self.headline(), &self.consequence)
    }
}

/// What is drawn, from top to bottom: how far down it has come, and where it ends on the right.
struct Page {
    drawing: Drawing,
    y: usize,
    end: usize,
}

impl Page {
    fn head(&mut self, witness: &Witness) {
        let ink = if witness.anomaly.is_some() { Ink::Alarm } else { Ink::Calm };
        let word = witness.word();
        self.drawing.text((MARGIN_PX, self.y + LINE_PX), ink, &word);
        let indent = (columns(&word) + 2) * COLUMN_PX;
        self.block(indent, Ink::Plain, &format!("{} {}", witness.store, witness.played()));
        if let Some(search) = witness.search {
            self.block(0, Ink::Pale, &search.to_string());
        }
        self.y += LINE_PX;
    }

    /// Lines below what is there, from so far on the right of the margin.
    fn block(&mut self, indent: usize, ink: Ink, text: &str) {
        let x = MARGIN_PX + indent;
        for line in lines(text, (self.end - x) / COLUMN_PX) {
            self.y += LINE_PX;
            self.drawing.text((x, self.y), ink, &line);
        }
    }

    fn table(&mut self, table: &Table, rows: &[Row], lanes: usize) {
        let [names, roles, start] = &table.head;
        self.cells(table, names, self.y, Ink::Bold);
        self.y += height_px(names).saturating_sub(ROW_GAP_PX);
        self.cells(table, roles, self.y, Ink::Pale);
        self.y += height_px(roles).max(ROW_GAP_PX);
        let mut tops = vec![self.y];
        for cells in std::iter::once(start).chain(&table.steps) {
            self.y += height_px(cells);
            tops.push(self.y);
        }
        self.rules(&tops);
        self.baton(&table.x_px[1..=lanes], &tops, rows);
        self.cells(table, start, tops[0], Ink::Pale);
        for (cells, top) in table.steps.iter().zip(&tops[1..]) {
            self.cells(table, cells, *top, Ink::Plain);
        }
        let points = rows.iter().zip(tops.windows(2).skip(1));
        for (_, step) in points.filter(|(row, _)| row.is_point_of_no_return) {
            let [top, below] = step else { continue };
            self.point_of_no_return(table, *top, *below);
        }
    }

    /// The last column holds nothing but the point of no return.
    fn cells(&mut self, table: &Table, cells: &[Cell], top: usize, ink: Ink) {
        for (column, (cell, x)) in cells.iter().zip(&table.x_px).enumerate() {
            let ink = if column + 1 == table.x_px.len() { Ink::Alarm } else { ink };
            for (at, line) in cell.iter().enumerate() {
                self.drawing.text((*x, middle(top) + at * LINE_PX + BASELINE_PX), ink, line);
            }
        }
    }

    /// A faint line above each row, and one below the last.
    fn rules(&mut self, tops: &[usize]) {
        for top in tops {
            self.drawing.line(&[(MARGIN_PX, *top), (self.end, *top)], FAINT, 1, false);
        }
    }

    /// A line for each lane, a dot for each step, and the baton's way from dot to dot: between the
    /// rows from one lane to the next, dashed where it was taken and not given.
    fn baton(&mut self, lanes_px: &[usize], tops: &[usize], rows: &[Row]) {
        let lanes_px: Vec<usize> = lanes_px.iter().map(|x| x - INSET_PX + DOT_PX).collect();
        let (Some(top), Some(bottom)) = (tops.first(), tops.last()) else { return };
        for x in &lanes_px {
            self.drawing.line(&[(*x, *top), (*x, *bottom)], FAINT, 2, false);
        }
        let steps = rows.iter().zip(&tops[1..]);
        let dots = steps.filter_map(|(row, top)| Some((row, *lanes_px.get(row.lane)?, *top)));
        let dots: Vec<(&Row, usize, usize)> = dots.collect();
        for pair in dots.windows(2) {
            let [(_, from, above), (row, to, top)] = pair else { continue };
            let way = [(*from, middle(*above)), (*from, *top), (*to, *top), (*to, middle(*top))];
            self.drawing.line(&way, BATON, 2, row.is_preemption);
        }
        for (row, x, top) in dots {
            let colour = LANE_COLOURS[row.lane % LANE_COLOURS.len()];
            self.drawing.dot((x, middle(top)), colour);
        }
    }

    /// A triangle beside the words, and a line across the table after the step.
    fn point_of_no_return(&mut self, table: &Table, top: usize, below: usize) {
        let colour = Ink::Alarm.colour();
        self.drawing.line(&[(MARGIN_PX, below), (self.end, below)], colour, 1, true);
        if let Some(x) = table.x_px.last() {
            self.drawing.pointer((x - INSET_PX + DOT_PX, middle(top)), colour);
        }
    }

    fn foot(&mut self, witness: &Witness) {
        self.y += LINE_PX / 2;
        for (name, line) in witness.closing() {
            self.drawing.text((MARGIN_PX, self.y + LINE_PX), Ink::Bold, name);
            self.block(NAME_COLUMNS * COLUMN_PX, Ink::Plain, &line);
        }
    }
}

/// The middle of the first line of a row.
fn middle(top: usize) -> usize {
    top + (ROW_GAP_PX + LINE_PX) / 2
}
