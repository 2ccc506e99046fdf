//! Every route and every kind of caller: who may do what, and a route that is not in the table fails.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use bytes::Bytes;
use mockbird_server::domain::{
    Clock, InvitationId, KeyId, LogId, LogSettings, OrganizationId, Page, PlainToken, Plan,
    ProjectId, Role, Slug, TemplateId, UserId,
};
use mockbird_server::store::{
    AuditEntry, AuditFilter, Mock, NewApiKey, NewInvitation, NewOrganization, NewProject,
    ProjectAbout, TemplateAbout,
};
use serde_json::{Value, json};

use crate::support::app::{Login, PASSWORD, TestApp};
use crate::support::client::{Reply, open, request};
use crate::support::database::app_test;
use crate::support::logs::{Logger, store};
use crate::support::specs::read;

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
const TABLE: &[(&str, [u16; 12])] = &[
    //                                                 no login | stranger viewer member admin owner | call read write admin | project's, stranger's key
    ("GET /api/info",                                     [200,   200, 200, 200, 200, 200,   200, 200, 200, 200,   200, 200]),
    ("POST /api/auth/register",                           [201,   201, 201, 201, 201, 201,   201, 201, 201, 201,   201, 201]),
    ("POST /api/auth/login",                              [200,   200, 200, 200, 200, 200,   200, 200, 200, 200,   200, 200]),
    ("POST /api/auth/refresh",                            [200,   200, 200, 200, 200, 200,   200, 200, 200, 200,   200, 200]),
    ("POST /api/auth/forgot-password",                    [202,   202, 202, 202, 202, 202,   202, 202, 202, 202,   202, 202]),
    ("POST /api/auth/resend-verification",                [202,   202, 202, 202, 202, 202,   202, 202, 202, 202,   202, 202]),
    // The link counts, and nothing else.
    ("POST /api/auth/reset-password",                     [422,   422, 422, 422, 422, 422,   422, 422, 422, 422,   422, 422]),
    ("POST /api/auth/verify-email",                       [422,   422, 422, 422, 422, 422,   422, 422, 422, 422,   422, 422]),
    ("GET /api/auth/me",                                  [401,   200, 200, 200, 200, 200,   403, 403, 403, 403,   403, 403]),
    ("POST /api/auth/logout",                             [401,   204, 204, 204, 204, 204,   403, 403, 403, 403,   403, 403]),
    ("GET /api/auth/sessions",                            [401,   200, 200, 200, 200, 200,   403, 403, 403, 403,   403, 403]),
    // The session of somebody else: nobody's to end.
    ("DELETE /api/auth/sessions/{session}",               [401,   404, 404, 404, 404, 404,   403, 403, 403, 403,   403, 403]),
    ("GET /api/orgs",                                     [401,   200, 200, 200, 200, 200,   403, 200, 200, 200,   403, 200]),
    ("POST /api/orgs",                                    [401,   201, 201, 201, 201, 201,   403, 403, 403, 403,   403, 403]),
    ("GET /api/orgs/{organization}",                      [401,   404, 200, 200, 200, 200,   403, 200, 200, 200,   403, 404]),
    ("PUT /api/orgs/{organization}",                      [401,   404, 403, 403, 200, 200,   403, 403, 403, 200,   403, 404]),
    ("PATCH /api/orgs/{organization}",                    [401,   404, 403, 403, 200, 200,   403, 403, 403, 200,   403, 404]),
    ("DELETE /api/orgs/{organization}",                   [401,   404, 403, 403, 403, 204,   403, 403, 403, 403,   403, 404]),
    // One that was deleted is there for its owner alone, and its keys are good no more.
    ("POST /api/orgs/{organization}/restore",             [401,   404, 404, 404, 404, 200,   401, 401, 401, 401,   401, 403]),
    ("POST /api/orgs/{organization}/leave",               [401,   404, 204, 204, 204, 409,   403, 403, 403, 403,   403, 404]),
    ("GET /api/orgs/{organization}/members",              [401,   404, 200, 200, 200, 200,   403, 200, 200, 200,   403, 404]),
    ("GET /api/orgs/{organization}/members/{user}",       [401,   404, 200, 200, 200, 200,   403, 200, 200, 200,   403, 404]),
    ("PATCH /api/orgs/{organization}/members/{user}",     [401,   404, 403, 403, 200, 200,   403, 403, 403, 200,   403, 404]),
    ("DELETE /api/orgs/{organization}/members/{user}",    [401,   404, 403, 403, 204, 204,   403, 403, 403, 204,   403, 404]),
    ("GET /api/orgs/{organization}/settings",             [401,   404, 200, 200, 200, 200,   403, 200, 200, 200,   403, 404]),
    ("PUT /api/orgs/{organization}/settings",             [401,   404, 403, 403, 200, 200,   403, 403, 403, 200,   403, 404]),
    ("PATCH /api/orgs/{organization}/settings",           [401,   404, 403, 403, 200, 200,   403, 403, 403, 200,   403, 404]),
    ("GET /api/orgs/{organization}/usage",                [401,   404, 200, 200, 200, 200,   403, 200, 200, 200,   403, 404]),
    // Of who asks, and of a key its own organization.
    ("GET /api/orgs/{organization}/analytics",            [401,   404, 200, 200, 200, 200,   403, 200, 200, 200,   403, 404]),
    ("GET /api/usage",                                    [401,   200, 200, 200, 200, 200,   403, 200, 200, 200,   403, 200]),
    ("GET /api/orgs/{organization}/audit-logs",           [401,   404, 403, 403, 200, 200,   403, 403, 403, 200,   403, 404]),
    ("GET /api/orgs/{organization}/invitations",          [401,   404, 403, 403, 200, 200,   403, 403, 403, 200,   403, 404]),
    ("POST /api/orgs/{organization}/invitations",         [401,   404, 403, 403, 201, 201,   403, 403, 403, 201,   403, 404]),
    ("DELETE /api/orgs/{organization}/invitations/{invitation}", [401, 404, 403, 403, 204, 204, 403, 403, 403, 204, 403, 404]),
    // Whose address is not that of the invitation gets nothing of it: here it is the stranger's.
    ("POST /api/invitations/accept",                      [401,   200, 403, 403, 403, 403,   403, 403, 403, 403,   403, 403]),
    ("POST /api/invitations/decline",                     [401,   204, 403, 403, 403, 403,   403, 403, 403, 403,   403, 403]),
    ("GET /api/orgs/{organization}/api-keys",             [401,   404, 403, 403, 200, 200,   403, 403, 403, 200,   403, 404]),
    ("POST /api/orgs/{organization}/api-keys",            [401,   404, 403, 403, 201, 201,   403, 403, 403, 201,   403, 404]),
    ("DELETE /api/orgs/{organization}/api-keys/{key}",    [401,   404, 403, 403, 204, 204,   403, 403, 403, 204,   403, 404]),
    ("GET /api/projects",                                 [401,   200, 200, 200, 200, 200,   403, 200, 200, 200,   200, 200]),
    ("POST /api/projects",                                [401,   404, 403, 201, 201, 201,   403, 403, 201, 201,   403, 404]),
    ("GET /api/projects/{project}/analytics",             [401,   404, 200, 200, 200, 200,   403, 200, 200, 200,   200, 404]),
    ("GET /api/projects/{project}",                       [401,   404, 200, 200, 200, 200,   403, 200, 200, 200,   200, 404]),
    ("PUT /api/projects/{project}",                       [401,   404, 403, 200, 200, 200,   403, 403, 200, 200,   200, 404]),
    ("PATCH /api/projects/{project}",                     [401,   404, 403, 200, 200, 200,   403, 403, 200, 200,   200, 404]),
    ("DELETE /api/projects/{project}",                    [401,   404, 403, 403, 204, 204,   403, 403, 403, 204,   204, 404]),
    ("POST /api/projects/{project}/restore",              [401,   404, 403, 403, 200, 200,   403, 403, 403, 200,   200, 404]),
    ("POST /api/projects/{project}/archive",              [401,   404, 403, 200, 200, 200,   403, 403, 200, 200,   200, 404]),
    ("POST /api/projects/{project}/unarchive",            [401,   404, 403, 200, 200, 200,   403, 403, 200, 200,   200, 404]),
    // The key of one project makes no others.
    ("POST /api/projects/{project}/duplicate",            [401,   404, 403, 201, 201, 201,   403, 403, 201, 201,   403, 404]),
    ("POST /api/projects/import",                         [401,   404, 403, 201, 201, 201,   403, 403, 201, 201,   403, 404]),
    ("POST /api/projects/{project}/import",               [401,   404, 403, 200, 200, 200,   403, 403, 200, 200,   200, 404]),
    ("GET /api/projects/{project}/export",                [401,   404, 200, 200, 200, 200,   403, 200, 200, 200,   200, 404]),
    ("POST /api/projects/{project}/export",               [401,   404, 200, 200, 200, 200,   403, 200, 200, 200,   200, 404]),
    ("GET /api/response-templates",                       [401,   200, 200, 200, 200, 200,   200, 200, 200, 200,   200, 200]),
    ("GET /api/orgs/{organization}/response-templates",   [401,   404, 200, 200, 200, 200,   403, 200, 200, 200,   403, 404]),
    ("POST /api/orgs/{organization}/response-templates",  [401,   404, 403, 201, 201, 201,   403, 403, 201, 201,   403, 404]),
    ("GET /api/orgs/{organization}/response-templates/{template}", [401, 404, 200, 200, 200, 200, 403, 200, 200, 200, 403, 404]),
    ("PUT /api/orgs/{organization}/response-templates/{template}", [401, 404, 403, 200, 200, 200, 403, 403, 200, 200, 403, 404]),
    ("PATCH /api/orgs/{organization}/response-templates/{template}", [401, 404, 403, 200, 200, 200, 403, 403, 200, 200, 403, 404]),
    ("DELETE /api/orgs/{organization}/response-templates/{template}", [401, 404, 403, 204, 204, 204, 403, 403, 204, 204, 403, 404]),
    ("GET /api/slugs/{slug}",                             [401,   200, 200, 200, 200, 200,   200, 200, 200, 200,   200, 200]),
    ("GET /api/projects/{project}/mocks",                 [401,   404, 200, 200, 200, 200,   403, 200, 200, 200,   200, 404]),
    ("POST /api/projects/{project}/mocks",                [401,   404, 403, 201, 201, 201,   403, 403, 201, 201,   201, 404]),
    ("POST /api/projects/{project}/mocks/bulk",           [401,   404, 403, 200, 200, 200,   403, 403, 200, 200,   200, 404]),
    ("POST /api/projects/{project}/mocks/reorder",        [401,   404, 403, 204, 204, 204,   403, 403, 204, 204,   204, 404]),
    ("GET /api/mocks/{mock}",                             [401,   404, 200, 200, 200, 200,   403, 200, 200, 200,   200, 404]),
    ("PUT /api/mocks/{mock}",                             [401,   404, 403, 200, 200, 200,   403, 403, 200, 200,   200, 404]),
    ("PATCH /api/mocks/{mock}",                           [401,   404, 403, 200, 200, 200,   403, 403, 200, 200,   200, 404]),
    ("DELETE /api/mocks/{mock}",                          [401,   404, 403, 204, 204, 204,   403, 403, 204, 204,   204, 404]),
    ("POST /api/mocks/{mock}/activate",                   [401,   404, 403, 200, 200, 200,   403, 403, 200, 200,   200, 404]),
    ("POST /api/mocks/{mock}/deactivate",                 [401,   404, 403, 200, 200, 200,   403, 403, 200, 200,   200, 404]),
    ("GET /api/mocks/{mock}/analytics",                   [401,   404, 200, 200, 200, 200,   403, 200, 200, 200,   200, 404]),
    ("POST /api/mocks/{mock}/duplicate",                  [401,   404, 403, 201, 201, 201,   403, 403, 201, 201,   201, 404]),
    ("GET /api/mocks/{mock}/responses",                   [401,   404, 200, 200, 200, 200,   403, 200, 200, 200,   200, 404]),
    ("POST /api/mocks/{mock}/responses",                  [401,   404, 403, 201, 201, 201,   403, 403, 201, 201,   201, 404]),
    ("GET /api/mocks/{mock}/responses/{response}",        [401,   404, 200, 200, 200, 200,   403, 200, 200, 200,   200, 404]),
    ("PUT /api/mocks/{mock}/responses/{response}",        [401,   404, 403, 200, 200, 200,   403, 403, 200, 200,   200, 404]),
    ("PATCH /api/mocks/{mock}/responses/{response}",      [401,   404, 403, 200, 200, 200,   403, 403, 200, 200,   200, 404]),
    ("DELETE /api/mocks/{mock}/responses/{response}",     [401,   404, 403, 204, 204, 204,   403, 403, 204, 204,   204, 404]),
    ("POST /api/mocks/{mock}/responses/{response}/default",[401,   404, 403, 200, 200, 200,   403, 403, 200, 200,   200, 404]),
    ("GET /api/projects/{project}/logs",                  [401,   404, 200, 200, 200, 200,   403, 200, 200, 200,   200, 404]),
    ("GET /api/mocks/{mock}/logs",                        [401,   404, 200, 200, 200, 200,   403, 200, 200, 200,   200, 404]),
    ("GET /api/projects/{project}/logs/export",           [401,   404, 200, 200, 200, 200,   403, 200, 200, 200,   200, 404]),
    ("GET /api/projects/{project}/logs/stream",           [401,   404, 200, 200, 200, 200,   403, 200, 200, 200,   200, 404]),
    ("GET /api/projects/{project}/logs/{log}",            [401,   404, 200, 200, 200, 200,   403, 200, 200, 200,   200, 404]),
    ("POST /api/projects/{project}/logs/{log}/mock",      [401,   404, 200, 200, 200, 200,   403, 200, 200, 200,   200, 404]),
    ("POST /api/projects/{project}/logs/{log}/replay",    [401,   404, 200, 200, 200, 200,   403, 200, 200, 200,   200, 404]),
    // Last, because it ends all logins of who asks.
    ("DELETE /api/auth/sessions",                         [401,   204, 204, 204, 204, 204,   403, 403, 403, 403,   403, 403]),
];

