//! A part of a list.

use super::Refusal;

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    number: u32,
    limit: u32,
}

/// A part of a list, and how long the whole is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paged<T> {
    /// The elements of this page.
    pub items: Vec<T>,
    /// Which page it is.
    pub page: Page,
    /// How many elements all pages have.
    pub total: u64,
}

impl Page {
    /// How many elements a page has if nobody says.
    pub const LIMIT: u32 = 20;
    /// The most elements of a page.
    pub const LIMIT_MAX: u32 = 100;

    /// The last page that can be asked for, whether there is something on it or not.
    pub const NUMBER_MAX: u32 = i32::MAX as u32;

    /// The page of this number, from 1, with at most `limit` elements.
    ///
    /// ```
    /// use mockbird_server::domain::Page;
    /// let page = Page::new(Some(3), None)?;
    /// assert_eq!((page.number(), page.limit(), page.offset()), (3, 20, 40));
    /// assert!(Page::new(Some(0), None).is_err());
    /// # Ok::<(), mockbird_server::domain::Refusal>(())
    /// ```
    pub fn new(number: Option<u32>, limit: Option<u32>) -> Result<Self, Refusal> {
        let (number, limit) = (number.unwrap_or(1), limit.unwrap_or(Self::LIMIT));
        if !(1..=Self::NUMBER_MAX).contains(&number) {
            let most = Self::NUMBER_MAX;
            return Err(Refusal(format!(
                "`page` is a whole number from 1 to {most}"
            )));
        }
        if !(1..=Self::LIMIT_MAX).contains(&limit) {
            let most = Self::LIMIT_MAX;
            return Err(Refusal(format!(
                "`limit` is a whole number from 1 to {most}"
            )));
        }
        Ok(Self { number, limit })
    }

    /// Its number, from 1.
    pub fn number(self) -> u32 {
        self.number
    }

    /// The most elements it has.
    pub fn limit(self) -> u32 {
        self.limit
    }

    /// How many elements stand before it.
    pub fn offset(self) -> i64 {
        i64::from(self.number - 1) * i64::from(self.limit)
    }
}

impl<T> Paged<T> {
    /// The page that a store read, of as many as it counted.
    pub fn of_rows(items: Vec<T>, page: Page, total: i64) -> Self {
        Self {
            items,
            page,
            // A count is never negative.
            total: u64::try_from(total).unwrap_or_default(),
        }
    }

    /// The page of a list that is at hand as a whole.
    pub fn of_all(all: Vec<T>, page: Page) -> Self {
        let total = all.len() as u64;
        let (start, limit) = (page.offset(), page.limit() as usize);
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        Self {
            items: all.into_iter().skip(start).take(limit).collect(),
            page,
            total,
        }
    }

    /// The same page of other elements.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Paged<U> {
        Paged {
            items: self.items.into_iter().map(change).collect(),
            page: self.page,
            total: self.total,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Pages lie side by side, without gap or overlap.
        #[test]
        fn pages_tile_the_list(number in 1..Page::NUMBER_MAX, limit in 1..=Page::LIMIT_MAX) {
            let page = Page::new(Some(number), Some(limit)).unwrap();
            let next = Page::new(Some(number + 1), Some(limit)).unwrap();
            prop_assert_eq!(page.offset() + i64::from(page.limit()), next.offset());
        }

        #[test]
        fn pages_of_a_list_at_hand_make_the_list(length in 0..50_u32, limit in 1..=Page::LIMIT_MAX) {
            let all: Vec<_> = (0..length).collect();
            let pages = (1..=length.div_ceil(limit) + 1).map(|number| {
                let paged = Paged::of_all(all.clone(), Page::new(Some(number), Some(limit)).unwrap());
                assert_eq!(paged.total, u64::from(length));
                paged.items
            });
            prop_assert_eq!(pages.collect::<Vec<_>>().concat(), all.clone());
        }
    }
}
