//! Where an operation stands in the life of one task: its versions, each written and then read.

/// Not there yet: before version 1.
pub(crate) const UNBORN: u64 = 1;
/// Where the deletion stands.
pub(crate) const GONE: u64 = u64::MAX - 1;
/// Where those stand who found that the task is no longer there.
pub(crate) const GONE_SEEN: u64 = u64::MAX;
/// Larger versions are refused, so that positions do not overflow.
pub(crate) const VERSION_MAX: u64 = 1 << 62;

/// Where the operation stands that made `version`.
pub(crate) const fn written(version: u64) -> u64 {
    2 * version
}

/// Where those stand who saw `version`.
pub(crate) const fn seen(version: u64) -> u64 {
    2 * version + 1
}

/// The version at a position that is not behind the end.
pub(crate) const fn version_of(position: u64) -> u64 {
    position / 2
}
