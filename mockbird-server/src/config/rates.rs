//! How often somebody may try.

use super::form::{self, Rate};
use super::read::Reader;
use super::{Section, Setting};

const LOGIN_ADDRESS: Setting = Setting::new(
    "rates.login_address",
    "RATE",
    "10/minute",
    "Logins from one address.",
);
const LOGIN_ACCOUNT: Setting = Setting::new(
    "rates.login_account",
    "RATE",
    "5/minute",
    "Logins to one account.",
);
const REGISTER: Setting = Setting::new(
    "rates.register",
    "RATE",
    "5/hour",
    "Accounts made from one address.",
);
const RESET: Setting = Setting::new(
    "rates.reset",
    "RATE",
    "5/hour",
    "Mails asked for from one address, or for one, to reset a password or to prove an e-mail address; and passwords reset from one.",
);
const REFRESH: Setting = Setting::new(
    "rates.refresh",
    "RATE",
    "120/minute",
    "Sessions refreshed from one address.",
);
const INVITATION: Setting = Setting::new(
    "rates.invitation",
    "RATE",
    "50/hour",
    "Invitations mailed by one user.",
);
const API: Setting = Setting::new(
    "rates.api",
    "RATE",
    "20/second",
    "Calls of the API by one user or key.",
);

pub(super) const SECTION: Section = Section {
    title: "Rates",
    settings: &[
        LOGIN_ADDRESS,
        LOGIN_ACCOUNT,
        REGISTER,
        RESET,
        REFRESH,
        INVITATION,
        API,
    ],
};

/// How often somebody may try.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rates {
    /// Logins from one address.
    pub login_address: Rate,
    /// Logins to one account.
    pub login_account: Rate,
    /// Accounts made from one address.
    pub register: Rate,
    /// Mails asked for from one address or for one, and passwords reset from one.
    pub reset: Rate,
    /// Sessions refreshed from one address.
    pub refresh: Rate,
    /// Invitations mailed by one user.
    pub invitation: Rate,
    /// Calls of the API by one user or key.
    pub api: Rate,
}

impl Rates {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            login_address: reader.value(&LOGIN_ADDRESS, form::rate),
            login_account: reader.value(&LOGIN_ACCOUNT, form::rate),
            register: reader.value(&REGISTER, form::rate),
            reset: reader.value(&RESET, form::rate),
            refresh: reader.value(&REFRESH, form::rate),
            invitation: reader.value(&INVITATION, form::rate),
            api: reader.value(&API, form::rate),
        }
    }
}
