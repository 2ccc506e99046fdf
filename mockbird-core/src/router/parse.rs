//! Reads the text of a path template.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::constraint::Constraint;
use super::mixed::{Mixed, Piece};
use super::pattern::{Builder, Pattern, PatternError};
use crate::fault::{shown, shown_within};
use crate::limits;
use crate::regex_refusal::SYNTAX;
use crate::regex_size::RegexBudget;

/// Reads a whole template.
pub(super) fn pattern(text: &str, regexes: &mut RegexBudget) -> Result<Pattern, PatternError> {
    if text.len() > limits::PATTERN_BYTES_MAX {
        let message = format!("a path has at most {} bytes", limits::PATTERN_BYTES_MAX);
        return fail(limits::PATTERN_BYTES_MAX, message, "");
    }
    refuse_other_starts(text, regexes)?;
    let mut parser = Parser {
        text,
        at: 0,
        pattern: Builder::default(),
        regexes,
    };
    while parser.at < text.len() {
        parser.segment()?;
    }
    Ok(parser.pattern.build(text))
}

fn fail<T>(
    offset: usize,
    message: impl Into<String>,
    hint: impl Into<String>,
) -> Result<T, PatternError> {
    Err(PatternError {
        message: message.into(),
        hint: hint.into(),
        offset,
    })
}

/// A full URL or a path without its slash.
fn refuse_other_starts(text: &str, regexes: &mut RegexBudget) -> Result<(), PatternError> {
    if text.starts_with('/') {
        return Ok(());
    }
    if let Some((_, rest)) = text.split_once("://") {
        let path = rest.find('/').map_or("/", |at| &rest[at..]);
        let path = &path[..query_start(path).unwrap_or(path.len())];
        let message = format!(
            "a path is wanted here, not a full URL: use {}",
            suggested(path)
        );
        return fail(0, message, "a mock answers its path on every host");
    }
    let path = ["/", &text[..query_start(text).unwrap_or(text.len())]].concat();
    // What is suggested must not be refused in its turn.
    match pattern(&path, regexes) {
        Ok(_) => fail(
            0,
            format!("a path begins with `/`: use {}", suggested(&path)),
            "",
        ),
        Err(next) => fail(
            0,
            "a path begins with `/`",
            format!("and then: {}", next.message),
        ),
    }
}

/// Where a query or fragment begins, outside braces.
fn query_start(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    text.char_indices().find_map(|(at, c)| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '?' | '#' if depth == 0 => return Some(at),
            _ => {}
        }
        None
    })
}

struct Parser<'t, 'r> {
    text: &'t str,
    at: usize,
    pattern: Builder,
    /// What the constraints may still weigh.
    regexes: &'r mut RegexBudget,
}

/// What braces hold.
enum Braces<'t> {
    Param(Option<&'t str>),
    Rest,
}

