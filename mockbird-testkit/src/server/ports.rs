//! Ports that no other server of the process ever had.

use std::io;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::net::{TcpListener, TcpSocket};

/// How many ports are tried. Systems give them by chance out of thousands, so that few are needed until most were
/// given out; after that, an old one is better than none.
const TRIES: usize = 32;

/// How many connections may wait to be taken: as many as Linux allows if nobody changed it.
const BACKLOG: u32 = 4096;

/// A bit for each port that was given out.
static GIVEN: [AtomicU64; 1024] = [const { AtomicU64::new(0) }; 1024];

/// A listener on 127.0.0.1 at a port that is new in this process: a client that still knows the address of a server of
/// an earlier test is refused there, rather than to reach this one. Called inside of the runtime that will serve.
pub(crate) fn listen() -> io::Result<TcpListener> {
    let mut known = Vec::new();
    loop {
        // Without SO_REUSEADDR, with which Linux gives ports of a quarter of its range only.
        let socket = TcpSocket::new_v4()?;
        socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        if is_new(socket.local_addr()?.port()) || known.len() == TRIES {
            return socket.listen(BACKLOG);
        }
        // Held until we have a new one, or the system would give it again.
        known.push(socket);
    }
}

fn is_new(port: u16) -> bool {
    let (word, bit) = (usize::from(port / 64), 1 << (port % 64));
    GIVEN[word].fetch_or(bit, Ordering::Relaxed) & bit == 0
}
