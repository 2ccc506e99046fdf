//! Where a value of a request comes from.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mockbird_core::spec::Source;

use super::{Kind, Matcher, all_of};
use crate::Expectation;
use crate::expectation::{matches, starts_with};

/// A request with such a header. The name is in any case; of several lines one must be as expected.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(get("/birds").when(header("accept", contains("json"))));
/// ```
pub fn header(name: &str, expected: impl Into<Expectation>) -> Matcher {
    test(Source::Header, name, expected)
}

/// A request with such a query parameter, decoded; a `+` is a space. Others do not matter.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(get("/birds").when(query("name", "gold crest")));
/// ```
pub fn query(name: &str, expected: impl Into<Expectation>) -> Matcher {
    test(Source::Query, name, expected)
}

/// A request with such a cookie.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(get("/birds").when(cookie("sid", starts_with("s-"))));
/// ```
pub fn cookie(name: &str, expected: impl Into<Expectation>) -> Matcher {
    test(Source::Cookie, name, expected)
}

/// A request with such a parameter in its path, decoded.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(get("/birds/{id}").when(param("id", matches("^[0-9]+$"))));
/// ```
pub fn param(name: &str, expected: impl Into<Expectation>) -> Matcher {
    if name.is_empty() {
        return faulty("param", "a path parameter has a name");
    }
    test(Source::Path, name, expected)
}

/// A request of such a method: for groups, as a mock has a method of its own.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// let writes = not(any_of([method("GET"), method("HEAD")]));
/// server.mount(any("/birds").when(all_of([writes, header("authorization", absent())])).status(401));
/// ```
pub fn method(expected: impl Into<Expectation>) -> Matcher {
    test(Source::Method, "", expected)
}

/// A request with such a body: as text, or as JSON if JSON is expected.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(post("/birds").when(body(json_contains(r#"{"name": "wren"}"#))));
/// server.mount(post("/notes").when(body(contains("wren"))));
/// ```
pub fn body(expected: impl Into<Expectation>) -> Matcher {
    let expected = expected.into();
    // The whole body would be compared as text with the string.
    let field = if expected.is_json_string() { "$" } else { "" };
    test(Source::Body, field, expected)
}

/// A request with such a value in its JSON: a JSONPath (`$.items[*].id`) or a plain path (`items[0].id`). Of several
/// values one must be as expected.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(post("/pay").when(json_path("$.amount", greater_than(0))));
/// ```
pub fn json_path(path: &str, expected: impl Into<Expectation>) -> Matcher {
    if path.is_empty() || path.starts_with('/') {
        return faulty(
            format!("json_path {}", path.escape_debug()),
            "a JSONPath begins with `$`, or with a name as in `user.name`",
        );
    }
    test(Source::Body, path, expected)
}

/// A request whose body is a form (`application/x-www-form-urlencoded`) with such a field, decoded.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(post("/people").when(form("town", "Quahog")));
/// ```
pub fn form(name: &str, expected: impl Into<Expectation>) -> Matcher {
    form_of("form", "application/x-www-form-urlencoded", name, expected)
}

/// A request whose body is `multipart/form-data` with such a part; of a file it is the content.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(post("/photos").when(multipart("title", contains("wren"))));
/// ```
pub fn multipart(name: &str, expected: impl Into<Expectation>) -> Matcher {
    form_of("multipart", "multipart/form-data", name, expected)
}

/// A request whose body is XML with such a text at this XPath (the feature `xpath`): `/`, `//`, names, `*`, `@a`,
/// `text()`, `[1]`, `[@a]` and `[@a='v']`.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// # if cfg!(feature = "full") {
/// server.mount(post("/orders").when(xpath("/order/@id", "7")));
/// # }
/// ```
pub fn xpath(path: &str, expected: impl Into<Expectation>) -> Matcher {
    if !path.starts_with('/') {
        let what = format!("xpath {}", path.escape_debug());
        return faulty(what, "an XPath begins with `/`");
    }
    test(Source::Body, path, expected)
}

/// A request with `Authorization: Basic` of this user and password; the scheme may be in any case. A user with a colon is
/// refused when the mock is mounted.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(get("/me").when(basic_auth("Aladdin", "open sesame")));
/// ```
pub fn basic_auth(user: &str, password: &str) -> Matcher {
    if user.contains(':') {
        let why = "a user's name has no colon, as the password begins behind the first one";
        return faulty("basic_auth", why);
    }
    let credentials = STANDARD.encode(format!("{user}:{password}"));
    authorization("Basic", &credentials)
}

/// A request with `Authorization: Bearer` and this token; the scheme may be in any case.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(get("/me").when(bearer("t-1")));
/// ```
pub fn bearer(token: &str) -> Matcher {
    authorization("Bearer", token)
}

/// The scheme is in any case, and one space or more stand behind it (RFC 9110, section 11.4).
fn authorization(scheme: &str, credentials: &str) -> Matcher {
    let credentials = regex::escape(credentials);
    header(
        "authorization",
        matches(format!("^(?i:{scheme}) +{credentials}$")),
    )
}

fn test(source: Source, field: &str, expected: impl Into<Expectation>) -> Matcher {
    Matcher(match expected.into().test(source, field) {
        Ok(test) => Kind::Test(test),
        Err(why) => Kind::Faulty {
            what: format!("{} {}", source.name(), field.escape_debug()),
            why,
        },
    })
}

pub(super) fn faulty(what: impl Into<String>, why: impl Into<String>) -> Matcher {
    Matcher(Kind::Faulty {
        what: what.into(),
        why: why.into(),
    })
}

/// The type of the content is asked too: the engine looks for a field in JSON as well.
fn form_of(
    what: &str,
    content_type: &str,
    name: &str,
    expected: impl Into<Expectation>,
) -> Matcher {
    if name.is_empty() || name.starts_with(['$', '/']) {
        let what = format!("{what} {}", name.escape_debug());
        let why = "a field whose name is empty or begins with `$` or `/` is asked by `matching`";
        return faulty(what, why);
    }
    all_of([
        header("content-type", starts_with(content_type).ignore_case()),
        test(Source::Body, name, expected),
    ])
}
