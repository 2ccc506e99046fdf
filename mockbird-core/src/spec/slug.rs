//! The DNS label of a spec: a-z, 0-9 and `-` inside, at most 63 characters (RFC 1035 section 2.3.1).

use crate::limits::SLUG_CHARS_MAX;

/// The label of a name without a single letter or digit of ASCII.
const FALLBACK: &str = "mocks";

/// A slug made from a name: what is not ASCII is folded where it can be, each run of other characters
/// becomes one `-`.
///
/// ```
/// use mockbird_core::spec::slug;
/// assert_eq!(slug("My E-commerce API"), "my-e-commerce-api");
/// assert_eq!(slug("  Café & Crêpes!  "), "cafe-crepes");
/// assert_eq!(slug("日本"), "mocks");
/// ```
pub fn slug(name: &str) -> String {
    let mut slug = String::new();
    let mut gap = false;
    for c in name.chars().filter(|c| !is_combining(*c)) {
        let (folded, buffer) = (fold(c), &mut [0; 4]);
        let letters = folded.unwrap_or_else(|| c.encode_utf8(buffer));
        if !letters.bytes().all(|b| b.is_ascii_alphanumeric()) {
            gap = true;
            continue;
        }
        let dash = usize::from(gap && !slug.is_empty());
        if slug.len() + dash + letters.len() > SLUG_CHARS_MAX {
            break;
        }
        if dash > 0 {
            slug.push('-');
        }
        gap = false;
        slug.push_str(&letters.to_ascii_lowercase());
    }
    if slug.is_empty() {
        slug.push_str(FALLBACK);
    }
    slug
}

/// True for a text that may stand as a DNS label.
pub fn is_slug(text: &str) -> bool {
    (1..=SLUG_CHARS_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// An accent that stands after its letter.
fn is_combining(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

/// The ASCII letters of a Latin letter with marks, as people write names without them.
fn fold(c: char) -> Option<&'static str> {
    Some(match c {
        'À'..='Å' | 'à'..='å' | 'Ā'..='ą' => "a",
        'Æ' | 'æ' => "ae",
        'Ç' | 'ç' | 'Ć'..='č' => "c",
        'Ð' | 'ð' | 'Ď'..='đ' => "d",
        'È'..='Ë' | 'è'..='ë' | 'Ē'..='ě' => "e",
        'Ĝ'..='ģ' => "g",
        'Ĥ'..='ħ' => "h",
        'Ì'..='Ï' | 'ì'..='ï' | 'Ĩ'..='ı' => "i",
        'Ĳ' | 'ĳ' => "ij",
        'Ĵ' | 'ĵ' => "j",
        'Ķ'..='ĸ' => "k",
        'Ĺ'..='ł' => "l",
        'Ñ' | 'ñ' | 'Ń'..='ŋ' => "n",
        'Ò'..='Ö' | 'Ø' | 'ò'..='ö' | 'ø' | 'Ō'..='ő' => "o",
        'Œ' | 'œ' => "oe",
        'Ŕ'..='ř' => "r",
        'Ś'..='š' | 'ſ' | 'Ș' | 'ș' => "s",
        'ß' | 'ẞ' => "ss",
        'Ţ'..='ŧ' | 'Ț' | 'ț' => "t",
        'Þ' | 'þ' => "th",
        'Ù'..='Ü' | 'ù'..='ü' | 'Ũ'..='ų' => "u",
        'Ŵ' | 'ŵ' => "w",
        'Ý' | 'ý' | 'ÿ' | 'Ŷ'..='Ÿ' => "y",
        'Ź'..='ž' => "z",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn folds_and_joins() {
        for (name, expected) in [
            ("Straße 7", "strasse-7"),
            ("ÅNGSTRÖM Łódź", "angstrom-lodz"),
            ("--a__b..c--", "a-b-c"),
            ("don't", "don-t"),
            ("e\u{301}t\u{e9}", "ete"),
            ("", "mocks"),
            ("!!!", "mocks"),
        ] {
            assert_eq!(slug(name), expected);
        }
        assert_eq!(slug(&format!("{}{}", "a".repeat(62), " b")), "a".repeat(62));
    }

    #[test]
    fn labels() {
        for (text, fits) in [
            ("a", true),
            ("a-1", true),
            ("", false),
            ("-a", false),
            ("a-", false),
            ("A", false),
            ("a_b", false),
        ] {
            assert_eq!(is_slug(text), fits, "{text}");
        }
        assert!(!is_slug(&"a".repeat(64)));
    }

    proptest! {
        #[test]
        fn a_slug_is_a_slug_and_stays(name in "\\PC{0,90}") {
            let first = slug(&name);
            prop_assert!(is_slug(&first), "{first}");
            prop_assert_eq!(slug(&first), first);
        }
    }
}
