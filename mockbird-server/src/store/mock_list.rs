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

/// Binds what [`filtered`] asks.
macro_rules! filtered_by {
    ($sql:expr, $organization:expr, $project:expr, $filter:expr) => {
        query_as($sql)
            .bind($organization.to_string())
            .bind($project.to_string())
            .bind($filter.method)
            .bind($filter.path)
            .bind($filter.shape.as_deref())
            .bind($filter.is_active)
            .bind($filter.like.as_deref())
    };
}

/// A [`MockFilter`] as the statements ask it.
struct Asked<'a> {
    method: Option<&'a str>,
    path: Option<&'a str>,
    shape: Option<String>,
    is_active: Option<bool>,
    like: Option<String>,
}

impl<'a> Asked<'a> {
    fn new(filter: &'a MockFilter) -> Result<Self> {
        let path = some_text(filter.path.as_deref())?;
        Ok(Self {
            method: some_text(filter.method.as_deref())?,
            path,
            shape: path.and_then(path_shape),
            is_active: filter.is_active,
            like: some_text(filter.text.as_deref())?.map(containing),
        })
    }
}

impl Conn {
    /// How many mocks a page has, and how large their responses are, roughly, in bytes: it is asked before they are read.
    ///
    /// # Errors
    /// As for [`Conn::mock_list`].
    pub async fn mock_list_bytes(
        &mut self,
        organization: OrganizationId,
        project: ProjectId,
        filter: &MockFilter,
        page: Page,
    ) -> Result<(u64, u64)> {
        const SQL: &str = concat!(
            "select count(distinct mock_id), coalesce(sum(length(coalesce(body, '')) + length(coalesce(body_base64, '')) \
             + length(coalesce(headers, '')) + length(coalesce(conditions, '')) \
             + length(coalesce(extensions, ''))), 0) from mock_responses where mock_id in (select mock_id",
            filtered!(" order by position, mock_id limit $8 offset $9)")
        );
        let asked = Asked::new(filter)?;
        let (mocks, bytes): (i64, i64) = on!(self, link => filtered_by!(SQL, organization, project, asked)
            .bind(i64::from(page.limit()))
            .bind(page.offset())
            .fetch_one(link)
            .await)?;
        // Neither is ever negative.
        let natural = |number| u64::try_from(number).unwrap_or_default();
        Ok((natural(mocks), natural(bytes)))
    }

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
        let asked = Asked::new(filter)?;
        let (total,): (i64,) = on!(self, link => filtered_by!(COUNT, organization, project, asked).fetch_one(link).await)?;
        let rows: Vec<Beside<MockAbout, MockRow>> = on!(self, link => filtered_by!(SQL, organization, project, asked)
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
