//! What regexes weigh when they are compiled, and how much of that one spec may hold.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::fault::{Faults, Place};
use crate::limits::{REGEX_BYTES_MAX, REGEX_NEST_MAX, REGEX_TOTAL_BYTES_MAX};

/// A state of the automata, those that run forwards and backwards together.
const STATE_BYTES: usize = 64;

/// A range of a class: it becomes the few states that read its UTF-8.
const RANGE_BYTES: usize = 80;

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
    let all = |parts: &[Hir]| parts.iter().map(tree_bytes).fold(0, usize::saturating_add);
    let inner = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => literal.0.len().saturating_mul(STATE_BYTES),
        HirKind::Class(Class::Unicode(class)) => class.ranges().len().saturating_mul(RANGE_BYTES),
        HirKind::Class(Class::Bytes(class)) => class.ranges().len().saturating_mul(RANGE_BYTES),
        // A repetition is compiled as so many copies.
        HirKind::Repetition(repetition) => {
            let copies = repetition.max.unwrap_or(repetition.min).max(1);
            tree_bytes(&repetition.sub)
                .saturating_mul(usize::try_from(copies).unwrap_or(usize::MAX))
        }
        HirKind::Capture(capture) => tree_bytes(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => all(parts),
    };
    inner.saturating_add(STATE_BYTES)
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

    /// Takes what the regex at `place` weighs; `None` if it may not be compiled.
    ///
    /// The first one beyond the budget is an error; of a spec that is refused, no other is worth the work.
    pub(crate) fn charge(
        &mut self,
        bytes: usize,
        place: &Place<'_>,
        faults: &mut Faults,
    ) -> Option<()> {
        self.left = self.left?.checked_sub(bytes);
        if self.left.is_none() {
            let message = format!(
                "with this one, the regexes of the spec take more than {} MiB",
                REGEX_TOTAL_BYTES_MAX >> 20
            );
            let hint = "write `[0-9]` for `\\d` and `[A-Za-z0-9_]` for `\\w`, and repeat less";
            faults.error(place, message, hint);
        }
        self.left.map(|_| ())
    }
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
