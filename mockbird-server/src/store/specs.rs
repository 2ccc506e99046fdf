//! A whole spec as the rows of a project, and back: what goes in comes out.

use mockbird_core::fault::Faults;
use mockbird_core::json::{Node, Value};
use mockbird_core::spec::{self, Spec};
use sqlx::{query, query_as};

use super::conn::{execute, on};
use super::mock_places::POSITION_STEP;
use super::mocks::NewMock;
use super::responses::NewResponse;
use super::row::row;
use super::tree::{Object, object_of, some_text, text};
use super::{Conn, Result, StoreError, Tx};
use crate::domain::{Millis, MockId, OrganizationId, ProjectId, ResponseId, UserId};

row! {
    /// What a spec says beside its mocks.
    struct SpecRow {
        name: String = "project_name",
        slug: String = "project_slug",
        slug_in_spec: bool = "slug_in_spec",
        description: Option<String> = "description",
        is_public: Option<bool> = "is_public",
        cors: Option<bool> = "cors",
        seed: Option<String> = "seed",
        extensions: Option<String> = "extensions",
    }
}

impl Conn {
    /// The spec of a project. Ask a [`snapshot`](super::Store::snapshot): it takes several statements.
    ///
    /// Its slug is the project's, if the spec that was saved had one.
    pub async fn project_spec_load(
        &mut self,
        organization: OrganizationId,
        project: ProjectId,
    ) -> Result<Option<Spec>> {
        const SQL: &str = "select project_name, project_slug, slug_in_spec, description, is_public, cors, seed, \
             extensions from projects where organization_id = $1 and project_id = $2 and deleted_at is null";
        let row: Option<SpecRow> = on!(self, link => query_as(SQL)
            .bind(organization.to_string())
            .bind(project.to_string())
            .fetch_optional(link)
            .await)?;
        let Some(row) = row else { return Ok(None) };
        let mocks = self.mock_nodes(project).await?;
        let mut faults = Faults::default();
        match spec::decode(row.to_node(mocks)?, &mut faults) {
            Some(spec) => Ok(Some(spec)),
            None => Err(StoreError::Corrupt(match faults.into_result() {
                Err(invalid) => invalid.to_string(),
                Ok(_) => "no spec".to_owned(),
            })),
        }
    }

    async fn mock_nodes(&mut self, project: ProjectId) -> Result<Vec<Node>> {
        let mocks = self.mock_rows(project).await?;
        let mut responses = self.response_rows(project).await?.into_iter().peekable();
        let with_responses = mocks.into_iter().map(|mock| {
            let of_mock =
                std::iter::from_fn(|| responses.next_if(|response| response.mock == mock.id));
            let nodes: Result<Vec<_>> = of_mock.map(|response| response.to_node()).collect();
            mock.to_node(nodes?)
        });
        with_responses.collect()
    }
}

impl SpecRow {
    fn to_node(&self, mocks: Vec<Node>) -> Result<Node> {
        let mut object = Object::default();
        object.put("name", Some(self.name.as_str()));
        object.put("slug", self.slug_in_spec.then_some(self.slug.as_str()));
        object.put("description", self.description.as_deref());
        object.put("isPublic", self.is_public);
        object.put("cors", self.cors);
        object.put_number("seed", self.seed.as_deref());
        object.put("mocks", Some(Value::Array(mocks)));
        object.extend(self.extensions.as_deref())?;
        Ok(object.finish())
    }
}

impl Tx {
    /// Puts a spec in the place of what the project had; false if the organization has no such project.
    ///
    /// The slug of the project stays: addresses that are in use do not change with a file.
    ///
    /// # Errors
    /// [`StoreError::Nul`] for a NUL in a name, description, id or path; bodies and conditions may have one.
    pub async fn project_spec_save(
        &mut self,
        organization: OrganizationId,
        project: ProjectId,
        spec: &Spec,
        author: Option<UserId>,
        now: Millis,
    ) -> Result<bool> {
        if !self
            .project_spec_about_save(organization, project, spec, now)
            .await?
        {
            return Ok(false);
        }
        let mocks = (0..).zip(&spec.mocks).map(|(place, mock)| NewMock {
            id: MockId::new(now),
            position: place * POSITION_STEP,
            mock,
        });
        let mocks: Vec<_> = mocks.collect();
        let responses = mocks.iter().flat_map(|new| {
            let all = (0..).zip(&new.mock.responses);
            all.map(|(position, response)| NewResponse {
                id: ResponseId::new(now),
                mock: new.id,
                position,
                response,
            })
        });
        let responses: Vec<_> = responses.collect();
        self.mock_delete_all(project).await?;
        self.mock_insert_all(project, &mocks, author, now).await?;
        self.response_insert_all(&responses, now).await?;
        Ok(true)
    }

    /// The same of what a spec says beside its mocks.
    ///
    /// # Errors
    /// [`StoreError::Nul`] for a NUL in name or description.
    pub async fn project_spec_about_save(
        &mut self,
        organization: OrganizationId,
        project: ProjectId,
        spec: &Spec,
        now: Millis,
    ) -> Result<bool> {
        const SQL: &str = "update projects set project_name = $3, slug_in_spec = $4, description = $5, is_public = $6, \
             cors = $7, seed = $8, extensions = $9, updated_at = $10, version = version + 1 \
             where organization_id = $1 and project_id = $2 and deleted_at is null";
        let (name, description) = (text(&spec.name)?, some_text(spec.description.as_deref())?);
        let changed = execute!(
            self,
            query(SQL)
                .bind(organization.to_string())
                .bind(project.to_string())
                .bind(name)
                .bind(spec.slug.is_some())
                .bind(description)
                .bind(spec.is_public)
                .bind(spec.cors)
                .bind(spec.seed.map(|seed| seed.to_string()))
                .bind(object_of(&spec.extensions))
                .bind(now.0)
        )?;
        Ok(changed > 0)
    }
}
