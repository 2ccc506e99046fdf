//! Responses of mocks as rows.

use std::collections::HashMap;

use mockbird_core::json::Node;
use mockbird_core::spec::{self, Body};
use sqlx::{QueryBuilder, query, query_as};

use super::conn::{execute, on};
use super::mocks::ROWS_MAX;
use super::row::{Beside, row};
use super::tree::{Object, json_of, object_of, some_text, text};
use super::{Conn, Result, Tx};
use crate::domain::{Millis, MockId, ProjectId, ResponseId};

row! {
    /// What is known of a response beside what a mock file says.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct ResponseAbout {
        /// Its id.
        pub id: ResponseId = "response_id",
        /// Its place among those of its mock.
        pub position: i64 = "position",
        /// When it was made.
        pub created_at: Millis = "created_at",
        /// When it was last changed.
        pub updated_at: Option<Millis> = "updated_at",
        /// Counts its changes.
        pub version: i64 = "version",
    }
}

row! {
    /// A response of a mock.
    pub(super) struct ResponseRow {
        pub(super) mock: MockId = "mock_id",
        spec_id: Option<String> = "spec_id",
        name: Option<String> = "response_name",
        status_code: Option<i64> = "status_code",
        headers: Option<String> = "headers",
        body: Option<String> = "body",
        body_base64: Option<String> = "body_base64",
        body_file: Option<String> = "body_file",
        conditions: Option<String> = "conditions",
        weight: Option<i64> = "weight",
        is_default: Option<bool> = "is_default",
        response_delay: Option<String> = "response_delay",
        template: Option<bool> = "template",
        extensions: Option<String> = "extensions",
    }
}

row! {
    /// Whose a response is.
    struct ResponsePlace {
        mock: MockId = "mock_id",
        id: ResponseId = "response_id",
    }
}

impl ResponseRow {
    /// The response as a spec would have it.
    pub(super) fn to_node(&self) -> Result<Node> {
        let mut object = Object::default();
        object.put("id", self.spec_id.as_deref());
        object.put("name", self.name.as_deref());
        object.put("statusCode", self.status_code);
        object.put_json("headers", self.headers.as_deref())?;
        object.put_json("body", self.body.as_deref())?;
        object.put("bodyBase64", self.body_base64.as_deref());
        object.put("bodyFile", self.body_file.as_deref());
        object.put_json("conditions", self.conditions.as_deref())?;
        object.put("weight", self.weight);
        object.put("isDefault", self.is_default);
        object.put_json("responseDelay", self.response_delay.as_deref())?;
        object.put("template", self.template);
        object.extend(self.extensions.as_deref())?;
        Ok(object.finish())
    }
}

/// A response on its way into a row.
#[derive(Clone, Copy, Debug)]
pub struct NewResponse<'s> {
    /// Its id.
    pub id: ResponseId,
    /// Whose it is.
    pub mock: MockId,
    /// Its place among those of its mock.
    pub position: i64,
    /// What a mock file would have.
    pub response: &'s spec::Response,
}

/// The columns of [`ResponseRow`].
macro_rules! response_columns {
    () => {
        "mock_responses.mock_id, mock_responses.spec_id, response_name, status_code, headers, \
         body, body_base64, body_file, conditions, weight, is_default, mock_responses.response_delay, template, \
         mock_responses.extensions"
    };
}

impl Conn {
    /// The responses of all mocks of a project, each mock's in order.
    pub(super) async fn response_rows(&mut self, project: ProjectId) -> Result<Vec<ResponseRow>> {
        const SQL: &str = concat!(
            "select ",
            response_columns!(),
            " from mock_responses join mocks using (mock_id) where project_id = $1 \
             order by mocks.position, mock_id, mock_responses.position, response_id"
        );
        on!(self, link => query_as(SQL).bind(project.to_string()).fetch_all(link).await)
    }

    /// The ids of the responses of all mocks of a project, each mock's in order.
    pub async fn response_ids(
        &mut self,
        project: ProjectId,
    ) -> Result<HashMap<MockId, Vec<ResponseId>>> {
        const SQL: &str = "select mock_id, response_id from mock_responses join mocks using (mock_id) \
             where project_id = $1 order by mock_responses.position, response_id";
        let rows: Vec<ResponsePlace> =
            on!(self, link => query_as(SQL).bind(project.to_string()).fetch_all(link).await)?;
        let mut ids: HashMap<_, Vec<_>> = HashMap::new();
        for row in rows {
            ids.entry(row.mock).or_default().push(row.id);
        }
        Ok(ids)
    }

