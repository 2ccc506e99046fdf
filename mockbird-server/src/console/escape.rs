//! Text from requests and files, made harmless for a terminal.

use std::borrow::Cow;
use std::fmt;

/// Shows a text with everything escaped that could steer a terminal or reorder what is read.
///
/// Control characters (C0, DEL, C1) could move the cursor or recolour the screen, and the
/// bidirectional ones make a line read otherwise than it is (CVE-2021-42574).
///
/// ```
/// use mockbird_server::console::Harmless;
/// assert_eq!(Harmless("a\u{1b}[31mb\n").to_string(), r"a\u{1b}[31mb\n");
/// assert_eq!(Harmless("café").to_string(), "café");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Harmless<'a>(pub &'a str);

impl<'a> Harmless<'a> {
    /// The text itself where nothing in it has to be escaped, as in most.
    pub(super) fn as_is(self) -> Option<&'a str> {
        let is_plain = self.0.bytes().all(|b| (b' '..=b'~').contains(&b));
        is_plain.then_some(self.0)
    }

    /// The same, escaped or not.
    pub(super) fn into_text(self) -> Cow<'a, str> {
        match self.as_is() {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Owned(self.to_string()),
        }
    }
}

impl fmt::Display for Harmless<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = self.as_is() {
            return f.write_str(text);
        }
        self.0.chars().try_for_each(|c| {
            if is_harmful(c) {
                write!(f, "{}", c.escape_default())
            } else {
                fmt::Write::write_char(f, c)
            }
        })
    }
}

fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_survives() {
        for code in (0..0x20)
            .chain(0x7F..0xA0)
            .chain([0x202E, 0x2066, 0x200F, 0xFEFF])
        {
            let c = char::from_u32(code).unwrap();
            let shown = Harmless(&format!("a{c}b")).to_string();
            assert!(
                !shown.contains(c) && shown.starts_with("a\\"),
                "{code:x}: {shown}"
            );
        }
        assert_eq!(
            Harmless("日本 \u{1F426} ok").to_string(),
            "日本 \u{1F426} ok"
        );
    }
}
