//! Numbers of calls that no mock can have.

use mockbird_core::fault::Fault;

use super::Mount;
use super::error::fault;
use crate::Times;
use crate::reply::Order;

impl Mount {
    /// What is wrong with the calls that it expects.
    pub(super) fn count_fault(&self) -> Option<Fault> {
        let expected = self.expected?;
        let (message, hint) = if expected.is_empty() {
            let message = "the range of calls is empty".to_owned();
            (message, "turn it round, and mind that `2..5` ends with 4")
        } else {
            let too_few = |(most, _): &(usize, &str)| *most < expected.least();
            let (most, why) = self.most_calls().filter(too_few)?;
            let most = Times::from(most);
            let message = format!("{expected} cannot come: it answers {most}, {why}");
            (message, "expect fewer, or let it answer more")
        };
        Some(Fault {
            hint: hint.to_owned(),
            ..fault("expect", message)
        })
    }

    /// How many calls it can have as expected, and what says so.
    fn most_calls(&self) -> Option<(usize, &'static str)> {
        let by_limit = self.most.map(|most| (most, "as `at_most` says"));
        let replies = (self.order == Order::ThenFail).then_some(self.replies.len());
        let by_replies = replies.map(|replies| (replies, "and then fails"));
        [by_limit, by_replies].into_iter().flatten().min()
    }
}
