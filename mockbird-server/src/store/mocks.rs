//! Mocks as rows.

use mockbird_core::fault::Faults;
use mockbird_core::json::{Node, Value};
use mockbird_core::router::Pattern;
use mockbird_core::spec;
use sqlx::{QueryBuilder, query, query_as};

use super::conn::{execute, on};
use super::responses::{ResponseAbout, ResponseRow};
use super::row::{Beside, row};
use super::tree::{Object, object_of, some_text, text};
use super::{Conn, Result, StoreError, Tx};
use crate::domain::{Millis, MockId, OrganizationId, ProjectId, UserId};

/// The most rows of one statement: SQLite takes 32,766 values.
pub(super) const ROWS_MAX: usize = 500;

/// A mock with its responses.
#[derive(Clone, Debug)]
pub struct Mock {
    /// What no mock file has.
    pub about: MockAbout,
    /// What a mock file would have.
    pub spec: spec::Mock,
    /// What is known of each of its responses, in their order.
    pub responses: Vec<ResponseAbout>,
}

row! {
    /// What is known of a mock beside what a mock file says.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct MockAbout {
        /// Its id.
        pub id: MockId = "mock_id",
        /// Whose it is.
        pub project: ProjectId = "project_id",
        /// Of mocks equal in all else, the smallest answers first; unique in its project.
        pub position: i64 = "position",
        /// When it was made.
        pub created_at: Millis = "created_at",
        /// When it was last changed.
        pub updated_at: Option<Millis> = "updated_at",
        /// Counts changes of the mock and of its responses.
        pub version: i64 = "version",
    }
}

row! {
    /// A mock without its responses.
    pub(super) struct MockRow {
        pub(super) id: MockId = "mock_id",
        spec_id: Option<String> = "spec_id",
        name: Option<String> = "mock_name",
        description: Option<String> = "description",
        method: Option<String> = "method",
        path: String = "path",
        response_type: Option<String> = "response_type",
        response_delay: Option<String> = "response_delay",
        rate_limit: Option<String> = "rate_limit",
        priority: Option<i64> = "priority",
        is_active: Option<bool> = "is_active",
        extensions: Option<String> = "extensions",
    }
}

impl MockRow {
    /// The mock as a spec would have it.
    pub(super) fn to_node(&self, responses: Vec<Node>) -> Result<Node> {
        let mut object = Object::default();
        object.put("id", self.spec_id.as_deref());
        object.put("name", self.name.as_deref());
        object.put("description", self.description.as_deref());
        object.put("method", self.method.as_deref());
        object.put("path", Some(self.path.as_str()));
        object.put("responseType", self.response_type.as_deref());
        object.put_json("responseDelay", self.response_delay.as_deref())?;
        object.put_json("rateLimit", self.rate_limit.as_deref())?;
        object.put("priority", self.priority);
        object.put("isActive", self.is_active);
        object.put("responses", Some(Value::Array(responses)));
        object.extend(self.extensions.as_deref())?;
        Ok(object.finish())
    }
}

/// A mock on its way into a row; its responses go their own way.
#[derive(Clone, Copy, Debug)]
pub struct NewMock<'s> {
    /// Its id.
    pub id: MockId,
    /// Where it stands.
    pub position: i64,
    /// What a mock file would have.
    pub mock: &'s spec::Mock,
}

/// The columns of [`MockRow`].
macro_rules! mock_columns {
    () => {
        "mocks.mock_id, mocks.spec_id, mock_name, mocks.description, method, path, response_type, \
         mocks.response_delay, rate_limit, priority, mocks.is_active, mocks.extensions"
    };
}

/// The columns of [`MockAbout`] and [`MockRow`].
macro_rules! select_mock {
    ($rest:literal) => {
        concat!(
            "select mocks.project_id, position, mocks.created_at, mocks.updated_at, mocks.version, ",
            $crate::store::mocks::mock_columns!(),
            $rest
        )
    };
}

pub(super) use {mock_columns, select_mock};

impl Conn {
    /// All mocks of a project, in their order.
    pub(super) async fn mock_rows(&mut self, project: ProjectId) -> Result<Vec<MockRow>> {
        const SQL: &str = concat!(
            "select ",
            mock_columns!(),
            " from mocks where project_id = $1 order by position, mock_id"
        );
        on!(self, link => query_as(SQL).bind(project.to_string()).fetch_all(link).await)
    }

    /// The mock of this id, if it is in the project and that is the organization's.
    pub async fn mock_get(
        &mut self,
        organization: OrganizationId,
        project: ProjectId,
        id: MockId,
    ) -> Result<Option<Mock>> {
        let mut found = self.mock_get_all(organization, project, &[id]).await?;
        Ok(found.pop())
    }

