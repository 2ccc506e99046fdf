//! One readable expression for a mock.

mod contradiction;
mod doubt;
mod error;
mod plan;
mod replies;
mod sound;
mod when;

use std::time::Duration;

use http::Method;
use mockbird_core::fault::Fault;
use mockbird_core::spec::{MethodPattern, Mock, RateLimit};

pub use self::error::MountError;
pub(crate) use self::plan::Plan;
use crate::Times;
use crate::matcher::Matcher;
use crate::methods::Methods;
use crate::path::PathPattern;
use crate::reply::{Order, Reply};

/// A mock in the making: what it answers to, and with what.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// let server = MockServer::start().lenient();
/// let paid = server.mount(
///     post("/users/{id}/pay")
///         .param("id", matches("^[0-9]+$"))
///         .query("dry", "1")
///         .header("x-key", exists())
///         .json_path("$.amount", greater_than(0))
///         .check(header("idempotency-key", exists()))
///         .replies([status(503), json(r#"{"paid": true}"#)])
///         .expect(2),
/// );
/// assert_eq!(paid.calls(), 0);
/// ```
#[derive(Clone, Debug)]
#[must_use = "a mock does nothing until it is mounted with `MockServer::mount`"]
pub struct Mount {
    /// Its name, priority and what a file said; methods, path and conditions are beside it.
    pub(crate) mock: Mock,
    pub(crate) methods: Methods,
    pub(crate) path: PathPattern,
    pub(crate) matchers: Vec<Matcher>,
    /// No query parameters but those that the matchers name.
    pub(crate) has_no_other_query: bool,
    pub(crate) checks: Vec<Matcher>,
    pub(crate) replies: Vec<Reply>,
    pub(crate) order: Order,
    pub(crate) expected: Option<Times>,
    pub(crate) most: Option<usize>,
    /// What was said of it and cannot be meant.
    pub(crate) mistakes: Vec<Fault>,
    /// Where it stands in a mock file: `mocks/birds.json:12`.
    pub(crate) in_file: Option<String>,
}

/// A mock of these methods and paths.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(request(["PUT", "PATCH"], "/birds/{name}").status(204));
/// ```
pub fn request(methods: impl Into<Methods>, path: impl Into<PathPattern>) -> Mount {
    Mount {
        methods: methods.into(),
        path: path.into(),
        ..Mount::from(Mock::default())
    }
}

/// A mock of every method.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(any("/gone").status(410));
/// ```
pub fn any(path: impl Into<PathPattern>) -> Mount {
    request(MethodPattern::Any, path)
}

/// A mock of `GET`.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(get("/birds/{name}").json(r#"{"name": "{{ request.params.name }}"}"#));
/// ```
pub fn get(path: impl Into<PathPattern>) -> Mount {
    request(Method::GET, path)
}

/// A mock of `POST`.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(post("/birds").status(201));
/// ```
pub fn post(path: impl Into<PathPattern>) -> Mount {
    request(Method::POST, path)
}

/// A mock of `PUT`.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(put("/birds/{name}").status(204));
/// ```
pub fn put(path: impl Into<PathPattern>) -> Mount {
    request(Method::PUT, path)
}

/// A mock of `PATCH`.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(patch("/birds/{name}").status(204));
/// ```
pub fn patch(path: impl Into<PathPattern>) -> Mount {
    request(Method::PATCH, path)
}

/// A mock of `DELETE`.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(delete("/birds/{name}").status(204));
/// ```
pub fn delete(path: impl Into<PathPattern>) -> Mount {
    request(Method::DELETE, path)
}

impl Mount {
    /// What messages call it; `GET /path` if not said.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(get("/birds").named("the list of birds").json("[]"));
    /// ```
    pub fn named(mut self, name: &str) -> Self {
        self.mock.name = Some(name.to_owned());
        self
    }

    /// Goes before mocks of a lower priority, whatever their path; 0 if not said.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(any(path_prefix("/")).priority(100).status(503));
    /// ```
    pub fn priority(mut self, priority: i32) -> Self {
        self.mock.priority = Some(priority);
        self
    }

    /// Answers so many times at most; later requests go on to the next mock that matches.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(get("/birds").json("[]"));
    /// server.mount(get("/birds").at_most(1).status(503));
    /// ```
    pub fn at_most(mut self, times: usize) -> Self {
        self.most = Some(times);
        self
    }

    /// Answers so many calls within a sliding window of time; the others are refused with 429, `Retry-After` and an error in the
    /// form of MockBird's. They are calls of this mock, too, but use up no reply of a sequence.
    ///
    /// Up to 10,000 calls and 31 days, in whole milliseconds. A mock of several methods or paths counts each for itself.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # use std::time::Duration;
    /// # let server = MockServer::start().lenient();
    /// server.mount(get("/birds").json("[]").rate_limit(3, Duration::from_secs(60)));
    /// ```
    pub fn rate_limit(mut self, requests: u32, per: Duration) -> Self {
        self.mock.rate_limit = Some(RateLimit {
            requests,
            per: per.into(),
            status_code: None,
        });
        self
    }

    /// Expects so many calls: `2`, `1..`, `..=3`. Others fail the test when the server is dropped.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(get("/birds").json("[]").expect(1..));
    /// ```
    pub fn expect(mut self, calls: impl Into<Times>) -> Self {
        self.expected = Some(calls.into());
        self
    }

    /// Expects no call.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(delete("/birds").never());
    /// ```
    pub fn never(self) -> Self {
        self.expect(0)
    }

    /// True if code of the test says whether it answers, or what is wrong with a request.
    pub(crate) fn has_closure(&self) -> bool {
        let mut asked = self.matchers.iter().chain(&self.checks);
        asked.any(Matcher::has_closure)
    }

    /// What messages call it.
    pub(crate) fn display_name(&self) -> String {
        let name = self.mock.name.clone();
        name.unwrap_or_else(|| self.request_line())
    }

    /// `PUT|PATCH /birds/{name}`
    pub(crate) fn request_line(&self) -> String {
        format!("{} {}", self.methods.name(), self.path.name())
    }
}

/// A mock of a file, with what it says.
impl From<Mock> for Mount {
    fn from(mut mock: Mock) -> Self {
        Self {
            methods: mock.method.take().unwrap_or_default().into(),
            path: std::mem::take(&mut mock.path).into(),
            mock,
            matchers: Vec::new(),
            has_no_other_query: false,
            checks: Vec::new(),
            replies: Vec::new(),
            order: Order::default(),
            expected: None,
            most: None,
            mistakes: Vec::new(),
            in_file: None,
        }
    }
}
