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

/// Refuses a mock that has what the organization's plan does not include.
pub(super) fn require_of_mock(organization: &Organization, mock: &Mock) -> Result<(), AppError> {
    if mock.responses.iter().any(|one| !one.headers.is_empty()) {
        require(organization, Feature::CustomHeaders)?;
    }
    if mock.responses.iter().any(|one| !one.conditions.is_empty()) {
        require(organization, Feature::Conditions)?;
    }
    Ok(())
}

/// Whether the organization's plan bounds the number of mocks.
pub(super) fn bounds_mocks(organization: &Organization) -> bool {
    organization.plan.allowance().mocks.is_some()
}

/// Refuses more mocks than the organization's plan includes. Those that it has anyway, from a dearer plan, go on answering,
/// but are not changed.
pub(super) fn check_mocks(organization: &Organization, count: u64) -> Result<(), AppError> {
    match organization.plan.allowance().mocks {
        Some(most) if count > u64::from(most) => {
            Err(AppError::TooManyMocks(most, organization.plan))
        }
        _ => Ok(()),
    }
}

/// Refuses the mocks that there are by now, if there are more than the organization's plan includes.
pub(super) async fn mocks_fit(tx: &mut Tx, organization: &Organization) -> Result<(), AppError> {
    if bounds_mocks(organization) {
        check_mocks(organization, tx.mock_count(organization.id).await?)?;
    }
    Ok(())
}