    /// Those of these mocks that are in the project, if that is the organization's, in the order of the project.
    pub async fn mock_get_all(
        &mut self,
        organization: OrganizationId,
        project: ProjectId,
        ids: &[MockId],
    ) -> Result<Vec<Mock>> {
        const SQL: &str = select_mock!(
            " from mocks join projects using (project_id) where projects.deleted_at is null and organization_id = "
        );
        let mut rows: Vec<Beside<MockAbout, MockRow>> = Vec::with_capacity(ids.len());
        for ids in ids.chunks(ROWS_MAX) {
            rows.extend(on!(self, link => {
                let mut statement = QueryBuilder::new(SQL);
                statement.push_bind(organization.to_string());
                statement.push(" and mocks.project_id = ").push_bind(project.to_string());
                statement.push(" and mock_id in (");
                let mut list = statement.separated(", ");
                for id in ids {
                    list.push_bind(id.to_string());
                }
                statement.push(")");
                statement.build_query_as().fetch_all(link).await
            })?);
        }
        rows.sort_unstable_by_key(|Beside(about, _)| about.position);
        self.with_responses(rows).await
    }

    /// Reads the responses of these mocks, too.
    pub(super) async fn with_responses(
        &mut self,
        rows: Vec<Beside<MockAbout, MockRow>>,
    ) -> Result<Vec<Mock>> {
        let ids: Vec<_> = rows.iter().map(|Beside(about, _)| about.id).collect();
        let mut responses = self.responses_of(&ids).await?;
        let read = rows.into_iter().map(|Beside(about, row)| {
            let of_mock = responses.remove(&about.id).unwrap_or_default();
            read(about, &row, of_mock)
        });
        read.collect()
    }

    /// The first mock of a project that has this method and a path of this shape, apart from one of them.
    pub async fn mock_of_shape(
        &mut self,
        project: ProjectId,
        mock: &spec::Mock,
        except: Option<MockId>,
    ) -> Result<Option<MockId>> {
        // The plus keeps SQLite from walking through the whole project in its order.
        const SQL: &str = "select mock_id from mocks where project_id = $1 and path_shape = $2 \
             and coalesce(method, 'GET') = $3 and ($4 is null or mock_id <> $4) order by +position limit 1";
        let Some(shape) = path_shape(&mock.path) else {
            return Ok(None);
        };
        let method = mock.method.clone().unwrap_or_default();
        let found: Option<(String,)> = on!(self, link => query_as(SQL)
            .bind(project.to_string())
            .bind(shape.as_str())
            .bind(method.as_str())
            .bind(except.map(|id| id.to_string()))
            .fetch_optional(link)
            .await)?;
        let id = found.map(|(id,)| id.parse());
        id.transpose()
            .map_err(|refusal: crate::domain::Refusal| StoreError::Corrupt(refusal.to_string()))
    }
}

/// The mock of its rows.
fn read(
    about: MockAbout,
    row: &MockRow,
    responses: Vec<(ResponseAbout, ResponseRow)>,
) -> Result<Mock> {
    let nodes: Result<Vec<_>> = responses.iter().map(|(_, row)| row.to_node()).collect();
    let mut faults = Faults::default();
    let spec = spec::decode_mock(row.to_node(nodes?)?, &mut faults);
    let spec = spec.ok_or_else(|| {
        let why = faults.errors.first().map(ToString::to_string);
        StoreError::Corrupt(why.unwrap_or_default())
    })?;
    let responses = responses.into_iter().map(|(about, _)| about).collect();
    Ok(Mock {
        about,
        spec,
        responses,
    })
}

/// The path without what does not matter to which requests it matches; absent for what is no path.
pub fn path_shape(path: &str) -> Option<String> {
    let pattern = Pattern::parse(path).ok()?;
    Some(pattern.shape().to_string())
}

/// What both engines keep of a mock.
fn check(mock: &spec::Mock) -> Result<()> {
    text(&mock.path)?;
    for value in [&mock.id, &mock.name, &mock.description] {
        some_text(value.as_deref())?;
    }
    Ok(())
}

fn delay_of(mock: &spec::Mock) -> Option<String> {
    mock.response_delay.map(|delay| delay.to_node().to_string())
}

fn rate_limit_of(mock: &spec::Mock) -> Option<String> {
    mock.rate_limit.map(|limit| limit.to_node().to_string())
}

impl Conn {
    /// How many mocks all projects of an organization have.
    pub async fn mock_count(&mut self, organization: OrganizationId) -> Result<u64> {
        const SQL: &str = "select count(*) from mocks join projects using (project_id) \
             where organization_id = $1 and deleted_at is null";
        let (count,): (i64,) = on!(self, link => query_as(SQL)
            .bind(organization.to_string())
            .fetch_one(link)
            .await)?;
        // A count is never negative.
        Ok(u64::try_from(count).unwrap_or_default())
    }
}

impl Tx {
    pub(super) async fn mock_delete_all(&mut self, project: ProjectId) -> Result<()> {
        const SQL: &str = "delete from mocks where project_id = $1";
        execute!(self, query(SQL).bind(project.to_string()))?;
        Ok(())
    }

