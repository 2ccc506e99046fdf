//! I-Regexp (RFC 9485) by way of the crate `regex`, which takes linear time.

use regex::{Regex, RegexBuilder};

use crate::limits::REGEX_NEST_MAX;
use crate::regex_size;

/// What the regex of a pattern weighs, as estimated.
pub(super) fn compiled_bytes(pattern: &str) -> usize {
    // One that cannot be read is refused when it is compiled.
    regex_size::text_bytes(&exclude_line_ends(pattern), false).unwrap_or(0)
}

/// The regex of a pattern; `whole` demands that all of the text matches.
pub(super) fn compile(pattern: &str, whole: bool, bytes: usize) -> Result<Regex, regex::Error> {
    if regex_size::is_too_long(pattern, bytes) {
        return Err(regex::Error::CompiledTooBig(bytes));
    }
    let body = exclude_line_ends(pattern);
    let text = if whole {
        format!(r"\A(?:{body})\z")
    } else {
        body
    };
    RegexBuilder::new(&text)
        .size_limit(bytes)
        .dfa_size_limit(bytes)
        .nest_limit(REGEX_NEST_MAX)
        .build()
}

/// What is wrong with a pattern, on one line.
pub(super) fn reason(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(limit) => {
            format!("the regex is too large: compiled, it takes more than {limit} bytes")
        }
        // The last line of the many says what is wrong; those before draw where.
        other => {
            let text = other.to_string();
            let last = text.lines().next_back().unwrap_or_default();
            let what = last.strip_prefix("error: ").unwrap_or(last);
            format!("not a regex: {what}")
        }
    }
}

/// In an I-Regexp the dot matches neither `\n` nor `\r`.
fn exclude_line_ends(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let (mut escaped, mut in_class) = (false, false);
    for c in pattern.chars() {
        match c {
            '.' if !escaped && !in_class => out.push_str(r"[^\n\r]"),
            _ => out.push(c),
        }
        match c {
            '\\' => escaped = !escaped,
            _ if escaped => escaped = false,
            '[' => in_class = true,
            ']' => in_class = false,
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::compile;

    #[test]
    fn dots_and_anchors() {
        for (pattern, whole, text, want) in [
            ("a.c", true, "abc", true),
            ("a.c", true, "a\rc", false),
            ("a.c", true, "xabc", false),
            ("a.c", false, "xabcx", true),
            (r"a\.c", true, "abc", false),
            (r"a\\.c", true, r"a\bc", true),
            ("a[.]c", true, "a.c", true),
            ("a[.]c", true, "abc", false),
            ("a|b", true, "ab", false),
            (r"\p{Lu}", true, "É", true),
        ] {
            let regex = compile(pattern, whole, 1 << 20).unwrap();
            assert_eq!(regex.is_match(text), want, "{pattern} {text:?}");
        }
    }
}
