//! Every route and every kind of caller: who may do what, and a route that is not in the table fails.

use std::collections::BTreeSet;

use mockbird_server::domain::{Clock, ProjectId, Role};
use mockbird_server::store::NewProject;
use serde_json::{Value, json};

use crate::support::app::{PASSWORD, TestApp};

/// The callers, in the order of the columns.
const CALLERS: [Caller; 12] = [
    Caller::Nobody,
    Caller::User("stranger"),
    Caller::User("viewer"),
    Caller::User("member"),
    Caller::User("admin"),
    Caller::User("owner"),
    Caller::Key("mocks:call"),
    Caller::Key("read"),
    Caller::Key("write"),
    Caller::Key("admin"),
    Caller::ProjectKey,
    Caller::StrangersKey,
];

#[derive(Clone, Copy, Debug)]
enum Caller {
    Nobody,
    User(&'static str),
    Key(&'static str),
    /// It may do all that a key may, but in one project alone.
    ProjectKey,
    StrangersKey,
}

#[rustfmt::skip]
const TABLE: [(&str, [u16; 12]); 15] = [
    //                                            no login | stranger viewer member admin owner | call read write admin | project's, stranger's key
    ("GET /api/info",                                [200,   200, 200, 200, 200, 200,   200, 200, 200, 200,   200, 200]),
    ("POST /api/auth/register",                      [201,   201, 201, 201, 201, 201,   201, 201, 201, 201,   201, 201]),
    ("POST /api/auth/login",                         [200,   200, 200, 200, 200, 200,   200, 200, 200, 200,   200, 200]),
    ("POST /api/auth/refresh",                       [200,   200, 200, 200, 200, 200,   200, 200, 200, 200,   200, 200]),
    ("POST /api/auth/forgot-password",               [202,   202, 202, 202, 202, 202,   202, 202, 202, 202,   202, 202]),
    ("POST /api/auth/resend-verification",           [202,   202, 202, 202, 202, 202,   202, 202, 202, 202,   202, 202]),
    // The link counts, and nothing else.
    ("POST /api/auth/reset-password",                [422,   422, 422, 422, 422, 422,   422, 422, 422, 422,   422, 422]),
    ("POST /api/auth/verify-email",                  [422,   422, 422, 422, 422, 422,   422, 422, 422, 422,   422, 422]),
    ("GET /api/auth/me",                             [401,   200, 200, 200, 200, 200,   403, 403, 403, 403,   403, 403]),
    ("POST /api/auth/logout",                        [401,   204, 204, 204, 204, 204,   403, 403, 403, 403,   403, 403]),
    ("GET /api/auth/sessions",                       [401,   200, 200, 200, 200, 200,   403, 403, 403, 403,   403, 403]),
    ("DELETE /api/auth/sessions",                    [401,   204, 204, 204, 204, 204,   403, 403, 403, 403,   403, 403]),
    // The session of somebody else: nobody's to end.
    ("DELETE /api/auth/sessions/{session}",          [401,   404, 404, 404, 404, 404,   403, 403, 403, 403,   403, 403]),
    ("GET /api/orgs/{organization}/api-keys",        [401,   404, 403, 403, 200, 200,   403, 403, 403, 200,   403, 404]),
    ("POST /api/orgs/{organization}/api-keys",       [401,   404, 403, 403, 201, 201,   403, 403, 403, 201,   403, 404]),
];

/// Beside the table, because it takes a key of its own each time.
const REVOKE: (&str, [u16; 12]) = (
    "DELETE /api/orgs/{organization}/api-keys/{key}",
    [401, 404, 403, 403, 204, 204, 403, 403, 403, 204, 403, 404],
);

struct World {
    app: TestApp,
    organization: String,
    /// A session of a user who asks for nothing.
    session: String,
    project: ProjectId,
}

impl World {
    async fn new() -> Self {
        let app = TestApp::start().await;
        let owner = app.register("owner@a.co").await;
        app.register("stranger@a.co").await;
        let organization = owner.organization().parse().unwrap();
        let now = Clock::System.now();
        for role in [Role::Viewer, Role::Member, Role::Admin] {
            let user = app.register(&format!("{role}@a.co")).await;
            let mut tx = app.app.store().begin().await.unwrap();
            tx.member_insert(organization, user.user().parse().unwrap(), role, None, now)
                .await
                .unwrap();
            tx.commit().await.unwrap();
        }
        let project = NewProject {
            id: ProjectId::new(now),
            organization,
            name: "Shop".to_owned(),
            slug: "shop".parse().unwrap(),
            created_by: None,
        };
        let mut tx = app.app.store().begin().await.unwrap();
        tx.project_insert(&project, now).await.unwrap();
        tx.commit().await.unwrap();
        let bystander = app.register("bystander@a.co").await;
        let list = app
            .call_as(bystander.access(), "GET /api/auth/sessions", Value::Null)
            .await
            .json();
        let session = list["items"][0]["id"].as_str().unwrap().to_owned();
        Self {
            app,
            organization: owner.organization().to_owned(),
            session,
            project: project.id,
        }
    }

    /// A key of the organization of an owner: its id and its text.
    async fn key(
        &self,
        owner: &str,
        permission: &str,
        project: Option<ProjectId>,
    ) -> (String, String) {
        // A login of its own: one of the calls ends all there are.
        let owner = self.app.login(owner).await;
        let route = format!("POST /api/orgs/{}/api-keys", owner.organization());
        let project = project.map(|id| id.to_string());
        let body = json!({"name": "CI", "permissions": [permission], "projectId": project});
        let made = self.app.call_as(owner.access(), &route, body).await.json();
        let text = |member: &str| made[member].as_str().unwrap().to_owned();
        (text("id"), text("key"))
    }

    /// A login or key of its own for each call, because some calls end it.
    async fn token(&self, caller: Caller) -> Option<String> {
        Some(match caller {
            Caller::Nobody => return None,
            Caller::User(name) => self
                .app
                .login(&format!("{name}@a.co"))
                .await
                .access()
                .to_owned(),
            Caller::Key(permission) => self.key("owner@a.co", permission, None).await.1,
            Caller::ProjectKey => self.key("owner@a.co", "admin", Some(self.project)).await.1,
            Caller::StrangersKey => self.key("stranger@a.co", "admin", None).await.1,
        })
    }

    async fn body(&self, route: &str) -> Value {
        match route {
            "POST /api/auth/register" => {
                json!({"email": format!("{:x}@a.co", fastrand::u64(..)), "password": PASSWORD})
            }
            "POST /api/auth/login" => json!({"email": "stranger@a.co", "password": PASSWORD}),
            "POST /api/auth/refresh" => {
                json!({"refreshToken": self.app.login("stranger@a.co").await.refresh()})
            }
            "POST /api/auth/forgot-password" | "POST /api/auth/resend-verification" => {
                json!({"email": "stranger@a.co"})
            }
            "POST /api/auth/reset-password" | "POST /api/auth/verify-email" => {
                json!({"token": "mp_none", "password": PASSWORD})
            }
            "POST /api/orgs/{organization}/api-keys" => {
                json!({"name": "CI", "permissions": ["read"]})
            }
            _ => Value::Null,
        }
    }

    async fn status(&self, route: &str, caller: Caller) -> u16 {
        let token = self.token(caller).await;
        let mut filled = route.replace("{organization}", &self.organization);
        filled = filled.replace("{session}", &self.session);
        if filled.contains("{key}") {
            filled = filled.replace("{key}", &self.key("owner@a.co", "read", None).await.0);
        }
        let body = self.body(route).await;
        let reply = match token {
            Some(token) => self.app.call_as(&token, &filled, body).await,
            None => self.app.call(&filled, &[], body).await,
        };
        reply.status.as_u16()
    }
}

#[tokio::test]
async fn everybody_may_do_what_the_table_says() {
    let world = World::new().await;
    for (route, expected) in TABLE.iter().chain([&REVOKE]) {
        let mut found = [0; 12];
        for (caller, status) in CALLERS.iter().zip(&mut found) {
            *status = world.status(route, *caller).await;
        }
        assert_eq!(found, *expected, "{route} by {CALLERS:?}");
    }
    world.app.stop().await;
}

#[tokio::test]
async fn every_route_is_in_the_table() {
    let app = TestApp::start().await;
    let document = app.get("/api/openapi.json").await.json();
    let paths = document["paths"].as_object().unwrap();
    let routes = paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().keys();
        methods.map(move |method| format!("{} {path}", method.to_ascii_uppercase()))
    });
    let table = TABLE
        .iter()
        .chain([&REVOKE])
        .map(|(route, _)| (*route).to_owned());
    assert_eq!(
        routes.collect::<BTreeSet<_>>(),
        table.collect::<BTreeSet<_>>()
    );
    app.stop().await;
}
