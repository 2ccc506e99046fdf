//! How often somebody may try.

use super::form::{self, Rate};
use super::read::Reader;
use super::{Section, Setting};
use crate::domain::Plan;

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
const API_ADDRESS: Setting = Setting::new(
    "rates.api_address",
    "RATE",
    "20/second",
    "Calls of the API from one address without a login or key.",
);
const MOCK_FREE: Setting = Setting::new(
    "rates.mock_free",
    "RATE",
    "10/second",
    "Requests to the mocks of one project of the plan `free`.",
);
const MOCK_PROJECT: Setting = Setting::new(
    "rates.mock_project",
    "RATE",
    "100/second",
    "Requests to the mocks of one project of the plan `pro` or `team`.",
);
const MOCK_UNLIMITED: Setting = Setting::optional(
    "rates.mock_unlimited",
    "RATE",
    "Requests to the mocks of one project of the plan `unlimited`, which all organizations of a server of one's own have; without it there is no limit.",
);
const MOCK_ADDRESS: Setting = Setting::new(
    "rates.mock_address",
    "RATE",
    "50/second",
    "Requests from one address, without a key, to the mocks of all projects that have a limit.",
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
        API_ADDRESS,
        MOCK_FREE,
        MOCK_PROJECT,
        MOCK_UNLIMITED,
        MOCK_ADDRESS,
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
    /// Calls of the API from one address by nobody in particular.
    pub api_address: Rate,
    /// Requests to a project of the plan `free`.
    pub mock_free: Rate,
    /// Requests to a project of a dearer plan.
    pub mock_project: Rate,
    /// Requests to a project of the plan `unlimited`.
    pub mock_unlimited: Option<Rate>,
    /// Requests from one address to projects that have a limit.
    pub mock_address: Rate,
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
            api_address: reader.value(&API_ADDRESS, form::rate),
            mock_free: reader.value(&MOCK_FREE, form::rate),
            mock_project: reader.value(&MOCK_PROJECT, form::rate),
            mock_unlimited: reader.optional(&MOCK_UNLIMITED, form::rate),
            mock_address: reader.value(&MOCK_ADDRESS, form::rate),
        }
    }

    /// Requests to the mocks of one project of this plan.
    pub fn of_project(&self, plan: Plan) -> Option<Rate> {
        match plan {
            Plan::Free => Some(self.mock_free),
            Plan::Pro | Plan::Team => Some(self.mock_project),
            Plan::Unlimited => self.mock_unlimited,
        }
    }
}
