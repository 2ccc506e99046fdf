//! What every reply of the mock plane has, whoever decided it.

use axum::body::Body;
use bytes::Bytes;
use http::header::{CONTENT_SECURITY_POLICY, HeaderName, SET_COOKIE, STRICT_TRANSPORT_SECURITY};
use http::{HeaderMap, HeaderValue, Response};

use super::Address;

/// A mock's page on our own host is a stranger's: it gets an origin of its own, so that it cannot act as
/// whoever looks at it.
const SANDBOX: HeaderValue = HeaderValue::from_static(
    "sandbox allow-downloads allow-forms allow-modals allow-popups allow-scripts",
);

/// What would outlive the reply, and be ours.
const LASTING: [HeaderName; 5] = [
    SET_COOKIE,
    STRICT_TRANSPORT_SECURITY,
    HeaderName::from_static("alt-svc"),
    HeaderName::from_static("clear-site-data"),
    HeaderName::from_static("nel"),
];

/// The response as it is sent.
pub(super) fn finished(mut response: Response<Bytes>, address: &Address) -> Response<Body> {
    if !address.own_host {
        confine(response.headers_mut());
    }
    response.map(Body::from)
}

fn confine(headers: &mut HeaderMap) {
    for name in LASTING {
        headers.remove(name);
    }
    headers.append(CONTENT_SECURITY_POLICY, SANDBOX);
}
