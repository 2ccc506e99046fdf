//! One readable expression for a mock.

use std::fmt;
use std::panic::RefUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use mockbird_core::json::{self, Node};
use mockbird_core::spec::{Condition, MethodPattern, Mock, Operator, Response, Source, Test};

use crate::reply::{Order, Reply};
use crate::{Fault, ReceivedRequest, Times};

/// A mock in the making: what it answers to, and with what.
///
/// ```
/// # use mockbird_testkit::{MockServer, post, status, json};
/// let server = MockServer::start().lenient();
/// let paid = server.mount(
///     post("/users/{id}/pay")
///         .query("dry", "1")
///         .header("x-key", "secret")
///         .body_field("amount", "12")
///         .replies([status(503), json(r#"{"paid": true}"#)])
///         .expect(2),
/// );
/// assert_eq!(paid.calls(), 0);
/// ```
#[derive(Clone, Debug)]
#[must_use = "a mock does nothing until it is mounted with `MockServer::mount`"]
pub struct Mount {
    pub(crate) mock: Mock,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) predicates: Vec<Predicate>,
    pub(crate) replies: Vec<Reply>,
    pub(crate) order: Order,
    pub(crate) expected: Option<Times>,
    pub(crate) most: Option<usize>,
}

/// A closure that a request must satisfy.
#[derive(Clone)]
pub(crate) struct Predicate(pub(crate) Arc<Closure>);

type Closure = dyn Fn(&ReceivedRequest) -> bool + Send + Sync + RefUnwindSafe;

impl fmt::Debug for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Predicate")
    }
}

/// A mock of this method and path template.
pub fn request(method: Method, path: &str) -> Mount {
    Mount::new(MethodPattern::Exact(method), path)
}

/// A mock of every method.
pub fn any(path: &str) -> Mount {
    Mount::new(MethodPattern::Any, path)
}

/// A mock of `GET`.
pub fn get(path: &str) -> Mount {
    request(Method::GET, path)
}

/// A mock of `POST`.
pub fn post(path: &str) -> Mount {
    request(Method::POST, path)
}

/// A mock of `PUT`.
pub fn put(path: &str) -> Mount {
    request(Method::PUT, path)
}

/// A mock of `PATCH`.
pub fn patch(path: &str) -> Mount {
    request(Method::PATCH, path)
}

/// A mock of `DELETE`.
pub fn delete(path: &str) -> Mount {
    request(Method::DELETE, path)
}

impl Mount {
    fn new(method: MethodPattern, path: &str) -> Self {
        Self::from(Mock {
            method: Some(method),
            path: path.to_owned(),
            ..Mock::default()
        })
    }

    /// What messages call it; `GET /path` if not said.
    pub fn named(mut self, name: &str) -> Self {
        self.mock.name = Some(name.to_owned());
        self
    }

    /// Goes before mocks of a lower priority, whatever their path; 0 if not said.
    pub fn priority(mut self, priority: i32) -> Self {
        self.mock.priority = Some(priority);
        self
    }

    fn when(self, source: Source, field: &str, operator: Operator, value: Option<&str>) -> Self {
        self.test(source, field, operator, value.map(Node::from))
    }

    fn test(self, source: Source, field: &str, operator: Operator, value: Option<Node>) -> Self {
        self.matching(Condition::Test(Test {
            source,
            field: field.to_owned(),
            operator,
            value,
            negate: None,
            case_insensitive: None,
        }))
    }

    /// Only if a condition holds, in the words of a mock file.
    pub fn matching(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Only if this closure says so. One that panics says no, and fails the test.
    pub fn matching_fn<F>(mut self, closure: F) -> Self
    where
        F: Fn(&ReceivedRequest) -> bool + Send + Sync + RefUnwindSafe + 'static,
    {
        self.predicates.push(Predicate(Arc::new(closure)));
        self
    }

    /// Only with this query parameter, among others.
    pub fn query(self, name: &str, value: &str) -> Self {
        self.when(Source::Query, name, Operator::Equals, Some(value))
    }

    /// Only with a query parameter of this name.
    pub fn query_exists(self, name: &str) -> Self {
        self.when(Source::Query, name, Operator::Exists, None)
    }

    /// Only with this header, among others.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.when(Source::Header, name, Operator::Equals, Some(value))
    }

