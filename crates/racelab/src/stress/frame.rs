//! Records on their way from one process to another: whoever writes and whoever reads is the same
//! binary, and they agree on a form without a version.

use std::io::{self, ErrorKind, Read, Write};

use lab_history::{Ending, Function, Progress, Record};
use lab_task::Status;

use super::failures::Failures;

/// What stands where a count of records would, before the end.
const END: u64 = u64::MAX;
const WORDS: usize = 7;

/// What one process tells another.
#[derive(Debug, PartialEq)]
pub(super) enum Frame {
    /// Records in the order of their answers, and how far things are known with them.
    Records(Vec<Record>, Progress),
    /// All clients have ended.
    End(Failures),
}

impl Frame {
    pub(super) fn write_records(
        to: &mut impl Write,
        records: &[Record],
        progress: Progress,
    ) -> io::Result<()> {
        let mut bytes = Vec::with_capacity((3 + records.len() * WORDS) * 8);
        let head = [records.len() as u64, progress.known_before, progress.invoked_from];
        for word in head.into_iter().chain(records.iter().flat_map(to_words)) {
            bytes.extend(word.to_le_bytes());
        }
        to.write_all(&bytes)?;
        to.flush()
    }

    pub(super) fn write_end(to: &mut impl Write, failures: &Failures) -> io::Result<()> {
        let text = serde_json::to_vec(failures)?;
        to.write_all(&END.to_le_bytes())?;
        to.write_all(&(text.len() as u64).to_le_bytes())?;
        to.write_all(&text)?;
        to.flush()
    }

    pub(super) fn read(from: &mut impl Read) -> io::Result<Self> {
        let count = word(from)?;
        let next = word(from)?;
        if count == END {
            let mut text = Vec::new();
            from.take(next).read_to_end(&mut text)?;
            return Ok(Self::End(serde_json::from_slice(&text)?));
        }
        let progress = Progress { known_before: next, invoked_from: word(from)? };
        let mut records = Vec::new();
        for _ in 0..count {
            let mut words = [0; WORDS];
            for place in &mut words {
                *place = word(from)?;
            }
            let no_record = || io::Error::new(ErrorKind::InvalidData, "this is no record");
            records.push(from_words(words).ok_or_else(no_record)?);
        }
        Ok(Self::Records(records, progress))
    }
}

fn word(from: &mut impl Read) -> io::Result<u64> {
    let mut bytes = [0; 8];
    from.read_exact(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

fn to_words(record: &Record) -> [u64; WORDS] {
    let status = record.status.map_or(0, |status| status as u64 + 1);
    let small = (record.function as u64) << 32 | (record.ending as u64) << 40 | status << 48;
    let Record { invoked, answered, process, task, based_on, version, content, .. } = *record;
    [invoked, answered, small | u64::from(process), task, based_on, version, content]
}

fn from_words(words: [u64; WORDS]) -> Option<Record> {
    let [invoked, answered, small, task, based_on, version, content] = words;
    let [_, _, _, _, function, ending, status, _] = small.to_le_bytes();
    Some(Record {
        invoked,
        answered,
        process: u32::try_from(small & u64::from(u32::MAX)).ok()?,
        function: *Function::ALL.get(usize::from(function))?,
        ending: *Ending::ALL.get(usize::from(ending))?,
        status: match status {
            0 => None,
            status => Some(*Status::ALL.get(usize::from(status) - 1)?),
        },
        task,
        based_on,
        version,
        content,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    prop_compose! {
        fn record()(
            places: [u64; 2], process: u32, words: [u64; 4],
            function in prop::sample::select(Function::ALL.to_vec()),
            ending in prop::sample::select(Ending::ALL.to_vec()),
            status in prop::option::of(prop::sample::select(Status::ALL.to_vec())),
        ) -> Record {
            let ([invoked, answered], [task, based_on, version, content]) = (places, words);
            Record {
                invoked, answered, process, function, ending, status,
                task, based_on, version, content,
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_what_is_read(
            records in prop::collection::vec(record(), 0..20), known_before: u64, invoked_from: u64,
        ) {
            let progress = Progress { known_before, invoked_from };
            let first_torn = Some("é".to_owned());
            let failures = Failures { count: 3, first_torn, ..Failures::default() };
            let mut bytes = Vec::new();
            Frame::write_records(&mut bytes, &records, progress).unwrap();
            Frame::write_end(&mut bytes, &failures).unwrap();
            let mut from = &*bytes;
            prop_assert_eq!(Frame::read(&mut from).unwrap(), Frame::Records(records, progress));
            prop_assert_eq!(Frame::read(&mut from).unwrap(), Frame::End(failures));
            prop_assert!(from.is_empty());
        }

        #[test]
        fn a_stream_that_was_cut_is_an_error_and_no_panic(
            records in prop::collection::vec(record(), 1..5), cut in 1_usize..48,
        ) {
            let mut bytes = Vec::new();
            Frame::write_records(&mut bytes, &records, Progress::default()).unwrap();
            prop_assert!(Frame::read(&mut &bytes[..bytes.len() - cut]).is_err());
        }
    }
}
