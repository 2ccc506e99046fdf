//! Bodies that are made while they are sent.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body::Frame;
use tokio::sync::mpsc::{self, OwnedPermit};

/// How long a client may take for a piece.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where the pieces of a body go. Dropped without [`Pieces::end`], it breaks the reply off, which the client notices.
#[derive(Debug)]
pub(super) struct Pieces {
    sender: mpsc::Sender<Piece>,
    /// The place of the last piece, which is there however slow the client is.
    last: OwnedPermit<Piece>,
}

/// The client does not take it in time, or is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooSlow;

#[derive(Debug)]
enum Piece {
    More(Bytes),
    Last(Bytes),
}

/// A body, and where its pieces go.
pub(super) fn streamed() -> Option<(Pieces, Body)> {
    let (sender, receiver) = mpsc::channel(2);
    let last = sender.clone().try_reserve_owned().ok()?;
    let streamed = Streamed {
        receiver,
        is_whole: false,
    };
    Some((Pieces { sender, last }, Body::new(streamed)))
}

impl Pieces {
    /// Sends a piece, once the one before it is taken.
    pub(super) async fn send(&self, piece: Bytes) -> Result<(), TooSlow> {
        let sent = self.sender.send_timeout(Piece::More(piece), PATIENCE).await;
        sent.map_err(|_| TooSlow)
    }

    /// Ends when the client is gone.
    pub(super) async fn gone(&self) {
        self.sender.closed().await;
    }

    /// Sends the last piece.
    pub(super) fn end(self, piece: Bytes) {
        self.last.send(Piece::Last(piece));
    }
}

struct Streamed {
    receiver: mpsc::Receiver<Piece>,
    is_whole: bool,
}

impl http_body::Body for Streamed {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.is_whole {
            return Poll::Ready(None);
        }
        self.receiver.poll_recv(cx).map(|piece| match piece {
            Some(Piece::More(bytes)) => Some(Ok(Frame::data(bytes))),
            Some(Piece::Last(bytes)) => {
                self.is_whole = true;
                Some(Ok(Frame::data(bytes)))
            }
            None => Some(Err("the rest of the reply could not be made".into())),
        })
    }
}
