//! The request of the command line.

use std::net::IpAddr;

use http::header::HOST;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use mockbird_core::Request;

use crate::cli::Failure;

/// A request, taken apart.
#[derive(Debug)]
pub(super) struct AskedFor {
    pub(super) method: Method,
    pub(super) target: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl AskedFor {
    /// From `GET /path?query`, lines such as `Name: value`, and a body or `@file`.
    pub(super) fn parse(
        request: &str,
        headers: &[String],
        data: Option<&str>,
    ) -> Result<Self, Failure> {
        let request = without_version(request.trim());
        let (method, target) = match request.split_once(char::is_whitespace) {
            Some((method, target)) if !method.contains('/') => (method, target.trim_start()),
            _ => (if data.is_some() { "POST" } else { "GET" }, request),
        };
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| {
            Failure::Usage(format!(
                "`{method}` is no method; write for example 'GET /users/7'"
            ))
        })?;
        let uri: Uri = target.parse().map_err(|error| {
            let hint = target_hint(target);
            Failure::Usage(format!(
                "`{target}` is no target of a request: {error}; {hint}"
            ))
        })?;
        let Some(path) = uri
            .path_and_query()
            .filter(|path| path.as_str().starts_with('/'))
        else {
            return Err(Failure::Usage(format!(
                "`{target}` is no path; write for example 'GET /users/7'"
            )));
        };
        let mut map = HeaderMap::new();
        let host = uri
            .authority()
            .map_or("localhost", |authority| authority.as_str());
        if let Ok(host) = HeaderValue::from_str(host) {
            map.insert(HOST, host);
        }
        for line in headers {
            let (name, value) = header(line)?;
            if name == HOST {
                map.remove(HOST);
            }
            map.append(name, value);
        }
        Ok(Self {
            method,
            target: path.as_str().to_owned(),
            headers: map,
            body: body(data)?,
        })
    }

    /// What is probably not meant in the request.
    pub(super) fn note(&self) -> Option<String> {
        let (method, upper) = (
            self.method.as_str(),
            self.method.as_str().to_ascii_uppercase(),
        );
        (method != upper)
            .then(|| format!("methods are written in upper case: `{method}` is not `{upper}`"))
    }

    /// As the engine sees it, from this machine.
    pub(super) fn request(&self) -> Request<'_> {
        Request::new(&self.method, &self.target, &self.headers, &self.body)
            .with_client(IpAddr::from([127, 0, 0, 1]))
    }
}

/// What to write instead of something that no request can be sent to.
fn target_hint(target: &str) -> &'static str {
    if target.contains(" {") || target.contains(" [") {
        "a body is given by -d"
    } else if target.contains(' ') {
        "write a space as %20"
    } else if target.starts_with('/') {
        "write other characters as %XX"
    } else {
        "a path begins with `/`, a URL with `http://`"
    }
}

/// A request line without the version of HTTP at its end.
fn without_version(line: &str) -> &str {
    match line.rsplit_once(char::is_whitespace) {
        Some((rest, version)) if version.starts_with("HTTP/") => rest.trim_end(),
        _ => line,
    }
}

fn header(line: &str) -> Result<(HeaderName, HeaderValue), Failure> {
    let wrong = || Failure::Usage(format!("`{line}` is no header; write it as 'Name: value'"));
    let (name, value) = line.split_once(':').ok_or_else(wrong)?;
    let name = name.trim().parse().map_err(|_| wrong())?;
    let value = HeaderValue::from_str(value.trim()).map_err(|_| wrong())?;
    Ok((name, value))
}

fn body(data: Option<&str>) -> Result<Vec<u8>, Failure> {
    match data {
        None => Ok(Vec::new()),
        Some(data) => match data.strip_prefix('@') {
            None => Ok(data.as_bytes().to_vec()),
            Some(file) => std::fs::read(file)
                .map_err(|error| Failure::Usage(format!("cannot read the body {file}: {error}"))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(request: &str, data: Option<&str>) -> Result<String, Failure> {
        AskedFor::parse(request, &[], data).map(|asked| {
            let host = asked.headers[HOST].to_str().unwrap();
            format!("{} {} at {host}", asked.method, asked.target)
        })
    }

    #[test]
    fn requests_as_people_write_them() {
        assert_eq!(
            asked("GET /a?x=1", None).unwrap(),
            "GET /a?x=1 at localhost"
        );
        assert_eq!(
            asked(" DELETE   /a ", None).unwrap(),
            "DELETE /a at localhost"
        );
        assert_eq!(asked("/a", None).unwrap(), "GET /a at localhost");
        assert_eq!(asked("/a", Some("{}")).unwrap(), "POST /a at localhost");
        assert_eq!(
            asked("PUT http://api.test:8080/a", None).unwrap(),
            "PUT /a at api.test:8080"
        );
        for line in ["GET /a HTTP/1.1", "GET /a  HTTP/2", "/a HTTP/1.0"] {
            assert_eq!(asked(line, None).unwrap(), "GET /a at localhost");
        }
        assert_eq!(asked("/café", None).unwrap(), "GET /café at localhost");
    }

    #[test]
    fn what_is_no_request_is_refused_with_a_remedy() {
        for (request, hint) in [
            ("GET /a b", "%20"),
            ("/a b", "%20"),
            ("GET a", "'GET /users/7'"),
            ("G{T /a", "no method"),
            ("", "no target"),
        ] {
            let error = asked(request, None).unwrap_err();
            assert!(
                matches!(&error, Failure::Usage(text) if text.contains(hint)),
                "{request}: {error}"
            );
        }
        let headers = ["no colon".to_owned()];
        assert!(AskedFor::parse("/", &headers, None).is_err());
    }
}
