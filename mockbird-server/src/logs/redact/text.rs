//! What may be a name in a text of any kind.

/// A run of what names are made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'t> {
    pub(super) text: &'t str,
    rest: &'t str,
}

/// All runs of a text, in order.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = &rest[rest.find(is_of_name)?..];
        let end = rest.find(|c| !is_of_name(c)).unwrap_or(rest.len());
        let (text, after) = rest.split_at(end);
        rest = after;
        Some(Token { text, rest: after })
    })
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.')
}

impl Token<'_> {
    /// Whether a value follows, as it does in a query, a form, JSON, XML, or a header.
    pub(super) fn is_field(&self) -> bool {
        let rest = self
            .rest
            .trim_start_matches(|c: char| c.is_whitespace() || "\"'\\]".contains(c));
        match rest.chars().next() {
            Some('=' | '>') => true,
            Some(':') => !rest.starts_with("://"),
            _ => false,
        }
    }
}
