//! Bodies that lie in files beside a mock file.

use std::io;
use std::path::Path;

use bytes::Bytes;

/// Reads the file `name` in `folder` or below it. That the name itself does not lead out is known; a link might.
pub(super) fn read(folder: &Path, name: &str) -> Result<Bytes, String> {
    let here = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let in_words = |error: io::Error| error.to_string();
    let folder = here.canonicalize().map_err(in_words)?;
    let path = folder.join(name).canonicalize().map_err(in_words)?;
    if !path.starts_with(&folder) {
        return Err("it leads out of the folder of the mock file; put a copy there".to_owned());
    }
    // Before it is opened: opening a pipe waits for whoever writes to it.
    if !std::fs::metadata(&path).map_err(in_words)?.is_file() {
        return Err("it is not a regular file".to_owned());
    }
    std::fs::read(path).map(Bytes::from).map_err(in_words)
}
