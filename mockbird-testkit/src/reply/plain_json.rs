//! JSON that is seen to be some at a glance, without making values of it.

/// How deep lists and objects are looked into.
const DEPTH_MAX: usize = 32;

/// True only if the text is JSON, and what its strings mean is what stands there: it has no escapes.
pub(super) fn is_plain_json(text: &str) -> bool {
    let mut glance = Glance {
        rest: text.as_bytes(),
    };
    glance.value(DEPTH_MAX) && glance.next().is_none()
}

struct Glance<'t> {
    rest: &'t [u8],
}

impl Glance<'_> {
    /// The next byte that is no space; it stays.
    fn next(&mut self) -> Option<u8> {
        while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = self.rest {
            self.rest = rest;
        }
        self.rest.first().copied()
    }

    /// Takes the next byte that is no space, if it is this one.
    fn takes(&mut self, byte: u8) -> bool {
        let is_it = self.next() == Some(byte);
        if is_it {
            self.rest = &self.rest[1..];
        }
        is_it
    }

    fn value(&mut self, depth: usize) -> bool {
        match self.next() {
            Some(b'{') => self.all(b'}', depth, |glance, depth| {
                glance.string() && glance.takes(b':') && glance.value(depth)
            }),
            Some(b'[') => self.all(b']', depth, Self::value),
            Some(b'"') => self.string(),
            Some(b't') => self.word(b"true"),
            Some(b'f') => self.word(b"false"),
            Some(b'n') => self.word(b"null"),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => false,
        }
    }

    /// What stands between a bracket and `end`, with commas between.
    fn all(
        &mut self,
        end: u8,
        depth: usize,
        mut one: impl FnMut(&mut Self, usize) -> bool,
    ) -> bool {
        self.rest = &self.rest[1..];
        if depth == 0 {
            return false;
        }
        if self.takes(end) {
            return true;
        }
        loop {
            if !one(self, depth - 1) {
                return false;
            }
            if !self.takes(b',') {
                return self.takes(end);
            }
        }
    }

    fn string(&mut self) -> bool {
        if !self.takes(b'"') {
            return false;
        }
        let is_end = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
        let Some(end) = self.rest.iter().position(is_end) else {
            return false;
        };
        let is_closed = self.rest[end] == b'"';
        self.rest = &self.rest[end + 1..];
        is_closed
    }

    fn word(&mut self, word: &[u8]) -> bool {
        let rest = self.rest.strip_prefix(word);
        self.rest = rest.unwrap_or_default();
        rest.is_some()
    }

    /// Whole numbers and decimals, without an exponent.
    fn number(&mut self) -> bool {
        self.rest = self.rest.strip_prefix(b"-").unwrap_or(self.rest);
        let is_zero_first = self.rest.first() == Some(&b'0');
        let whole = self.digits();
        let has_fraction = self.rest.first() == Some(&b'.');
        if has_fraction {
            self.rest = &self.rest[1..];
        }
        let is_whole = whole > 0 && !(is_zero_first && whole > 1);
        is_whole
            && (!has_fraction || self.digits() > 0)
            && !matches!(self.rest.first(), Some(b'e' | b'E'))
    }

    /// Takes digits; how many.
    fn digits(&mut self) -> usize {
        let is_other = |byte: &u8| !byte.is_ascii_digit();
        let count = self
            .rest
            .iter()
            .position(is_other)
            .unwrap_or(self.rest.len());
        self.rest = &self.rest[count..];
        count
    }
}

#[cfg(test)]
mod tests {
    use mockbird_core::json;
    use proptest::prelude::*;

    use super::is_plain_json;

    fn text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("{"),
            Just("}"),
            Just("["),
            Just("]"),
            Just(","),
            Just(":"),
            Just("\"a\""),
            Just("\""),
            Just("\\"),
            Just("-"),
            Just("0"),
            Just("1"),
            Just("."),
            Just("e"),
            Just("true"),
            Just("null"),
            Just("nul"),
            Just(" "),
            Just("\n"),
            Just("é"),
        ];
        proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5_000))]

        #[test]
        fn what_looks_like_json_is_json(text in text()) {
            if is_plain_json(&text) {
                prop_assert!(json::parse(text.as_bytes()).is_ok(), "{text}");
            }
        }
    }

    #[test]
    fn most_json_of_tests_is_seen_to_be_some() {
        for (text, is_json) in [
            (
                r#"{"id": 42, "roles": ["a", "b"], "price": -1.10, "is": true, "no": null}"#,
                true,
            ),
            ("[]", true),
            (" {} ", true),
            ("\"wren\"", true),
            ("0", true),
            ("", false),
            ("01", false),
            ("1.", false),
            ("-", false),
            ("[1,]", false),
            ("{\"a\"}", false),
            ("\"a\nb\"", false),
            ("1 2", false),
            ("1e3", false),
            (r#""\u007b""#, false),
        ] {
            assert_eq!(is_plain_json(text), is_json, "{text}");
        }
        assert!(!is_plain_json(&"[".repeat(100_000)));
    }
}
