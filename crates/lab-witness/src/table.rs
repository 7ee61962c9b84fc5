//! A witness as a table that is measured, for a picture of it.

use std::iter::{once, repeat_n};

use crate::drawing::COLUMN_PX;
use crate::facts::POINT_OF_NO_RETURN;
use crate::lines::{columns, lines};
use crate::{Lane, Row, Witness};

/// How high a line is.
pub(crate) const LINE_PX: usize = 18;
/// Between the lines of two rows; there the baton crosses from lane to lane.
pub(crate) const ROW_GAP_PX: usize = 14;

const COLUMN_GAP_PX: usize = 28;
const CELL_COLUMNS_MAX: usize = 34;
const LOSE: &str = "schedules that still lose";

/// A cell is its lines.
pub(crate) type Cell = Vec<String>;

/// Columns: the number, each lane, what is stored, the share, the point of no return.
pub(crate) struct Table {
    /// The lanes' names, their roles, and what was there before the first step.
    pub(crate) head: [Vec<Cell>; 3],
    /// A row for each step.
    pub(crate) steps: Vec<Vec<Cell>>,
    /// Where the cells of each column begin; in a column that is empty nothing does.
    pub(crate) x_px: Vec<usize>,
    /// Where the last column ends.
    pub(crate) end_px: usize,
}

impl Table {
    /// The table of `rows`, its left edge at `left_px`. A column's cells begin `inset_px` beside
    /// what is drawn there, if it is one in which something is.
    pub(crate) fn of(witness: &Witness, rows: &[Row], left_px: usize, inset_px: usize) -> Self {
        let lanes = &witness.lanes;
        let steps = rows.iter().enumerate().map(|(at, row)| step(lanes, at, row));
        let mut table = Self {
            head: [names(witness), row(lanes, |lane| &lane.role), start(witness)],
            steps: steps.collect(),
            x_px: Vec::new(),
            end_px: left_px,
        };
        let mut x = left_px;
        for column in 0..lanes.len() + 4 {
            let is_plain = [0, lanes.len() + 1, lanes.len() + 2].contains(&column);
            let width = table.width(column);
            x += if is_plain { 0 } else { inset_px };
            table.x_px.push(x);
            if width > 0 {
                table.end_px = x + width * COLUMN_PX;
                x = table.end_px + COLUMN_GAP_PX;
            }
        }
        // The heading of the shares reaches over the last column.
        if witness.search.is_some() {
            let heading_end = table.x_px[lanes.len() + 2] + columns(LOSE) * COLUMN_PX;
            table.end_px = table.end_px.max(heading_end);
        }
        table
    }

    fn width(&self, column: usize) -> usize {
        let rows = self.head.iter().chain(&self.steps);
        let lines = rows.flat_map(|cells| cells.get(column).into_iter().flatten());
        lines.filter(|line| *line != LOSE).map(|line| columns(line)).max().unwrap_or(0)
    }
}

/// How high a row of cells is: as its highest cell.
pub(crate) fn height_px(cells: &[Cell]) -> usize {
    let lines = cells.iter().map(Vec::len).max().unwrap_or(0);
    if lines == 0 { 0 } else { lines * LINE_PX + ROW_GAP_PX }
}

/// A row with something in the columns of the lanes only.
fn row(lanes: &[Lane], text: impl Fn(&Lane) -> &str) -> Vec<Cell> {
    let lanes = lanes.iter().map(|lane| lines(text(lane), CELL_COLUMNS_MAX));
    once(Cell::new()).chain(lanes).chain(repeat_n(Cell::new(), 3)).collect()
}

fn names(witness: &Witness) -> Vec<Cell> {
    let mut cells = row(&witness.lanes, |lane| &lane.name);
    cells.truncate(witness.lanes.len() + 1);
    let lose = witness.search.map(|_| vec![LOSE.to_owned()]);
    cells.extend([vec!["stored".to_owned()], lose.unwrap_or_default(), Cell::new()]);
    cells
}

fn start(witness: &Witness) -> Vec<Cell> {
    let lose = witness.search.map(|search| vec![search.lose.to_string()]);
    let rest = [lines(&witness.before, CELL_COLUMNS_MAX), lose.unwrap_or_default(), Cell::new()];
    repeat_n(Cell::new(), witness.lanes.len() + 1).chain(rest).collect()
}

fn step(lanes: &[Lane], at: usize, row: &Row) -> Vec<Cell> {
    let of_lane = |lane| {
        if lane == row.lane { lines(&row.text, CELL_COLUMNS_MAX) } else { Cell::new() }
    };
    let stored = row.stored.as_deref().map(|stored| lines(stored, CELL_COLUMNS_MAX));
    let share = row.still_lose.map(|share| vec![share.to_string()]);
    let point = row.is_point_of_no_return.then(|| vec![POINT_OF_NO_RETURN.to_owned()]);
    let rest = [stored, share, point].map(Option::unwrap_or_default);
    once(vec![row.number(at)]).chain((0..lanes.len()).map(of_lane)).chain(rest).collect()
}
