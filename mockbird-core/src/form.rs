//! Fields of queries and forms: `application/x-www-form-urlencoded` and `multipart/form-data`.

use std::borrow::Cow;

use memchr::{memchr, memmem};

use crate::limits::{FORM_FIELDS_MAX, PART_HEADERS_MAX};

/// The decoded pairs of a query or an urlencoded text, in order ([URL Standard, section 5.1]).
///
/// `+` is a space, malformed escapes stay as they are, bytes that are not UTF-8 become U+FFFD.
/// Text that needs no decoding is borrowed.
///
/// [URL Standard, section 5.1]: https://url.spec.whatwg.org/#application/x-www-form-urlencoded
pub(crate) fn pairs(raw: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    byte_pairs(raw.as_bytes())
}

/// The fields of an urlencoded body, in order; those beyond [`FORM_FIELDS_MAX`] are left out.
pub(crate) fn parse_urlencoded(body: &[u8]) -> Vec<(String, String)> {
    byte_pairs(body)
        .take(FORM_FIELDS_MAX)
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect()
}

fn byte_pairs(raw: &[u8]) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    raw.split(|&b| b == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = match memchr(b'=', pair) {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &[][..]),
            };
            (decode(key), decode(value))
        })
}

fn decode(raw: &[u8]) -> Cow<'_, str> {
    let spaced = if memchr(b'+', raw).is_some() {
        let with_space = |&b: &u8| if b == b'+' { b' ' } else { b };
        Cow::Owned(raw.iter().map(with_space).collect::<Vec<u8>>())
    } else {
        Cow::Borrowed(raw)
    };
    let bytes = match spaced {
        Cow::Borrowed(raw) => Cow::from(percent_encoding::percent_decode(raw)),
        Cow::Owned(raw) => Cow::Owned(percent_encoding::percent_decode(&raw).collect()),
    };
    match bytes {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
        Cow::Owned(bytes) => Cow::Owned(
            String::from_utf8(bytes)
                .unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()),
        ),
    }
}

/// The fields of a multipart body, in order (RFC 7578); files give their content as text.
///
/// `None` if the body is not well formed: no delimiter, no closing delimiter, or a part without
/// a name. Parts beyond [`FORM_FIELDS_MAX`] are left out. Lines may end without a carriage return.
pub(crate) fn parse_multipart(body: &[u8], boundary: &str) -> Option<Vec<(String, String)>> {
    if boundary.is_empty() {
        return None;
    }
    let marker = ["--", boundary].concat();
    let mut delimiters = memmem::find_iter(body, &marker)
        .filter(|&at| at == 0 || body[at - 1] == b'\n')
        .filter_map(|at| Delimiter::at(body, at, marker.len()));
    let mut fields = Vec::new();
    let mut open = delimiters.next()?;
    while !open.last && fields.len() < FORM_FIELDS_MAX {
        let close = delimiters.next()?;
        fields.push(part(trim_line_end(body.get(open.end..close.start)?))?);
        open = close;
    }
    Some(fields)
}

/// One delimiter line of a multipart body.
struct Delimiter {
    start: usize,
    end: usize,
    last: bool,
}

impl Delimiter {
    /// The delimiter whose `--boundary` begins at `start`; `None` if the line goes on with other text.
    fn at(body: &[u8], start: usize, length: usize) -> Option<Self> {
        let after = &body[start + length..];
        let last = after.starts_with(b"--");
        let line = memchr(b'\n', after).map_or(after.len(), |at| at + 1);
        let rest = after[..line].strip_prefix(b"--").unwrap_or(&after[..line]);
        let complete = last || rest.ends_with(b"\n");
        (complete && rest.trim_ascii().is_empty()).then_some(Self {
            start,
            end: start + length + line,
            last,
        })
    }
}

fn trim_line_end(text: &[u8]) -> &[u8] {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    text.strip_suffix(b"\r").unwrap_or(text)
}

/// The name and the content of a part: header lines, an empty line, the rest.
fn part(part: &[u8]) -> Option<(String, String)> {
    let mut name = None;
    let mut at = 0;
    loop {
        let end = at + memchr(b'\n', &part[at..])?;
        if end > PART_HEADERS_MAX {
            return None;
        }
        let line = trim_line_end(&part[at..=end]);
        at = end + 1;
        if line.is_empty() {
            break;
        }
        name = name.or_else(|| field_name(&String::from_utf8_lossy(line)));
    }
    Some((name?, String::from_utf8_lossy(&part[at..]).into_owned()))
}

/// The `name` of a `Content-Disposition` line.
fn field_name(line: &str) -> Option<String> {
    let (header, value) = line.split_once(':')?;
    if !header.trim().eq_ignore_ascii_case("content-disposition") {
        return None;
    }
    let mut rest = value.split_once(';')?.1;
    loop {
        let (key, after) = rest.split_once('=')?;
        let (value, after) = parameter_value(after.trim_start());
        if key.trim().eq_ignore_ascii_case("name") {
            return Some(value);
        }
        rest = after.split_once(';')?.1;
    }
}

/// The value at the start of `text`, and what follows it. In a quoted value `\"` is a quote, and
/// browsers write quotes and line ends as escapes (RFC 7578 section 2, WHATWG multipart encoding).
fn parameter_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        return (text[..end].trim().to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (unescape(&value), &quoted[at + 1..]),
            '\\' if matches!(chars.peek(), Some((_, '"'))) => {
                chars.next();
                value.push('"');
            }
            _ => value.push(c),
        }
    }
    (unescape(&value), "")
}

