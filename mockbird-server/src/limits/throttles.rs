//! How often somebody may try, apart from mocks.

use std::fmt::Display;
use std::hash::Hash;
use std::sync::Arc;

use super::by_address::ByAddress;
use super::keyed::Keyed;
use super::lease::Lender;
use super::meter::Limiter;
use super::window::Limit;
use crate::config::{Network, Rate, Rates};
use crate::domain::{KeyId, UserId};

/// How many keys of one limit are told apart. Each takes 24 bytes.
const KEYS: usize = 8_192;

/// All limits of the API.
#[derive(Debug)]
pub struct Throttles {
    /// Logins from one address.
    pub login_address: ByAddress,
    /// Logins to one account, whether there is one or not.
    pub login_account: Keyed<str>,
    /// Accounts made from one address.
    pub register: ByAddress,
    /// Mails asked for from one address.
    pub mail_address: ByAddress,
    /// Mails asked for one account, whether there is one or not.
    pub mail_account: Keyed<str>,
    /// Passwords reset from one address.
    pub reset: ByAddress,
    /// Sessions refreshed from one address.
    pub refresh: ByAddress,
    /// Invitations that one user mails.
    pub invitation: Keyed<UserId>,
    /// Calls of one user.
    pub api_user: Keyed<UserId>,
    /// Calls by one key.
    pub api_key: Keyed<KeyId>,
    /// Calls of nobody in particular from one address.
    pub api_address: ByAddress,
}

impl Throttles {
    /// The limits that were set, but for addresses that have none.
    pub fn new(rates: &Rates, exempt: &Arc<[Network]>, lender: Option<&Arc<dyn Lender>>) -> Self {
        let address = |name, rate: Rate| {
            let limiter = Limiter::new(name, lender.cloned());
            ByAddress::new(limiter, Limit::from(rate), KEYS, Arc::clone(exempt))
        };
        Self {
            login_address: address("login_address", rates.login_address),
            login_account: keyed("login_account", rates.login_account, lender),
            register: address("register", rates.register),
            mail_address: address("mail_address", rates.reset),
            mail_account: keyed("mail_account", rates.reset, lender),
            reset: address("reset", rates.reset),
            refresh: address("refresh", rates.refresh),
            invitation: keyed("invitation", rates.invitation, lender),
            api_user: keyed("api_user", rates.api, lender),
            api_key: keyed("api_key", rates.api, lender),
            api_address: address("api_address", rates.api_address),
        }
    }
}

fn keyed<K: Hash + Display + Sync + ?Sized>(
    name: &'static str,
    rate: Rate,
    lender: Option<&Arc<dyn Lender>>,
) -> Keyed<K> {
    let limiter = Limiter::new(name, lender.cloned());
    Keyed::new(limiter, Limit::from(rate), KEYS)
}
