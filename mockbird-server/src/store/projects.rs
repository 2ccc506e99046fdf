//! Projects: what has a slug and mocks.

use sqlx::{query, query_as};

use super::conn::{execute, on};
use super::row::{Beside, row};
use super::settings::CallSettings;
use super::{Conn, Result, Tx};
use crate::domain::{
    LogSettings, Millis, MockId, OrganizationId, Plan, ProjectId, RedactedNames, Seed, Slug, UserId,
};

row! {
    /// A named set of mocks under a slug.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Project {
        /// Its id.
        pub id: ProjectId = "project_id",
        /// Whose it is.
        pub organization: OrganizationId = "organization_id",
        /// What that pays for.
        pub plan: Plan = "subscription_tier",
        /// What it is called.
        pub name: String = "project_name",
        /// Its name in addresses.
        pub slug: Slug = "project_slug",
        /// What it is for.
        pub description: Option<String> = "description",
        /// Whether anybody may call it; nobody said, if absent.
        pub is_public: Option<bool> = "is_public",
        /// Whether pages of any origin may call it; nobody said, if absent.
        pub cors: Option<bool> = "cors",
        /// What its draws depend on; absent, on chance.
        pub seed: Option<Seed> = "seed",
        /// Whether bodies of its requests are kept.
        pub log_bodies: bool = "log_bodies",
        /// Whose values are not kept.
        pub log_redact: RedactedNames = "log_redact",
        /// False once its owner put it to rest.
        pub is_active: bool = "is_active",
        /// When it was put into the archive.
        pub archived_at: Option<Millis> = "archived_at",
        /// When an operator stopped it, or its organization.
        pub suspended_at: Option<Millis> = "suspended_at",
        /// When it was made.
        pub created_at: Millis = "created_at",
        /// When it was last changed.
        pub updated_at: Option<Millis> = "updated_at",
        /// When it was deleted.
        pub deleted_at: Option<Millis> = "deleted_at",
        /// Counts changes of the project and of everything in it.
        pub version: i64 = "version",
    }
}

impl Project {
    /// Whether pages of any origin may call it.
    pub fn has_cors(&self) -> bool {
        self.cors.unwrap_or(true)
    }

    /// What is kept of its requests.
    pub fn log_settings(&self) -> LogSettings {
        LogSettings {
            store_bodies: self.log_bodies,
            redact: self.log_redact.clone(),
        }
    }
}

row! {
    /// How many mocks a project has.
    pub(super) struct MockCount {
        mocks: i64 = "mock_count",
    }
}

/// A project, how many mocks it has, and what decides who may call them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectProfile {
    /// The project.
    pub project: Project,
    /// What its organization set.
    pub settings: CallSettings,
    /// How many mocks it has.
    pub mocks: u64,
}

impl ProjectProfile {
    /// Whether anybody is to call its mocks.
    pub fn is_public(&self) -> bool {
        self.settings.publishes(self.project.is_public)
    }

    /// Whether anybody may.
    pub fn is_open(&self) -> bool {
        self.settings.opens(self.project.is_public)
    }
}

/// A [`ProjectProfile`] as it is read.
pub(super) type ProfileRow = Beside<Project, Beside<CallSettings, MockCount>>;

impl From<ProfileRow> for ProjectProfile {
    fn from(Beside(project, Beside(settings, count)): ProfileRow) -> Self {
        Self {
            project,
            settings,
            // A count is never negative.
            mocks: count.mocks.try_into().unwrap_or_default(),
        }
    }
}

row! {
    /// How far a project has come.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct ProjectChange {
        /// Its id.
        pub id: ProjectId = "project_id",
        /// Its name in addresses.
        pub slug: String = "project_slug",
        /// Counts changes of the project and of everything in it.
        pub version: i64 = "version",
    }
}

/// A project to be; its mocks come with [`Tx::project_spec_save`].
#[derive(Clone, Debug)]
pub struct NewProject {
    /// Its id.
    pub id: ProjectId,
    /// Whose it will be.
    pub organization: OrganizationId,
    /// What it is called.
    pub name: String,
    /// Its name in addresses.
    pub slug: Slug,
    /// Who makes it; absent for what the server makes itself.
    pub created_by: Option<UserId>,
}

