//! Who may come to a project, and how a change in it begins.

use super::{App, AppError, Identity, Intent};
use crate::domain::{MockId, OrganizationId, ProjectId, Role};
use crate::store::{ApiKey, Organization, Project, Tx};

pub(super) const NO_PROJECT: AppError = AppError::NotFound("project");
const NO_MOCK: AppError = AppError::NotFound("mock");

/// What somebody is in a project.
#[derive(Clone, Debug)]
pub struct ProjectAccess {
    /// Whose it is.
    pub organization: OrganizationId,
    /// Which one.
    pub project: ProjectId,
    /// As what.
    pub role: Role,
}

impl App {
    /// What somebody is in the project, which must be at least this. Who is not in its organization does not learn that
    /// there is one. Nothing is changed in one that was suspended, or whose organization was.
    pub async fn project_authorise(
        &self,
        identity: &Identity,
        project: ProjectId,
        least: Role,
        intent: Intent,
    ) -> Result<ProjectAccess, AppError> {
        let found = self.store().read().await?.project_find(project).await?;
        let found = found.ok_or(NO_PROJECT)?;
        self.project_admit(identity, &found, least, intent, NO_PROJECT)
            .await
    }

    /// The same for the project of a mock.
    pub async fn mock_authorise(
        &self,
        identity: &Identity,
        mock: MockId,
        least: Role,
        intent: Intent,
    ) -> Result<ProjectAccess, AppError> {
        let found = self
            .store()
            .read()
            .await?
            .project_find_of_mock(mock)
            .await?;
        let found = found.ok_or(NO_MOCK)?;
        self.project_admit(identity, &found, least, intent, NO_MOCK)
            .await
    }

    /// What somebody is in this project; `elsewhere` if it is not theirs.
    pub(super) async fn project_admit(
        &self,
        identity: &Identity,
        project: &Project,
        least: Role,
        intent: Intent,
        elsewhere: AppError,
    ) -> Result<ProjectAccess, AppError> {
        let organization = project.organization;
        let role = match identity {
            Identity::User { user, .. } => {
                let mut read = self.store().read().await?;
                let member = read.member_get(organization, *user).await?;
                Some(member.ok_or(elsewhere)?.role)
            }
            Identity::Key(key) if !opens(key, project) => return Err(elsewhere),
            Identity::Key(key) => key.permissions.role(),
        };
        let role = role.filter(|role| *role >= least);
        let role = role.ok_or(AppError::Role(least))?;
        if intent == Intent::Change && project.suspended_at.is_some() {
            let mut read = self.store().read().await?;
            let whole = read.organization_get(organization).await?;
            return Err(match whole {
                Some(whole) if whole.suspended_at.is_some() => AppError::Suspended,
                _ => AppError::ProjectSuspended,
            });
        }
        Ok(ProjectAccess {
            organization,
            project: project.id,
            role,
        })
    }

    /// Begins a change of what a project has, in whose organization nobody else changes anything until it ends. What is in the
    /// archive stays as it is.
    pub(super) async fn project_edit(
        &self,
        organization: OrganizationId,
        project: ProjectId,
    ) -> Result<(Tx, Organization, Project), AppError> {
        let begun = self.project_begin(organization, project).await?;
        if begun.2.archived_at.is_some() {
            return Err(AppError::ProjectArchived);
        }
        Ok(begun)
    }

    /// Begins a change of a project as a whole, whether or not it is in the archive.
    pub(super) async fn project_begin(
        &self,
        organization: OrganizationId,
        project: ProjectId,
    ) -> Result<(Tx, Organization, Project), AppError> {
        let (mut tx, whole) = self.organization_begin(organization).await?;
        let project = tx.project_get(organization, project).await?;
        Ok((tx, whole, project.ok_or(NO_PROJECT)?))
    }
}

/// Whether a key is for this project, or for all of its organization.
fn opens(key: &ApiKey, project: &Project) -> bool {
    key.organization == project.organization && key.project.is_none_or(|only| only == project.id)
}