    /// Only with a header of this name.
    pub fn header_exists(self, name: &str) -> Self {
        self.when(Source::Header, name, Operator::Exists, None)
    }

    /// Only with `Authorization: Bearer` and this token.
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Only with this cookie, among others.
    pub fn cookie(self, name: &str, value: &str) -> Self {
        self.when(Source::Cookie, name, Operator::Equals, Some(value))
    }

    /// Only with exactly this body.
    pub fn body(self, text: &str) -> Self {
        self.when(Source::Body, "", Operator::Equals, Some(text))
    }

    /// Only with a body that holds this text.
    pub fn body_contains(self, text: &str) -> Self {
        self.when(Source::Body, "", Operator::Contains, Some(text))
    }

    /// Only with a body in which this regular expression is found.
    pub fn body_regex(self, regex: &str) -> Self {
        self.when(Source::Body, "", Operator::Regex, Some(regex))
    }

    /// Only with a body that is this JSON, whatever the order of keys and the space between.
    ///
    /// # Panics
    /// If the text is no JSON.
    #[track_caller]
    pub fn body_json(self, json: &str) -> Self {
        self.body_node(json, Operator::Equals)
    }

    /// Only with a body that holds this JSON: objects may have more members, arrays more elements.
    ///
    /// # Panics
    /// If the text is no JSON.
    #[track_caller]
    pub fn body_json_contains(self, json: &str) -> Self {
        self.body_node(json, Operator::Contains)
    }

    /// Only with a body in which this field (`user.name`, or a JSONPath) or form key has this value.
    pub fn body_field(self, field: &str, value: &str) -> Self {
        self.when(Source::Body, field, Operator::Equals, Some(value))
    }

    #[track_caller]
    fn body_node(self, json: &str, operator: Operator) -> Self {
        let value = match json::parse(json.as_bytes()) {
            Ok(node) => node,
            Err(error) => panic!("the body to match is no JSON: {error}"),
        };
        self.test(Source::Body, "", operator, Some(value))
    }

    /// Answers so.
    pub fn reply(self, reply: Reply) -> Self {
        self.replies([reply])
    }

    /// Answers so, one after the other; the last goes on.
    pub fn replies(mut self, replies: impl IntoIterator<Item = Reply>) -> Self {
        self.replies = replies.into_iter().collect();
        self
    }

    /// Answers so many times at most; later requests go on to the next mock that matches.
    pub fn at_most(mut self, times: usize) -> Self {
        self.most = Some(times);
        self
    }

    /// Expects so many calls: `2`, `1..`, `..=3`. Others fail the test when the server is dropped.
    pub fn expect(mut self, calls: impl Into<Times>) -> Self {
        self.expected = Some(calls.into());
        self
    }

    /// Expects no call.
    pub fn never(self) -> Self {
        self.expect(0)
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
    pub fn json(self, body: impl AsRef<str>) -> Self {
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

    /// The mock as the engine compiles it: a response for each reply, all under the same conditions.
    pub(crate) fn spec(&self) -> Mock {
        let mut mock = self.mock.clone();
        let replies = if self.replies.is_empty() && mock.responses.is_empty() {
            &[Reply::default()][..]
        } else {
            &self.replies[..]
        };
        let kinds: Vec<_> = replies.iter().filter_map(|reply| reply.kind).collect();
        if let [first, ..] = kinds[..] {
            mock.response_type.get_or_insert(first);
        }
        mock.responses.extend(replies.iter().map(|reply| Response {
            conditions: self.conditions.clone(),
            ..reply.response.clone()
        }));
        mock
    }
}

/// A mock of a file, with what it says.
impl From<Mock> for Mount {
    fn from(mock: Mock) -> Self {
        Self {
            mock,
            conditions: Vec::new(),
            predicates: Vec::new(),
            replies: Vec::new(),
            order: Order::default(),
            expected: None,
            most: None,
        }
    }
}