/// The columns of [`Project`].
macro_rules! project_columns {
    () => {
        "project_id, projects.organization_id, subscription_tier, project_name, project_slug, description, is_public, cors, seed, \
         log_bodies, log_redact, \
         projects.is_active, archived_at, coalesce(projects.suspended_at, organization.suspended_at) as suspended_at, \
         projects.created_at, projects.updated_at, projects.deleted_at, projects.version"
    };
}

/// A [`Project`] that is there.
macro_rules! select_project {
    ($rest:literal) => {
        concat!(
            "select ",
            project_columns!(),
            " from projects join organization using (organization_id) \
             where projects.deleted_at is null and organization.deleted_at is null and ",
            $rest
        )
    };
}

/// A [`ProjectProfile`], deleted or not.
macro_rules! select_profile {
    ($rest:expr) => {
        concat!(
            "select ",
            project_columns!(),
            ", allow_public_projects, default_project_visibility, require_api_key, \
             (select count(*) from mocks where mocks.project_id = projects.project_id) as mock_count \
             from projects join organization using (organization_id) join organization_settings using (organization_id) \
             where organization.deleted_at is null and ",
            $rest
        )
    };
}

pub(super) use {project_columns, select_profile};

impl Conn {
    /// The project of this id with what is told of it, if it is the organization's and there.
    pub async fn project_profile(
        &mut self,
        organization: OrganizationId,
        id: ProjectId,
    ) -> Result<Option<ProjectProfile>> {
        const SQL: &str = select_profile!(
            "projects.deleted_at is null and organization_id = $1 and project_id = $2"
        );
        let row: Option<ProfileRow> = on!(self, link => query_as(SQL)
            .bind(organization.to_string())
            .bind(id.to_string())
            .fetch_optional(link)
            .await)?;
        Ok(row.map(Into::into))
    }

    /// The project of this id, if it is the organization's.
    pub async fn project_get(
        &mut self,
        organization: OrganizationId,
        id: ProjectId,
    ) -> Result<Option<Project>> {
        const SQL: &str = select_project!("organization_id = $1 and project_id = $2");
        on!(self, link => query_as(SQL)
            .bind(organization.to_string())
            .bind(id.to_string())
            .fetch_optional(link)
            .await)
    }

    /// The project of this id, whosever it is: to find out whether somebody may come to it, and for nothing else.
    pub async fn project_find(&mut self, id: ProjectId) -> Result<Option<Project>> {
        const SQL: &str = select_project!("project_id = $1");
        on!(self, link => query_as(SQL).bind(id.to_string()).fetch_optional(link).await)
    }

    /// The deleted project of this id, whosever it is: to find out whether somebody may have it back.
    pub async fn project_find_deleted(&mut self, id: ProjectId) -> Result<Option<Project>> {
        const SQL: &str = concat!(
            "select ",
            project_columns!(),
            " from projects join organization using (organization_id) \
             where projects.deleted_at is not null and organization.deleted_at is null and project_id = $1"
        );
        on!(self, link => query_as(SQL).bind(id.to_string()).fetch_optional(link).await)
    }

    /// The project of this mock, whosever it is: to find out whether somebody may come to it, and for nothing else.
    pub async fn project_find_of_mock(&mut self, mock: MockId) -> Result<Option<Project>> {
        const SQL: &str =
            select_project!("project_id = (select project_id from mocks where mock_id = $1)");
        on!(self, link => query_as(SQL).bind(mock.to_string()).fetch_optional(link).await)
    }

    /// The project that answers under this slug, whosever it is: for the mock plane alone.
    pub async fn project_by_slug(&mut self, slug: &str) -> Result<Option<Project>> {
        const SQL: &str = select_project!("project_slug = $1");
        on!(self, link => query_as(SQL).bind(slug).fetch_optional(link).await)
    }

