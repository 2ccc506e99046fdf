//! Whether a place in a JSON text lies inside of quotes: a machine of three states.

/// Where in a JSON text a writer stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum JsonState {
    /// Outside of strings.
    #[default]
    Outside,
    /// Inside a string.
    Inside,
    /// Inside a string, after a backslash.
    Escape,
}

impl JsonState {
    /// All states, each at its own index.
    pub(super) const ALL: [Self; 3] = [Self::Outside, Self::Inside, Self::Escape];

    /// The state after `text`.
    pub(super) fn after(self, text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut state = self;
        let mut at = 0;
        while at < bytes.len() {
            let found = match state {
                Self::Escape => {
                    state = Self::Inside;
                    at += 1;
                    continue;
                }
                Self::Outside => memchr::memchr(b'"', &bytes[at..]),
                Self::Inside => memchr::memchr2(b'"', b'\\', &bytes[at..]),
            };
            let Some(found) = found else {
                return state;
            };
            state = match (state, bytes[at + found]) {
                (Self::Outside, _) => Self::Inside,
                (_, b'"') => Self::Outside,
                _ => Self::Escape,
            };
            at += found + 1;
        }
        state
    }

    /// Completes a backslash that stands before a value, so that it cannot join with the value's own
    /// escape and set its quotes free; the state after that.
    pub(super) fn close_escape(self, out: &mut String) -> Self {
        match self {
            Self::Escape => {
                out.push('\\');
                Self::Inside
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::JsonState::{Escape, Inside, Outside};

    #[test]
    fn quotes_and_backslashes() {
        for (from, text, to) in [
            (Outside, "{", Outside),
            (Outside, "{\"a", Inside),
            (Outside, "\\\"", Inside),
            (Inside, "x\\", Escape),
            (Inside, "x\\\\", Inside),
            (Inside, "x\\\"y", Inside),
            (Inside, "x\"", Outside),
            (Escape, "\"", Inside),
            (Escape, "", Escape),
            (Outside, "\"\": \"\\\"\", [", Outside),
        ] {
            assert_eq!(from.after(text), to, "{from:?} {text}");
        }
    }
}
