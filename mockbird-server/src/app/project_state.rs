//! What becomes of a project as a whole: archive, copies, and back from the dead.

use serde_json::json;

use super::commit::News;
use super::project_access::NO_PROJECT;
use super::projects::{about, deed, told};
use super::{Actor, App, AppError, Expected, Identity, Intent, ProjectWish, plan};
use crate::domain::{Name, OrganizationId, ProjectId, Role, Slug, SlugStem};
use crate::store::ProjectProfile;

impl App {
    /// Puts a project into the archive, where its mocks are at rest, or takes it out again.
    pub async fn project_archive(
        &self,
        organization: OrganizationId,
        id: ProjectId,
        archived: bool,
        expected: &Expected,
        actor: &Actor,
    ) -> Result<ProjectProfile, AppError> {
        let (tx, _, before) = self.project_begin(organization, id).await?;
        expected.check(before.version)?;
        let mut about = about(&before);
        if about.archived_at.is_some() != archived {
            about.archived_at = archived.then(|| self.clock().now());
        }
        let action = if archived {
            "project.archived"
        } else {
            "project.unarchived"
        };
        self.project_finish(tx, &before, &about, action, actor)
            .await
    }

    /// Deletes a project; it can be had back until it is purged. Its mocks answer no more.
    pub async fn project_delete(
        &self,
        organization: OrganizationId,
        id: ProjectId,
        expected: &Expected,
        actor: &Actor,
    ) -> Result<(), AppError> {
        let now = self.clock().now();
        let (mut tx, _, before) = self.project_begin(organization, id).await?;
        expected.check(before.version)?;
        tx.project_delete(organization, id, Some(now), now).await?;
        let changes = json!({ "before": told(&before) });
        tx.audit_insert(&actor.entry(organization, deed("project.deleted", id), &changes, now))
            .await?;
        self.commit(tx, News::Forget(vec![before.slug.to_string()]))
            .await
    }

    /// Takes back that a project was deleted.
    pub async fn project_restore(
        &self,
        identity: &Identity,
        id: ProjectId,
        actor: &Actor,
    ) -> Result<ProjectProfile, AppError> {
        const NONE: AppError = AppError::NotFound("deleted project");
        let deleted = self.store().read().await?.project_find_deleted(id).await?;
        let deleted = deleted.ok_or(NONE)?;
        self.project_admit(identity, &deleted, Role::Admin, Intent::Change, NONE)
            .await?;
        let (organization, now) = (deleted.organization, self.clock().now());
        let (mut tx, whole) = self.organization_begin(organization).await?;
        if tx.project_find_deleted(id).await?.is_none() {
            return Err(NONE);
        }
        tx.project_delete(organization, id, None, now).await?;
        plan::mocks_fit(&mut tx, &whole).await?;
        let after = tx.project_profile(organization, id).await?.ok_or(NONE)?;
        let changes = json!({ "after": told(&after.project) });
        tx.audit_insert(&actor.entry(organization, deed("project.restored", id), &changes, now))
            .await?;
        let slug = after.project.slug.to_string();
        self.commit(tx, News::Forget(vec![slug])).await?;
        Ok(after)
    }

    /// Makes another project of the same mocks, in the same organization.
    pub async fn project_duplicate(
        &self,
        organization: OrganizationId,
        id: ProjectId,
        name: Option<Name>,
        slug: Option<Slug>,
        actor: &Actor,
    ) -> Result<ProjectProfile, AppError> {
        let mut read = self.store().snapshot().await?;
        let original = read.project_get(organization, id).await?;
        let original = original.ok_or(NO_PROJECT)?;
        let spec = read.project_spec_load(organization, id).await?;
        let settings = read.settings_get(organization).await?.ok_or(NO_PROJECT)?;
        drop(read);
        let mut spec = spec.ok_or(NO_PROJECT)?;
        // Of one that was public before none may be, the copy is as closed as that is now.
        let logs = original.log_settings();
        let is_public = original.is_public;
        let is_public = is_public.map(|wished| wished && settings.allow_public_projects);
        spec.is_public = is_public;
        if let Some(name) = &name {
            name.as_str().clone_into(&mut spec.name);
        }
        // The slug of a file is the one it was made with.
        spec.slug = None;
        let suggested = match &name {
            Some(name) => SlugStem::of_name(name.as_str()),
            None => original.slug.into(),
        };
        let wish = ProjectWish {
            name: spec.name.clone(),
            slug,
            description: original.description,
            is_public,
            cors: original.cors,
            seed: original.seed,
            logs,
            is_active: original.is_active,
        };
        let deed = "project.duplicated";
        self.project_make(organization, &wish, suggested, Some(spec), deed, actor)
            .await
    }
}
