//! Bodies that are not shown as they are: binary ones, and long texts that differ somewhere.

use std::fmt::Write;

use super::finding::Shown;
use crate::finish::ByteSize;
use crate::limits::{SHOWN_BINARY_BYTES_MAX, SHOWN_CHARS_MAX};

/// `1 KiB of binary data (89 50 4e 47 ..., sha256 01ba4719...)`: what tells one file from another, as far as the
/// features go.
pub(super) fn binary(bytes: &[u8]) -> Shown {
    let mut text = format!("{} of binary data (", ByteSize(bytes.len()));
    for byte in bytes.iter().take(SHOWN_BINARY_BYTES_MAX) {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x} ");
    }
    if bytes.len() > SHOWN_BINARY_BYTES_MAX {
        text.push_str("... ");
    }
    text.truncate(text.trim_end().len());
    write_digest(&mut text, bytes);
    text.push(')');
    Shown::Text(text)
}

#[cfg(feature = "digest")]
fn write_digest(text: &mut String, bytes: &[u8]) {
    use sha2::{Digest, Sha256};

    text.push_str(", sha256 ");
    for byte in Sha256::digest(bytes) {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
}

#[cfg(not(feature = "digest"))]
fn write_digest(_: &mut String, _: &[u8]) {}

/// Where two texts begin to differ, if that lies beyond what is shown of them.
pub(super) fn first_difference(came: &str, expected: &str) -> Option<String> {
    let pairs = came.chars().zip(expected.chars());
    let (mut line, mut column, mut characters) = (1, 1, 0);
    for (came, expected) in pairs {
        if came != expected {
            break;
        }
        characters += 1;
        column += 1;
        if came == '\n' {
            (line, column) = (line + 1, 1);
        }
    }
    (characters >= SHOWN_CHARS_MAX)
        .then(|| format!("they differ first at line {line}, column {column}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "digest")]
    #[test]
    fn binary_data_in_one_line() {
        let shown = |bytes: &[u8]| binary(bytes).to_string();
        assert_eq!(
            shown(&[0xff, 0x00]),
            "2 bytes of binary data (ff 00, sha256 \
             ea5dbf9596d187e9500f23e9a680109475341cf4e81f7e043f7d97152c10772f)"
        );
        let long = shown(&[0xff; 2048]);
        assert!(
            long.starts_with("2 KiB of binary data (ff ff ff ff ff ff ff ff ..., sha256 "),
            "{long}"
        );
    }

    #[test]
    fn texts_differ_beyond_what_is_shown() {
        let long = "x".repeat(90) + "\nab";
        assert_eq!(
            first_difference(&long, &long.replace('b', "c")).unwrap(),
            "they differ first at line 2, column 2"
        );
        assert_eq!(first_difference("a", "b"), None);
    }
}