    /// Adds mocks, without their responses.
    ///
    /// # Errors
    /// [`StoreError::Nul`] for a NUL in a name, description, id or path.
    pub async fn mock_insert_all(
        &mut self,
        project: ProjectId,
        mocks: &[NewMock<'_>],
        author: Option<UserId>,
        now: Millis,
    ) -> Result<()> {
        const SQL: &str = "insert into mocks (mock_id, project_id, position, spec_id, mock_name, description, method, \
             path, path_shape, response_type, response_delay, rate_limit, priority, is_active, extensions, created_by, \
             created_at, version) ";
        let author = author.map(|id| id.to_string());
        for mocks in mocks.chunks(ROWS_MAX) {
            for NewMock { mock, .. } in mocks {
                check(mock)?;
            }
            on!(self, link => {
                let mut statement = QueryBuilder::new(SQL);
                statement.push_values(mocks, |mut row, NewMock { id, position, mock }| {
                    row.push_bind(id.to_string())
                        .push_bind(project.to_string())
                        .push_bind(*position)
                        .push_bind(mock.id.as_deref())
                        .push_bind(mock.name.as_deref())
                        .push_bind(mock.description.as_deref())
                        .push_bind(mock.method.as_ref().map(spec::MethodPattern::as_str))
                        .push_bind(mock.path.as_str())
                        .push_bind(path_shape(&mock.path))
                        .push_bind(mock.response_type.map(spec::ResponseType::name))
                        .push_bind(delay_of(mock))
                        .push_bind(rate_limit_of(mock))
                        .push_bind(mock.priority.map(i64::from))
                        .push_bind(mock.is_active)
                        .push_bind(object_of(&mock.extensions))
                        .push_bind(author.as_deref())
                        .push_bind(now.0)
                        .push_bind(1_i64);
                });
                statement.build().execute(link).await.map(|_| ())
            })?;
        }
        Ok(())
    }

    /// Puts a mock in the place of the one of this id, without its responses, and counts a change.
    ///
    /// # Errors
    /// [`StoreError::Nul`] for a NUL in a name, description, id or path.
    pub async fn mock_update(&mut self, id: MockId, mock: &spec::Mock, now: Millis) -> Result<()> {
        const SQL: &str = "update mocks set spec_id = $2, mock_name = $3, description = $4, method = $5, path = $6, \
             path_shape = $7, response_type = $8, response_delay = $9, rate_limit = $10, priority = $11, \
             is_active = $12, extensions = $13, updated_at = $14, version = version + 1 where mock_id = $1";
        check(mock)?;
        execute!(
            self,
            query(SQL)
                .bind(id.to_string())
                .bind(mock.id.as_deref())
                .bind(mock.name.as_deref())
                .bind(mock.description.as_deref())
                .bind(mock.method.as_ref().map(spec::MethodPattern::as_str))
                .bind(mock.path.as_str())
                .bind(path_shape(&mock.path))
                .bind(mock.response_type.map(spec::ResponseType::name))
                .bind(delay_of(mock))
                .bind(rate_limit_of(mock))
                .bind(mock.priority.map(i64::from))
                .bind(mock.is_active)
                .bind(object_of(&mock.extensions))
                .bind(now.0)
        )?;
        Ok(())
    }

    /// Activates these mocks of a project, or puts them to rest, and counts a change of each.
    pub async fn mock_activate_all(
        &mut self,
        project: ProjectId,
        ids: &[MockId],
        is_active: bool,
        now: Millis,
    ) -> Result<()> {
        for ids in ids.chunks(ROWS_MAX) {
            on!(self, link => {
                let mut statement = QueryBuilder::new("update mocks set version = version + 1, is_active = ");
                statement.push_bind(is_active).push(", updated_at = ").push_bind(now.0);
                statement.push(" where project_id = ").push_bind(project.to_string());
                statement.push(" and mock_id in (");
                let mut list = statement.separated(", ");
                for id in ids {
                    list.push_bind(id.to_string());
                }
                statement.push(")");
                statement.build().execute(link).await.map(|_| ())
            })?;
        }
        Ok(())
    }

    /// Deletes these mocks of a project; gives how many there were.
    pub async fn mock_delete(
        &mut self,
        project: ProjectId,
        ids: &[MockId],
        now: Millis,
    ) -> Result<u64> {
        let mut deleted = 0;
        self.purge_mocks(project, ids, now).await?;
        for ids in ids.chunks(ROWS_MAX) {
            deleted += on!(self, link => {
                let mut statement = QueryBuilder::new("delete from mocks where project_id = ");
                statement.push_bind(project.to_string()).push(" and mock_id in (");
                let mut list = statement.separated(", ");
                for id in ids {
                    list.push_bind(id.to_string());
                }
                statement.push(")");
                statement.build().execute(link).await.map(|done| done.rows_affected())
            })?;
        }
        Ok(deleted)
    }

    /// Counts a change of a mock because one of its responses changed.
    pub async fn mock_touch(&mut self, id: MockId, now: Millis) -> Result<()> {
        const SQL: &str =
            "update mocks set version = version + 1, updated_at = $1 where mock_id = $2";
        execute!(self, query(SQL).bind(now.0).bind(id.to_string()))?;
        Ok(())
    }
}
