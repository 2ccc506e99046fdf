//! Server-sent events, in the form of the WHATWG's HTML standard (section 9.2).

use std::fmt::Write;
use std::time::Duration;

use super::{Reply, chunks};

/// One event of a stream: what a browser's `EventSource` gets.
///
/// ```
/// # use mockbird_testkit::Event;
/// # use std::time::Duration;
/// let event = Event::data("two\nlines").id("7").event("news").retry(Duration::from_secs(3));
/// assert_eq!(event.to_string(), "id: 7\nevent: news\nretry: 3000\ndata: two\ndata: lines\n\n");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "an event does nothing until a reply of `events` has it"]
pub struct Event {
    id: Option<String>,
    kind: Option<String>,
    retry: Option<Duration>,
    data: Option<String>,
    comment: Option<String>,
}

/// A reply that sends these events, each in a chunk of its own; [`Reply::every`] says how long to wait between them.
///
/// A text is an event of that data. The stream ends after the last one, on which a browser connects again: with
/// [`Fault::StallAfter`](crate::Fault::StallAfter) of `usize::MAX` bytes it stays open.
///
/// ```
/// # use mockbird_testkit::{Event, MockServer, events, get};
/// # use std::time::Duration;
/// let server = MockServer::start().lenient();
/// let news = [Event::data("wren"), Event::data("dodo").event("extinct").id("2")];
/// server.mount(get("/news").reply(events(news).every(Duration::from_millis(10))));
/// server.mount(get("/ticks").reply(events(["tick", "tock"])));
/// ```
pub fn events<I>(events: I) -> Reply
where
    I: IntoIterator<Item: Into<Event> + 'static, IntoIter: Send + 'static>
        + Clone
        + Send
        + Sync
        + 'static,
{
    chunks(Framed(events))
        .header("content-type", "text/event-stream")
        .header("cache-control", "no-cache")
}

/// Events as they are sent.
#[derive(Clone)]
struct Framed<I>(I);

impl<I: IntoIterator<Item: Into<Event>>> IntoIterator for Framed<I> {
    type Item = String;
    type IntoIter = std::iter::Map<I::IntoIter, fn(I::Item) -> String>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter().map(|event| event.into().to_string())
    }
}

impl Event {
    /// An event with this data, of as many lines as it has.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// assert_eq!(Event::data("one\ntwo").to_string(), "data: one\ndata: two\n\n");
    /// ```
    pub fn data(data: impl Into<String>) -> Self {
        Self {
            data: Some(data.into()),
            ..Self::default()
        }
    }

    /// A comment, which clients do not see: what keeps a connection alive.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// assert_eq!(Event::comment("still here").to_string(), ": still here\n\n");
    /// ```
    pub fn comment(comment: impl Into<String>) -> Self {
        Self {
            comment: Some(comment.into()),
            ..Self::default()
        }
    }

    /// With this id: what a client says in `Last-Event-ID` when it connects again.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// assert_eq!(Event::data("wren").id("7").to_string(), "id: 7\ndata: wren\n\n");
    /// ```
    ///
    /// # Panics
    /// If it has a line break or a NUL, which no id can have.
    #[track_caller]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(one_line("id", id.into()));
        self
    }

    /// With this type; `message` if not said.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// assert_eq!(Event::data("dodo").event("extinct").to_string(), "event: extinct\ndata: dodo\n\n");
    /// ```
    ///
    /// # Panics
    /// If it has a line break or a NUL.
    #[track_caller]
    pub fn event(mut self, kind: impl Into<String>) -> Self {
        self.kind = Some(one_line("event", kind.into()));
        self
    }

    /// Tells the client to wait so long before it connects again.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # use std::time::Duration;
    /// let event = Event::data("wren").retry(Duration::from_secs(2));
    /// assert_eq!(event.to_string(), "retry: 2000\ndata: wren\n\n");
    /// ```
    pub fn retry(mut self, time: Duration) -> Self {
        self.retry = Some(time);
        self
    }
}

#[track_caller]
fn one_line(field: &str, text: String) -> String {
    assert!(
        !text.contains(['\r', '\n', '\0']),
        "the {field} of an event is one line without NUL: {text:?}"
    );
    text
}

/// The lines of a text, whatever ends them.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.split('\n');
    lines.flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

/// As it is sent: its fields, and the empty line that ends it.
impl std::fmt::Display for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for line in self.comment.iter().flat_map(|text| lines(text)) {
            writeln!(f, ": {line}")?;
        }
        for (name, value) in [("id", &self.id), ("event", &self.kind)] {
            if let Some(value) = value {
                writeln!(f, "{name}: {value}")?;
            }
        }
        if let Some(time) = self.retry {
            writeln!(f, "retry: {}", time.as_millis())?;
        }
        for line in self.data.iter().flat_map(|text| lines(text)) {
            writeln!(f, "data: {line}")?;
        }
        f.write_char('\n')
    }
}

impl From<&str> for Event {
    fn from(data: &str) -> Self {
        Self::data(data)
    }
}

impl From<String> for Event {
    fn from(data: String) -> Self {
        Self::data(data)
    }
}

#[cfg(test)]
mod tests {
    use super::Event;

    #[test]
    fn every_kind_of_line_break_begins_a_line_of_data() {
        for (data, sent) in [
            ("", "data: \n\n"),
            ("one", "data: one\n\n"),
            (" one", "data:  one\n\n"),
            ("a\nb\r\nc\rd", "data: a\ndata: b\ndata: c\ndata: d\n\n"),
            ("a\n\nb\n", "data: a\ndata: \ndata: b\ndata: \n\n"),
            ("a\r\r\n", "data: a\ndata: \ndata: \n\n"),
        ] {
            assert_eq!(Event::from(data).to_string(), sent, "{data:?}");
        }
        assert_eq!(Event::comment("still here").to_string(), ": still here\n\n");
    }

    #[test]
    #[should_panic(expected = r#"the id of an event is one line without NUL: "1\n2""#)]
    fn an_id_of_two_lines_is_refused() {
        let _ = Event::data("x").id("1\n2");
    }
}
