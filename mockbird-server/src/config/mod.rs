//! What an operator may set, and where it comes from.
//!
//! Each subsystem has a file with its settings and the type they become. All of them together are
//! one table ([`SETTINGS`]), from which the flags, the names of environment variables, the keys of the
//! file and the reference page are made. A value comes from the default, the file, the environment or
//! a flag; the later wins. Every fault is found in one go.
//!
//! This is the only place that reads the environment.
//!
//! ```
//! use mockbird_server::config::{Config, Sources};
//!
//! let sources = Sources::default().with_flag("port", "70000").with_variable("MOCKBIRD_LOG_FORMAT", "xml");
//! let faults = Config::read(&sources).unwrap_err();
//! assert_eq!(faults.to_string(), "\
//! --port: `70000` is no whole number from 0 to 65535
//! MOCKBIRD_LOG_FORMAT: `xml` is none of `text`, `json`");
//! ```

mod access;
mod auth;
mod database;
mod file;
mod form;
mod limits;
mod listen;
mod log;
mod logs;
mod mail;
mod mocks;
mod page;
mod quotas;
mod rates;
mod read;
mod redis;
mod reports;
mod setting;
mod sources;

pub use access::Access;
pub use auth::{Auth, Registration};
pub use database::{Database, Engine};
pub use form::{Choice, Country, Network, PublicUrl, Rate, size};
pub use limits::Limits;
pub use listen::{Listen, Tls};
pub use log::{Log, LogFormat};
pub use logs::Logs;
pub use mail::{Security, Smtp};
pub use mocks::Mocks;
pub use page::page;
pub use quotas::Quotas;
pub use rates::Rates;
pub use read::{Fault, Faults};
pub use redis::Redis;
pub use reports::{Reports, Traces};
pub use setting::Setting;
pub use sources::{Source, Sources, key_of_environment};

use read::Reader;

/// Everything that is set, checked.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Where the server listens and what it is called from outside.
    pub listen: Listen,
    /// Where data is kept.
    pub database: Database,
    /// How servers of one database reach each other; without it, through the database alone.
    pub redis: Option<Redis>,
    /// Who may come in, and for how long.
    pub auth: Auth,
    /// Who comes in at all.
    pub access: Access,
    /// How often somebody may try.
    pub rates: Rates,
    /// What happens before a month is used up.
    pub quotas: Quotas,
    /// How mail is sent; without it, mails wait in the outbox.
    pub smtp: Option<Smtp>,
    /// What one request may take.
    pub limits: Limits,
    /// The mock plane.
    pub mocks: Mocks,
    /// The log of requests to mocks.
    pub logs: Logs,
    /// What is written down.
    pub log: Log,
    /// Who is told of it besides.
    pub reports: Reports,
}

/// One subsystem's part of the table.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    /// Its heading on the reference page.
    pub title: &'static str,
    /// Its settings.
    pub settings: &'static [Setting],
}

/// Every setting there is, in the order of the reference page.
pub const SETTINGS: &[Section] = &[
    listen::SECTION,
    database::SECTION,
    redis::SECTION,
    auth::SECTION,
    access::SECTION,
    rates::SECTION,
    quotas::SECTION,
    mail::SECTION,
    limits::SECTION,
    mocks::SECTION,
    logs::SECTION,
    log::SECTION,
    reports::SECTION,
];

/// Every setting there is, without the headings.
pub fn settings() -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().flat_map(|section| section.settings)
}

impl Config {
    /// Reads everything, or says everything that is wrong.
    pub fn read(sources: &Sources) -> Result<Self, Faults> {
        let mut reader = Reader::new(sources);
        let listen = Listen::read(&mut reader);
        let config = Self {
            database: Database::read(&mut reader, &listen.data_dir),
            listen,
            redis: Redis::read(&mut reader),
            auth: Auth::read(&mut reader),
            access: Access::read(&mut reader),
            rates: Rates::read(&mut reader),
            quotas: Quotas::read(&mut reader),
            smtp: Smtp::read(&mut reader),
            limits: Limits::read(&mut reader),
            mocks: Mocks::read(&mut reader),
            logs: Logs::read(&mut reader),
            log: Log::read(&mut reader),
            reports: Reports::read(&mut reader),
        };
        reader.finish(config)
    }
}

#[cfg(test)]
mod tests;
