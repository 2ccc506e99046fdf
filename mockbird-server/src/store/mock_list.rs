//! Lists of mocks.

use sqlx::query_as;

use super::conn::on;
use super::mocks::{Mock, MockAbout, MockRow, path_shape, select_mock};
use super::row::Beside;
use super::tree::some_text;
use super::{Conn, Result};
use crate::domain::{OrganizationId, Page, Paged, ProjectId};

/// Which mocks of a project are asked for; what is absent excludes none.
#[derive(Clone, Debug, Default)]
pub struct MockFilter {
    /// Of this method, or `ANY`.
    pub method: Option<String>,
    /// Of this path, whatever its parameters are called.
    pub path: Option<String>,
    /// That may answer, or that rest.
    pub is_active: Option<bool>,
    /// With this in name, path or description, in any case.
    pub text: Option<String>,
}

/// What [`MockFilter`] lets through, for the statements below.
macro_rules! filtered {
    ($rest:literal) => {
        concat!(
            " from mocks join projects using (project_id) where organization_id = $1 and mocks.project_id = $2 \
             and projects.deleted_at is null and ($3 is null or coalesce(method, 'GET') = $3) \
             and ($4 is null or path = $4 or path_shape = $5) \
             and ($6 is null or coalesce(mocks.is_active, true) = $6) \
             and ($7 is null or lower(mock_name) like $7 escape '!' or lower(path) like $7 escape '!' \
             or lower(mocks.description) like $7 escape '!')",
            $rest
        )
    };
}

impl Conn {
    /// A page of the mocks of a project, in their order.
    ///
    /// # Errors
    /// [`StoreError::Nul`](super::StoreError::Nul) for a NUL in the filter.
    pub async fn mock_list(
        &mut self,
        organization: OrganizationId,
        project: ProjectId,
        filter: &MockFilter,
        page: Page,
    ) -> Result<Paged<Mock>> {
        const COUNT: &str = concat!("select count(*)", filtered!(""));
        const SQL: &str = concat!(
            select_mock!(""),
            filtered!(" order by position, mock_id limit $8 offset $9")
        );
        let path = some_text(filter.path.as_deref())?;
        let method = some_text(filter.method.as_deref())?;
        let shape = path.and_then(path_shape);
        let like = some_text(filter.text.as_deref())?.map(containing);
        /// Binds what both statements ask.
        macro_rules! filtered_by {
            ($sql:expr) => {
                query_as($sql)
                    .bind(organization.to_string())
                    .bind(project.to_string())
                    .bind(method)
                    .bind(path)
                    .bind(shape.as_deref())
                    .bind(filter.is_active)
                    .bind(like.as_deref())
            };
        }
        let (total,): (i64,) = on!(self, link => filtered_by!(COUNT).fetch_one(link).await)?;
        let rows: Vec<Beside<MockAbout, MockRow>> = on!(self, link => filtered_by!(SQL)
            .bind(i64::from(page.limit()))
            .bind(page.offset())
            .fetch_all(link)
            .await)?;
        Ok(Paged::of_rows(
            self.with_responses(rows).await?,
            page,
            total,
        ))
    }
}

/// The pattern of whatever contains a text, in any case.
fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars().flat_map(char::to_lowercase) {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}
