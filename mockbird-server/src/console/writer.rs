//! The thread that writes: whoever has something to say hands it over and goes on.

use std::io::Write;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How much may wait to be written: a second of lines at full speed, and bounded when a terminal stands still.
const PENDING_BYTES_MAX: usize = 8 << 20;

/// How long the thread collects lines before it writes them together.
///
/// Nobody sees 5 ms, and at full speed it makes one system call of a thousand lines.
const PAUSE: Duration = Duration::from_millis(5);

/// Where output goes; cheap to clone.
#[derive(Clone, Debug)]
pub struct Console {
    shared: Arc<Shared>,
}

/// Keeps the writing thread alive; everything said before [`Output::close`] is written by then.
#[derive(Debug)]
#[must_use = "what is pending is lost unless it is closed"]
pub struct Output {
    shared: Arc<Shared>,
    thread: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Shared {
    pending: Mutex<Pending>,
    filled: Condvar,
}

#[derive(Debug, Default)]
struct Pending {
    bytes: Vec<u8>,
    dropped: u64,
    /// True while the thread sleeps until something comes.
    idle: bool,
    closed: bool,
}

/// Starts writing to `out`.
///
/// # Errors
/// If the system has no thread for it.
pub fn start(out: impl Write + Send + 'static) -> std::io::Result<(Console, Output)> {
    let shared = Arc::new(Shared::default());
    let for_thread = Arc::clone(&shared);
    let thread = std::thread::Builder::new()
        .name("console".into())
        .spawn(move || for_thread.write_all_to(out))?;
    Ok((
        Console {
            shared: Arc::clone(&shared),
        },
        Output { shared, thread },
    ))
}

impl Console {
    /// Says something that must not be lost; whole lines, each with its newline.
    pub fn say(&self, lines: &str) {
        let mut pending = self.shared.lock();
        pending.bytes.extend_from_slice(lines.as_bytes());
        self.shared.wake(pending);
    }

    /// Says something of which there may be too much: dropped and counted while too much is waiting.
    ///
    /// The lock is held for one copy, by this thread or by the writing one, which swaps two buffers.
    pub fn offer(&self, line: &[u8]) {
        let mut pending = self.shared.lock();
        if pending.bytes.len() + line.len() > PENDING_BYTES_MAX {
            pending.dropped += 1;
        } else {
            pending.bytes.extend_from_slice(line);
        }
        self.shared.wake(pending);
    }
}

impl Output {
    /// Writes what is pending and ends the thread.
    pub fn close(self) {
        self.shared.close();
        // It can only have panicked; there is nothing left to write then.
        drop(self.thread.join());
    }

    /// The same, but gives up on a terminal that stands still.
    pub fn close_within(self, patience: Duration) {
        self.shared.close();
        let began = Instant::now();
        while !self.thread.is_finished() && began.elapsed() < patience {
            std::thread::sleep(PAUSE);
        }
    }
}

impl Shared {
    fn close(&self) {
        let mut pending = self.lock();
        pending.closed = true;
        self.wake(pending);
    }

    fn lock(&self) -> MutexGuard<'_, Pending> {
        // Nothing under the lock leaves the buffer half-changed.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self, mut pending: MutexGuard<'_, Pending>) {
        if std::mem::take(&mut pending.idle) {
            drop(pending);
            self.filled.notify_one();
        }
    }

    fn write_all_to(&self, mut out: impl Write) {
        let mut batch = Vec::new();
        loop {
            let (dropped, closed) = self.take(&mut batch);
            if dropped > 0 {
                let note = format!(
                    "({dropped} lines not shown: requests came faster than they could be written)\n"
                );
                batch.extend_from_slice(note.as_bytes());
            }
            // A reader that went away (`mockbird run | head`) must not stop the server.
            drop(out.write_all(&batch).and_then(|()| out.flush()));
            batch.clear();
            if closed {
                return;
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Waits for something to write and swaps it into `batch`.
    fn take(&self, batch: &mut Vec<u8>) -> (u64, bool) {
        let mut pending = self.lock();
        while pending.bytes.is_empty() && pending.dropped == 0 && !pending.closed {
            pending.idle = true;
            pending = self
                .filled
                .wait(pending)
                .unwrap_or_else(PoisonError::into_inner);
        }
        std::mem::swap(&mut pending.bytes, batch);
        (std::mem::take(&mut pending.dropped), pending.closed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    /// Writes only when told to, like a terminal that stands still.
    struct Slow {
        allowed: mpsc::Receiver<()>,
        written: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            // Without a sender all writing is allowed.
            let _ = self.allowed.recv();
            self.written.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_slow_terminal_costs_lines_but_nobody_waits_and_it_is_said() {
        let (allow, allowed) = mpsc::channel();
        let written = Arc::new(Mutex::new(Vec::new()));
        let (console, output) = start(Slow {
            allowed,
            written: Arc::clone(&written),
        })
        .unwrap();
        let line = vec![b'x'; 1 << 20];
        for _ in 0..20 {
            console.offer(&line);
        }
        console.say("kept\n");
        drop(allow);
        output.close();
        let text = String::from_utf8(written.lock().unwrap().clone()).unwrap();
        assert!(text.contains("lines not shown"), "{}", text.len());
        assert!(text.contains("kept\n"));
        assert!(text.len() < 20 << 20);
    }

    #[test]
    fn a_terminal_that_stands_still_does_not_hold_up_the_end() {
        let (allow, allowed) = mpsc::channel();
        let written = Arc::new(Mutex::new(Vec::new()));
        let (console, output) = start(Slow { allowed, written }).unwrap();
        console.say("never written\n");
        output.close_within(Duration::from_millis(50));
        drop(allow);
    }

    #[test]
    fn what_was_said_is_written_by_the_time_it_is_closed() {
        let (allow, allowed) = mpsc::channel();
        drop(allow);
        let written = Arc::new(Mutex::new(Vec::new()));
        let (console, output) = start(Slow {
            allowed,
            written: Arc::clone(&written),
        })
        .unwrap();
        for n in 0..1000 {
            console.offer(format!("{n}\n").as_bytes());
        }
        output.close();
        assert_eq!(written.lock().unwrap().split(|b| *b == b'\n').count(), 1001);
    }
}
