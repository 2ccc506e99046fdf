//! Lines of a report.

use std::fmt::{self, Display, Write};
use std::panic::Location;

use mockbird_core::ByteSize;

use crate::ReceivedRequest;
use crate::journal::Pages;
use crate::mounted::Mounted;
use crate::state::State;

/// Columns of a line, as terminals and the logs of builds show them.
const WIDTH: usize = 100;

/// How much further to the right the rest of a long line stands, which is below the text of `FAIL  ` and `ok    `.
const HANGING: usize = 6;

/// Characters of a request's target.
const TARGET_MAX: usize = 200;

/// A report in the making: problems, each with lines of its own.
#[derive(Debug, Default)]
pub(crate) struct Text {
    out: String,
    problems: usize,
}

impl Text {
    /// Begins the next problem.
    pub(crate) fn problem(&mut self, title: impl Display) {
        self.problems += 1;
        self.out.push('\n');
        self.line(0, title);
    }

    /// A line, so many levels inside of its problem. Further lines of the text stand below, and so does what is beyond the
    /// width of a terminal.
    pub(crate) fn line(&mut self, level: usize, text: impl Display) {
        // Writing to a String cannot fail.
        let _ = write_lines(&mut self.out, 2 * level, &text.to_string());
    }

    /// That some of a kind are not named.
    pub(super) fn more(&mut self, level: usize, more: usize) {
        if more > 0 {
            self.line(level, format_args!("... and {more} more"));
        }
    }

    /// That there are more problems of the kind that was told last.
    pub(super) fn more_problems(&mut self, more: usize) {
        self.problems += more;
        if more > 0 {
            self.out.push('\n');
            self.more(0, more);
        }
    }

    /// What to do about it.
    pub(super) fn help(&mut self, text: &str) {
        self.out.push('\n');
        self.line(0, format_args!("help: {text}"));
    }

    /// That there were more requests than are kept.
    pub(super) fn forgotten(&mut self, pages: &Pages) {
        let (forgotten, kept) = (count(pages.forgotten, "request"), pages.bounds);
        self.out.push('\n');
        self.line(
            0,
            format_args!(
                "note: the oldest {forgotten} are no longer known; {} and {} of them are kept (`MockServer::builder().journal_limit(..)`)",
                count(kept.requests, "request"),
                ByteSize(kept.bytes)
            ),
        );
    }

    pub(super) fn problems(&self) -> usize {
        self.problems
    }

    /// The report, if there is anything to report.
    pub(super) fn finish(self) -> Option<String> {
        let problems = count(self.problems, "problem");
        (self.problems > 0).then(|| format!("mockbird: {problems}\n{}", self.out))
    }
}

/// Writes lines so many columns to the right; what is beyond the width of a terminal stands below.
pub(crate) fn write_lines(out: &mut impl Write, indent: usize, text: &str) -> fmt::Result {
    for line in text.lines() {
        let (mut rest, mut column) = (Some(line), indent);
        while let Some(line) = rest {
            let (first, beyond) = broken(line, WIDTH.saturating_sub(column));
            writeln!(out, "{:column$}{first}", "")?;
            (rest, column) = (beyond, indent + HANGING);
        }
    }
    Ok(())
}

/// What of a line fits into so many columns, and what is beyond. It is broken at a space; a word that does not fit, such
/// as a long path, stays whole.
fn broken(line: &str, columns: usize) -> (&str, Option<&str>) {
    let Some((end, _)) = line.char_indices().nth(columns) else {
        return (line, None);
    };
    let before = line[..end].rfind(' ').filter(|at| *at > HANGING);
    let at = before.or_else(|| Some(end + line[end..].find(' ')?));
    match at {
        Some(at) => (line[..at].trim_end(), Some(line[at..].trim_start())),
        None => (line, None),
    }
}

/// `1 call`, `2 calls`
pub(super) fn count(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{plural}")
}

/// Where something was written, as a compiler says it.
pub(crate) fn place(at: &Location<'_>) -> String {
    format!("{}:{}", at.file(), at.line())
}

/// `` `charge card` (tests/pay.rs:41)``, with method and path unless that is its name.
pub(super) struct Title<'a>(pub(super) &'a Mounted);

impl Display for Title<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.0.name();
        write!(f, "`{name}` ({})", self.0.place())?;
        let line = self.0.mount.request_line();
        if *line == **name {
            Ok(())
        } else {
            write!(f, " {line}")
        }
    }
}

impl Mounted {
    /// Where it was written: in a mock file, or in the test.
    pub(crate) fn place(&self) -> String {
        let in_file = self.mount.in_file.clone();
        in_file.unwrap_or_else(|| place(self.at))
    }
}

impl State {
    /// A further line that tells which mock answers a request.
    pub(crate) fn told_who(&self, request: &ReceivedRequest) -> String {
        let mounted = request.answered_key().and_then(|key| self.mounted.get(key));
        mounted.map_or_else(String::new, |mounted| format!("\n  by {}", Title(mounted)))
    }

    /// `#2 POST /users/7/pay?dry=1`, without its secrets.
    pub(super) fn shown(&self, request: &ReceivedRequest) -> String {
        let target = self.masked_target(request);
        let (number, method) = (request.number(), request.method());
        match target.char_indices().nth(TARGET_MAX) {
            None => format!("#{number} {method} {target}"),
            Some((end, _)) => format!("#{number} {method} {}...", &target[..end]),
        }
    }

    /// The same, and with what it was answered.
    pub(super) fn shown_answer(&self, request: &ReceivedRequest) -> String {
        let shown = self.shown(request);
        match request.status() {
            Some(status) => format!("{shown} -> {status}"),
            None => format!("{shown} -> no status"),
        }
    }
}
