//! Histories that are right, and what can be woven into them.

use std::collections::BTreeMap;

use fastrand::Rng;
use lab_history::{Event, Kind};
use lab_order::{Transactions, Values};
use serde_json::Value;

use crate::lines::{Line, events, in_order, read, steps, write};

const PROCESSES: u64 = 8;
const KEYS: u64 = 6;
/// From one transaction that takes effect to the next.
const STEP_NS: u64 = 100;
/// The process of what is woven in, and all behind it; no other has such a number.
const WOVEN: u64 = 1 << 20;

/// The elements that were written to each key.
type State = BTreeMap<String, Vec<u32>>;

/// Transactions that take effect one after another, each at one moment of its time. Some abort, of
/// some nobody knows whether they took effect.
#[derive(Clone)]
pub(crate) struct Story {
    values: Values,
    random: Rng,
    events: Vec<Event>,
    /// What was there from each moment on.
    states: Vec<(u64, State)>,
}

impl Story {
    pub(crate) fn new(values: Values, seed: u64, count: u64) -> Self {
        let random = Rng::with_seed(seed);
        let mut story = Self { values, random, events: Vec::new(), states: Vec::new() };
        let mut free = [0; PROCESSES as usize].map(|from| (from, 0));
        let (mut state, mut elements) = (State::new(), 1..);
        for moment in (1..=count).map(|number| number * STEP_NS) {
            let at = story.random.usize(..free.len());
            let (free_from, process) = &mut free[at];
            if *free_from >= moment {
                continue;
            }
            let begun = moment.saturating_sub(story.random.u64(1..8 * STEP_NS));
            let times =
                [begun.max(*free_from).min(moment), moment + story.random.u64(1..8 * STEP_NS)];
            let who = *process * PROCESSES + at as u64;
            let before = state.clone();
            let steps = (0..4).map(|_| story.step(&mut state, &mut elements)).collect();
            let kind = match story.random.u8(..10) {
                0 => Kind::Fail,
                1 => Kind::Info,
                _ => Kind::Ok,
            };
            if kind == Kind::Fail || kind == Kind::Info && story.random.bool() {
                state = before;
            }
            *free_from = times[1] + 1;
            // Who crashed does nothing more.
            *process += u64::from(kind == Kind::Info);
            story.events.extend(events(who, times, kind, steps));
            story.states.push((moment, state.clone()));
        }
        story
    }

    fn step(&mut self, state: &mut State, elements: &mut impl Iterator<Item = u32>) -> Value {
        let key = self.random.u64(..KEYS).to_string();
        let written = state.entry(key.clone()).or_default();
        match elements.next().filter(|_| self.random.bool()) {
            Some(element) => {
                written.push(element);
                write(self.values, &key, element)
            }
            None => read(self.values, &key, written),
        }
    }

    pub(crate) fn transactions(&self) -> Transactions {
        in_order(self.values, self.events.clone()).unwrap()
    }

    /// A transaction that sees nothing of what is there at some moment.
    pub(crate) fn weave_blind(&mut self) {
        let at = self.random.usize(self.states.len() / 2..self.states.len());
        let (moment, state) = &self.states[at];
        let steps = state.keys().map(|key| read(self.values, key, &[])).collect();
        let times = [*moment, moment + 1];
        self.events.extend(events(WOVEN, times, Kind::Ok, steps));
    }

    /// Transactions over keys of their own, somewhere in the history. Where all are under way at
    /// one time they also see what is there: the first of them before the second, and so on.
    pub(crate) fn weave(&mut self, lines: &[Line]) {
        let begin = self.random.u64(..self.states.len() as u64) * STEP_NS;
        let last_begun = lines.iter().map(|line| line.1).max();
        if last_begun < lines.iter().map(|line| line.2).min() {
            self.weave_together(lines, begin);
            return;
        }
        let last = lines.iter().map(|line| line.2).max().unwrap();
        let mut time = begin;
        let times = (0..=last).map(|_| {
            time += self.random.u64(1..STEP_NS);
            time
        });
        let times: Vec<u64> = times.collect();
        for (process, invoked, ended, kind, text) in lines {
            let times = [invoked, ended].map(|place| times[*place as usize]);
            let steps = steps(self.values, text);
            self.events.extend(events(WOVEN + process, times, *kind, steps));
        }
    }

    fn weave_together(&mut self, lines: &[Line], begin: u64) {
        let mut moments: Vec<u64> =
            lines.iter().map(|_| begin + self.random.u64(STEP_NS..4 * STEP_NS)).collect();
        moments.sort_unstable();
        for ((process, _, _, kind, text), moment) in lines.iter().zip(moments) {
            let mut steps = steps(self.values, text);
            for _ in 0..self.random.usize(..3) {
                let place = self.random.usize(..=steps.len());
                steps.insert(place, self.look(moment));
            }
            let times = [0, 4 * STEP_NS].map(|at| begin + at + self.random.u64(..STEP_NS));
            self.events.extend(events(WOVEN + process, times, *kind, steps));
        }
    }

    /// A read of what is there at a moment.
    fn look(&mut self, moment: u64) -> Value {
        let key = self.random.u64(..KEYS).to_string();
        let state = self.states.iter().rev().find(|(from, _)| *from <= moment);
        let elements = state.and_then(|(_, state)| state.get(&key));
        read(self.values, &key, elements.map_or(&[], Vec::as_slice))
    }
}

/// Whether a transaction is none of those that were there before others were woven in.
pub(crate) fn is_woven(transactions: &Transactions, at: usize) -> bool {
    transactions.all[at].process >= WOVEN
}
