//! What servers of one database tell each other, as text.
//!
//! Each message is signed by the secret that they share: what anybody else writes is left out.

use std::fmt;
use std::sync::Arc;

use hmac::digest::InvalidLength;
use hmac::{Hmac, KeyInit, Mac};
use mockbird_core::spec::is_slug;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::app::SigningSecret;
use crate::domain::{LogRecord, ProjectId};

/// The most bytes of a message.
pub(super) const BYTES_MAX: usize = 1 << 20;

/// The most slugs, projects or records in one message.
pub(super) const ITEMS_MAX: usize = 100;

/// How many bytes sign a message.
const SIGNATURE: usize = 16;

/// A server, for as long as it runs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Node(u64);

/// Something that others should know, and who tells it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Message {
    pub(super) from: Node,
    /// How many requests it could not tell of so far.
    pub(super) lost: u64,
    #[serde(flatten)]
    pub(super) content: Content,
}

/// Something that others should know. A server of another version may tell what is not here: that is left out.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Content {
    /// What answers under these slugs was changed, and is to be loaded anew.
    Changed(Vec<String>),
    /// Somebody follows the requests to these projects there, for the next seconds.
    Follows(Vec<ProjectId>),
    /// Requests that were answered to a project that is followed.
    Answered(Vec<Arc<LogRecord>>),
}

/// What the servers of one database have in common.
#[derive(Clone)]
pub(super) struct Group {
    mac: Hmac<Sha256>,
    name: u64,
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

/// The key is nobody's business.
impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Group({:016x})", self.name)
    }
}

impl Group {
    /// Those who share a secret.
    pub(super) fn of(secret: &SigningSecret) -> Result<Self, InvalidLength> {
        let mac = Hmac::<Sha256>::new_from_slice(secret.expose())?.chain_update("nodes:");
        let name = mac.clone().finalize().into_bytes();
        let name = name.first_chunk().copied().map(u64::from_be_bytes);
        Ok(Self {
            mac,
            name: name.unwrap_or_default(),
        })
    }

    /// Where all of them listen. Whoever does not know the secret does not come there by chance.
    pub(super) fn channel(&self) -> String {
        format!("mockbird:{:016x}", self.name)
    }

    /// Where one of them listens.
    pub(super) fn channel_of(&self, node: Node) -> String {
        format!("{}:{node}", self.channel())
    }

    /// Where the window of a key under a limit is. Keys are addresses of people: nobody reads them there.
    pub(super) fn window_of(&self, name: &str, key: &(dyn fmt::Display + Sync)) -> String {
        let mac = self.mac.clone().chain_update("window:");
        let mac = mac.chain_update(format!("{name}:{key}"));
        let hash = mac.finalize().into_bytes();
        let hash = hash.first_chunk().copied().map(u128::from_be_bytes);
        format!(
            "{}:window:{:032x}",
            self.channel(),
            hash.unwrap_or_default()
        )
    }

    /// The message, signed.
    pub(super) fn write(&self, message: &Message) -> Vec<u8> {
        // Every key is a text, and no number is anything but whole.
        let text = serde_json::to_vec(message).unwrap_or_default();
        let signature = self.mac.clone().chain_update(&text).finalize().into_bytes();
        [&signature[..SIGNATURE], &text].concat()
    }

    /// The message that one of us signed, if we know what it means.
    pub(super) fn read(&self, signed: &[u8]) -> Option<Message> {
        let (signature, text) = signed.split_at_checked(SIGNATURE)?;
        if text.len() > BYTES_MAX {
            return None;
        }
        let mac = self.mac.clone().chain_update(text);
        mac.verify_truncated_left(signature).ok()?;
        let message: Message = serde_json::from_slice(text).ok()?;
        message.content.is_bounded().then_some(message)
    }
}

impl Content {
    fn is_bounded(&self) -> bool {
        match self {
            Self::Changed(slugs) => {
                slugs.len() <= ITEMS_MAX && slugs.iter().all(|slug| is_slug(slug))
            }
            Self::Follows(projects) => projects.len() <= ITEMS_MAX,
            Self::Answered(records) => records.len() <= ITEMS_MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{AnsweredBy, LogBody, LogIds, Millis, OrganizationId};

    fn group() -> Group {
        let folder = tempfile::tempdir().unwrap();
        Group::of(&SigningSecret::load(folder.path()).unwrap()).unwrap()
    }

    fn message(content: Content) -> Message {
        let (from, lost) = (Node::draw(), 7);
        Message {
            from,
            lost,
            content,
        }
    }

    fn record(path: &[u8], body: Option<Vec<u8>>) -> LogRecord {
        let at = Millis(1);
        LogRecord {
            id: LogIds::default().next(at),
            organization: OrganizationId::new(at),
            project: ProjectId::new(at),
            mock: None,
            response: None,
            at,
            answered_by: AnsweredBy::Nobody,
            method: "GET".to_owned(),
            path: path.to_vec(),
            query: body.clone(),
            headers: vec![("accept".to_owned(), "text/plain".to_owned())],
            body: body.map(|kept| LogBody {
                length: 9,
                kept: Some(kept),
                sha256: None,
                is_binary: true,
            }),
            status: 404,
            response_bytes: 2,
            engine_us: 30,
            delay_ms: 0,
            client: [127, 0, 0, 1].into(),
            user_agent: None,
            near: Vec::new(),
            notes: Vec::new(),
        }
    }

    #[test]
    fn a_message_is_read_as_it_was_written_by_those_who_share_the_secret() {
        let (ours, theirs) = (group(), group());
        assert_ne!(ours.channel(), theirs.channel());
        for content in [
            Content::Changed(vec!["shop".to_owned(), "inner".to_owned()]),
            Content::Follows(vec![ProjectId::new(Millis(1))]),
            Content::Answered(vec![]),
        ] {
            let message = message(content);
            let mut signed = ours.write(&message);
            assert_eq!(theirs.read(&signed), None);
            assert_eq!(ours.read(&signed), Some(message));
            *signed.last_mut().unwrap() ^= 1;
            assert_eq!(ours.read(&signed), None);
        }
    }

    #[test]
    fn what_we_would_not_write_is_left_out() {
        let group = group();
        let too_many = vec!["shop".to_owned(); ITEMS_MAX + 1];
        for content in [
            Content::Changed(vec!["../../etc".to_owned()]),
            Content::Changed(too_many),
            Content::Follows(vec![ProjectId::new(Millis(1)); ITEMS_MAX + 1]),
        ] {
            let message = message(content);
            assert_eq!(group.read(&group.write(&message)), None, "{message:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_much(signed in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(group().read(&signed), None);
        }

        #[test]
        fn any_record_arrives_as_it_was(path in any::<Vec<u8>>(), body in any::<Option<Vec<u8>>>()) {
            let group = group();
            let message = message(Content::Answered(vec![record(&path, body).into()]));
            prop_assert_eq!(group.read(&group.write(&message)), Some(message));
        }
    }
}
