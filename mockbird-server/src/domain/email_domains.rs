//! Which e-mail addresses are let in, by what stands behind their `@`.

use std::fmt;
use std::str::FromStr;

use super::email::is_domain;
use super::{Email, Refusal};

/// The most domains of one list.
const DOMAINS_MAX: usize = 50;

/// Domains of e-mail addresses; an empty list lets everybody in.
///
/// ```
/// use mockbird_server::domain::EmailDomains;
/// let domains: EmailDomains = "example.com, Example.org".parse()?;
/// assert!(domains.allow(&"ada@example.org".parse()?));
/// assert!(!domains.allow(&"ada@sub.example.org".parse()?));
/// assert!(EmailDomains::default().allow(&"ada@anywhere.net".parse()?));
/// # Ok::<(), mockbird_server::domain::Refusal>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmailDomains(Vec<String>);

impl EmailDomains {
    /// Those of a list, each once.
    pub fn new<S: AsRef<str>>(all: &[S]) -> Result<Self, Refusal> {
        let mut domains = Vec::new();
        for domain in all {
            let domain = domain.as_ref().trim().to_lowercase();
            if !is_domain(&domain) {
                let why = format!("`{domain}` is no domain: write it as in `example.com`");
                return Err(Refusal(why));
            }
            if !domains.contains(&domain) {
                domains.push(domain);
            }
        }
        if domains.len() > DOMAINS_MAX {
            return Err(Refusal(format!("at most {DOMAINS_MAX} domains are kept")));
        }
        Ok(Self(domains))
    }

    /// All of them, as they were given.
    pub fn all(&self) -> &[String] {
        &self.0
    }

    /// Whether this address is let in.
    pub fn allow(&self, email: &Email) -> bool {
        self.0.is_empty() || self.0.iter().any(|domain| domain == email.domain())
    }
}

impl FromStr for EmailDomains {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let all: Vec<_> = text.split(',').filter(|one| !one.is_empty()).collect();
        Self::new(&all)
    }
}

impl fmt::Display for EmailDomains {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_back() {
        let domains = EmailDomains::new(&["a.co", "B.co", "a.co"]).unwrap();
        assert_eq!(domains.all(), ["a.co", "b.co"]);
        assert_eq!(domains.to_string().parse(), Ok(domains));
        assert_eq!("".parse(), Ok(EmailDomains::default()));
        let many: Vec<_> = (0..=DOMAINS_MAX).map(|n| format!("d{n}.co")).collect();
        for wrong in [&["localhost".to_owned()][..], &["@a.co".to_owned()], &many] {
            assert!(EmailDomains::new(wrong).is_err(), "{wrong:?}");
        }
    }
}
