//! Projects by what is asked of them.

use sqlx::query_as;

use super::conn::on;
use super::projects::{ProfileRow, ProjectProfile, project_columns, select_profile};
use super::tree::some_text;
use super::{Conn, Result};
use crate::domain::{OrganizationId, Page, Paged, ProjectId, UserId};

/// Which projects are asked for; what is absent may be anything.
#[derive(Clone, Debug, Default)]
pub struct ProjectFilter {
    /// Those of organizations that this user belongs to.
    pub member: Option<UserId>,
    /// Those of one organization.
    pub organization: Option<OrganizationId>,
    /// One alone.
    pub project: Option<ProjectId>,
    /// The one of this slug.
    pub slug: Option<String>,
    /// Those in the archive, or those that are not there.
    pub archived: Option<bool>,
    /// Those that were deleted; otherwise, those that were not.
    pub deleted: bool,
}

/// What [`ProjectFilter`] lets through, for the statements below.
macro_rules! filtered {
    ($rest:literal) => {
        concat!(
            "($1 is null or projects.organization_id in (select organization_id from members where user_id = $1)) \
             and ($2 is null or projects.organization_id = $2) and ($3 is null or project_id = $3) \
             and ($4 is null or project_slug = $4) and ($5 is null or (archived_at is not null) = $5) \
             and (projects.deleted_at is not null) = $6 ",
            $rest
        )
    };
}

impl Conn {
    /// A page of projects, the latest first.
    ///
    /// # Errors
    /// [`StoreError::Nul`](super::StoreError::Nul) for a NUL in the slug.
    pub async fn project_list(
        &mut self,
        filter: &ProjectFilter,
        page: Page,
    ) -> Result<Paged<ProjectProfile>> {
        const COUNT: &str = concat!(
            "select count(*) from projects join organization using (organization_id) \
             where organization.deleted_at is null and ",
            filtered!("")
        );
        const SQL: &str = select_profile!(filtered!(
            "order by projects.created_at desc, project_id desc limit $7 offset $8"
        ));
        let slug = some_text(filter.slug.as_deref())?;
        /// Binds what both statements ask.
        macro_rules! filtered_by {
            ($sql:expr) => {
                query_as($sql)
                    .bind(filter.member.map(|id| id.to_string()))
                    .bind(filter.organization.map(|id| id.to_string()))
                    .bind(filter.project.map(|id| id.to_string()))
                    .bind(slug)
                    .bind(filter.archived)
                    .bind(filter.deleted)
            };
        }
        let (total,): (i64,) = on!(self, link => filtered_by!(COUNT).fetch_one(link).await)?;
        let items: Vec<ProfileRow> = on!(self, link => filtered_by!(SQL)
            .bind(i64::from(page.limit()))
            .bind(page.offset())
            .fetch_all(link)
            .await)?;
        let items = items.into_iter().map(ProjectProfile::from).collect();
        Ok(Paged::of_rows(items, page, total))
    }
}
