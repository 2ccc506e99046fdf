//! Who comes in at all.

use std::net::IpAddr;

use super::by_address::is_in;
use crate::config::{Access, Country};

/// Why somebody does not come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// For its address.
    Address,
    /// For the country that it comes from, or because nobody knows which.
    Country,
}

impl Denied {
    /// Whether the operator keeps out whoever comes from this address and this country, if anybody knows it.
    pub fn check(access: &Access, ip: IpAddr, country: Option<Country>) -> Result<(), Self> {
        let of =
            |countries: &[Country]| country.is_some_and(|country| countries.contains(&country));
        let elsewhere = !access.allow_countries.is_empty() && !of(&access.allow_countries);
        let denied = if is_in(&access.deny, ip) {
            Self::Address
        } else if elsewhere || of(&access.deny_countries) {
            Self::Country
        } else {
            return Ok(());
        };
        if is_in(&access.allow, ip) {
            Ok(())
        } else {
            Err(denied)
        }
    }

    /// The same for metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Country => "country",
        }
    }

    /// What whoever asked is told.
    pub fn why(self) -> &'static str {
        match self {
            Self::Address => "the operator of this server keeps out your address",
            Self::Country => {
                "the operator of this server keeps out the country that you seem to come from"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Sources};

    #[test]
    fn the_allow_list_wins_and_an_unknown_country_is_none_of_those_that_are_allowed() {
        let flags = [
            ("access-allow", "10.0.0.0/8"),
            ("access-deny", "10.1.0.0/16, 192.0.2.0/24"),
            ("access-deny-countries", "ru"),
            ("access-country-header", "X-Country"),
        ];
        let sources = flags
            .iter()
            .fold(Sources::default(), |sources, (flag, value)| {
                sources.with_flag(flag, value)
            });
        let open = Config::read(&sources).unwrap().access;
        let closed = Config::read(&sources.with_flag("access-allow-countries", "DE,FR"))
            .unwrap()
            .access;
        for (ip, country, by_open, by_closed) in [
            ("198.51.100.1", None, Ok(()), Err(Denied::Country)),
            ("198.51.100.1", Some("DE"), Ok(()), Ok(())),
            ("198.51.100.1", Some("de"), Ok(()), Ok(())),
            ("198.51.100.1", Some("US"), Ok(()), Err(Denied::Country)),
            (
                "198.51.100.1",
                Some("RU"),
                Err(Denied::Country),
                Err(Denied::Country),
            ),
            (
                "192.0.2.7",
                Some("DE"),
                Err(Denied::Address),
                Err(Denied::Address),
            ),
            ("10.1.2.3", Some("RU"), Ok(()), Ok(())),
            ("10.2.2.3", None, Ok(()), Ok(())),
        ] {
            let (ip, country) = (
                ip.parse().unwrap(),
                country.map(|country| country.parse().unwrap()),
            );
            assert_eq!(
                Denied::check(&open, ip, country),
                by_open,
                "{ip} {country:?}"
            );
            assert_eq!(
                Denied::check(&closed, ip, country),
                by_closed,
                "{ip} {country:?}"
            );
        }
    }
}
