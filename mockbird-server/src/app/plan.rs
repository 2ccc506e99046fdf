//! What an organization's plan includes.

use mockbird_core::spec::Mock;

use super::AppError;
use crate::domain::{Feature, Plan};
use crate::store::{Organization, Tx};

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

#[expect(dead_code, reason = "whoever saves mocks asks it")]
/// Refuses mocks that use what the organization's plan does not include.
pub(super) fn require_for(organization: &Organization, mocks: &[Mock]) -> Result<(), AppError> {
    let mut responses = mocks.iter().flat_map(|mock| &mock.responses);
    if responses
        .clone()
        .any(|response| !response.headers.is_empty())
    {
        require(organization, Feature::CustomHeaders)?;
    }
    if responses.any(|response| !response.conditions.is_empty()) {
        require(organization, Feature::Conditions)?;
    }
    Ok(())
}

/// Refuses so many mocks more, if the organization's plan does not include them.
pub(super) async fn mocks_fit(
    tx: &mut Tx,
    organization: &Organization,
    more: usize,
) -> Result<(), AppError> {
    let plan = organization.plan;
    let Some(most) = plan.allowance().mocks else {
        return Ok(());
    };
    let wished = tx.mock_count(organization.id).await? + more as u64;
    if wished > u64::from(most) {
        return Err(AppError::TooManyMocks { most, wished, plan });
    }
    Ok(())
}
