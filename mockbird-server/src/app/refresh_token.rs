//! Refresh tokens: `mr_{session}.{seed}.{mark}`.
//!
//! The mark says that we made the token, so that whoever knows a session alone cannot pass for a thief of its tokens.
//! Each token leads to one other, so that all who show it at once get the same.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::SigningSecret;
use crate::domain::{PlainToken, SessionId};

/// Keep the uses apart from each other, and from all others of the signing secret.
const MARK: &[u8] = b"mockbird refresh mark 1 ";
const NEXT: &[u8] = b"mockbird refresh next 1 ";

impl SigningSecret {
    /// The first token of a session.
    pub(super) fn refresh_first(&self, session: SessionId) -> PlainToken {
        self.marked(PlainToken::random(&prefix(session)).reveal())
    }

    /// The token that takes the place of this one.
    pub(super) fn refresh_next(&self, session: SessionId, token: &PlainToken) -> PlainToken {
        let seed = self.mac(NEXT, token.reveal()).finalize().into_bytes();
        let seed = URL_SAFE_NO_PAD.encode(seed);
        self.marked(&format!("{}{seed}", prefix(session)))
    }

    /// Whether we made this token, however long ago.
    pub(super) fn refresh_is_ours(&self, token: &PlainToken) -> bool {
        let Some((text, mark)) = token.reveal().rsplit_once('.') else {
            return false;
        };
        let mark = URL_SAFE_NO_PAD.decode(mark);
        // In constant time.
        mark.is_ok_and(|mark| self.mac(MARK, text).verify_slice(&mark).is_ok())
    }

    fn marked(&self, text: &str) -> PlainToken {
        let mark = self.mac(MARK, text).finalize().into_bytes();
        PlainToken::presented(&format!("{text}.{}", URL_SAFE_NO_PAD.encode(mark)))
    }

    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    fn mac(&self, purpose: &[u8], text: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.expose()).expect("any key will do");
        mac.update(purpose);
        mac.update(text.as_bytes());
        mac
    }
}

/// The session that a token names.
pub(super) fn session_of(token: &PlainToken) -> Option<SessionId> {
    let (session, _) = token.reveal().strip_prefix("mr_")?.split_once('.')?;
    session.parse().ok()
}

fn prefix(session: SessionId) -> String {
    format!("mr_{session}.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Millis;

    #[test]
    fn only_what_we_made_is_ours() {
        let secret = || SigningSecret::load(tempfile::tempdir().unwrap().path()).unwrap();
        let (ours, theirs) = (secret(), secret());
        let session = SessionId::new(Millis(1));
        let first = ours.refresh_first(session);
        let next = ours.refresh_next(session, &first);
        for token in [&first, &next] {
            assert!(ours.refresh_is_ours(token));
            assert!(!theirs.refresh_is_ours(token));
            assert_eq!(session_of(token), Some(session));
        }
        let (seed, mark) = next.reveal().rsplit_once('.').unwrap();
        for forged in [seed, &format!("{seed}x.{mark}"), &format!("mr_{session}.x")] {
            assert!(!ours.refresh_is_ours(&PlainToken::presented(forged)));
        }
    }

    #[test]
    fn each_leads_to_one_other() {
        let secret = SigningSecret::load(tempfile::tempdir().unwrap().path()).unwrap();
        let session = SessionId::new(Millis(1));
        let (one, other) = (secret.refresh_first(session), secret.refresh_first(session));
        let next = secret.refresh_next(session, &one).hash();
        assert_eq!(next, secret.refresh_next(session, &one).hash());
        assert_ne!(next, secret.refresh_next(session, &other).hash());
        assert_ne!(next, one.hash());
    }
}
