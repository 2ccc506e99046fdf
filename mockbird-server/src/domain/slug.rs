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

    /// What may be the slug of a project in a host that is `{slug}.` and `domain`. Hosts are told in any case, with or without
    /// a port, and with or without the dot that ends a full name in the DNS.
    ///
    /// ```
    /// use mockbird_server::domain::Slug;
    /// assert_eq!(Slug::of_host("Shop.mocks.test:4000", "mocks.test").as_deref(), Some("shop"));
    /// assert_eq!(Slug::of_host("app.mocks.test", "mocks.test"), None);
    /// ```
    pub fn of_host(host: &str, domain: &str) -> Option<String> {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let name = name.strip_suffix('.').unwrap_or(name);
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

    /// The same slug with a number: `shop-2`, `shop-3`.
    pub fn numbered(&self, number: u32) -> Self {
        numbered(&self.0, number)
    }
}

/// What a slug is made of where nobody says one: itself if it is free, or else with a number. It may be reserved.
///
/// ```
/// use mockbird_server::domain::SlugStem;
/// let stem = SlugStem::of_name("Admin");
/// assert_eq!(stem.nth(1), None);
/// assert_eq!(stem.nth(2).unwrap().as_str(), "admin-2");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlugStem(String);

impl SlugStem {
    /// What a name suggests.
    pub fn of_name(name: &str) -> Self {
        Self(spec::slug(name))
    }

    /// The slug of this number, from 1: `shop`, `shop-2`, `shop-3`. Nobody may have the first if it is reserved.
    pub fn nth(&self, number: u32) -> Option<Slug> {
        if number > 1 {
            return Some(numbered(&self.0, number));
        }
        (!Slug::is_reserved(&self.0)).then(|| Slug(self.0.clone()))
    }
}

impl From<Slug> for SlugStem {
    fn from(slug: Slug) -> Self {
        Self(slug.0)
    }
}

fn numbered(stem: &str, number: u32) -> Slug {
    let ending = format!("-{number}");
    let room = mockbird_core::limits::SLUG_CHARS_MAX - ending.len();
    let start = stem.get(..room).unwrap_or(stem);
    Slug(format!("{}{ending}", start.trim_end_matches('-')))
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
        if text.get(2..4) == Some("--") {
            return Err(Refusal(format!(
                "`{text}` is no slug: names with `--` after two letters, such as `xn--`, stand for others in the DNS"
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

    #[test]
    fn what_stands_for_another_name_in_the_dns_is_no_slug() {
        for (slug, fits) in [
            ("xn--mnchen-3ya", false),
            ("ab--c", false),
            ("a--b", true),
            ("abc--d", true),
        ] {
            assert_eq!(slug.parse::<Slug>().is_ok(), fits, "{slug}");
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
