//! Which of several replies a request gets.

use mockbird_core::Invalid;
use mockbird_core::fault::{Faults, Place};

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

    fn has_weight(&self) -> bool {
        self.response.weight.is_some()
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
    ///
    /// # Errors
    /// If some are drawn and some are not: nobody could say what was meant. Or if one of them cannot be.
    pub(crate) fn order(&self) -> Result<Order, Invalid> {
        let mut faults = Faults::default();
        let name = self.display_name();
        let list = Place::ROOT.key("replies");
        let is_drawn = self.replies.iter().any(Reply::has_weight);
        for (index, reply) in self.replies.iter().enumerate() {
            if is_drawn && !reply.has_weight() {
                let message = format!("this reply of `{name}` has no weight, and others have");
                let hint = "give a weight to each for a draw, or to none for a sequence";
                faults.error(&list.index(index), message, hint);
            }
            if let Some(message) = reply.contradiction() {
                let message = format!("this reply of `{name}` {message}");
                faults.error(&list.index(index), message, "");
            }
        }
        if is_drawn
            && self
                .replies
                .iter()
                .all(|reply| reply.response.weight == Some(0))
        {
            let message =
                format!("all replies of `{name}` have the weight 0, so that none is drawn");
            faults.error(
                &list,
                message,
                "give a weight above 0 to each that is to be drawn",
            );
        }
        if is_drawn && self.order == Order::ThenFail {
            let message = format!("`{name}` draws its replies by weight, and has no last one");
            faults.error(&list, message, "take away `then_fail` or the weights");
        }
        let order = if is_drawn {
            Order::Weighted
        } else {
            self.order
        };
        faults.into_result().map(|_| order)
    }
}
