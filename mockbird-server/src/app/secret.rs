//! What tokens are signed with: made on the first start, and kept in the data folder.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretBox};

use crate::private;

/// The length of the secret: as long as the hash that it keys (RFC 7518 section 3.2).
const BYTES: usize = 32;

/// The secret that tokens are signed with; never shown by `Debug`.
#[derive(Debug)]
pub struct SigningSecret(SecretBox<[u8]>);

/// Why there is no secret to sign with.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read or made.
    #[error("{} cannot be read or made: {error}", .file.display())]
    File {
        /// Which file.
        file: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// The file was made by somebody else.
    #[error("{} is no signing secret: it holds {bytes} bytes, not {BYTES}; remove it to get a new one, which ends all sessions", .file.display())]
    Length {
        /// Which file.
        file: PathBuf,
        /// How long it is.
        bytes: usize,
    },
}

impl SigningSecret {
    /// Its file in the data folder.
    pub const FILE: &str = "signing-secret";

    /// The secret of this data folder; both are made if they are missing.
    pub fn load(data_dir: &Path) -> Result<Self, SecretError> {
        let file = data_dir.join(Self::FILE);
        let load = || {
            private::make_folder(data_dir)?;
            match make(&file) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => made?,
            }
            fs::read(&file)
        };
        match load() {
            Err(error) => Err(SecretError::File { file, error }),
            Ok(secret) if secret.len() == BYTES => Ok(Self(SecretBox::new(secret.into()))),
            Ok(secret) => Err(SecretError::Length {
                file,
                bytes: secret.len(),
            }),
        }
    }

    /// The bytes themselves, for whoever signs.
    pub fn expose(&self) -> &[u8] {
        self.0.expose_secret()
    }
}

/// Makes the file in one step, so that whoever starts beside us finds it whole or not at all.
fn make(file: &Path) -> io::Result<()> {
    if file.exists() {
        return Ok(());
    }
    let mut secret = [0; BYTES];
    getrandom::fill(&mut secret).map_err(io::Error::other)?;
    let draft = file.with_added_extension(std::process::id().to_string());
    let mut written = private::writing().truncate(true).open(&draft)?;
    written.write_all(&secret)?;
    written.sync_all()?;
    // A link, not a rename: it does not take the place of one that is there by now.
    let linked = fs::hard_link(&draft, file);
    fs::remove_file(&draft)?;
    linked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let first = SigningSecret::load(&data).unwrap();
        let again = SigningSecret::load(&data).unwrap();
        assert_eq!(
            (first.expose().len(), first.expose()),
            (BYTES, again.expose())
        );
        assert!(first.expose().iter().any(|byte| *byte != 0));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(data.join(SigningSecret::FILE))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(fs::read_dir(&data).unwrap().count(), 1, "no draft is left");
        assert!(!format!("{first:?}").contains(&format!("{:?}", first.expose())));
    }

    #[test]
    fn a_file_of_another_length_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(SigningSecret::FILE), "short").unwrap();
        let error = SigningSecret::load(folder.path()).unwrap_err();
        assert!(error.to_string().contains("5 bytes, not 32"), "{error}");
    }
}
