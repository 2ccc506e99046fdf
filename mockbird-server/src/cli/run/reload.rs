//! Follows the files that are served.

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;

use crate::console::{self, Console, Palette, paint};
use crate::files::{self, Fingerprint, Loading, Seen, Watch};
use crate::http::{App, Stop};

/// Puts a changed spec in the place of the one that is served.
pub(super) struct Reloader {
    pub(super) paths: Vec<PathBuf>,
    pub(super) seed: Option<u64>,
    pub(super) app: Arc<App>,
    pub(super) console: Console,
    pub(super) palette: Palette,
    pub(super) stop: Arc<Stop>,
    pub(super) fingerprint: Fingerprint,
}

impl Reloader {
    /// Follows the files on a thread of its own until the server stops.
    pub(super) fn start(self, seen: Vec<Seen>) {
        let (watch, trouble) = files::watch(seen);
        if let Some(trouble) = trouble {
            let trouble = console::Harmless(&trouble);
            self.console.say(&format!(
                "files are looked at once a second, as changes are not reported: {trouble}\n"
            ));
        }
        let console = self.console.clone();
        let thread = std::thread::Builder::new().name("watch".into());
        if let Err(error) = thread.spawn(move || self.follow(watch)) {
            console.say(&format!("changes of files are not noticed: {error}\n"));
        }
    }

    fn follow(mut self, mut watch: Watch) {
        while !self.stop.is_requested() {
            if watch.changed() {
                let loading = files::load(&self.paths, None, self.seed);
                self.take(&loading);
                if let Some(trouble) = watch.follow(loading.seen) {
                    self.console.say(&format!(
                        "a folder cannot be watched: {}\n",
                        console::Harmless(&trouble)
                    ));
                }
            }
        }
    }

    fn take(&mut self, loading: &Loading) {
        let palette = self.palette;
        let mut text = console::report(palette, &loading.findings);
        for error in &loading.unreadable {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{}: {error}", palette.paint(paint::ERROR, "error"));
        }
        if let Some(engine) = &loading.engine {
            let changes = self.fingerprint.changes_to(&loading.spec);
            self.fingerprint = Fingerprint::of(&loading.spec);
            self.app.swap(engine.clone());
            let word = palette.paint(paint::GOOD, "reloaded");
            let mocks = console::count(engine.len(), "mock");
            let _ = writeln!(text, "{word}: {changes} ({mocks} now)");
        } else {
            let word = palette.paint(paint::ERROR, "not reloaded");
            let _ = writeln!(text, "{word}: the last good version goes on answering");
        }
        self.console.say(&text);
    }
}
