//! One line for one request.

use std::fmt::Write;
use std::time::Duration;

use http::StatusCode;

use super::paint::{self, Palette};
use super::{Clock, Harmless};
use mockbird_core::{AnswerSource, NearMiss};

/// How much of a target is shown: a line should stay a line.
const TARGET_CHARS_MAX: usize = 160;

/// A method up to this length leaves what follows in its column.
const METHOD_COLUMN: usize = 7;

/// A path up to this length leaves what follows in its column.
const TARGET_COLUMN: usize = 28;

/// A request and its answer, written down before the delay; the duration is added after it.
#[derive(Debug)]
pub struct RequestLine {
    text: String,
    /// What stands indented below: near misses, or the fault of a template.
    below: String,
    palette: Palette,
}

/// What a line says of a request.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// When it came, in milliseconds since 1970.
    pub now_ms: i64,
    /// The method, or `-`.
    pub method: &'a str,
    /// Path and query as they may be shown, or `-`.
    pub target: &'a str,
}

impl RequestLine {
    /// The line of a request that was answered.
    pub fn new(
        palette: Palette,
        clock: Clock,
        asked: Asked<'_>,
        status: StatusCode,
        source: &AnswerSource<'_>,
    ) -> Self {
        let mut line = Self::begin(palette, clock, asked, status);
        let text = &mut line.text;
        match source {
            AnswerSource::Mock(mock, response) | AnswerSource::Failed(mock, response, _) => {
                line.names(mock.name(), response.name());
            }
            AnswerSource::Refused(mock, response) => {
                line.names(mock.name(), response.and_then(|response| response.name()));
                palette.push(&mut line.text, paint::WARNING, "  rate limit");
            }
            AnswerSource::Preflight => palette.push(text, paint::DIM, "CORS preflight"),
            AnswerSource::Documentation => palette.push(text, paint::DIM, "error codes"),
            AnswerSource::Nobody(_) => palette.push(text, paint::WARNING, "no mock"),
        }
        match source {
            AnswerSource::Failed(_, _, fault) => line.note(fault),
            AnswerSource::Nobody(nearest) => nearest.iter().for_each(|miss| line.near_miss(miss)),
            AnswerSource::Mock(..)
            | AnswerSource::Refused(..)
            | AnswerSource::Preflight
            | AnswerSource::Documentation => {}
        }
        line
    }

    /// The line of a request that no mock was asked about, and why.
    pub fn refused(
        palette: Palette,
        clock: Clock,
        asked: Asked<'_>,
        status: StatusCode,
        why: &str,
    ) -> Self {
        let mut line = Self::begin(palette, clock, asked, status);
        palette.push(&mut line.text, paint::WARNING, &Harmless(why).into_text());
        line
    }

    /// The finished line, with what stands below it.
    pub fn end(mut self, took: Duration) -> String {
        let _ = writeln!(
            self.text,
            "  {}",
            self.palette.paint(paint::DIM, Took(took))
        );
        self.text.push_str(&self.below);
        self.text
    }

    fn begin(palette: Palette, clock: Clock, asked: Asked<'_>, status: StatusCode) -> Self {
        let mut text = String::with_capacity(192);
        let time = clock.time_of_day(asked.now_ms);
        // Writing to a String cannot fail.
        let _ = write!(text, "{} ", palette.paint(paint::DIM, time));
        palette.push(&mut text, paint::of_status(status), status.as_str());
        text.push(' ');
        palette.push(&mut text, paint::BOLD, asked.method);
        pad(&mut text, asked.method.len(), METHOD_COLUMN);
        text.push(' ');
        push_target(&mut text, asked.target);
        text.push_str("  ");
        Self {
            text,
            below: String::new(),
            palette,
        }
    }

    fn names(&mut self, mock: &str, response: Option<&str>) {
        let mock = Harmless(mock).into_text();
        self.palette.push(&mut self.text, paint::NAME, &mock);
        if let Some(name) = response {
            self.text.extend([" › ", &Harmless(name).into_text()]);
        }
    }

    fn near_miss(&mut self, miss: &NearMiss) {
        let place = format!("{} {}", miss.method, miss.path);
        let nearest = self.palette.paint(paint::DIM, "nearest:");
        let _ = write!(self.below, "             {nearest} {}", Harmless(&place));
        if miss.mock != place {
            let name = self.palette.paint(paint::NAME, Harmless(&miss.mock));
            let _ = write!(self.below, "  {name}");
        }
        self.below.push('\n');
        for reason in &miss.reasons {
            self.note(reason);
        }
    }

    fn note(&mut self, text: &str) {
        let _ = writeln!(self.below, "               - {}", Harmless(text));
    }
}

fn push_target(text: &mut String, target: &str) {
    let start = text.len();
    let end = target.char_indices().nth(TARGET_CHARS_MAX);
    let shown = end.map_or(target, |(end, _)| &target[..end]);
    text.push_str(&Harmless(shown).into_text());
    if end.is_some() {
        text.push('…');
    }
    // Escapes and wide characters may put it a little off, which does no harm.
    let width = text.len() - start;
    pad(text, width, TARGET_COLUMN);
}

/// Fills up a column in which so many characters stand.
fn pad(text: &mut String, width: usize, column: usize) {
    text.extend(std::iter::repeat_n(' ', column.saturating_sub(width)));
}

/// A duration in the unit that suits it.
struct Took(Duration);

impl std::fmt::Display for Took {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let micros = self.0.as_micros();
        match micros {
            0..1000 => write!(f, "{micros} µs"),
            1000..1_000_000 => write!(f, "{}.{} ms", micros / 1000, micros / 100 % 10),
            _ => write!(f, "{}.{:02} s", micros / 1_000_000, micros / 10_000 % 100),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_in_their_unit() {
        for (micros, want) in [
            (85, "85 µs"),
            (1_250, "1.2 ms"),
            (212_900, "212.9 ms"),
            (1_234_567, "1.23 s"),
        ] {
            assert_eq!(Took(Duration::from_micros(micros)).to_string(), want);
        }
    }

    #[test]
    fn a_hostile_target_stays_one_short_line() {
        let target = format!("/\u{1b}]0;title\u{7}{}", "é".repeat(10_000));
        let asked = Asked {
            now_ms: 0,
            method: "GET",
            target: &target,
        };
        let line = RequestLine::refused(
            Palette::PLAIN,
            Clock::UTC,
            asked,
            StatusCode::NOT_FOUND,
            "no\nmock",
        );
        let text = line.end(Duration::ZERO);
        assert_eq!(text.matches('\n').count(), 1);
        assert!(
            !text.contains(['\u{1b}', '\u{7}']) && text.len() < 600,
            "{text}"
        );
    }
}
