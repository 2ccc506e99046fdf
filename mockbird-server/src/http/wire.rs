//! The socket of one connection, as hyper reads and writes it.
//!
//! hyper answers some requests before any service sees them: a target or headers that are too
//! long, a request line that is none. Its answer has no body. Here it gets the form of all errors.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http::HeaderValue;
use http::header::CONTENT_LENGTH;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

use super::LINGER;
use super::app::App;
use mockbird_core::{ErrorCode, allow_any_origin, error_response};

/// What service and socket of one connection tell each other.
///
/// One task at a time has them, so that loads and stores do.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// How often the connection got on: a request came, or part of a reply went.
    steps: AtomicUsize,
    /// A request has come that has no reply yet.
    answering: AtomicBool,
    /// A reply of the service is about to be written.
    replied: AtomicBool,
    /// The last reply was a refusal: there may be input that nobody will read.
    refused: AtomicBool,
}

impl Marks {
    /// The service has been asked.
    pub(super) fn ask(&self) {
        self.step();
        self.answering.store(true, Ordering::Relaxed);
    }

    /// The service has replied.
    pub(super) fn reply(&self) {
        self.answering.store(false, Ordering::Relaxed);
        self.replied.store(true, Ordering::Relaxed);
    }

    /// The service has left the body of a request where it was.
    pub(super) fn refuse(&self) {
        self.refused.store(true, Ordering::Relaxed);
    }

    fn step(&self) {
        let steps = self.steps.load(Ordering::Relaxed);
        self.steps.store(steps.wrapping_add(1), Ordering::Relaxed);
    }

    /// Another number each time after the connection got on.
    pub(super) fn steps(&self) -> usize {
        self.steps.load(Ordering::Relaxed)
    }

    /// Whether there is neither a request without its reply nor a reply that is not sent.
    pub(super) fn is_idle(&self) -> bool {
        !self.is_answering() && !self.replied.load(Ordering::Relaxed)
    }

    /// Whether the service is at work.
    pub(super) fn is_answering(&self) -> bool {
        self.answering.load(Ordering::Relaxed)
    }
}

/// A socket that knows which answers are hyper's own.
pub(super) struct Wire {
    socket: TokioIo<TcpStream>,
    app: Arc<App>,
    marks: Arc<Marks>,
    /// What is written in place of hyper's answer.
    instead: Bytes,
    /// True once the write half is closed and the rest of the input is let pass.
    lingers: Option<Pin<Box<Sleep>>>,
}

impl Wire {
    pub(super) fn new(socket: TcpStream, app: Arc<App>, marks: Arc<Marks>) -> Self {
        Self {
            socket: TokioIo::new(socket),
            app,
            marks,
            instead: Bytes::new(),
            lingers: None,
        }
    }

    fn socket(&mut self) -> Pin<&mut TokioIo<TcpStream>> {
        Pin::new(&mut self.socket)
    }

    /// True if `bytes` begin an answer that no service gave.
    fn is_refusal(&self, bytes: &[u8]) -> bool {
        bytes.starts_with(b"HTTP/1.")
            && bytes.get(9) == Some(&b'4')
            && !self.marks.replied.load(Ordering::Relaxed)
    }

    /// Writes our form of hyper's answer; ready with the length of hyper's, as if it had been written.
    fn write_instead(&mut self, cx: &mut Context<'_>, head: &[u8]) -> Poll<io::Result<usize>> {
        if self.instead.is_empty() {
            let Some((code, message)) = refusal_of(head) else {
                return self.socket().poll_write(cx, head);
            };
            self.instead = in_our_form(head, code, message, self.app.has_cors());
            self.app.say_refused(code, message);
        }
        while !self.instead.is_empty() {
            let bytes = self.instead.clone();
            let written = ready!(self.socket().poll_write(cx, &bytes))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.instead.advance(written);
        }
        self.marks.reply();
        self.marks.refuse();
        Poll::Ready(Ok(head.len()))
    }

    /// Lets input pass until the client closes, or for as long as we linger.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut scratch = [0; 8192];
        loop {
            let mut buffer = ReadBuf::new(&mut scratch);
            match Pin::new(self.socket.inner_mut()).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => break,
            }
        }
        let sleep = self
            .lingers
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(LINGER)));
        sleep.as_mut().poll(cx)
    }
}

/// Which of our errors hyper's answer is.
fn refusal_of(head: &[u8]) -> Option<(ErrorCode, &'static str)> {
    match head.get(9..12)? {
        b"400" => Some((
            ErrorCode::BadRequest,
            "this is not a request in the form of HTTP/1.1",
        )),
        b"414" => Some((
            ErrorCode::UriTooLong,
            "the request's target is longer than 64 KiB",
        )),
        b"431" => Some((
            ErrorCode::HeadersTooLarge,
            "the request has more than 100 headers, or more than 256 KiB of them",
        )),
        _ => None,
    }
}

/// hyper's answer with our headers and body; its own stay, the date and `connection: close`.
fn in_our_form(head: &[u8], code: ErrorCode, message: &str, cors: bool) -> Bytes {
    let mut response = error_response(code, message);
    if cors {
        allow_any_origin(response.headers_mut());
    }
    let length = HeaderValue::from(response.body().len());
    response.headers_mut().insert(CONTENT_LENGTH, length);
    let mut bytes = Vec::with_capacity(head.len() + response.body().len() + 256);
    for line in head
        .split_inclusive(|b| *b == b'\n')
        .take_while(|line| *line != b"\r\n")
    {
        if !line.to_ascii_lowercase().starts_with(b"content-length:") {
            bytes.extend_from_slice(line);
        }
    }
    for (name, value) in response.headers() {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            bytes.extend_from_slice(part);
        }
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(response.body());
    Bytes::from(bytes)
}

impl Read for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        self.socket().poll_read(cx, buf)
    }
}

impl Write for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.is_refusal(buf) {
            return self.write_instead(cx, buf);
        }
        let written = ready!(self.socket().poll_write(cx, buf));
        self.marks.step();
        Poll::Ready(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let Some(first) = bufs.first()
            && self.is_refusal(first)
        {
            return self.write_instead(cx, first);
        }
        let written = ready!(self.socket().poll_write_vectored(cx, bufs));
        self.marks.step();
        Poll::Ready(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.socket().poll_flush(cx))?;
        // All that was replied is on its way; what is written next is new.
        self.marks.replied.store(false, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.lingers.is_none() {
            ready!(self.socket().poll_shutdown(cx))?;
        }
        if self.marks.refused.load(Ordering::Relaxed) {
            ready!(self.poll_linger(cx));
        }
        Poll::Ready(Ok(()))
    }
}