    /// The projects that were changed at a moment or later, whosever they are: for the mock plane alone.
    pub async fn project_changes(&mut self, since: Millis) -> Result<Vec<ProjectChange>> {
        const SQL: &str =
            "select project_id, project_slug, version from projects where updated_at >= $1";
        on!(self, link => query_as(SQL).bind(since.0).fetch_all(link).await)
    }

    /// Whether there was ever a project: a new database has none.
    pub async fn project_any(&mut self) -> Result<bool> {
        const SQL: &str = "select project_id from projects limit 1";
        Ok(on!(self, link => query(SQL).fetch_optional(link).await.map(|row| row.is_some()))?)
    }
}

impl Tx {
    /// Adds a project without mocks.
    ///
    /// # Errors
    /// [`Constraint::ProjectSlug`](super::Constraint::ProjectSlug) is taken, perhaps by a project that was deleted.
    pub async fn project_insert(&mut self, new: &NewProject, now: Millis) -> Result<()> {
        const SQL: &str = "insert into projects (project_id, organization_id, project_name, project_slug, \
             slug_in_spec, log_bodies, log_redact, is_active, created_by, created_at, version) \
             values ($1, $2, $3, $4, false, $5, $6, true, $7, $8, 1)";
        let logs = LogSettings::default();
        execute!(
            self,
            query(SQL)
                .bind(new.id.to_string())
                .bind(new.organization.to_string())
                .bind(new.name.as_str())
                .bind(new.slug.as_str())
                .bind(logs.store_bodies)
                .bind(logs.redact.to_string())
                .bind(new.created_by.map(|id| id.to_string()))
                .bind(now.0)
        )?;
        Ok(())
    }

    /// Counts a change of a project because something in it changed; gives its new version.
    pub async fn project_raise(&mut self, id: ProjectId, now: Millis) -> Result<i64> {
        const SQL: &str = "update projects set version = version + 1, updated_at = $1 \
             where project_id = $2 returning version";
        let (version,): (i64,) = on!(self, link => query_as(SQL)
            .bind(now.0)
            .bind(id.to_string())
            .fetch_one(link)
            .await)?;
        Ok(version)
    }

    /// Counts a change for every project of an organization, deleted or not, because something happened to all of them; gives
    /// their slugs.
    pub async fn project_touch_all(
        &mut self,
        organization: OrganizationId,
        now: Millis,
    ) -> Result<Vec<String>> {
        const SQL: &str = "update projects set version = version + 1, updated_at = $1 \
             where organization_id = $2 returning project_slug";
        let slugs: Vec<(String,)> = on!(self, link => query_as(SQL)
            .bind(now.0)
            .bind(organization.to_string())
            .fetch_all(link)
            .await)?;
        Ok(slugs.into_iter().map(|(slug,)| slug).collect())
    }

    /// Counts a change for a project of the organization, because something happened to it from outside; gives its slug, if
    /// there is such a project.
    pub async fn project_touch(
        &mut self,
        organization: OrganizationId,
        id: ProjectId,
        now: Millis,
    ) -> Result<Option<String>> {
        const SQL: &str = "update projects set version = version + 1, updated_at = $1 \
             where organization_id = $2 and project_id = $3 returning project_slug";
        let slug: Option<(String,)> = on!(self, link => query_as(SQL)
            .bind(now.0)
            .bind(organization.to_string())
            .bind(id.to_string())
            .fetch_optional(link)
            .await)?;
        Ok(slug.map(|(slug,)| slug))
    }

    /// Stops a project at a moment, or lets it go on.
    pub async fn project_suspend(
        &mut self,
        id: ProjectId,
        suspended_at: Option<Millis>,
        now: Millis,
    ) -> Result<()> {
        const SQL: &str = "update projects set suspended_at = $1, updated_at = $2, version = version + 1 \
             where project_id = $3";
        execute!(
            self,
            query(SQL)
                .bind(suspended_at.map(|at| at.0))
                .bind(now.0)
                .bind(id.to_string())
        )?;
        Ok(())
    }
}
