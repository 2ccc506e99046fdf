//! Organizations.

use sqlx::{query, query_as};

use super::conn::{Link, execute, on};
use super::row::{Beside, row};
use super::{Conn, Result, StoreError, Tx};
use crate::domain::{Millis, OrganizationId, Page, Paged, Plan, Role, Slug, UserId};

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
        /// When an operator stopped it.
        pub suspended_at: Option<Millis> = "suspended_at",
        /// Who made it.
        pub created_by: UserId = "created_by",
        /// When it was made.
        pub created_at: Millis = "created_at",
        /// When it was last changed.
        pub updated_at: Option<Millis> = "updated_at",
        /// When it was deleted.
        pub deleted_at: Option<Millis> = "deleted_at",
        /// Counts changes.
        pub version: i64 = "version",
    }
}

row! {
    /// What somebody is in it.
    struct Standing {
        role: Role = "role",
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

/// The columns of [`Organization`], for the statements below.
macro_rules! select_organization {
    ($more:literal, $rest:literal) => {
        concat!(
            "select organization_id, organization_name, slug, subscription_tier, is_personal, suspended_at, \
             created_by, created_at, updated_at, deleted_at, organization.version",
            $more,
            " from organization ",
            $rest
        )
    };
}

/// Those that a user deleted and may have back.
macro_rules! of_past_owner {
    () => {
        "join members using (organization_id) where deleted_at is not null and role = 'owner' and user_id = $1"
    };
}

impl Conn {
    /// The organization of this id.
    pub async fn organization_get(&mut self, id: OrganizationId) -> Result<Option<Organization>> {
        const SQL: &str =
            select_organization!("", "where deleted_at is null and organization_id = $1");
        on!(self, link => query_as(SQL).bind(id.to_string()).fetch_optional(link).await)
    }

    /// The organization that a user starts in: its own, or else the first it joined.
    pub async fn organization_of_user(&mut self, user: UserId) -> Result<Option<Organization>> {
        const SQL: &str = select_organization!(
            "",
            "join members using (organization_id) where deleted_at is null and user_id = $1 \
             order by case when is_personal and created_by = user_id then 0 else 1 end, joined_at, organization_id \
             limit 1"
        );
        on!(self, link => query_as(SQL).bind(user.to_string()).fetch_optional(link).await)
    }

    /// A page of the organizations that a user belongs to, in the order it joined, and what it is in each.
    pub async fn organization_list(
        &mut self,
        user: UserId,
        page: Page,
    ) -> Result<Paged<(Organization, Role)>> {
        const COUNT: &str = "select count(*) from organization join members using (organization_id) \
             where deleted_at is null and user_id = $1";
        const SQL: &str = select_organization!(
            ", role",
            "join members using (organization_id) where deleted_at is null and user_id = $1 \
             order by joined_at, organization_id limit $2 offset $3"
        );
        self.organizations(COUNT, SQL, user, page).await
    }

    /// A page of the organizations that a user owned and that were deleted, the latest first.
    pub async fn organization_list_deleted(
        &mut self,
        user: UserId,
        page: Page,
    ) -> Result<Paged<(Organization, Role)>> {
        const COUNT: &str = concat!("select count(*) from organization ", of_past_owner!());
        const SQL: &str = concat!(
            select_organization!(", role", ""),
            of_past_owner!(),
            " order by deleted_at desc, organization_id limit $2 offset $3"
        );
        self.organizations(COUNT, SQL, user, page).await
    }

    async fn organizations(
        &mut self,
        count: &'static str,
        sql: &'static str,
        user: UserId,
        page: Page,
    ) -> Result<Paged<(Organization, Role)>> {
        let user = user.to_string();
        let (total,): (i64,) =
            on!(self, link => query_as(count).bind(user.as_str()).fetch_one(link).await)?;
        let items: Vec<Beside<Organization, Standing>> = on!(self, link => query_as(sql)
            .bind(user.as_str())
            .bind(i64::from(page.limit()))
            .bind(page.offset())
            .fetch_all(link)
            .await)?;
        let found = Paged::of_rows(items, page, total);
        Ok(found.map(|Beside(organization, standing)| (organization, standing.role)))
    }

    /// The organization of this id that was deleted, if the user owned it.
    pub async fn organization_get_deleted(
        &mut self,
        user: UserId,
        id: OrganizationId,
    ) -> Result<Option<Organization>> {
        const SQL: &str = concat!(
            select_organization!("", ""),
            of_past_owner!(),
            " and organization_id = $2"
        );
        on!(self, link => query_as(SQL)
            .bind(user.to_string())
            .bind(id.to_string())
            .fetch_optional(link)
            .await)
    }
}

impl Tx {
    /// The organization of this id, which nobody else changes until the transaction ends, nor what belongs to it
    /// if they ask here first. SQLite has one writer anyway.
    pub async fn organization_lock(&mut self, id: OrganizationId) -> Result<Option<Organization>> {
        // Not as strong as `for update`: rows that refer to it may still be added.
        const LOCK: &str =
            "select organization_id from organization where organization_id = $1 for no key update";
        if let Link::Postgres(link) = self.link() {
            let locked = query(LOCK).bind(id.to_string()).execute(link).await;
            locked.map_err(StoreError::from)?;
        }
        self.organization_get(id).await
    }

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

    /// Gives it another name and slug.
    ///
    /// # Errors
    /// [`Constraint::OrganizationSlug`](super::Constraint::OrganizationSlug) is taken.
    pub async fn organization_rename(
        &mut self,
        id: OrganizationId,
        name: &str,
        slug: &Slug,
        now: Millis,
    ) -> Result<()> {
        const SQL: &str = "update organization set organization_name = $1, slug = $2, updated_at = $3, \
             version = version + 1 where organization_id = $4";
        execute!(
            self,
            query(SQL)
                .bind(name)
                .bind(slug.as_str())
                .bind(now.0)
                .bind(id.to_string())
        )?;
        Ok(())
    }

    /// Deletes it at a moment, or takes it back. It stays in the table, and its slug with it, until it is purged.
    pub async fn organization_delete(
        &mut self,
        id: OrganizationId,
        deleted_at: Option<Millis>,
        now: Millis,
    ) -> Result<()> {
        const SQL: &str = "update organization set deleted_at = $1, updated_at = $2, version = version + 1 \
             where organization_id = $3";
        execute!(
            self,
            query(SQL)
                .bind(deleted_at.map(|at| at.0))
                .bind(now.0)
                .bind(id.to_string())
        )?;
        Ok(())
    }

    /// Gives it another plan.
    pub async fn organization_plan_set(
        &mut self,
        id: OrganizationId,
        plan: Plan,
        now: Millis,
    ) -> Result<()> {
        const SQL: &str = "update organization set subscription_tier = $1, updated_at = $2, version = version + 1 \
             where organization_id = $3";
        execute!(
            self,
            query(SQL)
                .bind(plan.name())
                .bind(now.0)
                .bind(id.to_string())
        )?;
        Ok(())
    }

    /// Stops it at a moment, or lets it go on.
    pub async fn organization_suspend(
        &mut self,
        id: OrganizationId,
        suspended_at: Option<Millis>,
        now: Millis,
    ) -> Result<()> {
        const SQL: &str = "update organization set suspended_at = $1, is_active = $2, updated_at = $3, \
             version = version + 1 where organization_id = $4";
        execute!(
            self,
            query(SQL)
                .bind(suspended_at.map(|at| at.0))
                .bind(suspended_at.is_none())
                .bind(now.0)
                .bind(id.to_string())
        )?;
        Ok(())
    }
}
