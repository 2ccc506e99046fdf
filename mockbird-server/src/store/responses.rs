//! Responses of mocks as rows.

use mockbird_core::json::Node;
use mockbird_core::spec::{self, Body};
use sqlx::{QueryBuilder, query_as};

use super::conn::on;
use super::mocks::ROWS_MAX;
use super::row::row;
use super::tree::{Object, json_of, object_of, some_text, text};
use super::{Conn, Result, Tx};
use crate::domain::{Millis, MockId, ProjectId, ResponseId};

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
pub(super) struct NewResponse<'s> {
    pub(super) id: ResponseId,
    pub(super) mock: MockId,
    pub(super) position: i64,
    pub(super) response: &'s spec::Response,
}

impl Conn {
    /// The responses of all mocks of a project, each mock's in order.
    pub(super) async fn response_rows(&mut self, project: ProjectId) -> Result<Vec<ResponseRow>> {
        const SQL: &str = "select mock_responses.mock_id, mock_responses.spec_id, response_name, status_code, headers, \
             body, body_base64, body_file, conditions, weight, is_default, mock_responses.response_delay, template, \
             mock_responses.extensions from mock_responses join mocks using (mock_id) \
             where project_id = $1 order by mocks.position, mock_responses.position";
        on!(self, link => query_as(SQL).bind(project.to_string()).fetch_all(link).await)
    }
}

impl Tx {
    pub(super) async fn response_insert_all(
        &mut self,
        responses: &[NewResponse<'_>],
        now: Millis,
    ) -> Result<()> {
        const SQL: &str = "insert into mock_responses (response_id, mock_id, position, spec_id, response_name, \
             status_code, headers, body, body_base64, body_file, conditions, weight, is_default, response_delay, \
             template, extensions, created_at, version) ";
        for responses in responses.chunks(ROWS_MAX) {
            for NewResponse { response, .. } in responses {
                some_text(response.id.as_deref())?;
                some_text(response.name.as_deref())?;
                if let Body::File(name) = &response.body {
                    text(name)?;
                }
            }
            on!(self, link => {
                let mut statement = QueryBuilder::new(SQL);
                statement.push_values(responses, |mut row, new| {
                    let (response, node) = (new.response, new.response.to_node());
                    let plain = |key| node.get(key).and_then(Node::as_str).map(str::to_owned);
                    row.push_bind(new.id.to_string())
                        .push_bind(new.mock.to_string())
                        .push_bind(new.position)
                        .push_bind(response.id.as_deref())
                        .push_bind(response.name.as_deref())
                        .push_bind(response.status_code.map(i64::from))
                        .push_bind(json_of(&node, "headers"))
                        .push_bind(json_of(&node, "body"))
                        .push_bind(plain("bodyBase64"))
                        .push_bind(plain("bodyFile"))
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
}
