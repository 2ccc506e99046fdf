//! What a mock answers with.

use std::fmt::Display;
use std::time::Duration;

use super::Mount;
use crate::{Fault, Reply};

impl Mount {
    /// Answers so.
    pub fn reply(self, reply: Reply) -> Self {
        self.replies([reply])
    }

    /// Answers so, one after the other; the last goes on.
    pub fn replies(mut self, replies: impl IntoIterator<Item = Reply>) -> Self {
        self.replies = replies.into_iter().collect();
        self
    }

    /// Answers with this status.
    pub fn status(self, code: u16) -> Self {
        self.last(|reply| reply.status(code))
    }

    /// Adds a header to the reply; the same name again repeats it.
    pub fn reply_header(self, name: &str, value: &str) -> Self {
        self.last(|reply| reply.header(name, value))
    }

    /// Answers with this text, which may be a template.
    pub fn text(self, body: impl Into<String>) -> Self {
        self.last(|reply| reply.text(body))
    }

    /// Answers with this JSON; see [`json`](crate::json()).
    pub fn json(self, body: impl Display) -> Self {
        self.last(|reply| reply.json(body))
    }

    /// Answers after this long.
    pub fn delay(self, delay: Duration) -> Self {
        self.last(|reply| reply.delay(delay))
    }

    /// Answers with something broken.
    pub fn fault(self, fault: Fault) -> Self {
        self.last(|reply| reply.broken(fault))
    }

    fn last(mut self, change: impl FnOnce(Reply) -> Reply) -> Self {
        let last = self.replies.pop().unwrap_or_default();
        self.replies.push(change(last));
        self
    }
}
