//! Which paths are asked for most.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::super::Refusal;
use super::packed::{Packer, Unpacker, broken};

/// So many paths are kept.
const PATHS_MAX: usize = 64;

/// A longer path is cut: so many bytes of it are kept, and an ellipsis.
const PATH_BYTES_MAX: usize = 200;

/// The paths that are asked for most, with how often.
///
/// While there were no more than 64 paths, all is exact. Beyond that the rarest are forgotten (the summary of Misra and Gries): a
/// count may then be too low by what [`missed`](Self::missed) says, which is never more than one part in 65 of all requests, so that
/// no path is missing that more than that asked for.
///
/// Merging is commutative; it is associative as long as nothing was forgotten, and the bound holds in whatever order parts are merged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopPaths {
    counts: HashMap<Vec<u8>, u64>,
    missed: u64,
}

impl TopPaths {
    /// Counts a path that was asked for.
    pub fn count(&mut self, path: &[u8]) {
        match self.counts.get_mut(path) {
            Some(count) => *count += 1,
            None => *self.counts.entry(shortened(path)).or_default() += 1,
        }
        self.forget();
    }

    /// Takes in what was counted elsewhere.
    pub fn merge(&mut self, other: &Self) {
        for (path, count) in &other.counts {
            let mine = self.counts.entry(path.clone()).or_default();
            *mine = mine.saturating_add(*count);
        }
        self.missed = self.missed.saturating_add(other.missed);
        self.forget();
    }

    /// By how much a count may be too low: zero while no path was forgotten.
    pub fn missed(&self) -> u64 {
        self.missed
    }

    /// The `most` that were asked for most often, as far as they are text; those that were asked as often in their order as text.
    pub fn top(&self, most: usize) -> Vec<(String, u64)> {
        let mut all: Vec<_> = self.counts.iter().collect();
        all.sort_unstable_by_key(|(path, count)| (Reverse(**count), *path));
        all.truncate(most);
        let text = |path: &[u8]| String::from_utf8_lossy(path).into_owned();
        all.into_iter()
            .map(|(path, count)| (text(path), *count))
            .collect()
    }

    /// Takes from all of them as often as the first was asked for that has no place.
    fn forget(&mut self) {
        if self.counts.len() <= PATHS_MAX {
            return;
        }
        let mut counts: Vec<u64> = self.counts.values().copied().collect();
        let (_, cut, _) = counts.select_nth_unstable_by_key(PATHS_MAX, |count| Reverse(*count));
        let cut = *cut;
        self.counts.retain(|_, count| {
            *count = count.saturating_sub(cut);
            *count > 0
        });
        self.missed = self.missed.saturating_add(cut);
    }

    /// As bytes; the same for the same counts.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut all: Vec<_> = self.counts.iter().collect();
        all.sort_unstable();
        let mut packer = Packer::default();
        packer.number(self.missed);
        for (path, count) in all {
            packer.number(*count);
            packer.bytes(path);
        }
        packer.finish()
    }

    /// What [`to_bytes`](Self::to_bytes) wrote.
    pub fn of_bytes(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut unpacker = Unpacker::new(bytes);
        let (missed, mut counts) = (unpacker.number()?, HashMap::new());
        while !unpacker.is_empty() {
            let count = unpacker.number()?;
            let path = unpacker.bytes()?.to_vec();
            if count == 0 || counts.insert(path, count).is_some() {
                return Err(broken());
            }
        }
        Ok(Self { counts, missed })
    }
}

fn shortened(path: &[u8]) -> Vec<u8> {
    if path.len() <= PATH_BYTES_MAX {
        return path.to_vec();
    }
    // Not within a character.
    let starts = |at: &usize| path[*at] & 0xc0 != 0x80;
    let cut = (0..=PATH_BYTES_MAX).rev().find(starts);
    let kept = &path[..cut.unwrap_or(PATH_BYTES_MAX)];
    [kept, "…".as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn of(asked: &[u8]) -> TopPaths {
        let mut paths = TopPaths::default();
        for path in asked {
            paths.count(format!("/{path}").as_bytes());
        }
        paths
    }

    /// Paths with small numbers are asked for more often.
    fn any_asked() -> impl Strategy<Value = Vec<u8>> {
        vec(
            (any::<u8>(), any::<u8>()).prop_map(|(a, b)| a.min(b)),
            0..600,
        )
    }

    /// Each path is counted right but for what was missed, and no more was missed than documented.
    fn assert_near(paths: &TopPaths, asked: &[u8]) {
        assert!(paths.counts.len() <= PATHS_MAX);
        assert!(paths.missed * (PATHS_MAX as u64 + 1) <= asked.len() as u64);
        let mut exact = [0_u64; 256];
        for path in asked {
            exact[usize::from(*path)] += 1;
        }
        for path in 0..=u8::MAX {
            let exact = exact[usize::from(path)];
            let told = paths.counts.get(format!("/{path}").as_bytes());
            let told = told.copied().unwrap_or_default();
            assert!(told <= exact && exact <= told + paths.missed);
        }
    }

    fn merged(one: &TopPaths, other: &TopPaths) -> TopPaths {
        let mut merged = one.clone();
        merged.merge(other);
        merged
    }

    #[test]
    fn the_first_is_asked_for_most() {
        let paths = of(&[7, 1, 7, 2, 7, 1, 3]);
        let expected = [("/7", 3), ("/1", 2), ("/2", 1)];
        assert_eq!(
            paths.top(3),
            expected.map(|(path, count)| (path.to_owned(), count))
        );
    }

    #[test]
    fn a_long_path_is_cut_between_characters() {
        let mut paths = TopPaths::default();
        for _ in 0..2 {
            paths.count("ä".repeat(150).as_bytes());
            paths.count(format!("x{}", "ä".repeat(150)).as_bytes());
        }
        let (even, odd) = ("ä".repeat(100), format!("x{}", "ä".repeat(99)));
        assert_eq!(paths.top(9), [(odd + "…", 2), (even + "…", 2)]);
    }

    proptest! {
        #[test]
        fn what_is_asked_for_often_is_there(one in any_asked(), two in any_asked(), three in any_asked()) {
            let parts = [&one, &two, &three].map(|asked| of(asked));
            let all = [one, two, three].concat();
            assert_near(&of(&all), &all);
            let [one, two, three] = &parts;
            assert_near(&merged(&merged(one, two), three), &all);
            assert_near(&merged(one, &merged(two, three)), &all);
            prop_assert_eq!(merged(one, two), merged(two, one));
        }

        #[test]
        fn few_are_exact(asked in vec(0..64_u8, 0..300), cut in 0..300_usize) {
            let (one, other) = asked.split_at(cut.min(asked.len()));
            let paths = merged(&of(one), &of(other));
            prop_assert_eq!(paths.missed(), 0);
            prop_assert_eq!(paths, of(&asked));
        }

        #[test]
        fn they_are_read_back(asked in any_asked()) {
            let paths = of(&asked);
            prop_assert_eq!(TopPaths::of_bytes(&paths.to_bytes()), Ok(paths));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..40)) {
            let _ = TopPaths::of_bytes(&bytes);
        }
    }
}