/// Those who are logged in, once each: a login takes long, because passwords are hashed.
struct World<'a> {
    app: &'a TestApp,
    logins: HashMap<&'static str, Login>,
    /// A session of a user who asks for nothing.
    session: String,
}

/// An organization with a member of each role, and things in it.
struct Place {
    organization: OrganizationId,
    project: ProjectId,
    /// A mock that answers, with two responses, and one that rests.
    mocks: [Mock; 2],
    template: TemplateId,
    log: LogId,
    key: KeyId,
    invitation: InvitationId,
    /// The token of the invitation.
    token: PlainToken,
}

const MOCKS: &str = r#"{"name": "Shop", "mocks": [
    {"path": "/birds", "responses": [{"body": "wren"}, {"statusCode": 404, "conditions": [
        {"type": "query", "field": "extinct", "operator": "exists"}]}]},
    {"path": "/bats", "isActive": false, "responses": [{}]}
]}"#;

impl Place {
    /// The mock that a route is asked for.
    fn mock(&self, route: &str) -> String {
        let rests = route.ends_with("/activate");
        self.mocks[usize::from(rests)].about.id.to_string()
    }
}

impl<'a> World<'a> {
    async fn new(app: &'a TestApp) -> Self {
        let mut logins = HashMap::new();
        for name in [
            "stranger",
            "bystander",
            "viewer",
            "member",
            "admin",
            "owner",
        ] {
            logins.insert(name, app.register(&format!("{name}@a.co")).await);
        }
        let bystander = logins["bystander"].access();
        let list = app
            .call_as(bystander, "GET /api/auth/sessions", Value::Null)
            .await
            .json();
        let session = list["items"][0]["id"].as_str().unwrap().to_owned();
        Self {
            app,
            logins,
            session,
        }
    }

