//! Who may come in, and for how long.

use std::time::Duration;

use super::form::{self, Choice};
use super::read::Reader;
use super::{Section, Setting};

const REGISTRATION: Setting = Setting::new(
    "registration",
    "open|closed",
    "open",
    "Whether people may sign up by themselves; closed leaves invitations and `mockbird admin`.",
);
const VERIFY_EMAIL: Setting = Setting::new(
    "verify_email",
    "true|false",
    "false",
    "Whether an e-mail address must be proved, by a link that is mailed, before its account can be logged in to; sessions that exist when this is turned on go on.",
);
const ALLOWED_EMAIL_DOMAINS: Setting = Setting::new(
    "allowed_email_domains",
    "DOMAINS",
    "",
    "Who may sign up, by the domain of the e-mail address, with commas between them; empty for anybody. It needs `verify_email`: who has not proved an address may name any.",
);
const ACCESS_LIFETIME: Setting = Setting::new(
    "tokens.access",
    "TIME",
    "10m",
    "How long an access token is good.",
);
const REFRESH_LIFETIME: Setting = Setting::new(
    "tokens.refresh",
    "TIME",
    "30d",
    "How long a session lives without being used.",
);
const RESET_LIFETIME: Setting = Setting::new(
    "tokens.reset",
    "TIME",
    "1h",
    "How long the link of a forgotten password is good.",
);
const VERIFY_LIFETIME: Setting = Setting::new(
    "tokens.verify",
    "TIME",
    "24h",
    "How long the link that proves an e-mail address is good.",
);
const INVITATION_LIFETIME: Setting = Setting::new(
    "tokens.invitation",
    "TIME",
    "7d",
    "How long an invitation is good.",
);

pub(super) const SECTION: Section = Section {
    title: "Accounts",
    settings: &[
        REGISTRATION,
        VERIFY_EMAIL,
        ALLOWED_EMAIL_DOMAINS,
        ACCESS_LIFETIME,
        REFRESH_LIFETIME,
        RESET_LIFETIME,
        VERIFY_LIFETIME,
        INVITATION_LIFETIME,
    ],
};

/// Who may come in, and for how long.
#[derive(Clone, Debug, Default)]
pub struct Auth {
    /// Whether people may sign up.
    pub registration: Registration,
    /// Whether an address must be proved first.
    pub verify_email: bool,
    /// Empty for anybody.
    pub allowed_email_domains: Vec<String>,
    /// Life of an access token.
    pub access_lifetime: Duration,
    /// Life of an unused session.
    pub refresh_lifetime: Duration,
    /// Life of a reset link.
    pub reset_lifetime: Duration,
    /// Life of a verification link.
    pub verify_lifetime: Duration,
    /// Life of an invitation.
    pub invitation_lifetime: Duration,
}

/// Whether people may sign up by themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Registration {
    /// Anybody may.
    Open,
    /// Nobody may.
    #[default]
    Closed,
}

impl Choice for Registration {
    const ALL: &'static [(&'static str, Self)] = &[("open", Self::Open), ("closed", Self::Closed)];
}

impl Auth {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let auth = Self {
            registration: reader.value(&REGISTRATION, form::choice),
            verify_email: reader.value(&VERIFY_EMAIL, form::flag),
            allowed_email_domains: reader.value(&ALLOWED_EMAIL_DOMAINS, |text| {
                form::list(text, form::domain)
            }),
            access_lifetime: reader.value(&ACCESS_LIFETIME, form::duration),
            refresh_lifetime: reader.value(&REFRESH_LIFETIME, form::duration),
            reset_lifetime: reader.value(&RESET_LIFETIME, form::duration),
            verify_lifetime: reader.value(&VERIFY_LIFETIME, form::duration),
            invitation_lifetime: reader.value(&INVITATION_LIFETIME, form::duration),
        };
        if !auth.allowed_email_domains.is_empty() && !auth.verify_email {
            let why = "anybody can name an address of a domain: set `verify_email` to `true` beside it, so that it is proved";
            reader.refuse(&ALLOWED_EMAIL_DOMAINS, why);
        }
        auth
    }
}
