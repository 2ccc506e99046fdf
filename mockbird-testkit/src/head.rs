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
    headers: OnceLock<Box<HeaderMap>>,
}

impl Head {
    pub(crate) fn of(target: &str, headers: &HeaderMap) -> Self {
        let lines = headers.iter();
        let lines = lines.map(|(name, value)| name.as_str().len() + value.len() + 2);
        let mut text = Vec::with_capacity(target.len() + lines.sum::<usize>());
        text.extend_from_slice(target.as_bytes());
        for (name, value) in headers {
            text.extend_from_slice(name.as_str().as_bytes());
            text.push(if value.is_sensitive() { b';' } else { b':' });
            text.extend_from_slice(value.as_bytes());
            text.push(b'\n');
        }
        Self {
            text: text.into_boxed_slice(),
            target_len: target.len(),
            headers: OnceLock::new(),
        }
    }

    pub(crate) fn target(&self) -> &str {
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
            let head = Head::of("/a:b;c?d=\u{fc}", &headers);
            assert_eq!(head.target(), "/a:b;c?d=\u{fc}");
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
