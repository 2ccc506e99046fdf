//! Bodies that lie in files beside the spec.

use std::io::Read;
use std::path::{Component, Path, PathBuf};

use bytes::Bytes;

use super::source::reason;

/// The largest body file; it is held in memory.
const BODY_FILE_BYTES_MAX: u64 = 64 << 20;

/// Reads the file `name` in `folder` or below it; never one outside, by whatever way.
pub(super) fn read(folder: &Path, name: &str) -> Result<Bytes, String> {
    let relative = inside(name)?;
    let unreadable = |error: &std::io::Error| format!("cannot read `{name}`: {}", reason(error));
    let folder = folder.canonicalize().map_err(|error| unreadable(&error))?;
    let path = folder
        .join(relative)
        .canonicalize()
        .map_err(|error| unreadable(&error))?;
    if !path.starts_with(&folder) {
        return Err(format!(
            "`{name}` leads out of the folder of the mock file; copy the file there"
        ));
    }
    let file = std::fs::File::open(&path).map_err(|error| unreadable(&error))?;
    if !file.metadata().is_ok_and(|about| about.is_file()) {
        return Err(format!("`{name}` is not a file"));
    }
    let mut bytes = Vec::new();
    file.take(BODY_FILE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > BODY_FILE_BYTES_MAX {
        return Err(format!("`{name}` is larger than 64 MiB"));
    }
    Ok(Bytes::from(bytes))
}

/// The path `name`, if it only goes down.
pub(super) fn inside(name: &str) -> Result<PathBuf, String> {
    let path = Path::new(name);
    let goes_down = path
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if name.is_empty() || name.contains('\0') || !goes_down {
        return Err(format!(
            "`{name}` must be a path below the folder of the mock file, without `..`"
        ));
    }
    Ok(path.to_path_buf())
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