    fn user(&self, name: &str) -> UserId {
        self.logins[name].user().parse().unwrap()
    }

    /// An organization of this owner, with these members beside it.
    async fn place(&self, owner: &str, members: &[(&str, Role)]) -> Place {
        let now = Clock::System.now();
        let new = NewOrganization {
            id: OrganizationId::new(now),
            name: "Birds".to_owned(),
            slug: Slug::of_name("birds").numbered(fastrand::u32(..)),
            plan: Plan::Unlimited,
            is_personal: false,
            created_by: self.user(owner),
        };
        let project = NewProject {
            id: ProjectId::new(now),
            organization: new.id,
            name: "Shop".to_owned(),
            slug: Slug::of_name("shop").numbered(fastrand::u32(..)),
            created_by: None,
        };
        let mut tx = self.app.app.store().begin().await.unwrap();
        tx.organization_insert(&new, now).await.unwrap();
        tx.member_insert(new.id, self.user(owner), Role::Owner, None, now)
            .await
            .unwrap();
        for (name, role) in members {
            tx.member_insert(new.id, self.user(name), *role, None, now)
                .await
                .unwrap();
        }
        tx.project_insert(&project, now).await.unwrap();
        tx.project_spec_save(new.id, project.id, &read(MOCKS), None, now)
            .await
            .unwrap();
        let ids: Vec<_> = tx.mock_places(project.id).await.unwrap();
        let ids: Vec<_> = ids.iter().map(|place| place.id).collect();
        let mocks = tx.mock_get_all(new.id, project.id, &ids).await.unwrap();
        let template = TemplateId::new(now);
        let about = TemplateAbout {
            name: "Sold out".to_owned(),
            category: None,
            description: None,
            response: r#"{"statusCode":409}"#.to_owned(),
        };
        tx.template_insert(template, new.id, &about, None, now)
            .await
            .unwrap();
        let token = PlainToken::random("mi_");
        let invitation = NewInvitation {
            id: InvitationId::new(now),
            organization: new.id,
            email: "stranger@a.co".parse().unwrap(),
            role: Role::Member,
            hash: token.hash(),
            invited_by: self.user(owner),
            expires_at: now.after(Duration::from_hours(1)),
        };
        tx.invitation_insert(&invitation, now).await.unwrap();
        tx.commit().await.unwrap();
        let log = Logger::new(new.id, project.id).record(now, "GET /birds");
        store(self.app.app.store(), std::slice::from_ref(&log)).await;
        Place {
            organization: new.id,
            project: project.id,
            mocks: mocks.try_into().unwrap(),
            template,
            log: log.id,
            key: self.key(new.id, None, "read").await.0,
            invitation: invitation.id,
            token,
        }
    }

