//! What a request must be to be answered, and what is checked when it was.

use super::Mount;
use crate::matcher::{self, Matcher, Verdict};
use crate::{Expectation, ReceivedRequest};

impl Mount {
    /// Only requests that this matcher takes.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(get("/birds").when(any_of([header("x-a", "1"), query("a", absent())])));
    /// ```
    pub fn when(mut self, matcher: impl Into<Matcher>) -> Self {
        self.matchers.push(matcher.into());
        self
    }

    /// Checks this of each request it answers. One that fails is answered all the same, and fails the test when the
    /// server is dropped, with the check and what came.
    ///
    /// Matching says which requests are meant; checks say what the code under test must get right in them. A check that
    /// fails names the one field that is wrong, where a matcher would make a request that nobody answers.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(
    ///     post("/pay")
    ///         .check(header("idempotency-key", exists()))
    ///         .check(json_path("$.amount", greater_than(0)))
    ///         .status(202),
    /// );
    /// ```
    pub fn check(mut self, matcher: impl Into<Matcher>) -> Self {
        self.checks.push(matcher.into());
        self
    }

    /// Only requests for which this closure says yes; see [`matching`](crate::matching()).
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(post("/birds").matching(|request| request.body().len() < 100));
    /// ```
    #[track_caller]
    pub fn matching<F, V>(self, closure: F) -> Self
    where
        F: Fn(&ReceivedRequest) -> V + Send + Sync + 'static,
        V: Verdict,
    {
        self.when(matcher::matching(closure))
    }

    /// Only with such a header; see [`header`](crate::header()).
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(get("/birds").header("accept", contains("json")).json("[]"));
    /// ```
    pub fn header(self, name: &str, expected: impl Into<Expectation>) -> Self {
        self.when(matcher::header(name, expected))
    }

    /// Only with such a query parameter, among others; see [`query`](crate::query()).
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(get("/birds").query("page", 2).json("[]"));
    /// ```
    pub fn query(self, name: &str, expected: impl Into<Expectation>) -> Self {
        self.when(matcher::query(name, expected))
    }

    /// Only without query parameters that no matcher of this mock names.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(get("/birds").query("page", 2).no_other_query().json("[]"));
    /// ```
    pub fn no_other_query(mut self) -> Self {
        self.has_no_other_query = true;
        self
    }

    /// Only with such a cookie; see [`cookie`](crate::cookie()).
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(get("/me").cookie("sid", starts_with("s-")).text("wren"));
    /// ```
    pub fn cookie(self, name: &str, expected: impl Into<Expectation>) -> Self {
        self.when(matcher::cookie(name, expected))
    }

    /// Only with such a parameter in the path; see [`param`](crate::param()).
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// // A path without `{id}` would be refused: the mock could never answer.
    /// server.mount(get("/birds/{id}").param("id", matches("^[0-9]+$")).json("{}"));
    /// ```
    pub fn param(self, name: &str, expected: impl Into<Expectation>) -> Self {
        self.when(matcher::param(name, expected))
    }

    /// Only with `Authorization: Basic` of this user and password.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(get("/me").basic_auth("Aladdin", "open sesame").text("welcome"));
    /// ```
    pub fn basic_auth(self, user: &str, password: &str) -> Self {
        self.when(matcher::basic_auth(user, password))
    }

    /// Only with `Authorization: Bearer` and this token.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(get("/me").bearer("a-token").text("welcome"));
    /// ```
    pub fn bearer(self, token: &str) -> Self {
        self.when(matcher::bearer(token))
    }

    /// Only with such a body; see [`body`](crate::body()).
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(post("/birds").body(json_contains(r#"{"name": "wren"}"#)).status(201));
    /// ```
    pub fn body(self, expected: impl Into<Expectation>) -> Self {
        self.when(matcher::body(expected))
    }

    /// Only with such a value in the JSON of the body; see [`json_path`](crate::json_path()).
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(post("/pay").json_path("$.amount", greater_than(0)).status(202));
    /// ```
    pub fn json_path(self, path: &str, expected: impl Into<Expectation>) -> Self {
        self.when(matcher::json_path(path, expected))
    }

    /// Only with such a field in a form; see [`form`](crate::form()).
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(post("/towns").form("town", "Quahog").status(201));
    /// ```
    pub fn form(self, name: &str, expected: impl Into<Expectation>) -> Self {
        self.when(matcher::form(name, expected))
    }

    /// Only with such a part in a multipart body; see [`multipart`](crate::multipart()).
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(post("/photos").multipart("title", contains("wren")).status(201));
    /// ```
    pub fn multipart(self, name: &str, expected: impl Into<Expectation>) -> Self {
        self.when(matcher::multipart(name, expected))
    }

    /// Only with such a text in the XML of the body; see [`xpath`](crate::xpath()).
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// # #[cfg(feature = "xpath")]
    /// server.mount(post("/orders").xpath("/order/@id", "7").status(201));
    /// ```
    pub fn xpath(self, path: &str, expected: impl Into<Expectation>) -> Self {
        self.when(matcher::xpath(path, expected))
    }
}
