//! The reader of task stores' events, on those of JSON lines.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| racelab_fuzz::reads_tasks(bytes));