    /// The responses of these mocks, each mock's in order.
    pub(super) async fn responses_of(
        &mut self,
        mocks: &[MockId],
    ) -> Result<HashMap<MockId, Vec<(ResponseAbout, ResponseRow)>>> {
        const SQL: &str = concat!(
            "select response_id, position, created_at, updated_at, version, ",
            response_columns!(),
            " from mock_responses where mock_id in ("
        );
        let mut responses: HashMap<_, Vec<_>> = HashMap::with_capacity(mocks.len());
        for mocks in mocks.chunks(ROWS_MAX) {
            let rows: Vec<Beside<ResponseAbout, ResponseRow>> = on!(self, link => {
                let mut statement = QueryBuilder::new(SQL);
                let mut list = statement.separated(", ");
                for id in mocks {
                    list.push_bind(id.to_string());
                }
                statement.push(") order by position, response_id");
                statement.build_query_as().fetch_all(link).await
            })?;
            for Beside(about, row) in rows {
                responses.entry(row.mock).or_default().push((about, row));
            }
        }
        Ok(responses)
    }
}

/// What both engines keep of a response.
fn check(response: &spec::Response) -> Result<()> {
    some_text(response.id.as_deref())?;
    some_text(response.name.as_deref())?;
    if let Body::File(name) = &response.body {
        text(name)?;
    }
    Ok(())
}

impl Tx {
    /// Adds responses.
    ///
    /// # Errors
    /// [`StoreError::Nul`](super::StoreError::Nul) for a NUL in a name or id; bodies and conditions may have one.
    pub async fn response_insert_all(
        &mut self,
        responses: &[NewResponse<'_>],
        now: Millis,
    ) -> Result<()> {
        const SQL: &str = "insert into mock_responses (response_id, mock_id, position, spec_id, response_name, \
             status_code, headers, body, body_base64, body_file, conditions, weight, is_default, response_delay, \
             template, extensions, created_at, version) ";
        for responses in responses.chunks(ROWS_MAX) {
            for NewResponse { response, .. } in responses {
                check(response)?;
            }
            on!(self, link => {
                let mut statement = QueryBuilder::new(SQL);
                statement.push_values(responses, |mut row, new| {
                    let (response, node) = (new.response, new.response.to_node());
                    row.push_bind(new.id.to_string())
                        .push_bind(new.mock.to_string())
                        .push_bind(new.position)
                        .push_bind(response.id.as_deref())
                        .push_bind(response.name.as_deref())
                        .push_bind(response.status_code.map(i64::from))
                        .push_bind(json_of(&node, "headers"))
                        .push_bind(json_of(&node, "body"))
                        .push_bind(plain_of(&node, "bodyBase64"))
                        .push_bind(plain_of(&node, "bodyFile"))
                        .push_bind(json_of(&node, "conditions"))
                        .push_bind(response.weight.map(i64::from))
                        .push_bind(response.is_default)
                        .push_bind(json_of(&node, "responseDelay"))
                        .push_bind(response.template)
                        .push_bind(object_of(&response.extensions))
                        .push_bind(now.0)
                        .push_bind(1_i64);
                });
                statement.build().execute(link).await.map(|_| ())
            })?;
        }
        Ok(())
    }

    /// Puts a response in the place of the one of its id, and counts a change.
    ///
    /// # Errors
    /// [`StoreError::Nul`](super::StoreError::Nul) for a NUL in a name or id.
    pub async fn response_update(&mut self, new: &NewResponse<'_>, now: Millis) -> Result<()> {
        const SQL: &str = "update mock_responses set position = $3, spec_id = $4, response_name = $5, status_code = $6, \
             headers = $7, body = $8, body_base64 = $9, body_file = $10, conditions = $11, weight = $12, \
             is_default = $13, response_delay = $14, template = $15, extensions = $16, updated_at = $17, \
             version = version + 1 where mock_id = $1 and response_id = $2";
        let (response, node) = (new.response, new.response.to_node());
        check(response)?;
        execute!(
            self,
            query(SQL)
                .bind(new.mock.to_string())
                .bind(new.id.to_string())
                .bind(new.position)
                .bind(response.id.as_deref())
                .bind(response.name.as_deref())
                .bind(response.status_code.map(i64::from))
                .bind(json_of(&node, "headers"))
                .bind(json_of(&node, "body"))
                .bind(plain_of(&node, "bodyBase64"))
                .bind(plain_of(&node, "bodyFile"))
                .bind(json_of(&node, "conditions"))
                .bind(response.weight.map(i64::from))
                .bind(response.is_default)
                .bind(json_of(&node, "responseDelay"))
                .bind(response.template)
                .bind(object_of(&response.extensions))
                .bind(now.0)
        )?;
        Ok(())
    }

    /// Gives a response another place among those of its mock; that is no change of its own.
    pub async fn response_move(&mut self, id: ResponseId, position: i64) -> Result<()> {
        const SQL: &str = "update mock_responses set position = $1 where response_id = $2";
        execute!(self, query(SQL).bind(position).bind(id.to_string()))?;
        Ok(())
    }

    /// Deletes a response of a mock.
    pub async fn response_delete(&mut self, mock: MockId, id: ResponseId) -> Result<()> {
        const SQL: &str = "delete from mock_responses where mock_id = $1 and response_id = $2";
        execute!(self, query(SQL).bind(mock.to_string()).bind(id.to_string()))?;
        Ok(())
    }
}

/// A member that is kept as a plain text.
fn plain_of(node: &Node, key: &str) -> Option<String> {
    node.get(key).and_then(Node::as_str).map(str::to_owned)
}
