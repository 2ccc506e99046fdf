//! Logged requests as they happen, as server-sent events.

use std::io::Write as _;
use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use http::HeaderMap;

use super::super::Problem;
use super::super::streamed::Pieces;
use super::object::LoggedRequest;
use crate::app::{LogTail, TailPart};
use crate::domain::{LogId, LogRecord};

/// What a client says that goes on where it was.
pub(super) const LAST_EVENT_ID: &str = "last-event-id";

/// What comes first: a client that was cut off comes back after a second.
const HELLO: &[u8] = b"retry: 1000\n\n";

/// What is sent where nothing happens.
const KEEP_ALIVE: &[u8] = b":\n\n";

/// The request that somebody goes on from.
pub(super) fn last_event(headers: &HeaderMap) -> Result<Option<LogId>, Problem> {
    let Some(line) = headers.get(LAST_EVENT_ID) else {
        return Ok(None);
    };
    let id = line.to_str().unwrap_or_default().parse();
    id.map(Some)
        .map_err(|refusal| Problem::of_field("Last-Event-ID", &refusal))
}

/// Sends what a tail gives, until either side ends it. Where the store is away it ends, too: whoever comes back goes on where
/// they were.
pub(super) async fn send(mut tail: LogTail, pieces: Pieces) {
    let mut piece = Bytes::from_static(HELLO);
    let mut count = 0;
    loop {
        if pieces.send(piece).await.is_err() {
            return pieces.end(missed(count + tail.behind()));
        }
        let next = tokio::select! {
            next = tail.next() => next,
            () = pieces.gone() => return,
        };
        (piece, count) = match next {
            Ok(Some(TailPart::Records(records, last))) => {
                (events(&records, last), records.len() as u64)
            }
            Ok(Some(TailPart::KeepAlive)) => (Bytes::from_static(KEEP_ALIVE), 0),
            Ok(Some(TailPart::Missed(count))) => return pieces.end(missed(count)),
            Ok(None) | Err(_) => return pieces.end(Bytes::new()),
        };
    }
}

/// An event each. Whoever goes on from one has all before it, even if one came late.
fn events(records: &[Arc<LogRecord>], last: LogId) -> Bytes {
    let mut text = BytesMut::new().writer();
    for (index, record) in records.iter().enumerate() {
        let is_last = index + 1 == records.len();
        let id = if is_last { last } else { record.id };
        // Neither can fail: it is written to memory, and every key is a text.
        let _ = write!(text, "event: log\nid: {id}\ndata: ");
        let _ = serde_json::to_writer(&mut text, &LoggedRequest::new(record));
        text.get_mut().put_slice(b"\n\n");
    }
    text.into_inner().freeze()
}

/// The last event for whoever was too slow.
fn missed(count: u64) -> Bytes {
    format!("event: missed\ndata: {{\"count\":{count}}}\n\n").into()
}
