//! The Unix socket of a server.

use std::env::temp_dir;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::{UnixListener, UnixStream};

use super::wire::Socket;

/// The file of a socket, removed with it.
#[derive(Debug)]
pub(super) struct SocketFile(PathBuf);

impl SocketFile {
    /// Listens on a file of its own, inside a runtime.
    pub(super) fn listen() -> io::Result<(Self, UnixListener)> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = temp_dir().join(format!("mockbird-{}-{number}.sock", process::id()));
            match UnixListener::bind(&path) {
                Ok(listener) => return Ok((Self(path), listener)),
                // A process of this number left it behind.
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                Err(error) => return Err(error),
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // What is not there any more need not be removed.
        let _ = fs::remove_file(&self.0);
    }
}

impl Socket for UnixStream {
    /// There is no such thing: the connection is closed.
    fn reset_at_end(&self) {}
}
