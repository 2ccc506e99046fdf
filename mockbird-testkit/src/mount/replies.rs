//! What a mock answers with.

use std::fmt::Display;
use std::time::Duration;

use super::Mount;
use crate::{Fault, Reply};

impl Mount {
    /// Answers so.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(get("/birds").reply(status(503).header("retry-after", "1")));
    /// ```
    pub fn reply(self, reply: Reply) -> Self {
        self.replies([reply])
    }

    /// Answers so, one after the other; the last goes on.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(get("/birds").replies([status(503), json("[]")]));
    /// ```
    pub fn replies(mut self, replies: impl IntoIterator<Item = Reply>) -> Self {
        self.replies = replies.into_iter().collect();
        self
    }

    /// Answers with this status.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(delete("/birds/{name}").status(204));
    /// ```
    pub fn status(self, code: u16) -> Self {
        self.last(|reply| reply.status(code))
    }

    /// Adds a header to the reply; the same name again repeats it.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(get("/old").status(302).reply_header("location", "/new"));
    /// ```
    pub fn reply_header(self, name: &str, value: &str) -> Self {
        self.last(|reply| reply.header(name, value))
    }

    /// Answers with this text, which may be a template.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(get("/hello/{name}").text("hello {{ request.params.name }}"));
    /// ```
    pub fn text(self, body: impl Into<String>) -> Self {
        self.last(|reply| reply.text(body))
    }

    /// Answers with this JSON; see [`json`](crate::json()).
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(get("/birds").json(r#"["wren", "dodo"]"#));
    /// ```
    pub fn json(self, body: impl Display) -> Self {
        self.last(|reply| reply.json(body))
    }

    /// Answers after this long.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// # use std::time::Duration;
    /// server.mount(get("/slow").text("at last").delay(Duration::from_millis(50)));
    /// ```
    pub fn delay(self, delay: Duration) -> Self {
        self.last(|reply| reply.delay(delay))
    }

    /// Answers with something broken.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(get("/birds").fault(Fault::Close));
    /// ```
    pub fn fault(self, fault: Fault) -> Self {
        self.last(|reply| reply.broken(fault))
    }

    fn last(mut self, change: impl FnOnce(Reply) -> Reply) -> Self {
        let last = self.replies.pop().unwrap_or_default();
        self.replies.push(change(last));
        self
    }
}
