//! The reader of JSON lines.

#![no_main]

use lab_history::Format;
use libfuzzer_sys::fuzz_target;

const HEADER: &str = "{\"racelab_history\":1}\n";

fuzz_target!(|bytes: &[u8]| racelab_fuzz::reads(HEADER, bytes, Format::JsonLines));
