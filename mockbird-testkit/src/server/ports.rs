//! Ports that no other server of the process ever had.

use std::io;
use std::net::Ipv4Addr;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::net::{TcpListener, TcpSocket};

/// How many ports of the system are tried. It gives them by chance out of thousands, so that the first is new until many
/// were given out, or are held by connections that ended lately (`TIME_WAIT`); then it takes its time to find one.
const TRIES: usize = 4;

/// Where to look then: below what systems give by themselves, and above what most services are known by.
const SPARE: Range<u16> = 20_000..32_768;

/// How many connections may wait to be taken: as many as Linux allows if nobody changed it.
const BACKLOG: u32 = 4096;

/// A bit for each port that was given out.
static GIVEN: [AtomicU64; 1024] = [const { AtomicU64::new(0) }; 1024];

/// A listener on 127.0.0.1 at a port that is new in this process: a client that still knows the address of a server of
/// an earlier test is refused there, rather than to reach this one. Called inside of the runtime that will serve.
pub(crate) fn listen() -> io::Result<TcpListener> {
    let mut known = Vec::new();
    while known.len() < TRIES {
        let socket = bound(0)?;
        if is_new(socket.local_addr()?.port()) {
            return socket.listen(BACKLOG);
        }
        // Held until we have a new one, or the system would give it again.
        known.push(socket);
    }
    drop(known);
    // An old one is better than none.
    let socket = spare().map_or_else(|| bound(0), Ok)?;
    socket.listen(BACKLOG)
}

/// A port that the system would not give.
fn spare() -> Option<TcpSocket> {
    let first = fastrand::u16(SPARE);
    let mut ports = (first..SPARE.end).chain(SPARE.start..first);
    ports.find_map(|port| bound(port).ok().filter(|_| is_new(port)))
}

fn bound(port: u16) -> io::Result<TcpSocket> {
    // Without SO_REUSEADDR, with which Linux gives ports of a quarter of its range only.
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::LOCALHOST, port).into())?;
    Ok(socket)
}

fn is_new(port: u16) -> bool {
    let (word, bit) = (usize::from(port / 64), 1 << (port % 64));
    GIVEN[word].fetch_or(bit, Ordering::Relaxed) & bit == 0
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::server::workers::Worker;

    #[test]
    fn there_are_ports_when_the_system_has_none_left() {
        let _inside = Worker::next().handle.enter();
        let mut known = HashSet::new();
        for _ in 0..300 {
            let socket = spare().unwrap();
            let listener = socket.listen(BACKLOG).unwrap();
            let port = listener.local_addr().unwrap().port();
            assert!(SPARE.contains(&port) && known.insert(port), "{port}");
        }
    }
}
