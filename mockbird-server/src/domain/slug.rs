//! The name of a project or an organization in addresses.

use std::fmt;
use std::str::FromStr;

use mockbird_core::spec;

use super::Refusal;

/// Names of hosts and pages of ours, and those that deceive: nobody's project.
const RESERVED: &[&str] = &[
    "admin",
    "api",
    "app",
    "assets",
    "auth",
    "autoconfig",
    "autodiscover",
    "billing",
    "blog",
    "cdn",
    "dashboard",
    "dev",
    "docs",
    "ftp",
    "help",
    "imap",
    "localhost",
    "login",
    "m",
    "mail",
    "metrics",
    "mockbird",
    "mta-sts",
    "ns1",
    "ns2",
    "pop",
    "register",
    "root",
    "security",
    "settings",
    "smtp",
    "staging",
    "static",
    "status",
    "support",
    "test",
    "webmail",
    "wpad",
    "www",
];

/// How many slugs are tried for one name.
const ATTEMPTS: u32 = 8;

/// A DNS label that may be given to a project: a-z, 0-9 and `-` inside, at most 63 characters, and
/// not reserved.
///
/// ```
/// use mockbird_server::domain::Slug;
/// assert_eq!(Slug::of_name("My E-commerce API").as_str(), "my-e-commerce-api");
/// assert_eq!(Slug::of_name("Admin").as_str(), "admin-2");
/// assert!("admin".parse::<Slug>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Slug(String);

impl Slug {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it names a host or a page of ours: no project has it.
    pub fn is_reserved(slug: &str) -> bool {
        RESERVED.binary_search(&slug).is_ok()
    }

    /// What may be the slug of a project in a host that is `{slug}.` and `domain`. Hosts are told in any case, and with or
    /// without a port.
    ///
    /// ```
    /// use mockbird_server::domain::Slug;
    /// assert_eq!(Slug::of_host("Shop.mocks.test:4000", "mocks.test").as_deref(), Some("shop"));
    /// assert_eq!(Slug::of_host("app.mocks.test", "mocks.test"), None);
    /// ```
    pub fn of_host(host: &str, domain: &str) -> Option<String> {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let name = name.to_ascii_lowercase();
        let slug = name.strip_suffix(domain)?.strip_suffix('.')?;
        let is_project = !slug.is_empty() && !slug.contains('.') && !Self::is_reserved(slug);
        is_project.then(|| slug.to_owned())
    }

    /// The slug that a name suggests.
    pub fn of_name(name: &str) -> Self {
        let slug = Self(spec::slug(name));
        if Self::is_reserved(&slug.0) {
            slug.numbered(2)
        } else {
            slug
        }
    }

    /// What is tried in turn until one is free: this one, and then others that end in a number drawn by chance.
    pub fn attempts(self) -> impl Iterator<Item = Self> {
        let others = (1..ATTEMPTS).map({
            let wished = self.clone();
            move |_| wished.numbered(fastrand::u32(2..1_000_000))
        });
        std::iter::once(self).chain(others)
    }

    /// What a name suggests, in turn: `shop`, `shop-2` and so on, and at last some that end in a number drawn by chance.
    pub fn suggestions(name: &str) -> impl Iterator<Item = Self> {
        let plain = Self(spec::slug(name));
        let numbered = (2..2 + ATTEMPTS).map({
            let plain = plain.clone();
            move |number| plain.numbered(number)
        });
        let drawn = plain.clone().attempts().skip(1);
        let all = std::iter::once(plain).chain(numbered).chain(drawn);
        all.filter(|slug| !Self::is_reserved(&slug.0))
    }

    /// The slug that is tried after this one was taken: `shop-2`, `shop-3`.
    pub fn numbered(&self, number: u32) -> Self {
        let ending = format!("-{number}");
        let room = mockbird_core::limits::SLUG_CHARS_MAX - ending.len();
        let start = self.0.get(..room).unwrap_or(&self.0);
        Self(format!("{}{ending}", start.trim_end_matches('-')))
    }
}

impl FromStr for Slug {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        if !spec::is_slug(text) {
            let near = Self::of_name(text);
            return Err(Refusal(format!(
                "a slug is `a-z`, `0-9` and `-` inside, at most 63 characters, such as `{near}`"
            )));
        }
        if Self::is_reserved(text) {
            return Err(Refusal(format!("`{text}` is reserved: take another slug")));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_reserved_ones_are_sorted_slugs() {
        assert!(RESERVED.is_sorted());
        for slug in RESERVED {
            assert!(spec::is_slug(slug), "{slug}");
        }
    }

    proptest! {
        #[test]
        fn every_name_has_a_slug_and_every_slug_a_next(name in "\\PC{0,90}", number in 2..u32::MAX) {
            let slug = Slug::of_name(&name);
            prop_assert_eq!(slug.as_str().parse(), Ok(slug.clone()));
            let next = slug.numbered(number);
            prop_assert_eq!(next.as_str().parse(), Ok(next.clone()));
            prop_assert_ne!(slug.numbered(number - 1), next);
        }
    }
}
