//! Bodies that lie in files beside the spec.

use std::io::Read;
use std::path::{Component, Path};

use bytes::Bytes;

use super::source::reason;

/// The largest body file; it is held in memory.
const BODY_FILE_BYTES_MAX: u64 = 64 << 20;

/// Reads the file `name` in `folder` or below it, never one outside; otherwise says why not.
pub(super) fn read(folder: &Path, name: &str) -> Result<Bytes, String> {
    let relative = inside(name).ok_or("it must be a path below the folder of the mock file")?;
    let in_words = |error: std::io::Error| reason(&error);
    let folder = folder.canonicalize().map_err(in_words)?;
    let path = folder.join(relative).canonicalize().map_err(in_words)?;
    if !path.starts_with(&folder) {
        return Err("it leads out of the folder of the mock file; put a copy there".into());
    }
    let file = std::fs::File::open(&path).map_err(in_words)?;
    if !file.metadata().is_ok_and(|about| about.is_file()) {
        return Err("it is not a file".into());
    }
    let mut bytes = Vec::new();
    file.take(BODY_FILE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(in_words)?;
    if bytes.len() as u64 > BODY_FILE_BYTES_MAX {
        return Err("it is larger than 64 MiB".into());
    }
    Ok(Bytes::from(bytes))
}

/// The path `name`, if it only goes down.
pub(super) fn inside(name: &str) -> Option<&Path> {
    let path = Path::new(name);
    let mut parts = path.components();
    let goes_down = parts.all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    (goes_down && !name.is_empty() && !name.contains('\0')).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_below_the_folder() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("mocks");
        std::fs::create_dir_all(folder.join("bodies")).unwrap();
        std::fs::write(outer.path().join("secret"), "secret").unwrap();
        std::fs::write(folder.join("bodies/a.bin"), [0, 255]).unwrap();
        assert_eq!(read(&folder, "bodies/a.bin").unwrap(), &[0, 255][..]);
        assert_eq!(read(&folder, "./bodies/a.bin").unwrap(), &[0, 255][..]);
        let absolute = outer.path().join("secret").display().to_string();
        for name in [
            "../secret",
            "bodies/../../secret",
            &absolute,
            "",
            "bodies",
            "none",
            "a\0b",
        ] {
            assert!(read(&folder, name).is_err(), "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_symlink_does_not_lead_out() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("mocks");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(outer.path().join("secret"), "secret").unwrap();
        std::os::unix::fs::symlink(outer.path().join("secret"), folder.join("link")).unwrap();
        std::os::unix::fs::symlink(outer.path(), folder.join("up")).unwrap();
        assert!(read(&folder, "link").unwrap_err().contains("leads out"));
        assert!(
            read(&folder, "up/secret")
                .unwrap_err()
                .contains("leads out")
        );
        std::fs::write(folder.join("here"), "here").unwrap();
        std::os::unix::fs::symlink("here", folder.join("alias")).unwrap();
        assert_eq!(read(&folder, "alias").unwrap(), "here");
    }
}
