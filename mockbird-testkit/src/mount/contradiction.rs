//! What a mock says of its calls and replies that cannot hold together.

use mockbird_core::fault::Fault;

use super::Mount;
use super::error::fault;
use crate::Times;
use crate::reply::{Order, Reply};

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
        Some(fault("expect", message, hint))
    }

    /// How many calls it can have as expected, and what says so.
    fn most_calls(&self) -> Option<(usize, &'static str)> {
        let by_limit = self.most.map(|most| (most, "as `at_most` says"));
        let replies = self.is_to_fail().then_some(self.replies.len());
        let by_replies = replies.map(|replies| (replies, "and then fails"));
        [by_limit, by_replies].into_iter().flatten().min()
    }

    /// What is wrong with its replies, each by itself and all together.
    pub(super) fn reply_faults(&self) -> Vec<Fault> {
        let is_drawn = self.order() == Order::Weighted;
        let name = |index: usize| match self.replies.len() {
            1 => "reply".to_owned(),
            _ => format!("reply {}", index + 1),
        };
        let mut faults = Vec::new();
        for (index, reply) in self.replies.iter().enumerate() {
            if is_drawn && reply.weight_said().is_none() {
                let message = "it has no weight, and others have";
                let hint = "give a weight to each for a draw, or to none for a sequence";
                faults.push(fault(name(index), message, hint));
            }
            let contradiction = reply.contradiction();
            faults.extend(contradiction.map(|why| fault(name(index), format!("it {why}"), "")));
        }
        let is_zero = |reply: &Reply| reply.weight_said() == Some(0);
        if is_drawn && self.replies.iter().all(is_zero) {
            let message = "all weights are 0, so that none is drawn";
            let hint = "give a weight above 0 to each that is to be drawn";
            faults.push(fault("replies", message, hint));
        }
        if is_drawn && self.is_to_fail() {
            let message = "they are drawn by weight, so that none is the last";
            faults.push(fault(
                "replies",
                message,
                "take away `then_fail` or the weights",
            ));
        }
        faults
    }
}
