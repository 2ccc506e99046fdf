//! What a plan includes in a month.

use super::Plan;

/// How many requests and bytes of replies an organization may use in a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Requests to mocks.
    pub requests: u64,
    /// Bytes of replies.
    pub bytes: u64,
}

/// At how many percent owners are told.
const NOTICES: [u8; 3] = [100, 90, 75];

impl Quota {
    /// That of a plan; some have none.
    pub fn of(plan: Plan) -> Option<Self> {
        let allowance = plan.allowance();
        let bounded = allowance.requests.is_some() || allowance.bytes.is_some();
        bounded.then(|| Self {
            requests: allowance.requests.unwrap_or(u64::MAX),
            bytes: allowance.bytes.unwrap_or(u64::MAX),
        })
    }

    /// How much of it is used, of requests or of bytes, whichever is more: 1000 is all.
    ///
    /// ```
    /// use mockbird_server::domain::{Plan, Quota};
    /// let quota = Quota::of(Plan::Free).unwrap();
    /// assert_eq!(quota.per_mille(500, 90_000_000), 900);
    /// assert_eq!(Quota::notice(900), Some(90));
    /// ```
    pub fn per_mille(self, requests: u64, bytes: u64) -> u64 {
        let share = |used: u64, of: u64| used.saturating_mul(1_000) / of.max(1);
        share(requests, self.requests).max(share(bytes, self.bytes))
    }

    /// At how many percent owners were told, if so much is used: 75, 90 or 100.
    pub fn notice(per_mille: u64) -> Option<u8> {
        NOTICES
            .into_iter()
            .find(|percent| per_mille >= 10 * u64::from(*percent))
    }
}
