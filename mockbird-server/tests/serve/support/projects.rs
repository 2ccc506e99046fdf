//! Projects for tests, and the mocks in them.

use bytes::Bytes;
use http::Request;
use mockbird_server::domain::{Clock, OrganizationId, Plan, ProjectId, Role, Slug};
use mockbird_server::store::{NewOrganization, NewProject};
use serde_json::Value;

use super::app::{Login, TestApp};
use super::client::Reply;
use super::specs::read;

/// A public project of somebody.
pub(crate) struct TestProject<'a> {
    pub(crate) app: &'a TestApp,
    pub(crate) login: &'a Login,
    pub(crate) organization: OrganizationId,
    pub(crate) id: ProjectId,
    pub(crate) slug: String,
}

impl<'a> TestProject<'a> {
    /// One without mocks.
    pub(crate) async fn new(app: &'a TestApp, login: &'a Login) -> Self {
        Self::with(
            app,
            login,
            r#"{"name": "Shop", "isPublic": true, "mocks": []}"#,
        )
        .await
    }

    /// One that is made of a mock file.
    pub(crate) async fn with(app: &'a TestApp, login: &'a Login, spec: &str) -> Self {
        let organization = login.organization().parse().unwrap();
        Self::of(organization, app, login, spec).await
    }

    /// One of an organization with this plan, which somebody owns.
    pub(crate) async fn on_plan(
        plan: Plan,
        app: &'a TestApp,
        login: &'a Login,
        spec: &str,
    ) -> Self {
        let (now, user) = (Clock::System.now(), login.user().parse().unwrap());
        let new = NewOrganization {
            id: OrganizationId::new(now),
            name: "Birds".to_owned(),
            slug: Slug::of_name("birds").numbered(fastrand::u32(..)),
            plan,
            is_personal: false,
            created_by: user,
        };
        let mut tx = app.app.store().begin().await.unwrap();
        tx.organization_insert(&new, now).await.unwrap();
        tx.member_insert(new.id, user, Role::Owner, None, now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        Self::of(new.id, app, login, spec).await
    }

    async fn of(
        organization: OrganizationId,
        app: &'a TestApp,
        login: &'a Login,
        spec: &str,
    ) -> Self {
        let now = Clock::System.now();
        let slug = Slug::of_name("shop").numbered(fastrand::u32(..));
        let new = NewProject {
            id: ProjectId::new(now),
            organization,
            name: "Shop".to_owned(),
            slug: slug.clone(),
            created_by: None,
        };
        let mut tx = app.app.store().begin().await.unwrap();
        tx.project_insert(&new, now).await.unwrap();
        tx.project_spec_save(organization, new.id, &read(spec), None, now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        Self {
            app,
            login,
            organization,
            id: new.id,
            slug: slug.to_string(),
        }
    }

    /// Asks the API: `{project}` in the route is this one.
    pub(crate) async fn ask(&self, route: &str, body: Value) -> Reply {
        let route = route.replace("{project}", &self.id.to_string());
        self.app.call_as(self.login.access(), &route, body).await
    }

    /// The same with a text that is said to be JSON.
    pub(crate) async fn ask_text(&self, route: &str, text: &str) -> Reply {
        let route = route.replace("{project}", &self.id.to_string());
        let (method, target) = route.split_once(' ').unwrap();
        let bearer = format!("Bearer {}", self.login.access());
        let request = Request::builder().method(method).uri(target);
        let request = request
            .header("authorization", bearer)
            .header("content-type", "application/json");
        let body = Bytes::copy_from_slice(text.as_bytes());
        self.app.send(request.body(body).unwrap()).await
    }

    /// The same, which must be answered by this status.
    pub(crate) async fn done(&self, route: &str, body: Value, status: u16) -> Value {
        let reply = self.ask(route, body).await;
        assert_eq!(reply.status, status, "{route} {reply:?}");
        if reply.body.is_empty() {
            Value::Null
        } else {
            reply.json()
        }
    }

    /// Makes a mock.
    pub(crate) async fn mock(&self, body: Value) -> Value {
        self.done("POST /api/projects/{project}/mocks", body, 201)
            .await
    }

    /// Calls a mock: `GET /path`.
    pub(crate) async fn call(&self, route: &str) -> Reply {
        let (method, path) = route.split_once(' ').unwrap();
        let route = format!("{method} /m/{}{path}", self.slug);
        self.app.call(&route, &[], Value::Null).await
    }

    /// What a mock answers.
    pub(crate) async fn body(&self, route: &str) -> String {
        let reply = self.call(route).await;
        String::from_utf8(reply.body.to_vec()).unwrap()
    }

    /// The paths of the mocks, in their order.
    pub(crate) async fn paths(&self) -> Vec<String> {
        let list = self
            .done(
                "GET /api/projects/{project}/mocks?limit=100",
                Value::Null,
                200,
            )
            .await;
        let items = list["items"].as_array().unwrap();
        let path = |item: &Value| item["path"].as_str().unwrap().to_owned();
        items.iter().map(path).collect()
    }
}

/// The id of an object.
pub(crate) fn id(object: &Value) -> &str {
    object["id"].as_str().unwrap()
}
