//! What an organization's plan includes.

use super::AppError;
use crate::domain::{Feature, Plan};
use crate::store::Organization;

/// The plan of an organization that is made: a server of one's own has no limits.
pub(super) const OF_NEW: Plan = Plan::Unlimited;

/// Refuses what the organization's plan does not include.
pub(super) fn require(organization: &Organization, feature: Feature) -> Result<(), AppError> {
    if organization.plan.includes(feature) {
        Ok(())
    } else {
        Err(AppError::NotInPlan(feature, organization.plan))
    }
}
