//! The same mocks in each library: mock `i` answers `GET /api/r{i}/users/{id}` with one body.

use std::net::SocketAddr;
use std::sync::Mutex;

use mockbird_benches::BODY;
use tokio::runtime::Runtime;

/// A library, and where it gets its servers from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Library {
    Mockbird,
    Wiremock,
    WiremockUnpooled,
    Httpmock,
    Mockito,
    MockitoUnpooled,
    Httptest,
}

/// How a mock says its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// With a parameter; the others have no templates, but regular expressions.
    Template,
    /// As a text.
    Exact,
}

/// A server at work.
pub(crate) enum Started {
    Mockbird(mockbird_testkit::MockServer),
    Wiremock(wiremock::MockServer, Runtime),
    Httpmock(httpmock::MockServer),
    Mockito(Mutex<mockito::ServerGuard>),
    MockitoUnpooled(Mutex<mockito::Server>),
    Httptest(httptest::Server),
}

impl Kind {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "template" => Some(Self::Template),
            "exact" => Some(Self::Exact),
            _ => None,
        }
    }
}

impl Library {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "mockbird" => Self::Mockbird,
            "wiremock" => Self::Wiremock,
            "httpmock" => Self::Httpmock,
            "mockito" => Self::Mockito,
            "httptest" => Self::Httptest,
            _ => return None,
        })
    }

    pub(crate) fn start(self) -> Started {
        match self {
            Self::Mockbird => Started::Mockbird(mockbird_testkit::MockServer::start().lenient()),
            Self::Wiremock => {
                let runtime = runtime();
                let server = runtime.block_on(wiremock::MockServer::start());
                Started::Wiremock(server, runtime)
            }
            Self::WiremockUnpooled => {
                let runtime = runtime();
                let server = runtime.block_on(wiremock::MockServer::builder().start());
                Started::Wiremock(server, runtime)
            }
            Self::Httpmock => Started::Httpmock(httpmock::MockServer::start()),
            Self::Mockito => Started::Mockito(Mutex::new(mockito::Server::new())),
            Self::MockitoUnpooled => {
                let options = mockito::ServerOpts::default();
                let server = mockito::Server::new_with_opts(options);
                Started::MockitoUnpooled(Mutex::new(server))
            }
            Self::Httptest => {
                let bind = httptest::ServerBuilder::new().bind_addr(([127, 0, 0, 1], 0).into());
                Started::Httptest(bind.run().unwrap_or_else(|error| panic!("{error}")))
            }
        }
    }
}

fn runtime() -> Runtime {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build();
    runtime.unwrap_or_else(|error| panic!("{error}"))
}

fn pattern(i: usize) -> String {
    format!("^/api/r{i}/users/[^/]+$")
}

/// The path that only mock `i` answers.
pub(crate) fn path(i: usize) -> String {
    format!("/api/r{i}/users/42")
}

impl Started {
    pub(crate) fn address(&self) -> SocketAddr {
        match self {
            Self::Mockbird(server) => server.address(),
            Self::Wiremock(server, _) => *server.address(),
            Self::Httpmock(server) => *server.address(),
            Self::Mockito(server) => lock(server).socket_address(),
            Self::MockitoUnpooled(server) => lock(server).socket_address(),
            Self::Httptest(server) => server.addr(),
        }
    }

    /// Mounts so many mocks, one after the other, as a test would.
    pub(crate) fn mount(&self, count: usize, kind: Kind) {
        match self {
            Self::Mockbird(server) => (0..count).for_each(|i| mockbird(server, i, kind)),
            Self::Wiremock(server, runtime) => runtime.block_on(async {
                for i in 0..count {
                    wiremock(server, i, kind).await;
                }
            }),
            Self::Httpmock(server) => (0..count).for_each(|i| httpmock(server, i, kind)),
            Self::Mockito(server) => (0..count).for_each(|i| mockito(&mut lock(server), i, kind)),
            Self::MockitoUnpooled(server) => {
                (0..count).for_each(|i| mockito(&mut lock(server), i, kind));
            }
            Self::Httptest(server) => (0..count).for_each(|i| httptest(server, i, kind)),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn mockbird(server: &mockbird_testkit::MockServer, i: usize, kind: Kind) {
    let path = match kind {
        Kind::Template => format!("/api/r{i}/users/{{id}}"),
        Kind::Exact => path(i),
    };
    server.mount(mockbird_testkit::get(&path).json(BODY));
}

async fn wiremock(server: &wiremock::MockServer, i: usize, kind: Kind) {
    use wiremock::{Mock, ResponseTemplate, matchers};
    let mock = Mock::given(matchers::method("GET"));
    let mock = match kind {
        Kind::Template => mock.and(matchers::path_regex(pattern(i))),
        Kind::Exact => mock.and(matchers::path(path(i))),
    };
    let reply = ResponseTemplate::new(200).set_body_raw(BODY, "application/json");
    mock.respond_with(reply).mount(server).await;
}

fn httpmock(server: &httpmock::MockServer, i: usize, kind: Kind) {
    server.mock(|when, then| {
        let when = when.method(httpmock::Method::GET);
        match kind {
            Kind::Template => when.path_matches(regex(i)),
            Kind::Exact => when.path(path(i)),
        };
        then.status(200)
            .header("content-type", "application/json")
            .body(BODY);
    });
}

fn regex(i: usize) -> regex::Regex {
    regex::Regex::new(&pattern(i)).unwrap_or_else(|error| panic!("{error}"))
}

fn mockito(server: &mut mockito::Server, i: usize, kind: Kind) {
    let mock = match kind {
        Kind::Template => server.mock("GET", mockito::Matcher::Regex(pattern(i))),
        Kind::Exact => server.mock("GET", path(i).as_str()),
    };
    let mock = mock
        .with_header("content-type", "application/json")
        .with_body(BODY)
        .create();
    // It takes itself away when it is dropped, if asked to; by itself it stays.
    drop(mock);
}

fn httptest(server: &httptest::Server, i: usize, kind: Kind) {
    use httptest::matchers::{all_of, matches, request};
    let reply = httptest::responders::status_code(200)
        .append_header("content-type", "application/json")
        .body(BODY);
    let expectation = match kind {
        Kind::Template => httptest::Expectation::matching(all_of![
            request::method("GET"),
            request::path(matches(pattern(i)))
        ]),
        Kind::Exact => httptest::Expectation::matching(request::method_path("GET", path(i))),
    };
    server.expect(expectation.times(..).respond_with(reply));
}
