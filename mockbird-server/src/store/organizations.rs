//! Organizations and their settings.

use sqlx::{query, query_as};

use super::conn::{execute, on};
use super::row::row;
use super::{Conn, Result, Tx};
use crate::domain::{Millis, OrganizationId, Plan, Slug, UserId};

row! {
    /// Who owns projects and pays for them.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Organization {
        /// Its id.
        pub id: OrganizationId = "organization_id",
        /// What it is called.
        pub name: String = "organization_name",
        /// Its name in addresses.
        pub slug: Slug = "slug",
        /// What it pays for.
        pub plan: Plan = "subscription_tier",
        /// Made with an account, for one person.
        pub is_personal: bool = "is_personal",
        /// False once its owner put it to rest.
        pub is_active: bool = "is_active",
        /// When an operator stopped it.
        pub suspended_at: Option<Millis> = "suspended_at",
        /// Who made it.
        pub created_by: UserId = "created_by",
        /// When it was made.
        pub created_at: Millis = "created_at",
        /// When it was last changed.
        pub updated_at: Option<Millis> = "updated_at",
        /// Counts changes.
        pub version: i64 = "version",
    }
}

/// An organization to be.
#[derive(Clone, Debug)]
pub struct NewOrganization {
    /// Its id.
    pub id: OrganizationId,
    /// What it is called.
    pub name: String,
    /// Its name in addresses.
    pub slug: Slug,
    /// What it pays for.
    pub plan: Plan,
    /// Made with an account, for one person.
    pub is_personal: bool,
    /// Who makes it.
    pub created_by: UserId,
}

impl Conn {
    /// The organization of this id.
    pub async fn organization_get(&mut self, id: OrganizationId) -> Result<Option<Organization>> {
        const SQL: &str = "select organization_id, organization_name, slug, subscription_tier, is_personal, \
             is_active, suspended_at, created_by, created_at, updated_at, version \
             from organization where deleted_at is null and organization_id = $1";
        on!(self, link => query_as(SQL).bind(id.to_string()).fetch_optional(link).await)
    }

    /// The organization that a user starts in: its own, or else the first it joined.
    pub async fn organization_of_user(&mut self, user: UserId) -> Result<Option<Organization>> {
        const SQL: &str = "select organization_id, organization_name, slug, subscription_tier, is_personal, \
             is_active, suspended_at, created_by, created_at, updated_at, organization.version \
             from organization join members using (organization_id) where deleted_at is null and user_id = $1 \
             order by case when is_personal and created_by = user_id then 0 else 1 end, joined_at, organization_id \
             limit 1";
        on!(self, link => query_as(SQL).bind(user.to_string()).fetch_optional(link).await)
    }
}

impl Tx {
    /// Adds an organization, with the settings that everybody starts with.
    ///
    /// # Errors
    /// [`Constraint::OrganizationSlug`](super::Constraint::OrganizationSlug) is taken.
    pub async fn organization_insert(&mut self, new: &NewOrganization, now: Millis) -> Result<()> {
        const SQL: &str = "insert into organization (organization_id, organization_name, slug, subscription_tier, \
             is_personal, is_active, created_by, created_at, version) \
             values ($1, $2, $3, $4, $5, true, $6, $7, 1)";
        const SETTINGS: &str = "insert into organization_settings (organization_id, allow_public_projects, \
             default_project_visibility, require_api_key, created_at, version) \
             values ($1, true, 'private', false, $2, 1)";
        execute!(
            self,
            query(SQL)
                .bind(new.id.to_string())
                .bind(new.name.as_str())
                .bind(new.slug.as_str())
                .bind(new.plan.name())
                .bind(new.is_personal)
                .bind(new.created_by.to_string())
                .bind(now.0)
        )?;
        execute!(self, query(SETTINGS).bind(new.id.to_string()).bind(now.0))?;
        Ok(())
    }
}
