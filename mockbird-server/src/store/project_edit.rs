//! Changes of a project itself; those of its mocks stand elsewhere.

use sqlx::{query, query_as};

use super::conn::{execute, on};
use super::projects::ProjectChange;
use super::tree::{some_text, text};
use super::{Conn, Result, Tx};
use crate::domain::{LogSettings, Millis, OrganizationId, ProjectId, Seed, Slug, UserId};

/// What its owner says of a project, beside its mocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectAbout {
    /// What it is called.
    pub name: String,
    /// Its name in addresses.
    pub slug: Slug,
    /// What it is for.
    pub description: Option<String>,
    /// Whether anybody may call it; nobody said, if absent.
    pub is_public: Option<bool>,
    /// Whether pages of any origin may call it; nobody said, if absent.
    pub cors: Option<bool>,
    /// What its draws depend on; absent, on chance.
    pub seed: Option<Seed>,
    /// What is kept of its requests.
    pub logs: LogSettings,
    /// False once its owner put it to rest.
    pub is_active: bool,
    /// When it was put into the archive.
    pub archived_at: Option<Millis>,
}

impl Tx {
    /// Adds a project with what its owner says of it, without mocks. False if its slug is taken, perhaps by a project that was
    /// deleted.
    ///
    /// # Errors
    /// [`StoreError::Nul`](super::StoreError::Nul) for a NUL in name or description.
    pub async fn project_insert_about(
        &mut self,
        id: ProjectId,
        organization: OrganizationId,
        about: &ProjectAbout,
        created_by: Option<UserId>,
        now: Millis,
    ) -> Result<bool> {
        // Whoever takes it at the same moment is waited for.
        const SQL: &str = "insert into projects (project_id, organization_id, project_name, project_slug, description, \
             is_public, cors, seed, log_bodies, log_redact, is_active, archived_at, slug_in_spec, created_by, created_at, version) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, false, $13, $14, 1) \
             on conflict (project_slug) do nothing";
        let (name, description) = (text(&about.name)?, some_text(about.description.as_deref())?);
        let inserted = execute!(
            self,
            query(SQL)
                .bind(id.to_string())
                .bind(organization.to_string())
                .bind(name)
                .bind(about.slug.as_str())
                .bind(description)
                .bind(about.is_public)
                .bind(about.cors)
                .bind(about.seed.map(|seed| seed.to_string()))
                .bind(about.logs.store_bodies)
                .bind(about.logs.redact.to_string())
                .bind(about.is_active)
                .bind(about.archived_at.map(|at| at.0))
                .bind(created_by.map(|id| id.to_string()))
                .bind(now.0)
        )?;
        Ok(inserted == 1)
    }

    /// Puts what its owner says of a project in the place of what was said before.
    ///
    /// # Errors
    /// [`Constraint::ProjectSlug`](super::Constraint::ProjectSlug) is taken, perhaps by a project that was deleted;
    /// [`StoreError::Nul`](super::StoreError::Nul) for a NUL in name or description.
    pub async fn project_update(
        &mut self,
        organization: OrganizationId,
        id: ProjectId,
        about: &ProjectAbout,
        now: Millis,
    ) -> Result<()> {
        const SQL: &str = "update projects set project_name = $3, project_slug = $4, description = $5, is_public = $6, \
             cors = $7, seed = $8, log_bodies = $9, log_redact = $10, is_active = $11, archived_at = $12, updated_at = $13, \
             version = version + 1 \
             where organization_id = $1 and project_id = $2 and deleted_at is null";
        let (name, description) = (text(&about.name)?, some_text(about.description.as_deref())?);
        execute!(
            self,
            query(SQL)
                .bind(organization.to_string())
                .bind(id.to_string())
                .bind(name)
                .bind(about.slug.as_str())
                .bind(description)
                .bind(about.is_public)
                .bind(about.cors)
                .bind(about.seed.map(|seed| seed.to_string()))
                .bind(about.logs.store_bodies)
                .bind(about.logs.redact.to_string())
                .bind(about.is_active)
                .bind(about.archived_at.map(|at| at.0))
                .bind(now.0)
        )?;
        Ok(())
    }

    /// Deletes a project at a moment, or takes that back. It keeps its slug until it is purged.
    pub async fn project_delete(
        &mut self,
        organization: OrganizationId,
        id: ProjectId,
        deleted_at: Option<Millis>,
        now: Millis,
    ) -> Result<()> {
        const SQL: &str = "update projects set deleted_at = $3, updated_at = $4, version = version + 1 \
             where organization_id = $1 and project_id = $2";
        execute!(
            self,
            query(SQL)
                .bind(organization.to_string())
                .bind(id.to_string())
                .bind(deleted_at.map(|at| at.0))
                .bind(now.0)
        )?;
        Ok(())
    }

    /// Writes down that a project gives up this slug, so that other servers get to know: they look for what they hold by
    /// its slug. `version` is the one with which it has another.
    pub async fn project_slug_release(
        &mut self,
        id: ProjectId,
        slug: &Slug,
        version: i64,
        now: Millis,
    ) -> Result<()> {
        const SQL: &str = "insert into past_slugs (project_id, slug, version, released_at) values ($1, $2, $3, $4) \
             on conflict (project_id, slug) do update set version = $3, released_at = $4";
        execute!(
            self,
            query(SQL)
                .bind(id.to_string())
                .bind(slug.as_str())
                .bind(version)
                .bind(now.0)
        )?;
        Ok(())
    }
}

impl Conn {
    /// The slugs that projects gave up at a moment or later, whosever they are, each with the version of the project that
    /// no longer has it: for the mock plane alone.
    pub async fn project_slugs_released(&mut self, since: Millis) -> Result<Vec<ProjectChange>> {
        const SQL: &str = "select project_id, slug as project_slug, version from past_slugs where released_at >= $1";
        on!(self, link => query_as(SQL).bind(since.0).fetch_all(link).await)
    }
}
