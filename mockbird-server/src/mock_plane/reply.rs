//! What every reply of the mock plane has, whoever decided it.

use bytes::Bytes;
use http::header::CONTENT_SECURITY_POLICY;
use http::{HeaderMap, HeaderName, HeaderValue, Response};

use crate::domain::LogId;

/// A mock's page on our own host is a stranger's: it gets an origin of its own, so that it cannot act as
/// whoever looks at it.
const SANDBOX: HeaderValue = HeaderValue::from_static(
    "sandbox allow-downloads allow-forms allow-modals allow-popups allow-scripts",
);

/// Where the id of a request goes.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The response as it is sent, with the id of its request unless the mock tells one of its own.
pub(super) fn finished(mut response: Response<Bytes>, id: LogId) -> Response<Bytes> {
    response
        .headers_mut()
        .entry(REQUEST_ID)
        .or_insert_with(|| id.to_header());
    response
}

/// Makes a response on our own host one of a stranger's page; gives what was taken out.
pub(super) fn confine(headers: &mut HeaderMap) -> Vec<HeaderName> {
    let mut taken_out = Vec::new();
    while let Some(name) = headers.keys().find(|name| is_lasting(name)) {
        let name = name.clone();
        headers.remove(&name);
        taken_out.push(name);
    }
    headers.append(CONTENT_SECURITY_POLICY, SANDBOX);
    taken_out
}

/// Whether a browser remembers it beyond the reply, for the whole host, which is ours.
fn is_lasting(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "accept-ch"
            | "alt-svc"
            | "clear-site-data"
            | "expect-ct"
            | "nel"
            | "public-key-pins"
            | "report-to"
            | "service-worker-allowed"
            | "set-cookie"
            | "set-cookie2"
            | "set-login"
            | "strict-transport-security"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Millis;

    fn sent(own_host: bool, headers: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut response = Response::new(Bytes::new());
        for (name, value) in headers {
            let value = HeaderValue::from_static(value);
            response.headers_mut().append(*name, value);
        }
        if !own_host {
            let taken_out = confine(response.headers_mut());
            assert!(taken_out.iter().all(is_lasting));
        }
        let id = LogId::first_at(Millis(0));
        let sent = finished(response, id).headers().clone();
        assert_eq!(sent[REQUEST_ID], id.to_string());
        sent
    }

    #[test]
    fn what_lasts_is_for_hosts_of_their_own() {
        let lasting = [
            ("Set-Cookie", "a=b"),
            ("Set-Cookie", "c=d"),
            ("Set-Cookie2", "a=b"),
            ("Clear-Site-Data", "\"*\""),
            ("Strict-Transport-Security", "max-age=1"),
            ("Alt-Svc", "h2=\":1\""),
            ("NEL", "{}"),
            ("Report-To", "{}"),
            ("Service-Worker-Allowed", "/"),
            ("Accept-CH", "DPR"),
            ("Set-Login", "logged-in"),
            ("Public-Key-Pins", "max-age=1"),
            ("Expect-CT", "max-age=1"),
        ];
        let names = lasting.map(|(name, _)| name);
        let confined = sent(false, &lasting);
        for name in names {
            assert!(!confined.contains_key(name), "{name}");
        }
        let free = sent(true, &lasting);
        assert_eq!(free.len(), lasting.len() + 1, "and the id");
        assert!(!free.contains_key(CONTENT_SECURITY_POLICY));
    }

    #[test]
    fn the_sandbox_stands_beside_what_a_mock_says() {
        let own = [
            ("Content-Security-Policy", "sandbox allow-same-origin"),
            ("X-Own", "1"),
        ];
        let confined = sent(false, &own);
        let all: Vec<_> = confined.get_all(CONTENT_SECURITY_POLICY).iter().collect();
        // Browsers hold a page to each of them.
        assert_eq!(all, [own[0].1, SANDBOX.to_str().unwrap()]);
        assert_eq!(confined["x-own"], "1");
        assert!(!SANDBOX.to_str().unwrap().contains("allow-same-origin"));
    }
}
