//! What regexes weigh when they are compiled, and how much of that one spec may hold.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind};
use regex_syntax::utf8::Utf8Sequences;

use crate::fault::{Faults, Place};
use crate::limits::{REGEX_BYTES_MAX, REGEX_NEST_MAX, REGEX_TOTAL_BYTES_MAX};

/// A state of the automata, those that run forwards and backwards together.
const STATE_BYTES: usize = 64;

/// A range of bytes in a class: a transition of a state, forwards and backwards.
const RANGE_BYTES: usize = 32;

/// What any regex weighs, be it one letter.
const REGEX_BYTES_MIN: usize = 8 << 10;

/// What a regex weighs, in bytes: the crate does not tell, so this is counted from its tree, before
/// anything is compiled. A tree is no deeper than its parser allows.
pub(crate) fn compiled_bytes(hir: &Hir) -> usize {
    REGEX_BYTES_MIN
        .saturating_add(tree_bytes(hir))
        .min(REGEX_BYTES_MAX)
}

/// What the regex in a text weighs; `None` if it is none.
pub(crate) fn text_bytes(text: &str, fold: bool) -> Option<usize> {
    let tree = ParserBuilder::new()
        .case_insensitive(fold)
        .nest_limit(REGEX_NEST_MAX)
        .build()
        .parse(text);
    tree.ok().map(|tree| compiled_bytes(&tree))
}

/// What a pattern of a JSON Schema weighs at most: its classes are those of ECMA-262, which are of ASCII,
/// and some of its spellings are only known to who compiles it.
#[cfg(feature = "json-schema")]
pub(crate) fn schema_pattern_bytes(text: &str) -> usize {
    let tree = ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .nest_limit(REGEX_NEST_MAX)
        .build()
        .parse(text);
    match tree {
        Ok(tree) => compiled_bytes(&tree),
        Err(_) => text_bytes(text, false).unwrap_or(REGEX_BYTES_MAX),
    }
}

/// True if a text is too long for a regex of so many bytes, each letter being a state at least.
///
/// To be asked before it is parsed: `\w` is two letters, and six kilobytes of tree.
pub(crate) fn is_too_long(text: &str, bytes: usize) -> bool {
    text.len() > bytes / STATE_BYTES
}

fn tree_bytes(hir: &Hir) -> usize {
    let inner = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => literal.0.len().saturating_mul(STATE_BYTES),
        HirKind::Class(Class::Unicode(class)) => class_bytes(class),
        HirKind::Class(Class::Bytes(class)) => class.ranges().len().saturating_mul(RANGE_BYTES),
        // A repetition is compiled as so many copies.
        HirKind::Repetition(repetition) => {
            let copies = repetition.max.unwrap_or(repetition.min).max(1);
            tree_bytes(&repetition.sub)
                .saturating_mul(usize::try_from(copies).unwrap_or(usize::MAX))
        }
        HirKind::Capture(capture) => tree_bytes(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => sum(parts.iter().map(tree_bytes)),
    };
    inner.saturating_add(STATE_BYTES)
}

/// A class reads UTF-8: each of its ranges becomes sequences of ranges of bytes.
fn class_bytes(class: &ClassUnicode) -> usize {
    let ranges = class.ranges().iter();
    let sequences = ranges.flat_map(|range| Utf8Sequences::new(range.start(), range.end()));
    sum(sequences.map(|sequence| sequence.len().saturating_mul(RANGE_BYTES)))
}

/// The sum, counted no further than any regex may weigh.
fn sum(parts: impl Iterator<Item = usize>) -> usize {
    let mut total = 0_usize;
    for part in parts {
        total = total.saturating_add(part);
        if total >= REGEX_BYTES_MAX {
            break;
        }
    }
    total
}

/// What the regexes of a spec may still weigh together.
#[derive(Debug)]
pub(crate) struct RegexBudget {
    left: Option<usize>,
}

