//! What regexes weigh when they are compiled, and how much of that one spec may hold.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::literal::Extractor;
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

/// What finds the literals that a match begins with, where there are several: the tables of a search for
/// all of them at once. Whether the crate makes one depends on its features, which others may turn on.
const PREFILTER_BYTES: usize = 8 << 10;

/// A Unicode class in the automaton that finds groups, whose states hold a transition for each kind of
/// byte: so many times what it weighs in the others.
const ONE_PASS_CLASS_TIMES: usize = 5;

/// What a regex weighs, in bytes: the crate does not tell, so this is counted from its tree, before
/// anything is compiled. A tree is no deeper than its parser allows.
pub(crate) fn compiled_bytes(hir: &Hir) -> usize {
    let bytes = automata_bytes(hir);
    if has_one_pass(hir) {
        bytes + tree_bytes(hir, ONE_PASS_CLASS_TIMES).min(REGEX_BYTES_MAX)
    } else {
        bytes
    }
}

/// The same without the automaton that finds groups, which the crate leaves out if it grows too large.
pub(crate) fn automata_bytes(hir: &Hir) -> usize {
    (REGEX_BYTES_MIN + prefilter_bytes(hir))
        .saturating_add(tree_bytes(hir, 1))
        .min(REGEX_BYTES_MAX)
}

fn prefilter_bytes(hir: &Hir) -> usize {
    let mut prefixes = Extractor::new().extract(hir);
    prefixes.optimize_for_prefix_by_preference();
    // Single bytes are looked for without tables.
    match (prefixes.len(), prefixes.min_literal_len()) {
        (Some(2..), Some(2..)) => PREFILTER_BYTES,
        _ => 0,
    }
}

/// True if the crate tries to make an automaton that finds groups and the borders of words.
fn has_one_pass(hir: &Hir) -> bool {
    let properties = hir.properties();
    properties.explicit_captures_len() > 0 || properties.look_set().contains_word_unicode()
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

/// What a tree weighs, each of its Unicode classes so many times.
fn tree_bytes(hir: &Hir, class_times: usize) -> usize {
    let below = |sub: &Hir| tree_bytes(sub, class_times);
    let inner = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => literal.0.len().saturating_mul(STATE_BYTES),
        HirKind::Class(Class::Unicode(class)) => class_bytes(class).saturating_mul(class_times),
        HirKind::Class(Class::Bytes(class)) => class.ranges().len().saturating_mul(RANGE_BYTES),
        // A repetition is compiled as so many copies.
        HirKind::Repetition(repetition) => {
            let copies = repetition.max.unwrap_or(repetition.min).max(1);
            below(&repetition.sub).saturating_mul(usize::try_from(copies).unwrap_or(usize::MAX))
        }
        HirKind::Capture(capture) => below(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => sum(parts.iter().map(below)),
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
        assert_eq!(weight(r"(\w{100}){100}"), 2 * REGEX_BYTES_MAX);
        assert_eq!(
            weight("((((a{9999}){9999}){9999}){9999}){9999}"),
            2 * REGEX_BYTES_MAX
        );
    }

    #[rustfmt::skip]
    const PATTERNS: &[&str] = &[
        "a", "[0-9]+", r"\w", r"(\w)", r"(\w)(\w)", r"\w{3}", r"(\w{3})", r"((\w)){3}", r"(\w{9})", r"\w{16}",
        r"\pL{2}", r"(\pL+) (\pL+) (\pL+)", r"^(\pL)(\pN)(\pP)$", r"(\P{L}){3}", r"(\p{Han}){10}", r"(\p{N}){3}",
        r"([\p{Greek}\p{Cyrillic}]){5}", r"(\p{S}){2}", r"(\p{Emoji}){3}", r"(\P{Greek}){2}", r"(\d){20}",
        r"(\s){40}", r"(?i)straße", r"(?i)(ß){200}", r"(?i)[a-z]{100}", r"((?i)[a-z]{2000})", r"(?i)a{4000}",
        r"(?i)(\p{Lu})", r"(?s:.){200}", r"(.){100}", r"(.){300}", r"(.|\n){60}", r"[^a]{100}", r"([^a]){100}",
        r"([^\x00-\x7f]){30}", r"(a|b|c|d){100}", r"(foo|bar|baz|quux){50}", r"(?:foo|bar|baz|quux){50}",
        r"((a{10}){10}){10}", r"(a?){200}", r"(a){9999}", r"a{9999}", r"[0-9]{1000}", r"([0-9]){1000}", r"(){500}",
        r"(a*b*c*){50}", r"(?-u:\w){100}", r"^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$",
        r"^([\w.+-]+)@([\w-]+)\.([\w.-]+)$", r"\b\w+\b", r"\b(?:foo|bar)\b.{50}", r"\B\w{2}", r"^(\w)?(\w)?(\w)?$",
        r"^([^/]+)/([^/]+)/([^/]+)$",
    ];

    /// What a compiled regex holds is no more than twice its estimate, and where that is much, no less than a tenth.
    #[test]
    fn estimates_are_near_what_is_held() {
        for pattern in PATTERNS {
            let estimated = weight(pattern);
            let mut regex = None;
            let held = allocation_counter::measure(|| {
                let built = regex::RegexBuilder::new(pattern)
                    .size_limit(REGEX_BYTES_MAX)
                    .build();
                regex = Some(built.unwrap());
            });
            let held = usize::try_from(held.bytes_current).unwrap();
            assert!(
                held <= 2 * estimated,
                "{pattern} holds {held}, estimated {estimated}"
            );
            let is_much = estimated > 64 << 10;
            assert!(
                !is_much || held >= estimated / 10,
                "{pattern} holds {held}, estimated {estimated}"
            );
        }
    }

    #[test]
    fn classes_weigh_what_their_utf8_takes() {
        assert!(weight(r"\pL{2}") > 20 * weight("[0-9]+"));
        assert!(weight(r"(\pL{2})") > 2 * weight(r"\pL{2}"));
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
