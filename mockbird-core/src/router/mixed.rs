//! A segment with text around its parameters: `{name}.json`, `{base}...{head}`.

use std::fmt;

use memchr::memmem;
use regex::Regex;
use regex_syntax::hir::Hir;
use smallvec::SmallVec;

use super::constraint;
use super::pattern::write_literal;
use crate::regex_size::RegexBudget;

/// Where the parameters of a segment lie in its decoded text.
pub(super) type Spans = SmallVec<[(usize, usize); 4]>;

/// Text and parameters in turn. Each parameter takes at least one character and, from the left,
/// as little as it can; no two stand side by side.
pub(super) struct Mixed {
    pieces: Box<[Piece]>,
    /// Only where a parameter is constrained: otherwise plain search finds the same.
    regex: Option<Regex>,
    /// What the regex weighs, as estimated.
    regex_bytes: usize,
}

/// A piece of a mixed segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Decoded text.
    Literal(Box<str>),
    /// A parameter, with the text of its constraint.
    Param(Option<Box<str>>),
}

impl PartialEq for Mixed {
    fn eq(&self, other: &Self) -> bool {
        self.pieces == other.pieces
    }
}

impl Mixed {
    /// Compiles the pieces, of which no two neighbours are parameters.
    pub(super) fn new(pieces: Vec<Piece>, regexes: &mut RegexBudget) -> Result<Self, String> {
        let constrained = |piece: &Piece| matches!(piece, Piece::Param(Some(_)));
        let is_needed = pieces.iter().any(constrained);
        let compiled = is_needed.then(|| compile(&pieces, regexes)).transpose()?;
        let (regex, regex_bytes) = compiled.unzip();
        Ok(Self {
            pieces: pieces.into(),
            regex,
            regex_bytes: regex_bytes.unwrap_or(0),
        })
    }

    /// The text before the first parameter; empty if there is none.
    pub(super) fn prefix(&self) -> &str {
        literal(self.pieces.first())
    }

    /// The text after the last parameter; empty if there is none.
    pub(super) fn suffix(&self) -> &str {
        literal(self.pieces.last())
    }

    /// Whether U+FFFD stands in the text, which no broken bytes may match.
    pub(super) fn has_replacement(&self) -> bool {
        let replacement =
            |piece: &Piece| matches!(piece, Piece::Literal(text) if text.contains('\u{FFFD}'));
        self.pieces.iter().any(replacement)
    }

    /// Finds the parameters in a decoded segment; `None` if it does not match.
    pub(super) fn locate(&self, text: &str) -> Option<Spans> {
        match &self.regex {
            Some(regex) => locate_regex(regex, text),
            None => self.locate_plain(text),
        }
    }

    /// The leftmost place of each inner text leaves the most for what follows, so no choice is
    /// ever taken back: the time is linear.
    fn locate_plain(&self, text: &str) -> Option<Spans> {
        let (prefix, suffix) = (self.prefix(), self.suffix());
        let inner = text.strip_prefix(prefix)?.strip_suffix(suffix)?;
        let (mut start, end) = (prefix.len(), prefix.len() + inner.len());
        let mut spans = Spans::new();
        for piece in self.inner_literals() {
            let from = start + 1;
            let at = from + memmem::find(text.as_bytes().get(from..end)?, piece.as_bytes())?;
            spans.push((start, at));
            start = at + piece.len();
        }
        (start < end).then(|| {
            spans.push((start, end));
            spans
        })
    }

    fn inner_literals(&self) -> impl Iterator<Item = &str> {
        let inner = 1..self.pieces.len().saturating_sub(1);
        let inner = self.pieces.get(inner).unwrap_or_default();
        inner.iter().filter_map(|piece| match piece {
            Piece::Literal(text) => Some(&**text),
            Piece::Param(_) => None,
        })
    }

    /// How many parameters it has.
    pub(super) fn params(&self) -> usize {
        let is_param = |piece: &&Piece| matches!(piece, Piece::Param(_));
        self.pieces.iter().filter(is_param).count()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let text = |piece: &Piece| match piece {
            Piece::Literal(text) => text.len(),
            Piece::Param(constraint) => constraint.as_deref().map_or(0, str::len),
        };
        let pieces = self
            .pieces
            .iter()
            .map(|piece| size_of::<Piece>() + text(piece));
        size_of::<Self>() + pieces.sum::<usize>() + self.regex_bytes
    }

    pub(super) fn regex_bytes(&self) -> usize {
        self.regex_bytes
    }
}

