//! Mocks as rows.

use mockbird_core::json::Node;
use mockbird_core::spec;
use sqlx::{QueryBuilder, query, query_as};

use super::conn::{execute, on};
use super::row::row;
use super::tree::{Object, json_of, object_of, some_text, text};
use super::{Conn, Result, Tx};
use crate::domain::{Millis, MockId, OrganizationId, ProjectId, UserId};

/// The most rows of one statement: SQLite takes 32,766 values.
pub(super) const ROWS_MAX: usize = 500;

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
        object.put("priority", self.priority);
        object.put("isActive", self.is_active);
        object.put(
            "responses",
            Some(mockbird_core::json::Value::Array(responses)),
        );
        object.extend(self.extensions.as_deref())?;
        Ok(object.finish())
    }
}

/// A mock on its way into a row.
pub(super) struct NewMock<'s> {
    pub(super) id: MockId,
    pub(super) position: i64,
    pub(super) mock: &'s spec::Mock,
}

impl Conn {
    pub(super) async fn mock_rows(&mut self, project: ProjectId) -> Result<Vec<MockRow>> {
        const SQL: &str = "select mock_id, spec_id, mock_name, description, method, path, response_type, \
             response_delay, priority, is_active, extensions from mocks where project_id = $1 order by position";
        on!(self, link => query_as(SQL).bind(project.to_string()).fetch_all(link).await)
    }
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

    pub(super) async fn mock_insert_all(
        &mut self,
        project: ProjectId,
        mocks: &[NewMock<'_>],
        author: Option<UserId>,
        now: Millis,
    ) -> Result<()> {
        const SQL: &str = "insert into mocks (mock_id, project_id, position, spec_id, mock_name, description, method, \
             path, response_type, response_delay, priority, is_active, extensions, created_by, created_at, version) ";
        let author = author.map(|id| id.to_string());
        for mocks in mocks.chunks(ROWS_MAX) {
            for NewMock { mock, .. } in mocks {
                text(&mock.path)?;
                for value in [&mock.id, &mock.name, &mock.description] {
                    some_text(value.as_deref())?;
                }
            }
            on!(self, link => {
                let mut statement = QueryBuilder::new(SQL);
                statement.push_values(mocks, |mut row, NewMock { id, position, mock }| {
                    let delay = mock.response_delay.and_then(|_| json_of(&mock.to_node(), "responseDelay"));
                    row.push_bind(id.to_string())
                        .push_bind(project.to_string())
                        .push_bind(*position)
                        .push_bind(mock.id.as_deref())
                        .push_bind(mock.name.as_deref())
                        .push_bind(mock.description.as_deref())
                        .push_bind(mock.method.as_ref().map(spec::MethodPattern::as_str))
                        .push_bind(mock.path.as_str())
                        .push_bind(mock.response_type.map(spec::ResponseType::name))
                        .push_bind(delay)
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
}
