//! Queries and forms, as they are written, without the values of secrets.

use std::borrow::Cow;

use percent_encoding::percent_decode;

use super::{REDACTED, SecretNames};

/// The pairs, borrowed if there is no secret in them.
pub(super) fn redacted<'r>(
    raw: &'r [u8],
    is_secret: impl Fn(&str) -> bool,
    names: &SecretNames,
) -> Cow<'r, [u8]> {
    let pairs: Vec<_> = raw.split(|byte| *byte == b'&').map(Pair::read).collect();
    let is_naming = |pair: &Pair<'_>| names.name_other(&pair.name, &pair.value);
    // Where a value says that another is a secret, all others are taken out.
    let names_other = pairs.iter().any(is_naming);
    let hides = |pair: &Pair<'_>| {
        is_secret(&pair.name)
            || names.is_in_value(&pair.value)
            || (names_other && pair.start > 0 && !is_naming(pair))
    };
    if !pairs.iter().any(hides) {
        return Cow::Borrowed(raw);
    }
    let written = pairs.iter().map(|pair| {
        if hides(pair) && pair.start < pair.raw.len() {
            Cow::Owned([&pair.raw[..pair.start], REDACTED.as_bytes()].concat())
        } else {
            Cow::Borrowed(pair.raw)
        }
    });
    Cow::Owned(written.collect::<Vec<_>>().join(&b'&'))
}

struct Pair<'r> {
    raw: &'r [u8],
    /// Where the value begins; at the start where there is no name.
    start: usize,
    /// Decoded as often as somebody may have encoded it.
    name: String,
    /// Decoded once.
    value: String,
}

impl<'r> Pair<'r> {
    fn read(raw: &'r [u8]) -> Self {
        let start = raw
            .iter()
            .position(|byte| *byte == b'=')
            .map_or(0, |at| at + 1);
        let name = decoded(&raw[..start.saturating_sub(1)]);
        let name = decoded(decoded(name.as_bytes()).as_bytes());
        Self {
            raw,
            start,
            name,
            value: decoded(&raw[start..]),
        }
    }
}

fn decoded(raw: &[u8]) -> String {
    let spaced: Vec<u8> = raw
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    let bytes: Vec<u8> = percent_decode(&spaced).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_secrets_are_taken_out_and_all_else_stays_as_it_is_written() {
        let names = SecretNames::new(["ssn"]);
        for (raw, want) in [
            ("", ""),
            ("a=1&b=%20+&&c", "a=1&b=%20+&&c"),
            ("a=1&token=t&b", "a=1&token=[redacted]&b"),
            ("t%6Fken=x", "t%6Fken=[redacted]"),
            ("t%256Fken=x=y", "t%256Fken=[redacted]"),
            ("user[password]=x", "user[password]=[redacted]"),
            ("user%5Bssn%5D=x", "user%5Bssn%5D=[redacted]"),
            ("password=", "password="),
            ("password", "password"),
            ("to=%2Fa%3Ftoken%3Dx", "to=[redacted]"),
            ("f={%22pin%22:1}", "f=[redacted]"),
            ("{\"password\":1}&a=1", "[redacted]&a=1"),
            (
                "name=password&value=x&b",
                "name=password&value=[redacted]&b",
            ),
            ("field=ssn&value=x", "field=ssn&value=[redacted]"),
            ("a=1;token=x", "a=[redacted]"),
        ] {
            let got = redacted(raw.as_bytes(), |name| names.is_secret(name), &names);
            assert_eq!(String::from_utf8_lossy(&got), want, "{raw}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_may_come(raw in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40)) {
            let names = SecretNames::default();
            let once = redacted(&raw, |name| names.is_secret(name), &names).into_owned();
            let twice = redacted(&once, |name| names.is_secret(name), &names).into_owned();
            proptest::prop_assert_eq!(once, twice);
        }
    }
}