    async fn our_place(&self) -> Place {
        let members = [
            ("viewer", Role::Viewer),
            ("member", Role::Member),
            ("admin", Role::Admin),
            ("bystander", Role::Member),
        ];
        self.place("owner", &members).await
    }

    /// A key of the organization: its id and its text.
    async fn key(
        &self,
        organization: OrganizationId,
        project: Option<ProjectId>,
        permission: &str,
    ) -> (KeyId, String) {
        let now = Clock::System.now();
        let plain = PlainToken::random("mk_");
        let new = NewApiKey {
            id: KeyId::new(now),
            hash: plain.hash(),
            prefix: plain.prefix().to_owned(),
            organization,
            project,
            name: "CI".to_owned(),
            permissions: permission.parse().unwrap(),
            created_by: self.user("owner"),
            expires_at: None,
        };
        let mut tx = self.app.app.store().begin().await.unwrap();
        tx.api_key_insert(&new, now).await.unwrap();
        tx.commit().await.unwrap();
        (new.id, plain.reveal().to_owned())
    }

    async fn token(&self, caller: Caller, route: &str, place: &Place) -> Option<String> {
        let ends_logins = route.ends_with("/logout") || route.starts_with("DELETE /api/auth");
        Some(match caller {
            Caller::Nobody => return None,
            Caller::User(name) if ends_logins => {
                let login = self.app.login(&format!("{name}@a.co")).await;
                login.access().to_owned()
            }
            Caller::User(name) => self.logins[name].access().to_owned(),
            Caller::Key(permission) => self.key(place.organization, None, permission).await.1,
            Caller::ProjectKey => {
                let project = Some(place.project);
                self.key(place.organization, project, "admin").await.1
            }
            Caller::StrangersKey => {
                let theirs = self.logins["stranger"].organization().parse().unwrap();
                self.key(theirs, None, "admin").await.1
            }
        })
    }

