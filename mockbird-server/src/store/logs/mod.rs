//! What was asked of mocks, one row a request: written in batches, and read by the ids, which sort by time.

mod partitions;
mod read;
mod sought;
mod write;

pub use read::{LogRange, LogScope};
