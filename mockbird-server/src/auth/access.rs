//! Access tokens: a JWT (RFC 7519) of a few minutes that names a session.
//!
//! Signed with HS256 and nothing else: the header is one constant, so that no token chooses how it is checked.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::domain::{Millis, SessionId, UserId};

/// `{"alg":"HS256","typ":"JWT"}`.
const HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

/// Who a good access token was given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// The user.
    pub user: UserId,
    /// Its session, which may have ended since.
    pub session: SessionId,
}

/// The payload; times are seconds since 1970.
#[derive(Deserialize, Serialize)]
struct Claims {
    sub: String,
    sid: String,
    iat: i64,
    exp: i64,
}

impl Access {
    /// A token that is good from `now` until `end`, signed with `secret`.
    pub fn sign(self, secret: &[u8], now: Millis, end: Millis) -> String {
        let claims = Claims {
            sub: self.user.to_string(),
            sid: self.session.to_string(),
            iat: now.0.div_euclid(1000),
            exp: end.0.div_euclid(1000),
        };
        // Strings and numbers always have a JSON form.
        let claims = serde_json::to_vec(&claims).unwrap_or_default();
        let signed = format!("{HEADER}.{}", URL_SAFE_NO_PAD.encode(claims));
        let signature = mac(secret, &signed).finalize().into_bytes();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Who the token was given to, if we gave it and it is still good.
    pub fn verify(token: &str, secret: &[u8], now: Millis) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        // In constant time.
        mac(secret, signed).verify_slice(&signature).ok()?;
        let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
        let good = header == HEADER && now.0.div_euclid(1000) < claims.exp;
        let access = Self {
            user: claims.sub.parse().ok()?,
            session: claims.sid.parse().ok()?,
        };
        good.then_some(access)
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn mac(secret: &[u8], signed: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("any key will do");
    mac.update(signed.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &[u8] = &[7; 32];

    fn access() -> Access {
        Access {
            user: UserId::new(Millis(1)),
            session: SessionId::new(Millis(2)),
        }
    }

    #[test]
    fn it_is_good_until_its_end() {
        let access = access();
        let token = access.sign(SECRET, Millis(1_000), Millis(11_000));
        for (now, good) in [(1_000, true), (10_999, true), (11_000, false)] {
            let found = Access::verify(&token, SECRET, Millis(now));
            assert_eq!(found, good.then_some(access), "{now}");
        }
        assert_eq!(Access::verify(&token, &[8; 32], Millis(1_000)), None);
    }

    #[test]
    fn nobody_chooses_how_it_is_checked() {
        let token = access().sign(SECRET, Millis(0), Millis(9_000));
        let claims = token.split('.').nth(1).unwrap();
        let unsigned = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        for forged in [
            format!("{unsigned}.{claims}."),
            format!("{HEADER}.{claims}."),
            format!("{HEADER}.{claims}"),
        ] {
            assert_eq!(Access::verify(&forged, SECRET, Millis(0)), None, "{forged}");
        }
    }

    proptest! {
        /// One character less or another one, and it is no token of ours.
        #[test]
        fn what_was_changed_is_refused(at in 0..200_usize, other in "[a-zA-Z0-9._-]?") {
                let token = access().sign(SECRET, Millis(0), Millis(9_000));
            let at = at % (token.len() - 1);
            let changed = format!("{}{other}{}", &token[..at], &token[at + 1..]);
            let found = Access::verify(&changed, SECRET, Millis(0));
            prop_assert_eq!(found.is_some(), changed == token);
        }
    }
}
