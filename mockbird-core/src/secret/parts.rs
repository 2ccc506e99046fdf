//! Several short texts that are looked for in another one.

/// Texts in small letters, of two or more.
pub(super) struct Parts<const N: usize> {
    texts: [&'static str; N],
    /// For each first letter, which second ones follow it in a text: bit 0 is `a`.
    ///
    /// Few places of a name pass this, so that the texts are seldom compared.
    seconds: [u32; 256],
}

impl<const N: usize> Parts<N> {
    pub(super) const fn new(texts: [&'static str; N]) -> Self {
        let mut seconds = [0; 256];
        let mut at = 0;
        while at < N {
            let text = texts[at].as_bytes();
            seconds[text[0] as usize] |= 1 << (text[1] - b'a');
            at += 1;
        }
        Self { texts, seconds }
    }

    /// True if one of them occurs.
    pub(super) fn is_any_in(&self, letters: &[u8]) -> bool {
        let mut starts = letters.windows(2).enumerate();
        starts.any(|(at, pair)| {
            let second = pair[1].wrapping_sub(b'a');
            let begins = second < 26 && self.seconds[usize::from(pair[0])] >> second & 1 == 1;
            begins && self.is_any_at(&letters[at..])
        })
    }

    fn is_any_at(&self, rest: &[u8]) -> bool {
        let mut texts = self.texts.iter();
        texts.any(|text| rest.starts_with(text.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [&str; 5] = ["ab", "abc", "zz", "ca", "caz"];

    proptest::proptest! {
        #[test]
        fn it_is_a_search_for_each(text in "[abcz {\u{e9}]{0,8}") {
            let wanted = TEXTS.iter().any(|one| text.contains(one));
            proptest::prop_assert_eq!(Parts::new(TEXTS).is_any_in(text.as_bytes()), wanted);
        }
    }
}
