//! An e-mail address.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use regex::Regex;

use super::Refusal;

/// The longest address that mail can be sent to (RFC 5321 section 4.5.3.1.3, less the brackets).
const CHARS_MAX: usize = 254;

/// Characters that cannot be seen: an address with one looks like that of somebody else.
#[expect(
    clippy::expect_used,
    reason = "the pattern is fixed, and a test uses it"
)]
static INVISIBLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[\p{Cf}\p{Co}\p{Default_Ignorable_Code_Point}\u{2800}]").expect("a pattern")
});

/// An e-mail address, in lower case: two spellings of one mailbox are one account.
///
/// What stands before the `@` is up to its host, so that little is asked of it; whether there is such
/// a mailbox, only a mail can tell.
///
/// ```
/// use mockbird_server::domain::Email;
/// let email: Email = " Ada@Example.com ".parse()?;
/// assert_eq!((email.as_str(), email.domain()), ("ada@example.com", "example.com"));
/// # Ok::<(), mockbird_server::domain::Refusal>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email(String);

impl Email {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands behind the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl FromStr for Email {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let text = text.trim().to_lowercase();
        let fits = text.rsplit_once('@').is_some_and(|(local, domain)| {
            is_local(local) && is_domain(domain) && text.len() <= CHARS_MAX
        });
        let fits = fits && !INVISIBLE.is_match(&text);
        if fits {
            Ok(Self(text))
        } else {
            let why = "this is no e-mail address: write it as in `ada@example.com`";
            Err(Refusal(why.to_owned()))
        }
    }
}

/// Words with dots between them: mail servers take no other (RFC 5321 section 4.1.2), unless in quotes.
fn is_local(local: &str) -> bool {
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || "@\"(),:;<>[]\\".contains(c);
    let word = |word: &str| !word.is_empty() && !word.contains(forbidden);
    local.len() <= 64 && local.split('.').all(word)
}

/// Labels with dots between them, at least two: a host of the local network gets no mail.
pub(super) fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.contains('.') && domain.split('.').all(label)
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses() {
        for (text, fits) in [
            ("a@b.co", true),
            ("a.b+tag@sub.example.com", true),
            ("jürgen@exämple.de", true),
            ("", false),
            ("a", false),
            ("@b.co", false),
            ("a@", false),
            ("a@localhost", false),
            ("a@b..co", false),
            ("a@-b.co", false),
            ("a b@c.de", false),
            ("a..b@c.de", false),
            (".a@c.de", false),
            ("a.@c.de", false),
            ("a@b@c.de", false),
            ("a@b.co\r\nBcc: x@y.z", false),
            ("<a@b.co>", false),
            ("a\u{200b}da@b.co", false),
            ("a\u{202e}da@b.co", false),
            ("a\u{ad}da@b.co", false),
            ("ada\u{fe0f}@b.co", false),
            ("ada\u{2800}@b.co", false),
            ("ada@b\u{3164}.co", false),
        ] {
            assert_eq!(text.parse::<Email>().is_ok(), fits, "{text}");
        }
        let long = format!("{}@{}.com", "a".repeat(64), "b.".repeat(94));
        assert!(long.parse::<Email>().is_err());
    }

    proptest! {
        #[test]
        fn what_was_read_is_read_the_same(text in "\\PC{1,12}@\\PC{1,12}\\.[a-zA-Z]{2,4}") {
            if let Ok(email) = text.parse::<Email>() {
                prop_assert!(!email.as_str().contains(char::is_whitespace));
                prop_assert_eq!(email.as_str().parse(), Ok(email.clone()));
            }
        }
    }
}