    async fn body(&self, route: &str, place: &Place) -> Value {
        let slug = format!("birds-{}", fastrand::u32(..));
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
            "POST /api/orgs" | "PATCH /api/orgs/{organization}" => json!({"name": "Bats"}),
            "PUT /api/orgs/{organization}" => json!({"name": "Bats", "slug": slug}),
            "PATCH /api/orgs/{organization}/members/{user}" => json!({"role": "viewer"}),
            "PUT /api/orgs/{organization}/settings" => json!({
                "allowPublicProjects": false, "defaultVisibility": "private", "requireApiKey": true,
                "allowedEmailDomains": [],
            }),
            "PATCH /api/orgs/{organization}/settings" => json!({"requireApiKey": true}),
            "POST /api/orgs/{organization}/invitations" => {
                json!({"email": "somebody@a.co", "role": "viewer"})
            }
            "POST /api/invitations/accept" | "POST /api/invitations/decline" => {
                json!({"token": place.token.reveal()})
            }
            "POST /api/orgs/{organization}/api-keys" => {
                json!({"name": "CI", "permissions": ["read"]})
            }
            "POST /api/projects/import" | "POST /api/projects/{project}/import" => {
                json!({"name": "Shed", "mocks": []})
            }
            "POST /api/orgs/{organization}/response-templates"
            | "PUT /api/orgs/{organization}/response-templates/{template}" => {
                json!({"name": "Gone", "response": {"statusCode": 410}})
            }
            "PATCH /api/orgs/{organization}/response-templates/{template}" => {
                json!({"response": {"statusCode": 404}})
            }
            "POST /api/projects" => {
                json!({"name": "Shop", "organizationId": place.organization.to_string()})
            }
            "PUT /api/projects/{project}" => json!({"name": "Shed", "slug": slug}),
            "PATCH /api/projects/{project}" => json!({"isPublic": true}),
            "POST /api/projects/{project}/mocks" | "PUT /api/mocks/{mock}" => {
                json!({"path": "/owls", "responses": [{"body": "owl"}]})
            }
            "POST /api/projects/{project}/mocks/bulk" => {
                json!({"action": "delete", "mocks": [place.mock(route)]})
            }
            "POST /api/projects/{project}/mocks/reorder" => {
                json!({"mock": place.mocks[1].about.id.to_string(), "before": place.mock(route)})
            }
            "PATCH /api/mocks/{mock}" => json!({"name": "owls"}),
            "POST /api/mocks/{mock}/responses" => json!({"statusCode": 404}),
            "PUT /api/mocks/{mock}/responses/{response}"
            | "PATCH /api/mocks/{mock}/responses/{response}" => json!({"body": "owl"}),
            _ => Value::Null,
        }
    }

    /// What must have happened before.
    async fn prepare(&self, route: &str, place: &Place) {
        let now = Clock::System.now();
        let mut tx = self.app.app.store().begin().await.unwrap();
        match route {
            "POST /api/orgs/{organization}/restore" => {
                let deleted = tx.organization_delete(place.organization, Some(now), now);
                deleted.await.unwrap();
            }
            "POST /api/projects/{project}/restore" => {
                let deleted = tx.project_delete(place.organization, place.project, Some(now), now);
                deleted.await.unwrap();
            }
            "POST /api/projects/{project}/unarchive" => {
                let about = ProjectAbout {
                    name: "Shop".to_owned(),
                    slug: Slug::of_name("shop").numbered(fastrand::u32(..)),
                    description: None,
                    is_public: None,
                    cors: None,
                    seed: None,
                    logs: LogSettings::default(),
                    is_active: true,
                    archived_at: Some(now),
                };
                let archived = tx.project_update(place.organization, place.project, &about, now);
                archived.await.unwrap();
            }
            _ => {}
        }
        tx.commit().await.unwrap();
    }

    async fn ask(&self, route: &str, caller: Caller, place: &Place) -> Reply {
        let token = self.token(caller, route, place).await;
        self.prepare(route, place).await;
        let filled = route
            .replace("{organization}", &place.organization.to_string())
            .replace("{key}", &place.key.to_string())
            .replace("{slug}", "shop")
            .replace("{log}", &place.log.to_string())
            .replace("{template}", &place.template.to_string())
            .replace(
                "projects/import",
                &format!("projects/import?organizationId={}", place.organization),
            )
            .replace("{project}", &place.project.to_string())
            .replace("{invitation}", &place.invitation.to_string())
            .replace("{mock}", &place.mock(route))
            .replace("{response}", &place.mocks[0].responses[1].id.to_string())
            .replace("{user}", &self.user("bystander").to_string())
            .replace("{session}", &self.session);
        let body = self.body(route, place).await;
        if let (true, Some(token)) = (route.ends_with("/stream"), &token) {
            return self.head(token, &filled).await;
        }
        match token {
            Some(token) => self.app.call_as(&token, &filled, body).await,
            None => self.app.call(&filled, &[], body).await,
        }
    }

    /// The head of a reply that has no end.
    async fn head(&self, token: &str, route: &str) -> Reply {
        let bearer = format!("Bearer {token}");
        let asked = request(route, &[("authorization", &bearer)], &Value::Null);
        let opened = open(self.app.address, asked).await.unwrap();
        Reply {
            status: opened.status(),
            headers: opened.headers().clone(),
            body: Bytes::new(),
        }
    }

    async fn audit(&self, place: &Place) -> Vec<AuditEntry> {
        let page = Page::new(None, Some(100)).unwrap();
        let mut read = self.app.app.store().read().await.unwrap();
        let all = AuditFilter::default();
        let found = read.audit_list(place.organization, &all, page).await;
        found.unwrap().items
    }
}

