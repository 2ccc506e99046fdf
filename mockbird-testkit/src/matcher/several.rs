//! Values that come several times, or that are no text: asked by the testkit, so no part of a mock file.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method};
use mockbird_core::Request;
use mockbird_core::request::View;

use super::predicate::Predicate;
use super::source::faulty;
use super::{Compiled, Kind, Matcher, body, header};
use crate::{Expectation, ReceivedRequest, Times};

/// A request with this query parameter so many times: `2`, `1..`, `..=3`.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(get("/birds").when(query_count("tag", 2)));
/// ```
pub fn query_count(name: &str, times: impl Into<Times>) -> Matcher {
    let (wanted, times) = (name.to_owned(), times.into());
    let what = format!("query_count {}", name.escape_debug());
    if times.is_empty() {
        return faulty(what, "the range of numbers is empty: turn it round");
    }
    let ask = move |received: &ReceivedRequest| {
        let came = received.query().filter(|(key, _)| *key == wanted).count();
        if times.contains(came) {
            return Ok(());
        }
        let count = |times: Times| times.counted("value", "values");
        Err(format!(
            "query parameter {} has {}, expected {}",
            wanted.escape_debug(),
            count(came.into()),
            count(times)
        ))
    };
    Matcher(Kind::Predicate(Predicate::new(what, ask).of_query(name)))
}

/// A request with no query parameters but these; see [`Mount::no_other_query`](crate::Mount::no_other_query).
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(get("/birds").when(only_query(["page", "limit"])));
/// ```
pub fn only_query<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Matcher {
    let names: BTreeSet<String> = names.into_iter().map(Into::into).collect();
    predicate("only_query".to_owned(), move |received| {
        let other = received.query().find(|(key, _)| !names.contains(&**key));
        match other {
            None => Ok(()),
            Some((key, _)) => Err(format!(
                "query parameter {} was not expected",
                key.escape_debug()
            )),
        }
    })
}

/// A request with exactly these values of a header, in this order: a line for each, or in one line with commas between.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(get("/birds").when(header_values("cache-control", ["no-cache", "no-store"])));
/// ```
pub fn header_values<V: Into<String>>(name: &str, values: impl IntoIterator<Item = V>) -> Matcher {
    let Some(name) = header_name(name) else {
        return faulty(format!("header_values {}", name.escape_debug()), NO_NAME);
    };
    let wanted: Vec<String> = values.into_iter().map(Into::into).collect();
    // Only for its reason, in which secrets are hidden.
    let whole = match Compiled::of(&header(name.as_str(), wanted.join(", "))) {
        Ok(whole) => whole,
        Err(faults) => return faulty("header_values", faults.join("; ")),
    };
    predicate(format!("header_values {name}"), move |received| {
        let lines = received.headers().get_all(&name).iter();
        let lines = lines.map(|line| String::from_utf8_lossy(line.as_bytes()));
        let lines: Vec<_> = lines.collect();
        let elements = lines.iter().flat_map(|line| line.split(',')).map(str::trim);
        if lines == wanted || elements.eq(wanted.iter().map(String::as_str)) {
            return Ok(());
        }
        whole.ask(&View::of(&received.as_request()), received)?;
        Err(format!("header {name} has its values in other lines"))
    })
}

/// A request with a header of which every line is as expected, and there is one.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(get("/birds").when(each_header("x-tag", starts_with("bird-"))));
/// ```
pub fn each_header(name: &str, expected: impl Into<Expectation>) -> Matcher {
    let Some(name) = header_name(name) else {
        return faulty(format!("each_header {}", name.escape_debug()), NO_NAME);
    };
    let what = format!("each_header {name}");
    let one = header(name.as_str(), expected);
    let compiled = match Compiled::of(&one) {
        Ok(compiled) => compiled,
        Err(faults) => return faulty(what, faults.join("; ")),
    };
    predicate(what, move |received| {
        let mut lines = received.headers().get_all(&name).iter().peekable();
        if lines.peek().is_none() {
            return Err(format!("header {name} is missing"));
        }
        for line in lines {
            let alone = HeaderMap::from_iter([(name.clone(), line.clone())]);
            let request = Request::new(&Method::GET, "/", &alone, b"");
            compiled.ask(&View::of(&request), received)?;
        }
        Ok(())
    })
}

/// A request with exactly these bytes as its body.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(post("/photos").when(body_bytes([0xFF, 0xD8, 0xFF])));
/// ```
pub fn body_bytes(bytes: impl Into<Vec<u8>>) -> Matcher {
    let wanted = match String::from_utf8(bytes.into()) {
        // What a mock file can say is left to the engine.
        Ok(text) if !text.contains(char::REPLACEMENT_CHARACTER) => return body(text),
        Ok(text) => Bytes::from(text),
        Err(error) => Bytes::from(error.into_bytes()),
    };
    predicate("body_bytes".to_owned(), move |received| {
        let came = received.body();
        if *came == wanted {
            return Ok(());
        }
        let same = came.iter().zip(&wanted).take_while(|(a, b)| a == b).count();
        Err(format!(
            "body is {} bytes, not the {} expected, and differs from byte {same} on",
            came.len(),
            wanted.len()
        ))
    })
}

fn predicate<F>(what: String, ask: F) -> Matcher
where
    F: Fn(&ReceivedRequest) -> Result<(), String> + Send + Sync + 'static,
{
    Matcher(Kind::Predicate(Predicate::new(what, ask)))
}

const NO_NAME: &str = "this is no header name";

fn header_name(name: &str) -> Option<HeaderName> {
    HeaderName::from_bytes(name.as_bytes()).ok()
}
