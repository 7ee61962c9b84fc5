//! Frames: what one commit appends, with its length and a checksum in front.
//!
//! A frame is text, to be read with any pager: a line with length and checksum, then the records,
//! one a line. No record can be taken for the first line of a frame, for it begins with a brace.

use std::ops::Range;

/// The first line of a journal: whose it is, and in which format.
pub(super) const HEADER: &[u8] = b"racelab journal 1\n";

const HEAD_BYTES: usize = 26;

/// The frame around `lines`.
pub(super) fn frame(lines: &[u8]) -> Vec<u8> {
    let mut frame = head(lines).into_bytes();
    frame.extend_from_slice(lines);
    frame
}

fn head(lines: &[u8]) -> String {
    format!("{:016x} {:08x}\n", lines.len(), crc32fast::hash(lines))
}

/// What a journal holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Scan {
    /// Where the lines of each frame are.
    pub(super) frames: Vec<Range<usize>>,
    /// Where the last whole frame ends. What follows is the torn tail.
    pub(super) whole_bytes: usize,
}

/// Finds the frames behind the header of `journal`.
///
/// # Errors
/// Where a frame is damaged though a whole one follows: no crash leaves that.
pub(super) fn scan(journal: &[u8]) -> Result<Scan, usize> {
    let mut scan = Scan { frames: Vec::new(), whole_bytes: HEADER.len() };
    while scan.whole_bytes < journal.len() {
        let at = scan.whole_bytes;
        let Some(lines_bytes) = lines_bytes(&journal[at..]) else {
            let is_followed =
                (at + 1..journal.len()).any(|at| lines_bytes(&journal[at..]).is_some());
            return if is_followed { Err(at) } else { Ok(scan) };
        };
        let lines = at + HEAD_BYTES..at + HEAD_BYTES + lines_bytes;
        scan.whole_bytes = lines.end;
        scan.frames.push(lines);
    }
    Ok(scan)
}

/// How long the lines are, if a whole frame stands at the beginning of `bytes`.
fn lines_bytes(bytes: &[u8]) -> Option<usize> {
    let first_line = bytes.get(..HEAD_BYTES)?;
    if first_line[16] != b' ' {
        return None;
    }
    let length = usize::from_str_radix(str::from_utf8(&first_line[..16]).ok()?, 16).ok()?;
    let lines = bytes.get(HEAD_BYTES..HEAD_BYTES.checked_add(length)?)?;
    (head(lines).as_bytes() == first_line).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal() -> Vec<u8> {
        [HEADER, &frame(b"{one}\n"), &frame(b"{two}\n{three}\n"), &frame(b"{four}\n")].concat()
    }

    #[test]
    fn every_frame_is_found_again() {
        let journal = journal();
        let scan = scan(&journal).unwrap();
        let lines: Vec<_> = scan.frames.into_iter().map(|lines| &journal[lines]).collect();
        assert_eq!(lines, [&b"{one}\n"[..], b"{two}\n{three}\n", b"{four}\n"]);
        assert_eq!(scan.whole_bytes, journal.len());
    }

    #[test]
    fn a_tail_torn_anywhere_is_the_only_loss() {
        let journal = journal();
        let last_at = journal.len() - frame(b"{four}\n").len();
        for torn_at in last_at..journal.len() {
            let scan = scan(&journal[..torn_at]).unwrap();
            assert_eq!((scan.frames.len(), scan.whole_bytes), (2, last_at), "torn at {torn_at}");
        }
    }

    #[test]
    fn a_flipped_bit_before_the_last_frame_is_found() {
        let last_at = journal().len() - frame(b"{four}\n").len();
        for at in HEADER.len()..last_at {
            for bit in 0..8 {
                let mut journal = journal();
                journal[at] ^= 1 << bit;
                assert!(scan(&journal).is_err(), "bit {bit} of byte {at}");
            }
        }
    }

    #[test]
    fn a_tail_of_zeros_is_torn() {
        let journal = [&journal()[..], &[0; 100]].concat();
        assert_eq!(scan(&journal).unwrap().frames.len(), 3);
    }
}
