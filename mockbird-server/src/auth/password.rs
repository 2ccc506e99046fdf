//! Hashing of passwords: argon2id, apart from the threads that answer, and only so many at once.

use std::sync::{Arc, LazyLock};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use crate::domain::{HashedPassword, Password};

/// Hashes and checks passwords. Each hash takes 19 MiB and tens of milliseconds of one core: as many run at once
/// as there are cores, the others wait.
#[derive(Clone, Debug)]
pub struct Passwords(Arc<Semaphore>);

/// A password could not be hashed: a defect of ours.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a password could not be hashed")]
pub struct HashFailed;

/// A hash that no password has: who asks for an account that is not there waits as long as others.
static NOBODY: LazyLock<Option<HashedPassword>> =
    LazyLock::new(|| hash("nobody has this password").ok());

impl Passwords {
    /// As many at once as there are cores.
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism();
        Self(Arc::new(Semaphore::new(cores.map_or(1, usize::from))))
    }

    /// The hash of a password, with a salt of its own.
    pub async fn hash(&self, password: &Password) -> Result<HashedPassword, HashFailed> {
        let password = password.clone();
        self.apart(move || hash(password.reveal())).await?
    }

    /// Whether the text is the password of the hash. Without a hash it is not, and takes as long.
    pub async fn verify(
        &self,
        text: &str,
        kept: Option<HashedPassword>,
    ) -> Result<bool, HashFailed> {
        let text = text.to_owned();
        self.apart(move || {
            // The answer without a hash is no, even to who knows the text above.
            let known = kept.is_some();
            let kept = kept.as_ref().or(NOBODY.as_ref());
            kept.is_some_and(|kept| verify(&text, kept)) && known
        })
        .await
    }

    async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HashFailed> {
        let turn = self.0.clone().acquire_owned().await;
        let turn = turn.map_err(|_| HashFailed)?;
        let work = tokio::task::spawn_blocking(move || {
            let done = work();
            // Here, not outside: a caller that is gone does not make the work shorter.
            drop(turn);
            done
        });
        work.await.map_err(|_| HashFailed)
    }
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

fn hash(password: &str) -> Result<HashedPassword, HashFailed> {
    let hashed = Argon2::default().hash_password(password.as_bytes());
    hashed
        .map(|hash: PasswordHash| HashedPassword::new(hash.to_string()))
        .map_err(|_| HashFailed)
}

fn verify(text: &str, kept: &HashedPassword) -> bool {
    let Ok(kept) = PasswordHash::new(kept.as_str()) else {
        return false;
    };
    Argon2::default()
        .verify_password(text.as_bytes(), &kept)
        .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hash_is_that_of_its_password_alone() {
        let passwords = Passwords::new();
        let password: Password = "correct horse".parse().unwrap();
        let one = passwords.hash(&password).await.unwrap();
        let other = passwords.hash(&password).await.unwrap();
        assert!(one.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_ne!(one.as_str(), other.as_str(), "each has its salt");
        let broken = HashedPassword::new("no hash".to_owned());
        for (text, kept, right) in [
            ("correct horse", Some(one.clone()), true),
            ("correct horse", Some(other), true),
            ("correct house", Some(one), false),
            ("correct horse", Some(broken), false),
            ("nobody has this password", None, false),
        ] {
            assert_eq!(passwords.verify(text, kept).await.unwrap(), right, "{text}");
        }
    }
}
