//! Which of several replies a request gets.

use super::Reply;
use crate::Mount;

/// How the replies of a mock follow each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Order {
    /// One after the other; the last goes on.
    #[default]
    LastRepeats,
    /// One after the other; after the last, requests fail.
    ThenFail,
    /// Drawn by weight, by the engine.
    Weighted,
}

impl Reply {
    /// Drawn with this weight among the replies of its mock, all of which must then have one.
    ///
    /// With a seed ([`MockServerBuilder::seed`](crate::MockServerBuilder::seed)) the draws are the same in every run.
    ///
    /// ```
    /// # use mockbird_testkit::{MockServer, get, status, text};
    /// let server = MockServer::builder().seed(7).start().lenient();
    /// server.mount(get("/often").replies([text("yes").weight(90), status(503).weight(10)]));
    /// ```
    pub fn weight(mut self, weight: u32) -> Self {
        self.response.weight = Some(weight);
        self
    }

    pub(crate) fn weight_said(&self) -> Option<u32> {
        self.response.weight
    }
}

impl Mount {
    /// Lets a request fail that comes after the last of [`replies`](Mount::replies): the client gets a 500 that says so,
    /// and so does the test when the server is dropped. Without this, the last reply goes on.
    ///
    /// ```
    /// # use mockbird_testkit::{MockServer, get, status, text};
    /// let server = MockServer::start();
    /// server.mount(get("/job").replies([status(202), text("done")]).then_fail());
    /// ```
    pub fn then_fail(mut self) -> Self {
        self.order = Order::ThenFail;
        self
    }

    /// How its replies follow each other.
    pub(crate) fn order(&self) -> Order {
        let is_drawn = |reply: &Reply| reply.weight_said().is_some();
        if self.replies.iter().any(is_drawn) {
            Order::Weighted
        } else {
            self.order
        }
    }

    /// True if it has a last reply and is to fail after it, whether or not its replies have weights.
    pub(crate) fn is_to_fail(&self) -> bool {
        self.order == Order::ThenFail
    }
}
