//! What is kept for a while and may hold a secret: nobody reads it with the database alone.

use hmac::{Hmac, KeyInit, Mac};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::Sha256;

use super::SigningSecret;

/// Keeps keys of this use apart from all others that come of the signing secret.
const USE: &[u8] = b"mockbird seal 1";

impl SigningSecret {
    /// Encrypts it under a key that is only for what `name` says.
    pub(super) fn seal(&self, name: &str, mut plain: Vec<u8>) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).ok()?;
        let key = self.key(name)?;
        let seal = Nonce::assume_unique_for_key(nonce);
        key.seal_in_place_append_tag(seal, Aad::empty(), &mut plain)
            .ok()?;
        Some([&nonce[..], &plain].concat())
    }

    /// What was sealed; nothing if it was sealed with another secret, for another name, or changed.
    pub(super) fn open(&self, name: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut rest = rest.to_vec();
        let seal = Nonce::assume_unique_for_key(*nonce);
        let key = self.key(name)?;
        let plain = key.open_in_place(seal, Aad::empty(), &mut rest).ok()?;
        Some(plain.to_vec())
    }

    fn key(&self, name: &str) -> Option<LessSafeKey> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.expose()).ok()?;
        mac.update(USE);
        mac.update(name.as_bytes());
        let key = mac.finalize().into_bytes();
        let key = UnboundKey::new(&CHACHA20_POLY1305, &key).ok()?;
        Some(LessSafeKey::new(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_is_opened_with_its_name_and_secret_alone() {
        let secret = || SigningSecret::load(tempfile::tempdir().unwrap().path()).unwrap();
        let (ours, theirs) = (secret(), secret());
        let sealed = ours.seal("a", b"mk_secret".to_vec()).unwrap();
        assert!(!sealed.windows(6).any(|part| part == b"secret"));
        assert_ne!(sealed, ours.seal("a", b"mk_secret".to_vec()).unwrap());
        assert_eq!(ours.open("a", &sealed).unwrap(), b"mk_secret");
        assert_eq!(ours.open("b", &sealed), None);
        assert_eq!(theirs.open("a", &sealed), None);
        assert_eq!(ours.open("a", &sealed[..10]), None);
        let mut changed = sealed;
        changed[20] ^= 1;
        assert_eq!(ours.open("a", &changed), None);
    }
}
