//! Results in, markdown out.
