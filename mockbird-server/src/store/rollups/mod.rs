//! What was counted of requests, by the minute, the hour and the day: one row a scope and period.

mod make;
mod read;
mod write;

pub use read::RollupAt;

use super::row::row;
use super::{Result, StoreError};
use crate::domain::{Counts, Latencies, Rollup, TopPaths, Visitors};

row! {
    /// The part of a row that is counted.
    struct Counted {
        requests: i64 = "requests",
        errors: i64 = "errors",
        unmatched: i64 = "unmatched",
        bytes: i64 = "bytes",
        class_1: i64 = "status_1xx",
        class_2: i64 = "status_2xx",
        class_3: i64 = "status_3xx",
        class_4: i64 = "status_4xx",
        class_5: i64 = "status_5xx",
    }
}

row! {
    /// The part of a row that is estimated.
    struct Sketched {
        latencies: Vec<u8> = "latencies",
        visitors: Vec<u8> = "visitors",
        paths: Vec<u8> = "paths",
    }
}

impl Counted {
    fn counts(&self) -> Counts {
        let classes = [
            self.class_1,
            self.class_2,
            self.class_3,
            self.class_4,
            self.class_5,
        ];
        Counts {
            requests: count(self.requests),
            errors: count(self.errors),
            unmatched: count(self.unmatched),
            bytes: count(self.bytes),
            classes: classes.map(count),
        }
    }
}

impl Sketched {
    fn rollup(&self, counts: Counts) -> Result<Rollup> {
        let corrupt = |refusal| StoreError::Corrupt(format!("{refusal}"));
        Ok(Rollup {
            counts,
            latencies: Latencies::of_bytes(&self.latencies).map_err(corrupt)?,
            visitors: Visitors::of_bytes(&self.visitors).map_err(corrupt)?,
            paths: TopPaths::of_bytes(&self.paths).map_err(corrupt)?,
        })
    }
}

/// A count is never negative.
fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

/// No count comes near the end of the numbers.
fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
