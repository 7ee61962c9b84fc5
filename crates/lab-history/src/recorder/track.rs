//! One client's way of recording.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use rtrb::{Consumer, Producer, PushError, RingBuffer};

use super::places::Places;
use crate::Record;

/// Where a client is in its operation, with the place that it took last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Between two operations: the place of the last answer.
    Idle = 0,
    /// About to take the place of an invocation: that of the answer before.
    Invoking = 1,
    /// In the store: the place of the invocation.
    UnderWay = 2,
    /// About to take the place of the answer, or to write the record: that of the invocation.
    Answering = 3,
}

/// What the consumer of a track sees of it.
#[derive(Debug)]
pub(super) struct End {
    pub(super) records: Consumer<Record>,
    position: Arc<Position>,
}

#[derive(Debug, Default)]
#[repr(align(128))]
struct Position(AtomicU64);

/// One client's way of recording.
#[derive(Debug)]
pub struct Track {
    places: Places,
    process: u32,
    records: Producer<Record>,
    position: Arc<Position>,
    invoked: u64,
    answered: u64,
}

pub(super) fn track(places: Places, process: u32, records_max: usize) -> (Track, End) {
    let (producer, consumer) = RingBuffer::new(records_max);
    let position = Arc::<Position>::default();
    let end = End { records: consumer, position: Arc::clone(&position) };
    (Track { places, process, records: producer, position, invoked: 0, answered: 0 }, end)
}

impl End {
    pub(super) fn position(&self) -> (Phase, u64) {
        let word = self.position.0.load(Ordering::Acquire);
        let phase = match word & 3 {
            0 => Phase::Idle,
            1 => Phase::Invoking,
            2 => Phase::UnderWay,
            _ => Phase::Answering,
        };
        (phase, word >> 2)
    }
}

impl Track {
    /// The number of the client.
    pub fn process(&self) -> u32 {
        self.process
    }

    /// An operation begins.
    #[inline]
    pub(super) fn invoke(&mut self) {
        self.stand(Phase::Invoking, self.answered);
        self.invoked = self.places.take();
        self.stand(Phase::UnderWay, self.invoked);
    }

    /// It was answered; its records follow.
    #[inline]
    pub(super) fn answer(&mut self) {
        self.stand(Phase::Answering, self.invoked);
        self.answered = self.places.take();
    }

    /// A record of the operation that was answered last. Waits for the consumer if the ring is
    /// full, unless there is none any more.
    #[inline]
    pub(super) fn write(&mut self, mut record: Record) {
        record.invoked = self.invoked;
        record.answered = self.answered;
        record.process = self.process;
        let mut result = self.records.push(record);
        while let Err(PushError::Full(unwritten)) = result {
            if self.records.is_abandoned() {
                return;
            }
            thread::yield_now();
            result = self.records.push(unwritten);
        }
    }

    /// All records of the operation are written.
    #[inline]
    pub(super) fn rest(&self) {
        self.stand(Phase::Idle, self.answered);
    }

    #[inline]
    fn stand(&self, phase: Phase, place: u64) {
        self.position.0.store(place << 2 | phase as u64, Ordering::Release);
    }
}
