//! The story for people.

use std::fmt::{Result, Write};

use http::StatusCode;

use super::story::{Asked, Candidate, Near, Reason, Reply, Story};
use crate::console::{Harmless, Palette, paint};

/// How much of a body is shown.
const BODY_LINES_MAX: usize = 40;
const BODY_LINE_CHARS_MAX: usize = 200;

/// The story as a tree, and the reply below it.
pub(super) fn tell(palette: Palette, story: &Story) -> String {
    let mut teller = Teller {
        text: String::new(),
        palette,
    };
    // Writing to a String cannot fail.
    let _ = teller.story(story);
    teller.text
}

struct Teller {
    text: String,
    palette: Palette,
}

impl Teller {
    fn story(&mut self, story: &Story) -> Result {
        let method = self.palette.paint(paint::BOLD, Harmless(&story.method));
        writeln!(self.text, "{method} {}\n", Harmless(&story.target))?;
        for asked in &story.mocks {
            self.mock(asked)?;
        }
        if !story.mocks.iter().any(|asked| asked.answers) {
            if story.preflight {
                self.text.push_str(
                    "a CORS preflight: the host answers it, as no mock for OPTIONS does\n\n",
                );
            } else {
                let none = self.palette.paint(paint::WARNING, "no mock answers");
                writeln!(self.text, "{none}")?;
                story.nearest.iter().try_for_each(|near| self.near(near))?;
                self.text.push('\n');
            }
        }
        self.reply(&story.reply)
    }

    fn mock(&mut self, asked: &Asked) -> Result {
        self.mock_name(&asked.mock, &asked.method, &asked.path)?;
        for (key, value) in &asked.params {
            writeln!(
                self.text,
                "  {} = {}",
                Harmless(key),
                Harmless(&format!("{value:?}"))
            )?;
        }
        asked
            .responses
            .iter()
            .try_for_each(|response| self.response(response))?;
        let arrow = self.palette.paint(
            if asked.answers {
                paint::GOOD
            } else {
                paint::DIM
            },
            "->",
        );
        writeln!(self.text, "  {arrow} {}\n", Harmless(&asked.verdict))
    }

    fn mock_name(&mut self, name: &str, method: &str, path: &str) -> Result {
        let place = format!("{method} {path}");
        if name != place {
            write!(
                self.text,
                "{}  ",
                self.palette.paint(paint::NAME, Harmless(name))
            )?;
        }
        writeln!(self.text, "{}", Harmless(&place))
    }

    fn response(&mut self, response: &Candidate) -> Result {
        let status = StatusCode::from_u16(response.status).unwrap_or_default();
        let code = self
            .palette
            .paint(paint::of_status(status), response.status);
        write!(
            self.text,
            "  {} {code} {}",
            self.mark(response.qualifies),
            Harmless(&response.name)
        )?;
        if let Some(weight) = response.weight {
            write!(self.text, "  weight {weight}")?;
        }
        if response.is_default {
            self.text.push_str("  default");
        }
        if let Some(why) = response.beside {
            self.text.extend(["  ", why]);
        }
        if response.conditions.is_empty() {
            write!(
                self.text,
                "  {}",
                self.palette.paint(paint::DIM, "no conditions")
            )?;
        }
        self.text.push('\n');
        response
            .conditions
            .iter()
            .try_for_each(|reason| self.reason(reason, 6))
    }

    fn reason(&mut self, reason: &Reason, indent: usize) -> Result {
        writeln!(
            self.text,
            "{:indent$}{} {}",
            "",
            self.mark(reason.passed),
            Harmless(&reason.text)
        )?;
        reason
            .conditions
            .iter()
            .try_for_each(|inner| self.reason(inner, indent + 2))
    }

    fn near(&mut self, near: &Near) -> Result {
        self.text.push_str("  nearest: ");
        self.mock_name(&near.mock, &near.method, &near.path)?;
        for matched in &near.matched {
            writeln!(self.text, "    {} {}", self.mark(true), Harmless(matched))?;
        }
        for reason in &near.reasons {
            writeln!(self.text, "    {} {}", self.mark(false), Harmless(reason))?;
        }
        Ok(())
    }

    fn reply(&mut self, reply: &Reply) -> Result {
        if let Some(fault) = &reply.failed {
            let word = self.palette.paint(paint::ERROR, "the template failed");
            writeln!(self.text, "{word}: {}", Harmless(fault))?;
        }
        let status = StatusCode::from_u16(reply.status).unwrap_or_default();
        write!(
            self.text,
            "{}",
            self.palette.paint(paint::of_status(status), status)
        )?;
        if reply.delay_ms > 0 {
            write!(self.text, "  after {} ms", reply.delay_ms)?;
        }
        self.text.push('\n');
        for (name, value) in &reply.headers {
            writeln!(
                self.text,
                "{}: {}",
                self.palette.paint(paint::DIM, name),
                Harmless(value)
            )?;
        }
        if let Some(body) = &reply.body {
            self.text.push('\n');
            self.body(body)?;
        } else if let Some(encoded) = &reply.body_base64 {
            writeln!(
                self.text,
                "\n({} bytes that are no text)",
                encoded.len() / 4 * 3
            )?;
        }
        Ok(())
    }

    fn body(&mut self, body: &str) -> Result {
        let mut lines = body.lines();
        for line in lines.by_ref().take(BODY_LINES_MAX) {
            match line.char_indices().nth(BODY_LINE_CHARS_MAX) {
                Some((cut, _)) => writeln!(self.text, "{}…", Harmless(&line[..cut]))?,
                None => writeln!(self.text, "{}", Harmless(line))?,
            }
        }
        match lines.count() {
            0 => Ok(()),
            more => writeln!(self.text, "({more} more lines)"),
        }
    }

    fn mark(&self, passed: bool) -> impl std::fmt::Display + use<> {
        if passed {
            self.palette.paint(paint::GOOD, "✓")
        } else {
            self.palette.paint(paint::ERROR, "✗")
        }
    }
}
