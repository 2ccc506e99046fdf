//! Response templates of organizations.

use sqlx::{query, query_as};

use super::conn::{execute, on};
use super::row::row;
use super::tree::{some_text, text};
use super::{Conn, Result, Tx};
use crate::domain::{Millis, OrganizationId, Page, Paged, TemplateId, UserId};

row! {
    /// A response that is a beginning for others.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct ResponseTemplate {
        /// Its id.
        pub id: TemplateId = "template_id",
        /// Whose it is.
        pub organization: OrganizationId = "organization_id",
        /// What it is called.
        pub name: String = "name",
        /// What it stands with.
        pub category: Option<String> = "category",
        /// What it is for.
        pub description: Option<String> = "description",
        /// The response as a mock file has it, in JSON.
        pub response: String = "response",
        /// When it was made.
        pub created_at: Millis = "created_at",
        /// When it was last changed.
        pub updated_at: Option<Millis> = "updated_at",
        /// Counts changes.
        pub version: i64 = "version",
    }
}

/// What somebody says of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateAbout {
    /// What it is called.
    pub name: String,
    /// What it stands with.
    pub category: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// The response as a mock file has it, in JSON.
    pub response: String,
}

impl Conn {
    /// A page of the templates of an organization, by their names.
    pub async fn template_list(
        &mut self,
        organization: OrganizationId,
        page: Page,
    ) -> Result<Paged<ResponseTemplate>> {
        const COUNT: &str = "select count(*) from response_templates where organization_id = $1";
        const SQL: &str = "select template_id, organization_id, name, category, description, response, created_at, \
             updated_at, version from response_templates where organization_id = $1 \
             order by name, template_id limit $2 offset $3";
        let id = organization.to_string();
        let (total,): (i64,) =
            on!(self, link => query_as(COUNT).bind(id.as_str()).fetch_one(link).await)?;
        let items = on!(self, link => query_as(SQL)
            .bind(id.as_str())
            .bind(i64::from(page.limit()))
            .bind(page.offset())
            .fetch_all(link)
            .await)?;
        Ok(Paged::of_rows(items, page, total))
    }

    /// A template of the organization.
    pub async fn template_get(
        &mut self,
        organization: OrganizationId,
        id: TemplateId,
    ) -> Result<Option<ResponseTemplate>> {
        const SQL: &str = "select template_id, organization_id, name, category, description, response, created_at, \
             updated_at, version from response_templates where organization_id = $1 and template_id = $2";
        on!(self, link => query_as(SQL)
            .bind(organization.to_string())
            .bind(id.to_string())
            .fetch_optional(link)
            .await)
    }
}

impl Tx {
    /// Adds a template.
    ///
    /// # Errors
    /// [`StoreError::Nul`](super::StoreError::Nul) for a NUL in name, category or description.
    pub async fn template_insert(
        &mut self,
        id: TemplateId,
        organization: OrganizationId,
        about: &TemplateAbout,
        created_by: Option<UserId>,
        now: Millis,
    ) -> Result<()> {
        const SQL: &str = "insert into response_templates (template_id, organization_id, name, category, description, \
             response, created_by, created_at, version) values ($1, $2, $3, $4, $5, $6, $7, $8, 1)";
        let name = text(&about.name)?;
        let category = some_text(about.category.as_deref())?;
        let description = some_text(about.description.as_deref())?;
        execute!(
            self,
            query(SQL)
                .bind(id.to_string())
                .bind(organization.to_string())
                .bind(name)
                .bind(category)
                .bind(description)
                .bind(about.response.as_str())
                .bind(created_by.map(|id| id.to_string()))
                .bind(now.0)
        )?;
        Ok(())
    }

    /// Puts something else in the place of what is said of a template.
    ///
    /// # Errors
    /// [`StoreError::Nul`](super::StoreError::Nul) for a NUL in name, category or description.
    pub async fn template_update(
        &mut self,
        organization: OrganizationId,
        id: TemplateId,
        about: &TemplateAbout,
        now: Millis,
    ) -> Result<()> {
        const SQL: &str = "update response_templates set name = $3, category = $4, description = $5, response = $6, \
             updated_at = $7, version = version + 1 where organization_id = $1 and template_id = $2";
        let name = text(&about.name)?;
        let category = some_text(about.category.as_deref())?;
        let description = some_text(about.description.as_deref())?;
        execute!(
            self,
            query(SQL)
                .bind(organization.to_string())
                .bind(id.to_string())
                .bind(name)
                .bind(category)
                .bind(description)
                .bind(about.response.as_str())
                .bind(now.0)
        )?;
        Ok(())
    }

    /// Deletes a template.
    pub async fn template_delete(
        &mut self,
        organization: OrganizationId,
        id: TemplateId,
    ) -> Result<()> {
        const SQL: &str =
            "delete from response_templates where organization_id = $1 and template_id = $2";
        execute!(
            self,
            query(SQL)
                .bind(organization.to_string())
                .bind(id.to_string())
        )?;
        Ok(())
    }
}

impl ResponseTemplate {
    /// What is said of it.
    pub fn about(&self) -> TemplateAbout {
        TemplateAbout {
            name: self.name.clone(),
            category: self.category.clone(),
            description: self.description.clone(),
            response: self.response.clone(),
        }
    }
}
