//! API keys of an organization.

use serde_json::json;

use super::actor::Deed;
use super::commit::News;
use super::identity::KEY_PREFIX;
use super::{Actor, App, AppError, plan};
use crate::domain::{
    Feature, KeyId, Millis, Name, OrganizationId, Page, Paged, Permission, Permissions, PlainToken,
    ProjectId, UserId,
};
use crate::store::{ApiKey, NewApiKey, Tx};

/// What a key is wished to be.
#[derive(Clone, Debug)]
pub struct KeyWish {
    /// What it is called.
    pub name: Name,
    /// What it may do.
    pub permissions: Permissions,
    /// The one project it is for.
    pub project: Option<ProjectId>,
    /// When it ends.
    pub expires_at: Option<Millis>,
    /// Who makes it.
    pub created_by: UserId,
}

impl App {
    /// Makes a key; the text itself is known this once.
    pub async fn key_create(
        &self,
        organization: OrganizationId,
        wish: KeyWish,
        actor: &Actor,
    ) -> Result<(ApiKey, PlainToken), AppError> {
        let now = self.clock().now();
        let plain = PlainToken::random(KEY_PREFIX);
        let key = NewApiKey {
            id: KeyId::new(now),
            hash: plain.hash(),
            prefix: plain.prefix().to_owned(),
            organization,
            project: wish.project,
            name: wish.name.as_str().to_owned(),
            permissions: wish.permissions,
            created_by: wish.created_by,
            expires_at: wish.expires_at,
        };
        let deed = Deed {
            action: "api_key.created",
            kind: "api_key",
            id: key.id.to_string(),
        };
        let changes = json!({ "after": {
            "name": key.name,
            "permissions": key.permissions.to_string(),
            "project": key.project.map(|id| id.to_string()),
            "expiresAt": key.expires_at.map(|at| at.0),
        }});
        let (mut tx, whole) = self.organization_begin(organization).await?;
        if key.permissions.role().is_some() {
            plan::require(&whole, Feature::ManagementKeys)?;
        }
        if let Some(project) = key.project
            && tx.project_get(organization, project).await?.is_none()
        {
            return Err(AppError::NotFound("project"));
        }
        tx.api_key_insert(&key, now).await?;
        tx.audit_insert(&actor.entry(organization, deed, &changes, now))
            .await?;
        let made = tx.api_key_get(organization, key.id).await?;
        let made = made.ok_or(AppError::NotFound("API key"))?;
        self.commit_and_tell(tx, &made).await?;
        Ok((made, plain))
    }

    /// The organization's keys.
    pub async fn key_list(
        &self,
        organization: OrganizationId,
        page: Page,
    ) -> Result<Paged<ApiKey>, AppError> {
        let mut read = self.store().snapshot().await?;
        Ok(read.api_key_list(organization, page).await?)
    }

    /// Ends a key.
    pub async fn key_revoke(
        &self,
        organization: OrganizationId,
        id: KeyId,
        actor: &Actor,
    ) -> Result<(), AppError> {
        let now = self.clock().now();
        let (mut tx, _) = self.organization_begin(organization).await?;
        let key = tx.api_key_get(organization, id).await?;
        let key = key.ok_or(AppError::NotFound("API key"))?;
        if !tx.api_key_revoke(organization, id, now).await? {
            return Err(AppError::NotFound("API key"));
        }
        let deed = Deed {
            action: "api_key.revoked",
            kind: "api_key",
            id: id.to_string(),
        };
        let changes =
            json!({ "before": { "name": key.name, "permissions": key.permissions.to_string() } });
        tx.audit_insert(&actor.entry(organization, deed, &changes, now))
            .await?;
        self.commit_and_tell(tx, &key).await
    }

    /// Which projects a key opens has changed: the mock plane looks again.
    async fn commit_and_tell(&self, mut tx: Tx, key: &ApiKey) -> Result<(), AppError> {
        let organization = key.organization;
        if !key.permissions.contains(Permission::MocksCall) {
            return Ok(tx.commit().await?);
        }
        let Some(project) = key.project else {
            return self.commit_and_forget(tx, organization).await;
        };
        let now = self.clock().now();
        let slug = tx.project_touch(organization, project, now).await?;
        self.commit(tx, News::Forget(slug.into_iter().collect()))
            .await
    }
}
