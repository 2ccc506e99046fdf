//! How servers of one database reach each other.

use std::time::Duration;

use secrecy::SecretString;

use super::form;
use super::read::Reader;
use super::{Section, Setting};

const URL: Setting = Setting::optional(
    "redis.url",
    "URL",
    "`redis://user:password@host:6379`, or `rediss://` for TLS: where several servers of one database share limits and tell each other what changed; without it each counts for itself, and looks for changes each second.",
);
const WAIT: Setting = Setting::new(
    "redis.wait",
    "TIME",
    "5ms",
    "The longest that a reply waits for Redis; after that the server decides by itself.",
);

pub(super) const SECTION: Section = Section {
    title: "Redis",
    settings: &[URL, WAIT],
};

/// How servers of one database reach each other.
#[derive(Clone, Debug)]
pub struct Redis {
    /// The address, which may hold a password.
    pub url: SecretString,
    /// The longest that a reply waits.
    pub wait: Duration,
}

impl Redis {
    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let url = reader.optional(&URL, address);
        let wait = reader.value(&WAIT, form::duration);
        Some(Self { url: url?, wait })
    }
}

/// It may hold a password, so that it is not repeated in the message.
fn address(text: &str) -> Result<SecretString, String> {
    let is_ours = text.starts_with("redis://") || text.starts_with("rediss://");
    if is_ours && ::redis::Client::open(text).is_ok() {
        return Ok(SecretString::from(text));
    }
    Err("is no address of a Redis server: write `redis://user:password@host:6379`, or `rediss://` for TLS".to_owned())
}
