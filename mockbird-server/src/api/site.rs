//! From which site a browser sends a request (a guard against cross-site request forgery).
//!
//! A cookie is sent by the browser whoever made it ask, so that it counts only for our own pages. And nothing is
//! changed for a page of another site, whatever it sends.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{HOST, ORIGIN};
use http::{Extensions, HeaderMap, HeaderName, Method, Uri};
use mockbird_core::ErrorCode;

use super::Problem;
use crate::app::App;
use crate::config::Listen;
use crate::edge::ClientAddress;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whose page a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Site {
    /// A page of ours.
    Own,
    /// A page of somebody else.
    Foreign,
    /// It is not said: no page, or a link that somebody typed.
    Unsaid,
}

impl Site {
    /// What the browser says: by `Sec-Fetch-Site`, which no page can forge, or else by `Origin`.
    pub(super) fn of(
        headers: &HeaderMap,
        uri: &Uri,
        extensions: &Extensions,
        listen: &Listen,
    ) -> Self {
        if let Some(site) = headers.get(SEC_FETCH_SITE) {
            return match site.as_bytes() {
                b"same-origin" => Self::Own,
                b"none" => Self::Unsaid,
                _ => Self::Foreign,
            };
        }
        match headers.get(ORIGIN) {
            None => Self::Unsaid,
            Some(origin)
                if origin.as_bytes() == own(headers, uri, extensions, listen).as_bytes() =>
            {
                Self::Own
            }
            Some(_) => Self::Foreign,
        }
    }
}

/// Our own origin: what the operator says, or else the address that was asked.
fn own(headers: &HeaderMap, uri: &Uri, extensions: &Extensions, listen: &Listen) -> String {
    if let Some(url) = &listen.public_url {
        return url.to_string();
    }
    let https = extensions
        .get::<ClientAddress>()
        .is_some_and(|client| client.https);
    let mut origin = String::from(if https { "https://" } else { "http://" });
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let authority = uri.authority().map(http::uri::Authority::as_str);
    origin.push_str(authority.or(host).unwrap_or_default());
    origin.to_ascii_lowercase()
}

/// Refuses what would change something for a page of another site.
pub(super) async fn refuse_foreign(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Response {
    let safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let listen = &app.config().listen;
    let site = Site::of(
        request.headers(),
        request.uri(),
        request.extensions(),
        listen,
    );
    if safe || site != Site::Foreign {
        return next.run(request).await;
    }
    let why = "this was sent by a page of another site, for which nothing is changed";
    Problem::new(ErrorCode::Forbidden, why).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Sources};

    #[test]
    fn only_our_own_pages_are_own() {
        let listen = |flags: &[(&str, &str)]| {
            let sources = flags
                .iter()
                .fold(Sources::default(), |sources, (flag, value)| {
                    sources.with_flag(flag, value)
                });
            Config::read(&sources).unwrap().listen
        };
        let by_host = listen(&[]);
        let by_url = listen(&[("public-url", "https://birds.example.com")]);
        for (fetch_site, origin, listen, site) in [
            (None, None, &by_host, Site::Unsaid),
            (None, Some("http://localhost:4000"), &by_host, Site::Own),
            (
                None,
                Some("https://localhost:4000"),
                &by_host,
                Site::Foreign,
            ),
            (None, Some("http://localhost:4001"), &by_host, Site::Foreign),
            (None, Some("http://localhost:4000"), &by_url, Site::Foreign),
            (None, Some("https://birds.example.com"), &by_url, Site::Own),
            (
                None,
                Some("https://birds.example.com.evil.net"),
                &by_url,
                Site::Foreign,
            ),
            (None, Some("null"), &by_url, Site::Foreign),
            (Some("same-origin"), None, &by_url, Site::Own),
            (Some("none"), None, &by_url, Site::Unsaid),
            (
                Some("same-site"),
                Some("https://birds.example.com"),
                &by_url,
                Site::Foreign,
            ),
            (
                Some("cross-site"),
                Some("https://birds.example.com"),
                &by_url,
                Site::Foreign,
            ),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, "localhost:4000".parse().unwrap());
            for (name, value) in [(SEC_FETCH_SITE, fetch_site), (ORIGIN, origin)] {
                if let Some(value) = value {
                    headers.insert(name, value.parse().unwrap());
                }
            }
            let found = Site::of(
                &headers,
                &Uri::from_static("/api/x"),
                &Extensions::new(),
                listen,
            );
            assert_eq!(found, site, "{fetch_site:?} {origin:?}");
        }
    }
}