fn unescape(name: &str) -> String {
    name.replace("%22", "\"")
        .replace("%0D", "\r")
        .replace("%0A", "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    fn owned<'a>(all: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
        let pair = |(k, v): (&str, &str)| (k.to_owned(), v.to_owned());
        all.into_iter().map(pair).collect()
    }

    #[test]
    fn urlencoded() {
        for (raw, want) in [
            ("a=1&b=2", vec![("a", "1"), ("b", "2")]),
            ("&a&&b=&", vec![("a", ""), ("b", "")]),
            ("=x&a=b=c", vec![("", "x"), ("a", "b=c")]),
            ("q=a+b%2Bc%20d", vec![("q", "a b+c d")]),
            ("q=%zz%4&%41=%", vec![("q", "%zz%4"), ("A", "%")]),
            ("q=%FF+x", vec![("q", "\u{FFFD} x")]),
            ("", vec![]),
        ] {
            assert_eq!(parse_urlencoded(raw.as_bytes()), owned(want), "{raw}");
        }
    }

    #[test]
    fn plain_text_is_borrowed() {
        let all: Vec<_> = pairs("key=value").collect();
        assert!(matches!(
            all[..],
            [(Cow::Borrowed("key"), Cow::Borrowed("value"))]
        ));
    }

    #[test]
    fn fields_are_bounded() {
        let many = "a&".repeat(FORM_FIELDS_MAX + 5);
        assert_eq!(parse_urlencoded(many.as_bytes()).len(), FORM_FIELDS_MAX);
    }

    /// The cases that browsers are tested with, where this machine has them.
    #[test]
    fn the_cases_of_the_web_platform_tests() {
        let shared = std::env::var("MOCKBIRD_SHARED")
            .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared").to_owned());
        let file = format!("{shared}/data/http-requests/wpt-urlencoded-parser-data.json");
        let Ok(text) = std::fs::read(&file) else {
            eprintln!("SKIPPED: {file} is not there; set MOCKBIRD_SHARED");
            return;
        };
        let cases = json::parse(&text).unwrap();
        let cases = cases.elements().unwrap();
        assert!(cases.len() > 20);
        for case in cases {
            let input = case.get("input").and_then(json::Node::as_str).unwrap();
            let want = case.get("output").and_then(json::Node::elements).unwrap();
            let want = want.iter().map(|pair| {
                let pair = pair.elements().unwrap();
                (pair[0].as_str().unwrap(), pair[1].as_str().unwrap())
            });
            assert_eq!(parse_urlencoded(input.as_bytes()), owned(want), "{input}");
        }
    }

    fn multipart(parts: &[(&str, &str)]) -> String {
        let mut body = String::new();
        for (name, value) in parts {
            body += "--XyZ\r\nContent-Disposition: form-data; name=";
            body += &[name, "\r\n\r\n", value, "\r\n"].concat();
        }
        body + "--XyZ--\r\n"
    }

    #[test]
    fn parts_and_their_names() {
        for (name, want) in [
            ("\"a\"", "a"),
            ("a", "a"),
            ("\"a b\"; filename=\"name\"", "a b"),
            ("\"a\\\"b\"", "a\"b"),
            ("\"a%22b\"", "a\"b"),
            ("\"a;b\"", "a;b"),
            ("\"é\"", "é"),
            ("\"\"", ""),
        ] {
            let body = multipart(&[(name, "1\r\n2")]);
            let fields = parse_multipart(body.as_bytes(), "XyZ");
            assert_eq!(fields, Some(owned([(want, "1\r\n2")])), "{name}");
        }
    }

    #[test]
    fn a_file_name_before_the_name() {
        let body = "--b\nContent-Type: a/b\nContent-Disposition: form-data; filename=\"name=x;\"; NAME=\"f\"\n\nx\n--b--";
        assert_eq!(
            parse_multipart(body.as_bytes(), "b"),
            Some(owned([("f", "x")]))
        );
    }

    #[test]
    fn a_boundary_inside_a_value_is_text() {
        let body = multipart(&[("a", "x--XyZ\r\n--XyZa\r\ny")]);
        assert_eq!(
            parse_multipart(body.as_bytes(), "XyZ"),
            Some(owned([("a", "x--XyZ\r\n--XyZa\r\ny")]))
        );
    }

    #[test]
    fn malformed_bodies() {
        for body in [
            "",
            "text",
            "--XyZ",
            "--XyZ\r\n",
            "--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\n1",
            "--XyZ\r\nContent-Disposition: form-data\r\n\r\n1\r\n--XyZ--",
            "--XyZ\r\nno empty line\r\n--XyZ--",
            "--XyZ\r\n--XyZ--",
        ] {
            assert_eq!(parse_multipart(body.as_bytes(), "XyZ"), None, "{body}");
        }
        assert_eq!(parse_multipart(b"--XyZ--", "XyZ"), Some(vec![]));
        assert_eq!(parse_multipart(b"--\r\n----", ""), None);
        let long = format!("name=a; x={}", "y".repeat(PART_HEADERS_MAX));
        assert_eq!(
            parse_multipart(multipart(&[(&long, "1")]).as_bytes(), "XyZ"),
            None
        );
    }

    proptest::proptest! {
        #[test]
        fn never_panics(body: Vec<u8>, text in "[-x\r\n:;=\" name]{0,200}") {
            let _ = parse_urlencoded(&body);
            let _ = parse_multipart(&body, "x");
            let _ = parse_multipart(format!("--x\n{text}").as_bytes(), "x");
        }

        #[test]
        fn multipart_reads_what_was_written(value in "[^\u{0}]{0,50}") {
            proptest::prop_assume!(!value.contains("--XyZ"));
            let body = multipart(&[("\"n\"", &value)]);
            let want = Some(vec![("n".to_owned(), value)]);
            proptest::prop_assert_eq!(parse_multipart(body.as_bytes(), "XyZ"), want);
        }
    }
}