impl Default for RegexBudget {
    fn default() -> Self {
        Self::of_bytes(REGEX_TOTAL_BYTES_MAX)
    }
}

impl RegexBudget {
    pub(crate) fn of_bytes(bytes: usize) -> Self {
        Self { left: Some(bytes) }
    }

    /// The budget of a spec whose regexes weigh `taken` already.
    pub(crate) fn beside(taken: usize) -> Self {
        Self::of_bytes(REGEX_TOTAL_BYTES_MAX.saturating_sub(taken))
    }

    /// What is left; nothing once it was exceeded.
    pub(crate) fn left(&self) -> usize {
        self.left.unwrap_or(0)
    }

    /// True once it was exceeded.
    pub(crate) fn is_exceeded(&self) -> bool {
        self.left.is_none()
    }

    /// Takes what a regex weighs, whether it is refused later or not: looking at it is the work. `None` if
    /// it may not be compiled.
    pub(crate) fn take(&mut self, bytes: usize) -> Option<()> {
        self.left = self.left?.checked_sub(bytes);
        self.left.map(|_| ())
    }

    /// Takes what the regex at `place` weighs; `None` if it may not be compiled.
    ///
    /// The first one beyond the budget is an error; of a spec that is refused, no other is worth the work.
    pub(crate) fn charge(
        &mut self,
        bytes: usize,
        place: &Place<'_>,
        faults: &mut Faults,
    ) -> Option<()> {
        self.left?;
        let taken = self.take(bytes);
        if taken.is_none() {
            refuse_beyond(place, faults);
        }
        taken
    }
}

/// Notes that the regexes of the spec are too much from this place on.
pub(crate) fn refuse_beyond(place: &Place<'_>, faults: &mut Faults) {
    let message = format!(
        "with this one, the regexes of the spec take more than {} MiB",
        REGEX_TOTAL_BYTES_MAX >> 20
    );
    let hint = "write `[0-9]` for `\\d` and `[A-Za-z0-9_]` for `\\w`, and repeat less";
    faults.error(place, message, hint);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(regex: &str) -> usize {
        compiled_bytes(&regex_syntax::parse(regex).unwrap())
    }

    #[test]
    fn what_compiles_to_much_weighs_much() {
        assert!(weight("[0-9]+") < 2 * REGEX_BYTES_MIN);
        assert!((40_000..120_000).contains(&weight(r"\w")));
        assert!(weight(r"\w{8}") > 400_000);
        assert_eq!(weight(r"(\w{100}){100}"), REGEX_BYTES_MAX);
        assert_eq!(
            weight("((((a{9999}){9999}){9999}){9999}){9999}"),
            REGEX_BYTES_MAX
        );
    }

    /// What the compiler was measured to take, to within a factor of two.
    #[test]
    fn classes_weigh_what_their_utf8_takes() {
        for (regex, measured) in [
            (r"(?s:.){200}", 200_000),
            (r"[^a]{100}", 107_000),
            (r"\w{3}", 260_000),
            (r"\pL{2}", 150_000),
            (r"[0-9]{1000}", 59_000),
        ] {
            let weight = weight(regex);
            assert!(
                (measured * 9 / 10..measured * 2).contains(&weight),
                "{regex} {weight}"
            );
        }
    }

    #[test]
    fn the_first_beyond_the_budget_is_named() {
        let (mut budget, mut faults) = (RegexBudget::default(), Faults::default());
        let list = Place::ROOT.key("c");
        let taken = (0..)
            .map_while(|at| budget.charge(REGEX_BYTES_MAX, &list.index(at), &mut faults))
            .count();
        assert_eq!(taken, REGEX_TOTAL_BYTES_MAX / REGEX_BYTES_MAX);
        assert!(budget.charge(1, &list, &mut faults).is_none());
        let places: Vec<_> = faults.errors.iter().map(|fault| &*fault.at).collect();
        assert_eq!(places, [format!("c[{taken}]")]);
    }
}
