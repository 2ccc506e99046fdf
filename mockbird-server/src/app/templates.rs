//! Response templates: those that everybody finds, and an organization's own.

use std::sync::LazyLock;

use mockbird_core::Engine;
use mockbird_core::fault::{Fault, Faults};
use mockbird_core::json::{self, Node};
use mockbird_core::spec::{self, Mock, Response, Spec};
use serde_json::json;

use super::actor::Deed;
use super::{Actor, App, AppError, Expected, field_limits};
use crate::domain::{OrganizationId, Page, Paged, TemplateId};
use crate::store::{ResponseTemplate, TemplateAbout};

const NO_TEMPLATE: AppError = AppError::NotFound("response template");

const BUILT_IN: &str = include_str!("../../assets/response_templates.json");

/// A template that everybody finds.
#[derive(Clone, Debug)]
pub struct BuiltInTemplate {
    /// By what it is told.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it stands with.
    pub category: String,
    /// What it is for.
    pub description: String,
    /// The response as a mock file has it.
    pub response: Node,
}

/// The templates that everybody finds.
pub fn built_in_templates() -> &'static [BuiltInTemplate] {
    static ALL: LazyLock<Vec<BuiltInTemplate>> = LazyLock::new(|| {
        let file = json::parse(BUILT_IN.as_bytes()).ok();
        let file = file.as_ref().and_then(Node::elements).unwrap_or_default();
        // A test reads the file: nothing of it is left out.
        file.iter().filter_map(built_in).collect()
    });
    &ALL
}

fn built_in(node: &Node) -> Option<BuiltInTemplate> {
    let text = |key| node.get(key)?.as_str().map(str::to_owned);
    Some(BuiltInTemplate {
        id: text("id")?,
        name: text("name")?,
        category: text("category")?,
        description: text("description")?,
        response: node.get("response")?.clone(),
    })
}

/// A response in the form of mock files, if it can be one of a mock; the places of faults begin with `at`.
pub fn template_response(node: Node, at: &str) -> Result<Node, AppError> {
    let mut faults = Faults::default();
    let response = spec::salvage_response(node, &mut faults);
    if let Some(response) = &response {
        field_limits::response_faults(response, &mut faults);
    }
    match response {
        Some(response) if faults.error_count() == 0 => compile(response, at),
        _ => Err(AppError::Faults(placed(faults.errors, "", at))),
    }
}

fn compile(response: Response, at: &str) -> Result<Node, AppError> {
    let mut mock = Mock {
        path: "/".to_owned(),
        responses: vec![response],
        ..Mock::default()
    };
    let spec = Spec {
        mocks: vec![mock.clone()],
        ..Spec::default()
    };
    Engine::compile(&spec)
        .map_err(|invalid| AppError::Faults(placed(invalid.faults, "mocks[0].responses[0]", at)))?;
    let response = mock.responses.pop();
    Ok(response.unwrap_or_default().to_node())
}

/// The same faults, of a place below `at` instead of below `from`.
fn placed(mut faults: Vec<Fault>, from: &str, at: &str) -> Vec<Fault> {
    for fault in &mut faults {
        let rest = fault.at.strip_prefix(from).unwrap_or(&fault.at);
        let rest = rest.strip_prefix('.').unwrap_or(rest);
        fault.at = match rest {
            "" => at.to_owned(),
            rest if rest.starts_with('[') => format!("{at}{rest}"),
            rest => format!("{at}.{rest}"),
        };
    }
    faults
}

impl App {
    /// An organization's own templates.
    pub async fn template_list(
        &self,
        organization: OrganizationId,
        page: Page,
    ) -> Result<Paged<ResponseTemplate>, AppError> {
        let mut read = self.store().snapshot().await?;
        Ok(read.template_list(organization, page).await?)
    }

    /// A template of the organization.
    pub async fn template_get(
        &self,
        organization: OrganizationId,
        id: TemplateId,
    ) -> Result<ResponseTemplate, AppError> {
        let mut read = self.store().read().await?;
        read.template_get(organization, id)
            .await?
            .ok_or(NO_TEMPLATE)
    }

