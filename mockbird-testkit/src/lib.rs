#![doc = include_str!("../docs/crate.md")]

// Where things are:
//
// mount (methods, path, matcher,       what a test writes
//   expectation, reply), times
// load, export                         mock files
// state, mounted, mounting, live,      what a server knows: its mocks, its requests
//   journal
// server                               listener, connections, the exchange of request and reply
// handle, scoped, received, wait,        what a test looks at
//   order, report

mod asked;
mod expectation;
mod export;
mod fault;
mod gate;
mod handle;
mod head;
mod journal;
mod live;
mod load;
mod matcher;
mod methods;
mod mount;
mod mounted;
mod mounting;
mod order;
mod path;
mod received;
mod reply;
mod report;
mod scoped;
mod server;
mod state;
mod times;
mod wait;

pub use mockbird_core as core;

#[doc = include_str!("decisions.md")]
pub mod decisions {}

pub use asked::FailedCheck;
pub use expectation::{
    Expectation, absent, contains, ends_with, equals, exists, greater_or_equal, greater_than,
    json_contains, json_equals, json_schema, less_or_equal, less_than, matches, starts_with,
};
pub use export::ExportError;
pub use fault::Fault;
pub use gate::Gate;
pub use handle::MockHandle;
pub use load::{LoadError, LoadedMocks};
pub use matcher::{
    Matcher, Negate, Verdict, all_of, any_of, basic_auth, bearer, body, body_bytes, cookie,
    each_header, form, header, header_values, json_path, matching, method, multipart, not,
    only_query, param, query, query_count, xpath,
};
pub use methods::Methods;
pub use mount::{Mount, MountError, any, delete, get, patch, post, put, request};
pub use path::{PathPattern, path_glob, path_prefix, path_regex};
pub use received::ReceivedRequest;
pub use reply::{
    Event, Reply, bytes, chunks, events, file, json, respond_with, respond_with_async, status, text,
};
pub use scoped::ScopedMock;
#[cfg(feature = "tls")]
pub use server::CertificateAuthority;
pub use server::{MockServer, MockServerBuilder};
pub use times::Times;
#[cfg(feature = "tls")]
pub use tokio_rustls::rustls;

/// All that a test writes: `use mockbird_testkit::prelude::*;`.
pub mod prelude {
    #[cfg(feature = "tls")]
    #[doc(no_inline)]
    pub use crate::CertificateAuthority;
    #[doc(no_inline)]
    pub use crate::{
        Event, Expectation, Fault, Gate, LoadedMocks, Matcher, MockHandle, MockServer,
        MockServerBuilder, Mount, MountError, ReceivedRequest, Reply, ScopedMock, Times,
    };
    #[doc(no_inline)]
    pub use crate::{
        absent, contains, ends_with, equals, exists, greater_or_equal, greater_than, json_contains,
        json_equals, json_schema, less_or_equal, less_than, matches, starts_with,
    };
    #[doc(no_inline)]
    pub use crate::{
        all_of, any_of, basic_auth, bearer, body, body_bytes, cookie, each_header, form, header,
        header_values, json_path, matching, method, multipart, not, only_query, param, query,
        query_count, xpath,
    };
    #[doc(no_inline)]
    pub use crate::{
        any, bytes, chunks, delete, events, file, get, json, patch, path_glob, path_prefix,
        path_regex, post, put, request, respond_with, respond_with_async, status, text,
    };
}

/// Coming from another mock server, and what was chosen where they disagree.
#[cfg(any(doc, doctest))]
pub mod guide {
    #[doc = include_str!("../docs/from-wiremock.md")]
    pub mod from_wiremock {}
    #[doc = include_str!("../docs/from-httpmock.md")]
    pub mod from_httpmock {}
    #[doc = include_str!("../docs/from-mockito.md")]
    pub mod from_mockito {}
    #[doc = include_str!("../docs/from-httptest.md")]
    pub mod from_httptest {}
    #[doc = include_str!("../docs/behaviours.md")]
    pub mod behaviours {}
}

/// The Rust in the README compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
