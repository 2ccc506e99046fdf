//! What an organization set for all its projects and members.

use sqlx::{query, query_as};

use super::conn::{execute, on};
use super::row::row;
use super::{Conn, Result, Tx};
use crate::domain::{EmailDomains, Millis, OrganizationId, Visibility};

row! {
    /// What an organization set for all its projects and members.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Settings {
        /// Whether its projects may be public.
        pub allow_public_projects: bool = "allow_public_projects",
        /// What a project is if nobody says.
        pub default_visibility: Visibility = "default_project_visibility",
        /// Whether calls of its mocks take a key, those of public projects too.
        pub require_api_key: bool = "require_api_key",
        /// Whom it takes as members.
        pub allowed_email_domains: EmailDomains = "allowed_email_domains",
        /// When they were last changed.
        pub updated_at: Option<Millis> = "updated_at",
        /// Counts changes.
        pub version: i64 = "version",
    }
}

row! {
    /// What of the settings of an organization decides who may call its mocks.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct CallSettings {
        /// Whether its projects may be public.
        pub allow_public_projects: bool = "allow_public_projects",
        /// What a project is if nobody says.
        pub default_visibility: Visibility = "default_project_visibility",
        /// Whether calls of its mocks take a key, those of public projects too.
        pub require_api_key: bool = "require_api_key",
    }
}

impl CallSettings {
    /// Whether anybody is to call the mocks of a project that says this of itself.
    pub fn publishes(&self, is_public: Option<bool>) -> bool {
        is_public.unwrap_or(self.default_visibility == Visibility::Public)
    }

    /// Whether anybody may.
    pub fn opens(&self, is_public: Option<bool>) -> bool {
        self.publishes(is_public) && self.allow_public_projects && !self.require_api_key
    }
}

impl Settings {
    /// What of them decides who may call mocks.
    pub fn of_calls(&self) -> CallSettings {
        CallSettings {
            allow_public_projects: self.allow_public_projects,
            default_visibility: self.default_visibility,
            require_api_key: self.require_api_key,
        }
    }

    /// Whether anybody may call the mocks of a project that says this of itself.
    pub fn opens(&self, is_public: Option<bool>) -> bool {
        self.of_calls().opens(is_public)
    }

    /// What [`Settings::opens`] makes of each wish: if it is the same, so are all projects.
    pub fn decides_of_calls(&self) -> [bool; 3] {
        [None, Some(false), Some(true)].map(|is_public| self.opens(is_public))
    }
}

impl Conn {
    /// The settings of an organization.
    pub async fn settings_get(&mut self, organization: OrganizationId) -> Result<Option<Settings>> {
        const SQL: &str = "select allow_public_projects, default_project_visibility, require_api_key, \
             coalesce(allowed_email_domains, '') as allowed_email_domains, updated_at, version \
             from organization_settings where organization_id = $1";
        on!(self, link => query_as(SQL)
            .bind(organization.to_string())
            .fetch_optional(link)
            .await)
    }
}

impl Tx {
    /// Puts these in the place of the settings of the organization, as their next version.
    pub async fn settings_put(
        &mut self,
        organization: OrganizationId,
        settings: &Settings,
        now: Millis,
    ) -> Result<()> {
        const SQL: &str = "update organization_settings set allow_public_projects = $1, \
             default_project_visibility = $2, require_api_key = $3, allowed_email_domains = $4, updated_at = $5, \
             version = version + 1 where organization_id = $6";
        execute!(
            self,
            query(SQL)
                .bind(settings.allow_public_projects)
                .bind(settings.default_visibility.name())
                .bind(settings.require_api_key)
                .bind(settings.allowed_email_domains.to_string())
                .bind(now.0)
                .bind(organization.to_string())
        )?;
        Ok(())
    }
}
