//! Every bound of the engine, named, with its reason.

/// Nesting of JSON, YAML and XML: deep enough for real documents, shallow enough for any stack.
pub const JSON_DEPTH_MAX: usize = 128;

/// The longest delay of a reply, in milliseconds: an hour is beyond any client's patience.
pub const DELAY_MS_MAX: u64 = 3_600_000;

/// Bodies below this are sent as they are: compressing them saves no packet.
pub const COMPRESS_BYTES_MIN: usize = 1024;

/// Rendered bodies above this are sent as they are: compressing them would hold the thread too long.
pub const COMPRESS_BYTES_MAX: usize = 1 << 20;

/// How many near misses a 404 names: more would not be read.
pub const NEAR_MISSES_MAX: usize = 3;
