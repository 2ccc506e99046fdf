//! What servers of one database tell each other, as text.

use std::fmt;

use mockbird_core::spec::is_slug;
use serde::{Deserialize, Serialize};

/// The most bytes of a message that is read.
pub(super) const BYTES_MAX: usize = 1 << 20;

/// The most slugs in one message.
pub(super) const SLUGS_MAX: usize = 100;

/// A server, for as long as it runs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Node(u64);

/// Something that others should know, and who tells it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Message {
    pub(super) from: Node,
    #[serde(flatten)]
    pub(super) content: Content,
}

/// Something that others should know. A server of another version may tell what is not here: that is left out.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Content {
    /// What answers under these slugs was changed, and is to be loaded anew.
    Changed(Vec<String>),
}

impl Node {
    /// One that no other is.
    pub(super) fn draw() -> Self {
        Self(fastrand::u64(..))
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node({self})")
    }
}

impl Message {
    /// The message of a text; none if it is too long or nothing that we would write.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        if text.len() > BYTES_MAX {
            return None;
        }
        let message: Self = serde_json::from_slice(text).ok()?;
        message.content.is_bounded().then_some(message)
    }

    pub(super) fn write(&self) -> String {
        // Every key is a text, and no number is anything but whole.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Content {
    fn is_bounded(&self) -> bool {
        match self {
            Self::Changed(slugs) => {
                slugs.len() <= SLUGS_MAX && slugs.iter().all(|slug| is_slug(slug))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn changed(slugs: &[&str]) -> Content {
        Content::Changed(slugs.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_message_is_read_as_it_was_written() {
        let message = Message {
            from: Node::draw(),
            content: changed(&["shop", "inner"]),
        };
        let text = message.write();
        assert_eq!(Message::read(text.as_bytes()), Some(message));
    }

    #[test]
    fn what_we_would_not_write_is_left_out() {
        let many = format!(
            r#"{{"from":1,"changed":[{}"a"]}}"#,
            "\"a\",".repeat(SLUGS_MAX)
        );
        let long = format!(r#"{{"from":1,"changed":[]{}}}"#, " ".repeat(BYTES_MAX));
        for text in [
            "",
            "shop",
            "null",
            r#"{"from":1}"#,
            r#"{"changed":["shop"]}"#,
            r#"{"from":-1,"changed":["shop"]}"#,
            r#"{"from":1,"changed":["no slug!"]}"#,
            r#"{"from":1,"changed":"shop"}"#,
            r#"{"from":1,"news of tomorrow":[]}"#,
            &many,
            &long,
        ] {
            assert_eq!(Message::read(text.as_bytes()), None, "{text:.80}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_much(text in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Message::read(&text);
        }
    }
}
