//! Replies that hyper would not write.

use bytes::{Bytes, BytesMut};
use http::header::{CONNECTION, CONTENT_LENGTH};
use http::{HeaderValue, Response};

use super::body::ReplyBody;

/// What hyper takes for the reply while other bytes are written. It must have a body, or there may be nothing to write.
pub(super) fn closing() -> Response<ReplyBody> {
    let mut response = Response::new(ReplyBody::from(Bytes::from_static(b"-")));
    closes(&mut response);
    response
}

/// Lets the connection end after this reply.
pub(super) fn closes<B>(response: &mut Response<B>) {
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(CONNECTION, close);
}

/// A reply as it stands on the wire, with this length in its head.
pub(super) fn written(response: &Response<Bytes>, length: usize) -> Bytes {
    let mut out = BytesMut::new();
    out.extend_from_slice(format!("HTTP/1.1 {}\r\n", response.status()).as_bytes());
    for (name, value) in response
        .headers()
        .iter()
        .filter(|(name, _)| *name != CONTENT_LENGTH)
    {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            out.extend_from_slice(part);
        }
    }
    out.extend_from_slice(format!("content-length: {length}\r\n\r\n").as_bytes());
    out.extend_from_slice(response.body());
    out.freeze()
}