app_test! {
    async fn everybody_may_do_what_the_table_says(app: TestApp) {
        let world = World::new(app).await;
        let shared = world.our_place().await;
        for (route, expected) in TABLE {
            let mut found = [0; 12];
            for ((caller, status), expected) in CALLERS.iter().zip(&mut found).zip(expected) {
                // What changes nothing needs no place of its own.
                let changes = route.ends_with("restore") || (!route.starts_with("GET") && *expected < 400);
                let own = if changes { Some(world.our_place().await) } else { None };
                let place = own.as_ref().unwrap_or(&shared);
                *status = world.ask(route, *caller, place).await.status.as_u16();
            }
            assert_eq!(found, *expected, "{route} by {CALLERS:?}");
        }
    }
}

app_test! {
    async fn every_change_in_an_organization_is_in_its_audit_log(app: TestApp) {
        let world = World::new(app).await;
        let within = |route: &str| {
            ["{organization}", "{mock}", "/projects", "/invitations/"].iter().any(|part| route.contains(part))
        };
        // What is only read by POST.
        let reads = |route: &str| route.starts_with("GET") || route.ends_with("/export") || route.contains("/logs/");
        for (route, _) in TABLE.iter().filter(|(route, _)| !reads(route) && within(route)) {
            let name = match *route {
                "POST /api/orgs/{organization}/leave" => "admin",
                "POST /api/invitations/accept" | "POST /api/invitations/decline" => "stranger",
                _ => "owner",
            };
            let place = world.our_place().await;
            assert_eq!(world.audit(&place).await, []);
            let reply = world.ask(route, Caller::User(name), &place).await;
            assert!(reply.status.is_success(), "{route} {reply:?}");
            let log = world.audit(&place).await;
            let [line] = log.as_slice() else { panic!("{route} {log:?}") };
            assert_eq!((line.user, line.key), (Some(world.user(name)), None), "{route}");
            assert_eq!(line.ip_address.as_deref(), Some("127.0.0.1"), "{route}");
            assert_eq!(line.request_id.as_deref(), reply.header("x-request-id"), "{route}");
            let changes: Value = serde_json::from_str(line.changes.as_deref().unwrap()).unwrap();
            assert!(changes["before"].is_object() || changes["after"].is_object(), "{route} {changes}");
        }
    }
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
    let table = TABLE.iter().map(|(route, _)| (*route).to_owned());
    assert_eq!(
        routes.collect::<BTreeSet<_>>(),
        table.collect::<BTreeSet<_>>()
    );
    app.stop().await;
}
