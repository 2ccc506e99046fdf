//! What a mock answers with.

use std::fmt::Display;
use std::time::Duration;

use super::Mount;
use super::error::fault;
use crate::Reply;

impl Mount {
    /// Answers so. What is said of the reply besides stands in it or comes after it: a mock on which `status`, `text` or the
    /// like was called before is refused.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(get("/birds").reply(status(503).header("retry-after", "1")));
    /// ```
    pub fn reply(self, reply: Reply) -> Self {
        self.answer("reply", vec![reply])
    }

    /// Answers so, one after the other; the last goes on.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(get("/birds").replies([status(503), json("[]")]));
    /// ```
    pub fn replies(mut self, replies: impl IntoIterator<Item = Reply>) -> Self {
        let replies: Vec<_> = replies.into_iter().collect();
        if replies.is_empty() {
            self.mistake(
                "replies",
                "the list is empty",
                "give it a reply, or leave it out",
            );
        }
        self.answer("replies", replies)
    }

    /// Answers with this status.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(delete("/birds/{name}").status(204));
    /// ```
    pub fn status(self, code: u16) -> Self {
        self.one("status", |reply| reply.status(code))
    }

    /// Adds a header to the reply; the same name again repeats it.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(get("/old").status(302).reply_header("location", "/new"));
    /// ```
    pub fn reply_header(self, name: &str, value: &str) -> Self {
        self.one("reply_header", |reply| reply.header(name, value))
    }

    /// Answers with this text, which may be a template.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(get("/hello/{name}").text("hello {{ request.params.name }}"));
    /// ```
    pub fn text(self, body: impl Into<String>) -> Self {
        self.one("text", |reply| reply.text(body))
    }

    /// Answers with this JSON; see [`json`](crate::json()).
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(get("/birds").json(r#"["wren", "dodo"]"#));
    /// ```
    pub fn json(self, body: impl Display) -> Self {
        self.one("json", |reply| reply.json(body))
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
        self.one("delay", |reply| reply.delay(delay))
    }

    /// Answers with something broken.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(get("/birds").fault(Fault::Close));
    /// ```
    pub fn fault(self, fault: crate::Fault) -> Self {
        self.one("fault", |reply| reply.broken(fault))
    }

    /// Nothing that was said before is to be lost.
    fn answer(mut self, what: &str, replies: Vec<Reply>) -> Self {
        if !self.replies.is_empty() {
            self.mistake(
                what,
                "it would replace what was said of the reply before",
                "say it of the reply: `reply(json(..).status(201))`, or of several: `replies([..])`",
            );
        }
        self.replies = replies;
        self
    }

    /// Changes the reply if there is one, or none yet.
    fn one(mut self, what: &str, change: impl FnOnce(Reply) -> Reply) -> Self {
        if self.is_of_file() {
            self.mistake(
                what,
                "this mock is one of a file, with responses of its own",
                "`reply(..)` answers in their place",
            );
        }
        if self.replies.len() > 1 {
            self.mistake(
                what,
                "it is not clear of which reply this is said",
                "say it of the reply: `replies([status(503), json(..).status(201)])`",
            );
        }
        let last = self.replies.pop().unwrap_or_default();
        self.replies.push(change(last));
        self
    }

    fn mistake(&mut self, what: &str, message: &str, hint: &str) {
        self.mistakes.push(fault(what, message, hint));
    }
}