    /// Makes a template; its response was checked.
    pub async fn template_create(
        &self,
        organization: OrganizationId,
        about: &TemplateAbout,
        actor: &Actor,
    ) -> Result<ResponseTemplate, AppError> {
        let now = self.clock().now();
        let id = TemplateId::new(now);
        let (mut tx, _) = self.organization_begin(organization).await?;
        tx.template_insert(id, organization, about, actor.who.user(), now)
            .await?;
        let made = tx.template_get(organization, id).await?;
        let changes = json!({ "after": { "name": about.name } });
        let deed = deed("response_template.created", id);
        tx.audit_insert(&actor.entry(organization, deed, &changes, now))
            .await?;
        tx.commit().await?;
        made.ok_or(NO_TEMPLATE)
    }

    /// Puts something else in the place of a template; its response was checked.
    pub async fn template_change(
        &self,
        organization: OrganizationId,
        id: TemplateId,
        about: &TemplateAbout,
        expected: &Expected,
        actor: &Actor,
    ) -> Result<ResponseTemplate, AppError> {
        let now = self.clock().now();
        let (mut tx, _) = self.organization_begin(organization).await?;
        let before = tx.template_get(organization, id).await?;
        let before = before.ok_or(NO_TEMPLATE)?;
        expected.check(before.version)?;
        if *about == before.about() {
            return Ok(before);
        }
        tx.template_update(organization, id, about, now).await?;
        let after = tx.template_get(organization, id).await?;
        let changes = json!({ "before": { "name": before.name }, "after": { "name": about.name } });
        let deed = deed("response_template.changed", id);
        tx.audit_insert(&actor.entry(organization, deed, &changes, now))
            .await?;
        tx.commit().await?;
        after.ok_or(NO_TEMPLATE)
    }

    /// Deletes a template; responses that began with it stay as they are.
    pub async fn template_delete(
        &self,
        organization: OrganizationId,
        id: TemplateId,
        expected: &Expected,
        actor: &Actor,
    ) -> Result<(), AppError> {
        let now = self.clock().now();
        let (mut tx, _) = self.organization_begin(organization).await?;
        let before = tx.template_get(organization, id).await?;
        let before = before.ok_or(NO_TEMPLATE)?;
        expected.check(before.version)?;
        tx.template_delete(organization, id).await?;
        let changes = json!({ "before": { "name": before.name } });
        let deed = deed("response_template.deleted", id);
        tx.audit_insert(&actor.entry(organization, deed, &changes, now))
            .await?;
        Ok(tx.commit().await?)
    }
}

fn deed(action: &'static str, id: TemplateId) -> Deed {
    Deed {
        action,
        kind: "response_template",
        id: id.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_template_is_a_response_as_it_stands() {
        let file = json::parse(BUILT_IN.as_bytes()).unwrap();
        let all = built_in_templates();
        assert_eq!(all.len(), file.elements().unwrap().len());
        let ids: std::collections::HashSet<_> = all.iter().map(|template| &template.id).collect();
        assert_eq!(ids.len(), all.len());
        for template in all {
            let checked = template_response(template.response.clone(), "response").unwrap();
            assert!(checked.equals(&template.response), "{}", template.id);
            let text = format!(
                r#"{{"name": "a", "mocks": [{{"path": "/{{id}}", "responses": [{}]}}]}}"#,
                template.response
            );
            let spec = spec::read(&text, spec::Format::Json)
                .unwrap()
                .decode()
                .0
                .unwrap();
            assert_eq!(
                Engine::compile(&spec).unwrap().warnings,
                [],
                "{}",
                template.id
            );
        }
    }

    #[test]
    fn faults_stand_below_the_response() {
        for (response, at) in [
            ("{\"colour\": 1}", "response.colour"),
            ("[]", "response"),
            (
                "{\"headers\": {\"a b\": \"c\"}}",
                "response.headers[\"a b\"]",
            ),
            ("{\"body\": \"{{ nothing( }}\"}", "response.body"),
            ("{\"responseDelay\": 10001}", "response.responseDelay"),
        ] {
            let node = json::parse(response.as_bytes()).unwrap();
            let Err(AppError::Faults(faults)) = template_response(node, "response") else {
                panic!("{response}")
            };
            assert_eq!(faults[0].at, at);
        }
    }
}
