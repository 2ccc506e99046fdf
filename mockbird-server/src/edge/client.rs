//! Who asks, behind the proxies that are trusted.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName};

use crate::config::{Config, Country};
use crate::limits::is_in;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Who asks, as an extension of each request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress {
    /// Its address.
    pub ip: IpAddr,
    /// Whether it speaks HTTPS, to us or to a trusted proxy.
    pub https: bool,
    /// The country that a trusted proxy tells.
    pub country: Option<Country>,
}

impl ClientAddress {
    /// Goes back from the `peer` through `X-Forwarded-For` as long as the proxies are trusted: what stands before
    /// the first that is not, anybody may have written.
    pub(super) fn find(peer: IpAddr, headers: &HeaderMap, config: &Config) -> Self {
        let (peer, https) = (peer.to_canonical(), config.listen.tls.is_some());
        let is_trusted = |ip: IpAddr| is_in(&config.listen.trusted_proxies, ip);
        if !is_trusted(peer) {
            return Self {
                ip: peer,
                https,
                country: None,
            };
        }
        let lines = headers.get_all(FORWARDED_FOR).into_iter();
        let hops: Vec<&str> = lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(','))
            .collect();
        let mut ip = peer;
        for hop in hops.into_iter().rev() {
            let Some(address) = address(hop.trim()) else {
                break;
            };
            ip = address.to_canonical();
            if !is_trusted(ip) {
                break;
            }
        }
        let proto = headers.get(FORWARDED_PROTO).and_then(|p| p.to_str().ok());
        let https = proto.map_or(https, |proto| proto.trim().eq_ignore_ascii_case("https"));
        // The last one is the proxy's own, whatever came to it.
        let named = config.access.country_header.as_ref();
        let country = named.and_then(|name| headers.get_all(name).iter().next_back());
        let country = country.and_then(|country| country.to_str().ok()?.parse().ok());
        Self { ip, https, country }
    }
}

/// The address of a hop: some proxies write the port, too.
fn address(hop: &str) -> Option<IpAddr> {
    let with_port = || hop.parse::<SocketAddr>().map(|socket| socket.ip());
    hop.parse().or_else(|_| with_port()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sources;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let sources = Sources::default()
            .with_flag("trusted-proxies", "10.0.0.0/8")
            .with_flag("access-country-header", "X-Country");
        let config = Config::read(&sources).unwrap();
        for (peer, forwarded, expected) in [
            ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
            ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
            ("10.0.0.1", "6.6.6.6, 198.51.100.7", "198.51.100.7"),
            (
                "10.0.0.1",
                "6.6.6.6, 198.51.100.7, 10.9.9.9",
                "198.51.100.7",
            ),
            ("10.0.0.1", "198.51.100.7:1234", "198.51.100.7"),
            ("10.0.0.1", "[2001:db8::7]:80, 10.9.9.9:1", "2001:db8::7"),
            ("10.0.0.1", "nonsense", "10.0.0.1"),
            ("10.0.0.1", "", "10.0.0.1"),
            ("::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(FORWARDED_FOR, forwarded.parse().unwrap());
            headers.insert(FORWARDED_PROTO, "https".parse().unwrap());
            headers.append("x-country", "US".parse().unwrap());
            headers.append("x-country", "de".parse().unwrap());
            let found = ClientAddress::find(peer.parse().unwrap(), &headers, &config);
            assert_eq!(found.ip.to_string(), expected, "{peer} {forwarded}");
            let is_believed = peer != "192.0.2.1";
            assert_eq!(found.https, is_believed, "{peer}");
            let country = is_believed.then(|| "DE".parse().unwrap());
            assert_eq!(found.country, country, "{peer}");
        }
    }
}
