//! What is kept of a body.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use super::LogRules;
use crate::domain::LogBody;

/// What is kept of a body: nothing if the project keeps none, otherwise its beginning, without secrets.
pub fn kept_body(
    body: &[u8],
    content_type: Option<&str>,
    rules: &LogRules,
    most: usize,
) -> Option<LogBody> {
    if body.is_empty() {
        return None;
    }
    let is_binary = body.contains(&0) || std::str::from_utf8(body).is_err();
    let mut logged = LogBody {
        kept: None,
        length: body.len() as u64,
        sha256: None,
        is_binary,
    };
    if rules.store_bodies {
        let is_form = content_type.is_some_and(is_form);
        let redacted = rules.body(body, is_form);
        let is_whole = matches!(redacted, Cow::Borrowed(kept) if kept.len() == body.len());
        logged.sha256 = is_whole.then(|| hex(&Sha256::digest(body)));
        logged.kept = Some(cut(&redacted, most).to_vec());
    }
    Some(logged)
}

fn is_form(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default();
    kind.trim()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// The beginning, without half a character at its end.
fn cut(bytes: &[u8], most: usize) -> &[u8] {
    let Some(kept) = bytes.get(..most) else {
        return bytes;
    };
    match std::str::from_utf8(kept) {
        Err(error) if error.error_len().is_none() => &kept[..error.valid_up_to()],
        _ => kept,
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::LogSettings;

    #[test]
    fn a_body_is_kept_as_far_as_it_may_be() {
        let rules = LogRules::new(&LogSettings::default());
        let form = Some("application/x-www-form-urlencoded; charset=utf-8");
        for (body, content_type, kept, is_whole, is_binary) in [
            (&b"hello"[..], None, &b"hello"[..], true, false),
            (b"\xff\x00\x01", None, b"\xff\x00\x01", true, true),
            (
                "aaaaaaaaa\u{e9}".as_bytes(),
                None,
                b"aaaaaaaaa",
                true,
                false,
            ),
            (b"aaaaaaaaaaaa", None, b"aaaaaaaaaa", true, false),
            (b"pin=1", form, b"pin=[redac", false, false),
            (b"{\"pin\":1}", form, b"{\"pin\":\"[r", false, false),
            (b"<pin>1</pin>", None, b"[redacted]", false, false),
            (b"p\0i\0n\0=\0", None, b"[redacted]", false, true),
        ] {
            let logged = kept_body(body, content_type, &rules, 10).unwrap();
            assert_eq!(logged.kept.as_deref(), Some(kept));
            assert_eq!(
                (logged.sha256.is_some(), logged.is_binary),
                (is_whole, is_binary)
            );
            assert_eq!(logged.length, body.len() as u64);
        }
        let none = LogRules {
            store_bodies: false,
            ..rules
        };
        let logged = kept_body(b"hello", None, &none, 10).unwrap();
        assert_eq!((logged.kept, logged.sha256, logged.length), (None, None, 5));
        assert_eq!(kept_body(b"", None, &none, 10), None);
    }
}
