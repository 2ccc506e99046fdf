//! How mail is sent.

use std::path::PathBuf;

use lettre::message::Mailbox;
use secrecy::SecretString;

use super::form::{self, Choice};
use super::read::Reader;
use super::{Section, Setting};

const HOST: Setting = Setting::optional(
    "smtp.host",
    "HOST",
    "The mail server; without it, mails wait until `mockbird admin mail` shows them to the operator.",
);
const PORT: Setting = Setting::new(
    "smtp.port",
    "NUMBER",
    "587",
    "Its port; with `tls` it usually is 465.",
);
const SECURITY: Setting = Setting::new(
    "smtp.security",
    "starttls|tls|none",
    "starttls",
    "How the connection is protected.",
);
const USER: Setting = Setting::optional("smtp.user", "NAME", "Who logs in there.");
const PASSWORD: Setting = Setting::optional("smtp.password", "SECRET", "With what password.");
const CA: Setting = Setting::optional(
    "smtp.ca",
    "FILE",
    "Certificates in PEM form that are trusted beside those of the public authorities, for a mail server with its own.",
);
const FROM: Setting = Setting::optional(
    "smtp.from",
    "ADDRESS",
    "Who mails come from, such as `MockBird <mocks@example.com>`.",
);

pub(super) const SECTION: Section = Section {
    title: "Mail",
    settings: &[HOST, PORT, SECURITY, CA, USER, PASSWORD, FROM],
};

/// How mail is sent.
#[derive(Clone, Debug)]
pub struct Smtp {
    /// The mail server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Whose certificates are trusted beside those of the public authorities.
    pub ca: Option<PathBuf>,
    /// Who logs in, and with what password.
    pub login: Option<(String, SecretString)>,
    /// Who mails come from.
    pub from: Mailbox,
}

/// How the connection to a mail server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Security {
    /// Plain at first, then TLS; never plain if the server does not offer it.
    #[default]
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// None: for a server on the same machine.
    None,
}

impl Choice for Security {
    const ALL: &'static [(&'static str, Self)] = &[
        ("starttls", Self::StartTls),
        ("tls", Self::Tls),
        ("none", Self::None),
    ];
}

impl Smtp {
    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let host = reader.optional(&HOST, form::text);
        let port = reader.value(&PORT, form::port);
        let security = reader.value(&SECURITY, form::choice);
        let ca = reader.optional(&CA, form::text);
        let user = reader.optional(&USER, form::text);
        let password = reader.optional(&PASSWORD, form::secret);
        let from = reader.optional(&FROM, mailbox);
        if reader.is_set(&HOST) && !reader.is_set(&FROM) {
            reader.refuse(&HOST, "a mail server needs `smtp.from` beside it");
        }
        match (reader.is_set(&USER), reader.is_set(&PASSWORD)) {
            (true, false) => reader.refuse(&USER, "a user needs `smtp.password` beside it"),
            (false, true) => reader.refuse(&PASSWORD, "a password needs `smtp.user` beside it"),
            _ => {}
        }
        Some(Self {
            host: host?,
            port,
            security,
            ca: ca.map(Into::into),
            login: user.zip(password),
            from: from?,
        })
    }
}

fn mailbox(text: &str) -> Result<Mailbox, String> {
    text.parse().map_err(|_| {
        format!(
            "`{text}` is no sender: write an address, or one such as `MockBird <mocks@example.com>`"
        )
    })
}
