//! The regex of a constrained parameter, anchored.

use regex::{Regex, RegexBuilder};
use regex_syntax::hir::{Capture, Hir, HirKind, Look, Repetition};
use regex_syntax::{Parser, ParserBuilder};

use crate::limits;

/// A regex that a whole segment must match.
///
/// The anchors are put around the parsed regex, not around its text, so that neither `cat|dog`
/// nor a comment at its end can escape them.
pub(super) struct Constraint {
    text: Box<str>,
    regex: Regex,
}

impl Constraint {
    /// Compiles the text; an error is one line for people.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let regex = compile(vec![parse(text)?])?;
        Ok(Self {
            text: text.into(),
            regex,
        })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    pub(super) fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.text.len() * REGEX_BYTES_A_CHAR
    }
}

/// A compiled regex of n characters takes very roughly this many times n bytes.
pub(super) const REGEX_BYTES_A_CHAR: usize = 200;

impl PartialEq for Constraint {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// Parses a regex on its own.
pub(super) fn parse(text: &str) -> Result<Hir, String> {
    parser().parse(text).map_err(|error| match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        other => other.to_string(),
    })
}

fn parser() -> Parser {
    ParserBuilder::new()
        .nest_limit(limits::CONSTRAINT_NESTING_MAX)
        .build()
}

/// Compiles the concatenation of `parts`, anchored at both ends.
pub(super) fn compile(parts: Vec<Hir>) -> Result<Regex, String> {
    let mut whole = vec![Hir::look(Look::Start)];
    whole.extend(parts);
    whole.push(Hir::look(Look::End));
    RegexBuilder::new(&Hir::concat(whole).to_string())
        .size_limit(limits::CONSTRAINT_BYTES_MAX)
        .dfa_size_limit(limits::CONSTRAINT_BYTES_MAX)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
            other => other.to_string().replace('\n', " "),
        })
}

/// The group number `index` around `sub`.
pub(super) fn group(index: u32, sub: Hir) -> Hir {
    Hir::capture(Capture {
        index,
        name: None,
        sub: Box::new(sub),
    })
}

/// The same regex, made to take as little as it can, without groups.
pub(super) fn reluctant(hir: Hir) -> Hir {
    match hir.into_kind() {
        HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) => Hir::literal(literal.0),
        HirKind::Class(class) => Hir::class(class),
        HirKind::Look(look) => Hir::look(look),
        HirKind::Repetition(repetition) => Hir::repetition(Repetition {
            greedy: false,
            sub: Box::new(reluctant(*repetition.sub)),
            ..repetition
        }),
        HirKind::Capture(capture) => reluctant(*capture.sub),
        HirKind::Concat(parts) => Hir::concat(parts.into_iter().map(reluctant).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.into_iter().map(reluctant).collect()),
    }
}