fn literal(piece: Option<&Piece>) -> &str {
    match piece {
        Some(Piece::Literal(text)) => text,
        Some(Piece::Param(_)) | None => "",
    }
}

/// The regex of all pieces, and what it weighs.
fn compile(pieces: &[Piece], regexes: &mut RegexBudget) -> Result<(Regex, usize), String> {
    let (mut index, mut bytes) = (0, 0_usize);
    let mut parts = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let (part, weight) = match piece {
            Piece::Literal(text) => {
                let part = Hir::literal(text.as_bytes());
                let weight = constraint::weigh(&part, regexes)?;
                (part, weight)
            }
            Piece::Param(text) => {
                index += 1;
                let text = text.as_deref().unwrap_or("(?s).+");
                let (part, weight) = constraint::parse_part(text, regexes)?;
                (constraint::group(index, part), weight)
            }
        };
        parts.push(part);
        bytes = bytes.saturating_add(weight);
        constraint::refuse_heavy(bytes)?;
    }
    Ok((constraint::compile(parts)?, bytes))
}

fn locate_regex(regex: &Regex, text: &str) -> Option<Spans> {
    let captures = regex.captures(text)?;
    let spans = captures.iter().skip(1).flatten();
    Some(spans.map(|span| (span.start(), span.end())).collect())
}

impl fmt::Display for Mixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.pieces {
            match piece {
                Piece::Literal(text) => write_literal(text, f)?,
                Piece::Param(None) => f.write_str("{}")?,
                Piece::Param(Some(constraint)) => write!(f, "{{:{constraint}}}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Mixed, Piece, Spans};
    use crate::regex_size::RegexBudget;
    use proptest::prelude::*;

    fn pieces() -> impl Strategy<Value = Vec<Piece>> {
        let literal = "[ab.é]{1,3}".prop_map(|text| Piece::Literal(text.into()));
        let param = prop_oneof![
            3 => Just(Piece::Param(None)),
            1 => proptest::sample::select(vec!["[ab]+", "[a.é]+?", "a{1,2}|b", "[ab.]*", "b?|(a*)*", "^[ab]+$", "[a&&b]*", "[a&&b]?|b"])
                .prop_map(|text| Piece::Param(Some(text.into()))),
        ];
        (
            proptest::collection::vec((literal, param), 1..4),
            any::<[bool; 2]>(),
        )
            .prop_map(|(pairs, [trim, turn])| {
                let mut pieces: Vec<Piece> = pairs
                    .into_iter()
                    .flat_map(|(text, param)| [text, param])
                    .collect();
                if turn {
                    pieces.reverse();
                }
                if trim && pieces.len() > 2 {
                    pieces.remove(0);
                }
                pieces
            })
    }

    /// Every way to split the text, shortest parameters first: the definition, without cunning.
    fn first_split(pieces: &[Piece], text: &str, at: usize) -> Option<Spans> {
        let Some((piece, rest)) = pieces.split_first() else {
            return (at == text.len()).then(Spans::new);
        };
        match piece {
            Piece::Literal(literal) => {
                let literal: &str = literal;
                text[at..].starts_with(literal).then_some(())?;
                first_split(rest, text, at + literal.len())
            }
            Piece::Param(constraint) => {
                let ends = text[at..]
                    .char_indices()
                    .map(|(i, c)| at + i + c.len_utf8());
                ends.into_iter().find_map(|end| {
                    if let Some(constraint) = constraint {
                        let whole = regex::Regex::new(&format!("^(?:{constraint})$")).unwrap();
                        whole.is_match(&text[at..end]).then_some(())?;
                    }
                    let mut spans = first_split(rest, text, end)?;
                    spans.insert(0, (at, end));
                    Some(spans)
                })
            }
        }
    }

    proptest! {
        #[test]
        fn takes_the_first_split_there_is(pieces in pieces(), text in "[ab.é]{0,9}") {
            let expected = first_split(&pieces, &text, 0);
            let mixed = Mixed::new(pieces, &mut RegexBudget::default()).unwrap();
            prop_assert_eq!(mixed.locate(&text), expected);
        }
    }

    #[test]
    fn time_is_linear() {
        let pieces = (0..40).flat_map(|_| [Piece::Param(None), Piece::Literal("aab".into())]);
        let mixed = Mixed::new(pieces.collect(), &mut RegexBudget::default()).unwrap();
        assert_eq!(mixed.locate(&"a".repeat(1 << 16)), None);
    }
}
