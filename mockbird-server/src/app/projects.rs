//! Projects: what has a slug and mocks.

use super::{App, AppError};
use crate::domain::{OrganizationId, ProjectId};
use crate::store::ProjectProfile;

const NO_PROJECT: AppError = AppError::NotFound("project");

impl App {
    /// A project of the organization.
    pub async fn project_get(
        &self,
        organization: OrganizationId,
        id: ProjectId,
    ) -> Result<ProjectProfile, AppError> {
        let mut read = self.store().read().await?;
        let found = read.project_profile(organization, id).await?;
        found.ok_or(NO_PROJECT)
    }
}