impl<'t> Parser<'t, '_> {
    /// Reads a slash and the segment behind it.
    fn segment(&mut self) -> Result<(), PatternError> {
        if self.pattern.len() == limits::PATTERN_SEGMENTS_MAX {
            let message = format!(
                "a path has at most {} segments",
                limits::PATTERN_SEGMENTS_MAX
            );
            return fail(self.at, message, "use `{*rest}` for the rest of a path");
        }
        self.at += 1;
        match self.text.as_bytes().get(self.at) {
            Some(b':') => self.colon_segment(),
            _ => self.pieces(),
        }
    }

    /// `:id`, the other form of `{id}`.
    fn colon_segment(&mut self) -> Result<(), PatternError> {
        let start = self.at + 1;
        let rest = &self.text[start..];
        let name = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
        if name.is_empty() {
            return fail(
                self.at,
                "`:` has no name",
                "write `{id}`, or `%3A` for a colon",
            );
        }
        self.name(name, start)?;
        self.at = start + name.len();
        self.refuse_query()?;
        self.pattern.param();
        Ok(())
    }

    /// A segment of text and braces.
    fn pieces(&mut self) -> Result<(), PatternError> {
        let start = self.at;
        let mut pieces = Vec::new();
        loop {
            let from = self.at;
            let rest = &self.text[from..];
            self.at += rest.find(['/', '{', '}', '?', '#']).unwrap_or(rest.len());
            if self.at > from {
                pieces.push(Piece::Literal(self.literal(from)?.into()));
            }
            match self.text.as_bytes().get(self.at) {
                None | Some(b'/') => return self.close(start, pieces),
                Some(b'{') => {
                    let brace = self.at;
                    match self.braces()? {
                        Braces::Rest => return self.rest(start, brace),
                        Braces::Param(_) if matches!(pieces.last(), Some(Piece::Param(_))) => {
                            let message =
                                "two parameters stand side by side: nothing says where one ends";
                            return fail(brace, message, "put text between them, as in `{a}-{b}`");
                        }
                        Braces::Param(constraint) => {
                            pieces.push(Piece::Param(constraint.map(Into::into)));
                        }
                    }
                }
                Some(b'}') => {
                    return fail(
                        self.at,
                        "`}` closes nothing",
                        "write `%7D` for a brace as text",
                    );
                }
                Some(_) => self.refuse_query()?,
            }
        }
    }

    /// The decoded text from `from` to here.
    fn literal(&self, from: usize) -> Result<Cow<'t, str>, PatternError> {
        match percent_decode_str(&self.text[from..self.at]).decode_utf8() {
            Ok(text) => Ok(text),
            Err(_) => fail(
                from,
                "the escapes do not make UTF-8 text, so no request can match",
                "use `{name}` for any bytes",
            ),
        }
    }

    /// Makes a segment of its pieces.
    fn close(&mut self, start: usize, pieces: Vec<Piece>) -> Result<(), PatternError> {
        match &*pieces {
            [Piece::Literal(_)] if &self.text[start..self.at] == "*" => self.pattern.star(),
            [] => self.pattern.text(""),
            [Piece::Literal(text)] => self.pattern.text(text),
            [Piece::Param(None)] => self.pattern.param(),
            [Piece::Param(Some(constraint))] => match Constraint::parse(constraint, self.regexes) {
                Ok(constraint) => self.pattern.constrained(constraint),
                Err(why) => return self.bad_constraint(start, &why),
            },
            _ => match Mixed::new(pieces, self.regexes) {
                Ok(mixed) => self.pattern.mixed(mixed),
                Err(why) => return self.bad_constraint(start, &why),
            },
        }
        Ok(())
    }

    fn bad_constraint<T>(&self, start: usize, why: &str) -> Result<T, PatternError> {
        let segment = &self.text[start..self.at];
        let message = format!("the regex in {} cannot be used: {why}", shown(segment));
        fail(start, message, SYNTAX)
    }

    /// `{*rest}`, which must be all of the last segment.
    fn rest(&mut self, start: usize, brace: usize) -> Result<(), PatternError> {
        if brace != start || self.at != self.text.len() {
            self.refuse_query()?;
            let name = self.pattern.names().last().map_or("rest", |name| name);
            return fail(
                brace,
                format!(
                    "{} takes the rest of the path, so it must be the whole last segment",
                    shown(&format!("{{*{name}}}"))
                ),
                format!("use {} or `*` for one segment", braced(name)),
            );
        }
        self.pattern.rest();
        Ok(())
    }

    /// `{name}`, `{name:regex}` or `{*name}`.
    fn braces(&mut self) -> Result<Braces<'t>, PatternError> {
        let brace = self.at;
        let inner = &self.text[brace + 1..];
        let Some(end) = inner.find(['}', ':', '{', '/']) else {
            return unclosed(brace);
        };
        let name = &inner[..end];
        match inner.as_bytes()[end] {
            b'}' => {
                self.at = brace + 1 + end + 1;
                match name.strip_prefix('*') {
                    Some(rest) => self.name(rest, brace + 2).map(|()| Braces::Rest),
                    None => self.name(name, brace + 1).map(|()| Braces::Param(None)),
                }
            }
            b':' if name.starts_with('*') => fail(
                brace,
                format!("{} takes no regex", braced(name)),
                "constrain a parameter of one segment, or use a condition of type `path`",
            ),
            b':' => {
                let start = brace + 1 + end + 1;
                let Some(len) = constraint_len(&self.text[start..]) else {
                    let hint = "a `}` inside `[ ]` or after `\\` belongs to the regex: close the class with `]`, then the parameter with `}`";
                    return fail(brace, "`{` is never closed", hint);
                };
                self.name(name, brace + 1)?;
                self.at = start + len + 1;
                match &self.text[start..start + len] {
                    "" => fail(
                        start,
                        "the regex is empty",
                        format!("write {}", braced(name)),
                    ),
                    constraint => Ok(Braces::Param(Some(constraint))),
                }
            }
            _ => unclosed(brace),
        }
    }

    /// Checks a name and takes it in.
    fn name(&mut self, name: &str, at: usize) -> Result<(), PatternError> {
        let first = |c: char| c.is_ascii_alphabetic() || c == '_';
        let later = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        if name.is_empty() {
            let hint = "write `{id}`, or `*` for a segment without a name";
            return fail(at.saturating_sub(1), "a parameter has no name", hint);
        }
        if !name.starts_with(first) || !name.chars().all(later) {
            let hint = "a name is a letter or `_`, then letters, digits, `_`, `.` or `-`; a regex stands behind a colon, as in `{id:[0-9]+}`";
            return fail(
                at,
                format!("{} is not a name for a parameter", shown(name)),
                hint,
            );
        }
        if self.pattern.names().iter().any(|known| **known == *name) {
            let hint = format!(
                "name the second one otherwise, such as {}",
                shown(&format!("{name}2"))
            );
            return fail(
                at,
                format!("the parameter {} stands twice", shown(name)),
                hint,
            );
        }
        if self.pattern.names().len() == limits::PATTERN_PARAMS_MAX {
            let message = format!(
                "a path has at most {} parameters",
                limits::PATTERN_PARAMS_MAX
            );
            return fail(
                at,
                message,
                "use `*` for a segment without a name, or `{*rest}`",
            );
        }
        self.pattern.name(name);
        Ok(())
    }

    /// Refuses `?` and `#`, with what to write instead.
    fn refuse_query(&self) -> Result<(), PatternError> {
        let (path, rest) = self.text.split_at(self.at);
        if let Some(query) = rest.strip_prefix('?') {
            let query = query.split('#').next().unwrap_or_default();
            let message = format!(
                "a path holds no query: use {}{}",
                suggested(path),
                conditions(query)
            );
            return fail(self.at, message, "write `%3F` for a question mark as text");
        }
        if rest.starts_with('#') {
            let message = format!("a path holds no fragment: use {}", suggested(path));
            return fail(self.at, message, "write `%23` for a `#` as text");
        }
        Ok(())
    }
}

