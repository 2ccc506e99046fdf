//! What the parser has against a text, in words for somebody who writes mock files and knows little of YAML.

use std::borrow::Cow;

/// Parts of the parser's messages, and what is said instead.
const WORDS: [(&[&str], &str); 11] = [
    (
        &[
            "tabs disallowed",
            "tab cannot",
            "found a tab",
            "start with a tab",
        ],
        "a tab stands here: YAML is indented with spaces only",
    ),
    (
        &[
            "expected '-' indicator",
            "did not find expected key",
            "invalid indentation",
        ],
        "this is indented like nothing above it: what belongs together begins in one column",
    ),
    (
        &["simple key expect", "mapping values are not allowed"],
        "a `:` is missing before this, or is one too many: a key is followed by `: `, and a text that holds `: ` needs quotes",
    ),
    (
        &["expected ',' or '}'"],
        "an object is not closed: `,` stands between its members, and `}` at its end",
    ),
    (
        &["expected ',' or ']'"],
        "a list is not closed: `,` stands between its elements, and `]` at its end",
    ),
    (
        &["did not find expected node content"],
        "a value is missing here, or a `{` or `[` before this is not closed",
    ),
    (
        &["illegal placement of ':'"],
        "no `:` may stand here: a `{` or `[` before this is not closed, or the text needs quotes",
    ),
    (
        &["found unexpected end of stream"],
        "the quote that begins here is not closed",
    ),
    (
        &["trailing content"],
        "text stands after the closing quote: inside of single quotes, `'` is written `''`",
    ),
    (
        &["unknown escape character"],
        "no such escape: inside of double quotes, a backslash is written `\\\\`",
    ),
    (
        &["unknown anchor"],
        "this refers to an anchor that is not there: a text that begins with `*` needs quotes",
    ),
];

/// A message of the parser, in our words where we have some.
pub(super) fn of(message: &str) -> Cow<'static, str> {
    let has = |parts: &[&str]| parts.iter().any(|part| message.contains(part));
    if let Some((_, words)) = WORDS.iter().find(|(parts, _)| has(parts)) {
        return (*words).into();
    }
    if has(&["unexpected character", "cannot start any token"]) {
        return format!("{message}: a text that begins with a special character needs quotes")
            .into();
    }
    message.to_owned().into()
}
