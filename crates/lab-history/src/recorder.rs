//! Records what sessions are asked and answer, while they run.
//!
//! Each client has a [`Track`]: a ring of a fixed size that it writes and one consumer reads, and
//! a word that says where it is in its operation. Nothing is allocated for an event. The order of
//! events is that of one shared sequence number, taken at the invocation and at the answer; where
//! several processes of the operating system record, it is that of the monotonic clock, which all
//! of them share.
//!
//! A [`Recording`] gives the records in the order of their answers, as soon as no earlier one can
//! come: also while a client is held up inside the store, or thinks. Its memory is that of the
//! rings: a client whose ring is full waits for the consumer.

mod places;
mod recorded;
mod recording;
mod track;

pub use places::Places;
pub use recorded::Recorded;
pub use recording::{Progress, Recording};
pub use track::Track;

/// Tracks for `clients` clients, the first of them with the number `first`, and the recording
/// that they make. Each track holds up to `records_max` records that are not consumed yet.
pub fn recorder(
    places: Places,
    first: u32,
    clients: usize,
    records_max: usize,
) -> (Vec<Track>, Recording) {
    let (tracks, ends) = (first..)
        .take(clients)
        .map(|process| track::track(places.clone(), process, records_max))
        .unzip();
    (tracks, Recording::new(places, ends))
}
