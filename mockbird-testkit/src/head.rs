//! The head of a request as it is kept.

use std::fmt;
use std::sync::OnceLock;

use http::{HeaderMap, HeaderName, HeaderValue};

/// Target and headers in one piece of memory. Thousands of requests are kept and few are looked at: a map of headers, with
/// four allocations to make and four to free, is made again for a test that asks.
///
/// ```text
/// /users/7?dry=1host:127.0.0.1\nauthorization;Bearer x\n
/// ```
///
/// A name holds neither a colon nor a semicolon, and a value no line end (RFC 9110, section 5). The semicolon marks a
/// value that is not to be shown.
pub(crate) struct Head {
    text: Box<[u8]>,
    target_len: usize,
    /// True if a slash was put before a target that is no path.
    has_own_slash: bool,
    headers: OnceLock<Box<HeaderMap>>,
}

impl Head {
    pub(crate) fn of(target: &str, headers: &HeaderMap) -> Self {
        let has_own_slash = !target.starts_with('/');
        let lines = headers.iter();
        let lines = lines.map(|(name, value)| name.as_str().len() + value.len() + 2);
        let target_len = usize::from(has_own_slash) + target.len();
        let mut text = Vec::with_capacity(target_len + lines.sum::<usize>());
        if has_own_slash {
            text.push(b'/');
        }
        text.extend_from_slice(target.as_bytes());
        for (name, value) in headers {
            text.extend_from_slice(name.as_str().as_bytes());
            text.push(if value.is_sensitive() { b';' } else { b':' });
            text.extend_from_slice(value.as_bytes());
            text.push(b'\n');
        }
        Self {
            text: text.into_boxed_slice(),
            target_len,
            has_own_slash,
            headers: OnceLock::new(),
        }
    }

    /// As it came.
    pub(crate) fn target(&self) -> &str {
        let own = usize::from(self.has_own_slash);
        self.as_path().get(own..).unwrap_or_default()
    }

    /// As mocks are asked for it: an authority, or the `*` of `OPTIONS`, is the only segment of a path.
    pub(crate) fn as_path(&self) -> &str {
        // It was a text when it was put there.
        std::str::from_utf8(&self.text[..self.target_len]).unwrap_or_default()
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        self.headers.get_or_init(|| {
            let mut headers = HeaderMap::new();
            let lines = self.text[self.target_len..].split(|byte| *byte == b'\n');
            for (name, value) in lines.filter_map(header) {
                headers.append(name, value);
            }
            Box::new(headers)
        })
    }

    /// How many bytes it holds, without the map that a test may have asked for.
    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }
}

/// The header of one line; the last line is empty.
fn header(line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let mark = line.iter().position(|byte| matches!(byte, b':' | b';'))?;
    let name = HeaderName::from_bytes(&line[..mark]).ok()?;
    let mut value = HeaderValue::from_bytes(&line[mark + 1..]).ok()?;
    value.set_sensitive(line[mark] == b';');
    Some((name, value))
}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head")
            .field("target", &self.target())
            .field("headers", self.headers())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_out_as_it_went_in() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("host", "a:80;b"),
            ("x-two", "1"),
            ("accept", ""),
            ("x-two", "2: \t\u{fc}"),
        ] {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        headers.get_mut("host").unwrap().set_sensitive(true);
        for headers in [headers, HeaderMap::new()] {
            for (target, path) in [
                ("/a:b;c?d=\u{fc}", "/a:b;c?d=\u{fc}"),
                ("host:80", "/host:80"),
                ("*", "/*"),
            ] {
                let head = Head::of(target, &headers);
                assert_eq!((head.target(), head.as_path()), (target, path));
                assert_eq!(head.headers(), &headers);
            }
            let head = Head::of("/", &headers);
            assert_eq!(head.headers(), &headers);
            let shown = |map: &HeaderMap| format!("{map:?}");
            assert_eq!(
                shown(head.headers()),
                shown(&headers),
                "in order, and secret"
            );
        }
    }
}
