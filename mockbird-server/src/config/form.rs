//! The forms of values, as people write them.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use secrecy::SecretString;

/// Any text but none.
pub(super) fn text(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err("is empty: give it a value, or leave it out".to_owned());
    }
    Ok(text.to_owned())
}

/// A text that is never shown.
pub(super) fn secret(text: &str) -> Result<SecretString, String> {
    self::text(text).map(SecretString::from)
}

/// `true` or `false`.
pub(super) fn flag(text: &str) -> Result<bool, String> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(format!("`{text}` is neither `true` nor `false`")),
    }
}

/// A whole number from `MIN` to `MAX`.
pub(super) fn whole<const MIN: u32, const MAX: u32>(text: &str) -> Result<u32, String> {
    let number = text.parse().ok();
    number
        .filter(|number| (MIN..=MAX).contains(number))
        .ok_or_else(|| format!("`{text}` is no whole number from {MIN} to {MAX}"))
}

/// A port; 0 lets the system choose.
pub(super) fn port(text: &str) -> Result<u16, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is no whole number from 0 to {}", u16::MAX))
}

/// A list of texts with commas between them.
pub(super) fn list<T>(text: &str, parse: fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    let elements = text.split(',').map(str::trim);
    elements
        .filter(|element| !element.is_empty())
        .map(parse)
        .collect()
}

/// A number of bytes: `1000`, `500KB`, `10MiB`.
pub fn size(text: &str) -> Result<usize, String> {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, unit) = text.split_at(end);
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => Some(1),
        "kb" => Some(1_000),
        "mb" => Some(1_000_000),
        "gb" => Some(1_000_000_000),
        "k" | "kib" => Some(1 << 10),
        "m" | "mib" => Some(1 << 20),
        "g" | "gib" => Some(1 << 30),
        _ => None,
    };
    let bytes = digits.parse::<usize>().ok().zip(factor);
    bytes
        .and_then(|(number, factor)| number.checked_mul(factor))
        .ok_or_else(|| {
            "a size is a whole number of bytes, or one with KB, MB, GB, KiB, MiB or GiB, such as 10MiB".into()
        })
}

/// The units of time, in milliseconds.
const UNITS: [(&str, u64); 5] = [
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];

/// A time from 1 ms to ten years: `500ms`, `30s`, `10m`, `12h`, `7d`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    const TEN_YEARS: u64 = 3_653 * 86_400_000;
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, unit) = text.split_at(end);
    let factor = UNITS.iter().find(|(name, _)| *name == unit.trim());
    let ms = digits.parse::<u64>().ok().zip(factor);
    ms.and_then(|(number, (_, factor))| number.checked_mul(*factor))
        .filter(|ms| (1..=TEN_YEARS).contains(ms))
        .map(Duration::from_millis)
        .ok_or_else(|| {
            format!("`{text}` is no time: write a whole number with ms, s, m, h or d, such as 30s")
        })
}

/// How often something may happen: `5/minute`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    /// How many times; not 0.
    pub count: u16,
    /// In which time.
    pub period: Duration,
}

/// A rate: `20/second`, `5/minute`, `5/hour`, `100/day`.
pub(super) fn rate(text: &str) -> Result<Rate, String> {
    let parse = || {
        let (count, period) = text.split_once('/')?;
        let count = count.trim().parse().ok().filter(|count| *count > 0u16)?;
        let seconds = match period.trim() {
            "second" => 1,
            "minute" => 60,
            "hour" => 3_600,
            "day" => 86_400,
            _ => return None,
        };
        let period = Duration::from_secs(seconds);
        Some(Rate { count, period })
    };
    parse().ok_or_else(|| {
        format!(
            "`{text}` is no rate: write a number from 1 to {}, `/` and second, minute, hour or day, such as 5/minute",
            u16::MAX
        )
    })
}

/// An enum whose variants have names in the configuration.
pub trait Choice: Copy + 'static {
    /// Every variant with its name.
    const ALL: &'static [(&'static str, Self)];
}

/// One of a few names.
pub(super) fn choice<T: Choice>(text: &str) -> Result<T, String> {
    let found = T::ALL.iter().find(|(name, _)| *name == text);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<_> = T::ALL.iter().map(|(name, _)| format!("`{name}`")).collect();
        format!("`{text}` is none of {}", names.join(", "))
    })
}

/// A range of addresses: `10.0.0.0/8`, `::1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Whether the address lies in the range; an IPv4 address written as IPv6 counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let differs = network.to_bits() ^ address.to_bits();
                differs.leading_zeros() >= u32::from(self.prefix)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let differs = network.to_bits() ^ address.to_bits();
                differs.leading_zeros() >= u32::from(self.prefix)
            }
            _ => false,
        }
    }
}

/// A range of addresses, or one address.
pub(super) fn network(text: &str) -> Result<Network, String> {
    let parse = || {
        let (address, prefix) = text
            .split_once('/')
            .map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Some(most), |prefix| prefix.parse().ok())?;
        (prefix <= most).then_some(Network { address, prefix })
    };
    parse().ok_or_else(|| {
        format!("`{text}` is no address and no range such as 10.0.0.0/8 or fd00::/8")
    })
}

/// A country by its two letters (ISO 3166), in capitals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country([u8; 2]);

impl FromStr for Country {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let letters = <[u8; 2]>::try_from(text.as_bytes()).ok();
        letters
            // Some proxies have codes of their own for what is no country, such as T1.
            .filter(|letters| letters.iter().all(u8::is_ascii_alphanumeric))
            .map(|letters| Self(letters.map(|letter| letter.to_ascii_uppercase())))
            .ok_or_else(|| format!("`{text}` is no country: write its two letters, such as DE"))
    }
}

/// The name of a header.
pub(super) fn header_name(text: &str) -> Result<http::HeaderName, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is no name of a header"))
}

/// What the server is called from outside: scheme and host, without a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    https: bool,
    authority: String,
}

impl PublicUrl {
    /// The address that people are given before anything is set.
    pub fn plain(authority: impl fmt::Display) -> Self {
        Self {
            https: false,
            authority: authority.to_string(),
        }
    }

    /// Whether cookies may be `Secure`.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// Host, and port if there is one.
    pub fn authority(&self) -> &str {
        &self.authority
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.https { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.authority)
    }
}

/// `https://mocks.example.com`, with a port if need be.
pub(super) fn public_url(text: &str) -> Result<PublicUrl, String> {
    let parse = || {
        let uri = http::Uri::from_str(text).ok()?;
        let https = match uri.scheme_str()? {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let authority = uri.authority()?;
        let plain = !authority.as_str().contains('@') && !authority.host().is_empty();
        let rooted = uri.path_and_query().is_none_or(|path| path.as_str() == "/");
        (plain && rooted).then(|| PublicUrl {
            https,
            authority: authority.as_str().to_ascii_lowercase(),
        })
    };
    parse().ok_or_else(|| {
        format!("`{text}` is no address of a site: write it without a path, such as https://mocks.example.com")
    })
}

/// A name in the DNS, in lower case.
pub(super) fn domain(text: &str) -> Result<String, String> {
    let name = text.to_ascii_lowercase();
    let fits = name.len() <= 253 && name.split('.').all(mockbird_core::spec::is_slug);
    if fits {
        Ok(name)
    } else {
        Err(format!("`{text}` is no domain such as mocks.example.com"))
    }
}