/// A path to be used instead, to be copied if it is not too long.
fn suggested(path: &str) -> String {
    shown_within(path, limits::SHOWN_PATH_MAX)
}

/// A parameter as it is written.
fn braced(name: &str) -> String {
    shown(&format!("{{{name}}}"))
}

fn unclosed<T>(brace: usize) -> Result<T, PatternError> {
    fail(
        brace,
        "`{` is never closed",
        "write `{name}`, or `%7B` for a brace as text",
    )
}

/// The conditions that say what a query said.
fn conditions(query: &str) -> String {
    let keys = query
        .split('&')
        .map(|pair| pair.split('=').next().unwrap_or_default());
    let keys: Vec<_> = keys.filter(|key| !key.is_empty()).map(shown).collect();
    match &*keys {
        [] => String::new(),
        [key] => format!(" and a query condition on {key}"),
        [first @ .., last] => {
            format!(" and query conditions on {} and {last}", first.join(", "))
        }
    }
}

/// The length of a regex up to the brace that closes its parameter. Braces of the regex itself
/// are balanced, escaped or in a class.
fn constraint_len(text: &str) -> Option<usize> {
    let (mut braces, mut classes) = (0_usize, 0_usize);
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            '[' => {
                classes += 1;
                chars.next_if(|&(_, c)| c == '^');
                chars.next_if(|&(_, c)| c == ']');
            }
            ']' => classes = classes.saturating_sub(1),
            '{' if classes == 0 => braces += 1,
            '}' if classes == 0 && braces == 0 => return Some(at),
            '}' if classes == 0 => braces -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::router::Pattern;

    #[test]
    fn no_suggestion_is_refused_in_its_turn() {
        let said = |text| {
            let error = Pattern::parse(text).unwrap_err();
            (error.message, error.hint)
        };
        assert_eq!(
            said("users/{id}").0,
            "a path begins with `/`: use `/users/{id}`"
        );
        let (message, hint) = said("users/{id");
        assert_eq!(message, "a path begins with `/`");
        assert!(hint.contains("never closed"), "{hint}");
    }

    #[test]
    fn a_class_that_swallows_the_brace_is_named() {
        assert!(
            Pattern::parse("/{id:[0-9}")
                .unwrap_err()
                .hint
                .contains("close the class with `]`")
        );
    }
}
