//! Marks what was measured while others used the processors.

use std::mem;

use crate::cpu::Reading;

/// The kernel counts in steps of 10 ms for each processor. Over half a second that is an error of
/// 2 %; over one short measurement it would drown what is looked for.
const SPAN_MIN_S: f64 = 0.5;

/// Spans of measurements, each long enough that the foreign share can be read.
pub(crate) struct Gate {
    cores: u32,
    server: Option<u32>,
    begin: Option<Reading>,
    /// Which samples belong to the span under way: row and place.
    pending: Vec<(usize, usize)>,
}

impl Gate {
    pub(crate) fn new(cores: u32, server: Option<u32>) -> Self {
        Self { cores, server, begin: Reading::now(server), pending: Vec::new() }
    }

    /// The sample at `place` of `row` was just taken.
    pub(crate) fn taken(&mut self, row: usize, place: usize) {
        self.pending.push((row, place));
    }

    /// Ends the span if it is long enough or nothing comes after it: the share of the processors
    /// that others used, and the samples that were taken meanwhile.
    pub(crate) fn close(&mut self, is_last: bool) -> Option<(f64, Vec<(usize, usize)>)> {
        let begin = self.begin?;
        if begin.age_s() < SPAN_MIN_S && !is_last {
            return None;
        }
        let now = Reading::now(self.server)?;
        self.begin = Some(now);
        Some((now.foreign_share(&begin, self.cores), mem::take(&mut self.pending)))
    }
}
