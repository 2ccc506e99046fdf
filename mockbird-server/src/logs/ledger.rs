//! How much a server that was killed had not stored: a small file in the data folder, which it writes all along.
//!
//! Each server has a file of its own, and holds its lock for as long as it lives. A server that starts reads those whose lock is
//! free: their owners are gone. One that stopped as it should, with nothing under way, has taken its file away.

use std::fs::{self, File};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

use super::load::Counts;
use crate::private;
use crate::telemetry::LOG_LOST;

const PREFIX: &str = "request-log-";
const SUFFIX: &str = ".count";

/// The file of counts cannot be kept.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be written: {error}; it counts what is lost if the server is killed", .file.display())]
pub struct LedgerError {
    /// Which file.
    file: PathBuf,
    /// Why not.
    error: io::Error,
}

/// The file of this server.
#[derive(Debug)]
pub(super) struct Ledger {
    path: PathBuf,
    written: Mutex<Written>,
}

#[derive(Debug)]
struct Written {
    file: File,
    counts: Counts,
}

impl Ledger {
    /// Counts what others lost, and begins a file.
    pub(super) fn open(folder: &Path) -> Result<Self, LedgerError> {
        let path = folder.join(format!("{PREFIX}{}{SUFFIX}", Uuid::now_v7()));
        let failed = |error| LedgerError {
            file: path.clone(),
            error,
        };
        private::make_folder(folder).map_err(failed)?;
        let lost = lost_in(folder).map_err(failed)?;
        if lost > 0 {
            metrics::counter!(LOG_LOST).increment(lost);
            tracing::warn!(
                requests = lost,
                "a server was killed before it had stored these requests: they are missing in the request log"
            );
        }
        // It gets its name once it is locked, so that nobody takes it for one of a server that is gone.
        let draft = path.with_extension("new");
        let begin = || {
            let mut file = private::writing().truncate(true).open(&draft)?;
            file.lock()?;
            file.write_all(line(Counts::default()).as_bytes())?;
            fs::rename(&draft, &path)?;
            Ok(file)
        };
        let file = begin().map_err(failed)?;
        let written = Mutex::new(Written {
            file,
            counts: Counts::default(),
        });
        Ok(Self { path, written })
    }

    /// Writes the counts down, if they are others than those that are.
    pub(super) fn note(&self, counts: Counts) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if written.counts == counts {
            return;
        }
        let file = &mut written.file;
        let noted = file
            .rewind()
            .and_then(|()| file.write_all(line(counts).as_bytes()));
        match noted {
            Ok(()) => written.counts = counts,
            Err(error) => tracing::debug!(%error, "the count of the request log cannot be written"),
        }
    }

    /// Ends it, unless something was lost: then the next start counts it.
    pub(super) fn end(self, counts: Counts) {
        self.note(counts);
        if counts.under_way() == 0
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::debug!(%error, "the count of the request log cannot be removed");
        }
    }
}

/// Always as long, so that a new line covers the old one.
fn line(counts: Counts) -> String {
    format!("{:020} {:020}\n", counts.accepted, counts.settled)
}

fn read(text: &str) -> Option<Counts> {
    let (accepted, settled) = text.trim_end().split_once(' ')?;
    Some(Counts {
        accepted: accepted.parse().ok()?,
        settled: settled.parse().ok()?,
    })
}

/// What servers that are gone had taken and not stored; their files are removed.
fn lost_in(folder: &Path) -> io::Result<u64> {
    let mut lost = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if !name.is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX)) {
            continue;
        }
        // Another server that starts may have taken it away by now.
        let Ok(file) = File::open(&path) else {
            continue;
        };
        if file.try_lock().is_err() {
            continue;
        }
        let counts = fs::read_to_string(&path).ok();
        if fs::remove_file(&path).is_ok() {
            let counts = counts.and_then(|text| read(&text)).unwrap_or_default();
            lost += counts.accepted.saturating_sub(counts.settled);
        }
    }
    Ok(lost)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(accepted: u64, settled: u64) -> Counts {
        Counts { accepted, settled }
    }

    #[test]
    fn only_what_those_left_who_are_gone_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let (killed, living) = (Ledger::open(folder).unwrap(), Ledger::open(folder).unwrap());
        let stopped = Ledger::open(folder).unwrap();
        killed.note(counts(1_000, 1_000));
        killed.note(counts(12, 5));
        living.note(counts(100, 0));
        stopped.end(counts(7, 7));
        assert_eq!(lost_in(folder).unwrap(), 0, "all live");
        drop(killed);
        assert_eq!(lost_in(folder).unwrap(), 7);
        assert_eq!(lost_in(folder).unwrap(), 0, "once");
        living.end(counts(100, 97));
        assert_eq!(
            lost_in(folder).unwrap(),
            3,
            "it stopped while the store was away"
        );
        assert_eq!(fs::read_dir(folder).unwrap().count(), 0);
    }

    #[test]
    fn what_is_no_count_of_ours_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("mockbird.db"), "1 0").unwrap();
        fs::write(folder.path().join("request-log-x.count"), "nonsense").unwrap();
        assert_eq!(lost_in(folder.path()).unwrap(), 0);
        assert!(folder.path().join("mockbird.db").exists());
    }
}
