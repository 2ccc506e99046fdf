//! The regex of a constrained parameter, anchored.

use regex::{Regex, RegexBuilder};
use regex_syntax::hir::{Capture, Hir, HirKind, Look, Repetition};
use regex_syntax::{Parser, ParserBuilder};

use crate::limits;
use crate::regex_size::{RegexBudget, automata_bytes, compiled_bytes, is_too_long};

const TOO_LARGE: &str = "it is too large";

/// A regex that a whole segment must match.
///
/// The anchors are put around the parsed regex, not around its text, so that neither `cat|dog`
/// nor a comment at its end can escape them.
pub(super) struct Constraint {
    text: Box<str>,
    regex: Regex,
    /// What the regex weighs, as estimated.
    bytes: usize,
}

impl Constraint {
    /// Compiles the text; an error is one line for people.
    pub(super) fn parse(text: &str, regexes: &mut RegexBudget) -> Result<Self, String> {
        let tree = parse(text)?;
        let bytes = weigh(&tree, regexes)?;
        let regex = compile(vec![tree])?;
        Ok(Self {
            text: text.into(),
            regex,
            bytes,
        })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    pub(super) fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.text.len() + self.bytes
    }

    pub(super) fn regex_bytes(&self) -> usize {
        self.bytes
    }
}

impl PartialEq for Constraint {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// Parses a regex on its own, unless it is too long to be compiled.
fn parse(text: &str) -> Result<Hir, String> {
    if is_too_long(text, limits::CONSTRAINT_BYTES_MAX) {
        return Err(TOO_LARGE.to_owned());
    }
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

/// What a regex weighs, taken from `regexes`; an error if it is not worth compiling.
pub(super) fn weigh(tree: &Hir, regexes: &mut RegexBudget) -> Result<usize, String> {
    let bytes = compiled_bytes(tree);
    regexes
        .take(bytes)
        .ok_or("the regexes of the path are too large")?;
    refuse_heavy(automata_bytes(tree))?;
    Ok(bytes)
}

/// Refuses regexes that cannot fit into [`limits::CONSTRAINT_BYTES_MAX`]. The estimate counts more than the
/// compiler does, so only what weighs several times as much is refused by it.
pub(super) fn refuse_heavy(bytes: usize) -> Result<(), String> {
    if bytes < limits::REGEX_BYTES_MAX {
        Ok(())
    } else {
        Err(TOO_LARGE.to_owned())
    }
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
            regex::Error::CompiledTooBig(_) => TOO_LARGE.to_owned(),
            // The lines before the last repeat the whole text.
            other => {
                let text = other.to_string();
                text.lines().next_back().unwrap_or_default().to_owned()
            }
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

/// Parses a regex that stands beside text, and says what it weighs: it takes as little as it can and never nothing, and anchors
/// at its ends hold there.
pub(super) fn parse_part(text: &str, regexes: &mut RegexBudget) -> Result<(Hir, usize), String> {
    let tree = parse(text)?;
    let bytes = weigh(&tree, regexes)?;
    let hir = non_empty(reluctant(tree, true, true));
    if can_be_empty(&hir) {
        return Err("all of it is optional, but a parameter is never empty".to_owned());
    }
    Ok((hir, bytes))
}

/// True if the regex matches the empty text; its least length does not tell for one with a part that nothing matches.
fn can_be_empty(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(_) | HirKind::Class(_) => false,
        HirKind::Repetition(repetition) => repetition.min == 0 || can_be_empty(&repetition.sub),
        HirKind::Capture(capture) => can_be_empty(&capture.sub),
        HirKind::Concat(parts) => parts.iter().all(can_be_empty),
        HirKind::Alternation(parts) => parts.iter().any(can_be_empty),
    }
}

/// The same regex, made to take as little as it can, without groups and without anchors where it begins
/// (`start`) and ends (`end`).
fn reluctant(hir: Hir, start: bool, end: bool) -> Hir {
    match hir.into_kind() {
        HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) => Hir::literal(literal.0),
        HirKind::Class(class) => Hir::class(class),
        HirKind::Look(Look::Start) if start => Hir::empty(),
        HirKind::Look(Look::End) if end => Hir::empty(),
        HirKind::Look(look) => Hir::look(look),
        HirKind::Repetition(repetition) => Hir::repetition(Repetition {
            greedy: false,
            sub: Box::new(reluctant(*repetition.sub, false, false)),
            ..repetition
        }),
        HirKind::Capture(capture) => reluctant(*capture.sub, start, end),
        HirKind::Concat(parts) => {
            let last = parts.len().saturating_sub(1);
            let parts = parts.into_iter().enumerate();
            let part = |(at, part)| reluctant(part, start && at == 0, end && at == last);
            Hir::concat(parts.map(part).collect())
        }
        HirKind::Alternation(parts) => {
            let part = |part| reluctant(part, start, end);
            Hir::alternation(parts.into_iter().map(part).collect())
        }
    }
}

/// The same regex without the empty text, unless that takes more than a change of its repetitions.
fn non_empty(hir: Hir) -> Hir {
    if !can_be_empty(&hir) {
        return hir;
    }
    match hir.kind() {
        HirKind::Alternation(parts) => {
            Hir::alternation(parts.iter().cloned().map(non_empty).collect())
        }
        HirKind::Repetition(Repetition { max: Some(0), .. }) => Hir::fail(),
        // Of any number of parts, those that are not empty are at least one.
        HirKind::Repetition(repetition) => Hir::repetition(Repetition {
            min: 1,
            sub: Box::new(non_empty((*repetition.sub).clone())),
            ..*repetition
        }),
        _ => hir,
    }
}
