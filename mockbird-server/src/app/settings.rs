//! What an organization set for all its projects and members.

use serde_json::{Value, json};

use super::actor::Deed;
use super::{Actor, App, AppError, Expected};
use crate::domain::{EmailDomains, OrganizationId, Visibility};
use crate::store::Settings;

const NO_SETTINGS: AppError = AppError::NotFound("organization");

/// How somebody changes the settings; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct SettingsChange {
    /// Whether its projects may be public.
    pub allow_public_projects: Option<bool>,
    /// What a project is if nobody says.
    pub default_visibility: Option<Visibility>,
    /// Whether calls of its mocks take a key.
    pub require_api_key: Option<bool>,
    /// Whom it takes as members.
    pub allowed_email_domains: Option<EmailDomains>,
}

impl SettingsChange {
    fn of(self, before: &Settings) -> Settings {
        Settings {
            allow_public_projects: self
                .allow_public_projects
                .unwrap_or(before.allow_public_projects),
            default_visibility: self.default_visibility.unwrap_or(before.default_visibility),
            require_api_key: self.require_api_key.unwrap_or(before.require_api_key),
            allowed_email_domains: self
                .allowed_email_domains
                .unwrap_or_else(|| before.allowed_email_domains.clone()),
            updated_at: before.updated_at,
            version: before.version,
        }
    }
}

impl App {
    /// The settings of an organization.
    pub async fn settings_get(&self, organization: OrganizationId) -> Result<Settings, AppError> {
        let mut read = self.store().read().await?;
        let found = read.settings_get(organization).await?;
        found.ok_or(NO_SETTINGS)
    }

    /// Changes the settings of an organization.
    pub async fn settings_change(
        &self,
        organization: OrganizationId,
        change: SettingsChange,
        expected: &Expected,
        actor: &Actor,
    ) -> Result<Settings, AppError> {
        let now = self.clock().now();
        let (mut tx, _) = self.organization_begin(organization).await?;
        let before = tx.settings_get(organization).await?.ok_or(NO_SETTINGS)?;
        expected.check(before.version)?;
        let wished = change.of(&before);
        if wished == before {
            return Ok(before);
        }
        if wished.default_visibility == Visibility::Public && !wished.allow_public_projects {
            let why = "projects cannot be public by default where none may be public";
            return Err(AppError::Invalid("defaultVisibility", why));
        }
        tx.settings_put(organization, &wished, now).await?;
        let deed = Deed {
            action: "settings.changed",
            kind: "settings",
            id: organization.to_string(),
        };
        let changes = json!({ "before": told(&before), "after": told(&wished) });
        tx.audit_insert(&actor.entry(organization, deed, &changes, now))
            .await?;
        let after = tx.settings_get(organization).await?;
        if wished.decides_of_calls() == before.decides_of_calls() {
            tx.commit().await?;
        } else {
            self.commit_and_forget(tx, organization).await?;
        }
        after.ok_or(NO_SETTINGS)
    }
}

/// What the audit log tells of them.
fn told(settings: &Settings) -> Value {
    json!({
        "allowPublicProjects": settings.allow_public_projects,
        "defaultVisibility": settings.default_visibility.name(),
        "requireApiKey": settings.require_api_key,
        "allowedEmailDomains": settings.allowed_email_domains.all(),
    })
}
