//! What an organization pays for, and what it gets.

use std::fmt;

use super::named::named;

named! {
    /// What an organization pays for.
    pub enum Plan ("plan") {
        /// Nothing.
        Free = "free",
        /// One person's.
        Pro = "pro",
        /// A team's.
        Team = "team",
        /// A server of one's own: no limits.
        Unlimited = "unlimited",
    }
}

/// What a plan includes or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// Members beside the owner, and their roles.
    Members,
    /// API keys for the management API.
    ManagementKeys,
    /// Headers of one's own on responses.
    CustomHeaders,
    /// Conditions of responses.
    Conditions,
    /// A host of its own for each project.
    Subdomain,
    /// Mock files in and out.
    Files,
}

/// What a plan includes; `None` is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Mocks of all projects together.
    pub mocks: Option<u32>,
    /// Requests to mocks in a month.
    pub requests: Option<u64>,
    /// Bytes of replies in a month.
    pub bytes: Option<u64>,
    /// How many days logs are kept.
    pub log_days: u16,
    /// Custom headers, conditions, subdomains, import and export, webhooks.
    pub advanced: bool,
    /// Members and roles, API keys for the management API.
    pub team: bool,
}

impl Plan {
    /// What it includes: the one table of limits but for rates, which operators set (`config::Rates`).
    pub const fn allowance(self) -> Allowance {
        const MB: u64 = 1_000_000;
        let (mocks, requests, bytes, log_days, advanced, team) = match self {
            Self::Free => (Some(3), Some(1_000), Some(100 * MB), 7, false, false),
            Self::Pro => (Some(50), Some(100_000), Some(10_000 * MB), 30, true, false),
            Self::Team => (None, Some(1_000_000), Some(100_000 * MB), 90, true, true),
            Self::Unlimited => (None, None, None, 90, true, true),
        };
        Allowance {
            mocks,
            requests,
            bytes,
            log_days,
            advanced,
            team,
        }
    }

    /// Whether it includes this.
    pub const fn includes(self, feature: Feature) -> bool {
        match feature {
            Feature::Members | Feature::ManagementKeys => self.allowance().team,
            Feature::CustomHeaders | Feature::Conditions | Feature::Subdomain | Feature::Files => {
                self.allowance().advanced
            }
        }
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Members => "members and roles",
            Self::ManagementKeys => "API keys for the management API",
            Self::CustomHeaders => "headers of responses",
            Self::Conditions => "conditions of responses",
            Self::Subdomain => "hosts of projects",
            Self::Files => "import and export",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A dearer plan never gives less.
    #[test]
    fn plans_grow() {
        let most = |limit: Option<u64>| limit.unwrap_or(u64::MAX);
        for pair in Plan::ALL.windows(2) {
            let (less, more) = (pair[0].allowance(), pair[1].allowance());
            assert!(most(less.mocks.map(u64::from)) <= most(more.mocks.map(u64::from)));
            assert!(most(less.requests) < most(more.requests));
            assert!(most(less.bytes) < most(more.bytes));
            assert!(less.log_days <= more.log_days);
            assert!(less.advanced <= more.advanced && less.team <= more.team);
        }
    }
}
