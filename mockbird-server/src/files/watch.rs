//! Tells when a file has changed.
//!
//! The parent folders are watched, not the files: editors save by renaming, and a mounted
//! configuration is swapped by a link beside it. An event only says when to look; whether a file
//! has changed is told by looking at it. Once in a while it is looked at without an event, since
//! network and container mounts often send none.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, SystemTime};

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};

/// How long it must be quiet before a change counts: editors write in several steps.
const QUIET: Duration = Duration::from_millis(60);

/// How long a change waits at most, however busy the folder is.
const QUIET_ROUNDS_MAX: u32 = 10;

/// How often files are looked at without an event.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Follows a set of files.
#[derive(Debug)]
pub struct Watch {
    events: Receiver<()>,
    watcher: Option<RecommendedWatcher>,
    folders: BTreeSet<PathBuf>,
    files: Vec<Seen>,
}

/// A file as it was when somebody looked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    path: PathBuf,
    /// What tells two versions apart; absent for a file that is not there.
    stamp: Option<(SystemTime, u64)>,
}

impl Seen {
    /// Looks at a file. To be done before it is read, so that no edit goes unseen.
    pub fn now(path: PathBuf) -> Self {
        let about = std::fs::metadata(&path);
        let stamp = about
            .ok()
            .and_then(|about| Some((about.modified().ok()?, about.len())));
        Self { path, stamp }
    }

    fn is_outdated(&self) -> bool {
        Self::now(self.path.clone()) != *self
    }

    fn folder(&self) -> PathBuf {
        match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
            _ => PathBuf::from("."),
        }
    }
}

/// Starts to follow `files`; the text says why changes are noticed late, if they are.
pub fn watch(files: Vec<Seen>) -> (Watch, Option<String>) {
    let (told, events) = channel();
    let on_event = move |event: notify::Result<notify::Event>| {
        // Looking at a file is an event too.
        if event.is_ok_and(|event| !matches!(event.kind, EventKind::Access(_))) {
            // The watch may be gone already; then nobody asks.
            let _ = told.send(());
        }
    };
    let (watcher, trouble) = match notify::recommended_watcher(on_event) {
        Ok(watcher) => (Some(watcher), None),
        Err(error) => (None, Some(error.to_string())),
    };
    let mut watch = Watch {
        events,
        watcher,
        folders: BTreeSet::new(),
        files: Vec::new(),
    };
    let trouble = watch.follow(files).or(trouble);
    (watch, trouble)
}

impl Watch {
    /// Follows these files from now on; the text says what went wrong, if something did.
    pub fn follow(&mut self, files: Vec<Seen>) -> Option<String> {
        self.files = files;
        let folders: BTreeSet<_> = self.files.iter().map(Seen::folder).collect();
        let watcher = self.watcher.as_mut()?;
        for gone in self.folders.difference(&folders) {
            // It may have been deleted; then the watch on it is gone as well.
            drop(watcher.unwatch(gone));
        }
        let mut trouble = None;
        for folder in folders.difference(&self.folders) {
            if let Err(error) = watcher.watch(folder, RecursiveMode::NonRecursive) {
                trouble = Some(error.to_string());
            }
        }
        self.folders = folders;
        trouble
    }

    /// Waits up to about a second; true if a file has changed and is quiet again.
    ///
    /// It stays true until [`Watch::follow`] is told what was read.
    pub fn changed(&mut self) -> bool {
        if let Err(RecvTimeoutError::Disconnected) = self.events.recv_timeout(LOOK_EVERY) {
            std::thread::sleep(LOOK_EVERY);
        }
        if !self.files.iter().any(Seen::is_outdated) {
            return false;
        }
        self.settle();
        true
    }

    /// Waits until nothing has happened for a moment.
    fn settle(&self) {
        for _ in 0..QUIET_ROUNDS_MAX {
            if self.events.recv_timeout(QUIET).is_err() {
                return;
            }
            while self.events.try_recv().is_ok() {}
        }
    }
}
