//! What an organization uses of its plan.

use super::{App, AppError, Identity, Intent};
use crate::domain::{Month, OrganizationId, Period, Plan, Role, Scope, Visitors};
use crate::store::Used;

/// What an organization has used in a month.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Which one.
    pub organization: OrganizationId,
    /// What it pays for.
    pub plan: Plan,
    /// The month.
    pub month: Month,
    /// Requests and bytes of that month.
    pub used: Used,
    /// At how many percent of it the owners were told; 0 if they were not.
    pub noticed: u8,
    /// How many mocks it has.
    pub mocks: u64,
    /// From how many addresses requests came in that month, about.
    pub unique_visitors: u64,
}

impl App {
    /// What an organization has used in this month.
    pub async fn usage_get(&self, organization: OrganizationId) -> Result<Usage, AppError> {
        let (month, used) = self.mock_plane().usage(organization).await?;
        let mut read = self.store().snapshot().await?;
        let whole = read.organization_get(organization).await?;
        let (scope, until) = (Scope::Organization(organization), month.next().start());
        let rollups = read
            .rollups_since(scope, Period::Day, month.start(), until)
            .await?;
        let mut visitors = Visitors::default();
        for part in rollups {
            visitors.merge(&part.rollup.visitors);
        }
        Ok(Usage {
            organization,
            plan: whole.ok_or(AppError::NotFound("organization"))?.plan,
            month,
            used,
            noticed: read.usage_noticed(organization, month).await?,
            mocks: read.mock_count(organization).await?,
            unique_visitors: visitors.estimate(),
        })
    }

    /// The same of the organization that somebody starts in, of a key its own, or of another one that they belong to.
    pub async fn usage_of(
        &self,
        identity: &Identity,
        organization: Option<OrganizationId>,
    ) -> Result<Usage, AppError> {
        let organization = match organization {
            Some(organization) => organization,
            None => self.home_of(identity).await?,
        };
        self.authorise(identity, organization, Role::Viewer, Intent::Read)
            .await?;
        self.usage_get(organization).await
    }
}
