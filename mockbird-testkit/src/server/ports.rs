//! Ports that no other server of the process ever had.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU64, Ordering};

/// How many ports are tried. Systems give them by chance out of some 28,000, so that few are needed until most were
/// given out; after that, an old one is better than none.
const TRIES: usize = 64;

/// A bit for each port that was given out.
static GIVEN: [AtomicU64; 1024] = [const { AtomicU64::new(0) }; 1024];

/// A listener on 127.0.0.1 at a port that is new in this process: a client that still knows the address of a server of
/// an earlier test is refused there, rather than to reach this one.
pub(crate) fn listen() -> io::Result<TcpListener> {
    let mut known = Vec::new();
    loop {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        if is_new(listener.local_addr()?.port()) || known.len() == TRIES {
            return Ok(listener);
        }
        // Held until we have a new one, or the system would give it again.
        known.push(listener);
    }
}

fn is_new(port: u16) -> bool {
    let (word, bit) = (usize::from(port / 64), 1 << (port % 64));
    GIVEN[word].fetch_or(bit, Ordering::Relaxed) & bit == 0
}
