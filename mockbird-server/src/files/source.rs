//! One mock file as it was read.

use std::io::Read;
use std::path::{Path, PathBuf};

use mockbird_core::spec::Format;

/// The largest mock file: the largest real API descriptions have about 12 MB.
const SPEC_BYTES_MAX: u64 = 64 << 20;

/// The text of one mock file.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file as it was named; `-` for standard input.
    pub label: String,
    /// The folder that its `bodyFile`s may lie in.
    pub folder: PathBuf,
    /// How it is written.
    pub format: Format,
    /// What it says.
    pub text: String,
}

/// Why a file could not be read; the text names it and says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(String);

impl Source {
    /// Reads a file; its format follows from its name unless it is given. `-` is standard input.
    pub fn read(path: &Path, format: Option<Format>) -> Result<Self, Unreadable> {
        let label = path.display().to_string();
        if label == "-" {
            let text = read_text("standard input", std::io::stdin().lock())?;
            // JSON is, but for rare cases, YAML too.
            let format = format.unwrap_or(Format::Yaml);
            return Ok(Self {
                label,
                folder: PathBuf::from("."),
                format,
                text,
            });
        }
        let unreadable = |why: String| Unreadable(format!("cannot read {label}: {why}"));
        let about = std::fs::metadata(path).map_err(|error| unreadable(reason(&error)))?;
        if about.is_dir() {
            return Err(unreadable(
                "it is a folder; name the mock files in it".into(),
            ));
        }
        let format = format.or_else(|| Format::of_file(path)).ok_or_else(|| {
            unreadable(
                "its name must end in .yaml, .yml or .json, so that its format is clear".into(),
            )
        })?;
        let file = std::fs::File::open(path).map_err(|error| unreadable(reason(&error)))?;
        let text = read_text(&label, file)?;
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
            _ => PathBuf::from("."),
        };
        Ok(Self {
            label,
            folder,
            format,
            text,
        })
    }
}

fn read_text(label: &str, from: impl Read) -> Result<String, Unreadable> {
    let unreadable = |why: &str| Unreadable(format!("cannot read {label}: {why}"));
    let mut bytes = Vec::new();
    from.take(SPEC_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(&reason(&error)))?;
    if bytes.len() as u64 > SPEC_BYTES_MAX {
        return Err(unreadable(
            "it is larger than 64 MiB; split it, or move large bodies into files (`bodyFile`)",
        ));
    }
    String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()]
            .split(|b| *b == b'\n')
            .count();
        unreadable(&format!(
            "line {line} is not UTF-8; save the file in that encoding"
        ))
    })
}

/// An I/O error in words, without the number of the operating system.
pub(super) fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".into(),
        std::io::ErrorKind::PermissionDenied => "this user may not read it".into(),
        _ => error.to_string(),
    }
}
