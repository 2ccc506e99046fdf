//! Members of an organization over HTTP: roles, and never without an owner.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use mockbird_server::domain::{Millis, OrganizationId, Plan, Role};
use mockbird_server::store::NewOrganization;
use serde_json::{Value, json};

use crate::support::app::{Login, TestApp};
use crate::support::database::app_test;

/// An owner's organization, and somebody of each role in it.
struct Team {
    target: String,
    viewer: Login,
    member: Login,
    admin: Login,
    owner: Login,
}

impl Team {
    async fn new(app: &TestApp) -> Self {
        let owner = app.register("owner@example.com").await;
        let made = app
            .call_as(owner.access(), "POST /api/orgs", json!({"name": "Birds"}))
            .await
            .json();
        let organization = made["id"].as_str().unwrap();
        let join = async |role: Role| {
            let login = app.register(&format!("{role}@example.com")).await;
            app.join(organization, &login, role).await;
            login
        };
        Self {
            target: format!("/api/orgs/{organization}"),
            viewer: join(Role::Viewer).await,
            member: join(Role::Member).await,
            admin: join(Role::Admin).await,
            owner,
        }
    }

    fn member(&self, method: &str, whose: &Login) -> String {
        format!("{method} {}/members/{}", self.target, whose.user())
    }
}

app_test! {
    async fn members_are_listed_in_the_order_they_joined(app: TestApp) {
        let team = Team::new(app).await;
        let list = format!("GET {}/members?limit=3", team.target);
        let list = app.call_as(team.viewer.access(), &list, Value::Null).await.json();
        let roles: Vec<_> = list["items"].as_array().unwrap().iter().map(|one| &one["role"]).collect();
        assert_eq!((roles, &list["total"]), (["owner", "viewer", "member"].map(Value::from).iter().collect(), &json!(4)));
        let one = app.call_as(team.viewer.access(), &team.member("GET", &team.owner), Value::Null).await;
        assert_eq!((one.header("etag"), &one.json()), (Some("\"1\""), &list["items"][0]));
        assert_eq!(one.json()["email"], "owner@example.com");
        let stranger = app.register("stranger@example.com").await;
        let none = app.call_as(team.viewer.access(), &team.member("GET", &stranger), Value::Null).await;
        assert_eq!(none.problem(), (404, "NOT_FOUND".to_owned()));
    }
}

app_test! {
    async fn nobody_gives_or_takes_what_is_above_it(app: TestApp) {
        let team = Team::new(app).await;
        for (by, whose, role, status) in [
            (&team.admin, &team.viewer, "member", 200),
            (&team.admin, &team.viewer, "admin", 200),
            (&team.admin, &team.viewer, "owner", 403),
            (&team.admin, &team.owner, "viewer", 403),
            (&team.member, &team.viewer, "viewer", 403),
            (&team.owner, &team.viewer, "owner", 200),
            (&team.owner, &team.viewer, "root", 422),
            (&team.owner, &team.viewer, "viewer", 200),
            (&team.owner, &team.owner, "admin", 409),
        ] {
            let patch = team.member("PATCH", whose);
            let reply = app.call_as(by.access(), &patch, json!({"role": role})).await;
            assert_eq!(reply.status, status, "{role} {reply:?}");
            match status {
                200 => assert_eq!(reply.json()["role"], role),
                409 => assert_eq!(reply.problem().1, "LAST_OWNER"),
                _ => drop(reply.problem()),
            }
        }
        let stale = json!({"role": "member", "version": 1});
        let reply = app.call_as(team.owner.access(), &team.member("PATCH", &team.viewer), stale).await;
        assert_eq!(reply.problem(), (409, "VERSION_CONFLICT".to_owned()));
        for (by, whose, status) in [
            (&team.member, &team.viewer, 403),
            (&team.admin, &team.owner, 403),
            (&team.admin, &team.viewer, 204),
            (&team.admin, &team.viewer, 404),
            (&team.owner, &team.owner, 409),
            (&team.owner, &team.admin, 204),
        ] {
            let remove = team.member("DELETE", whose);
            assert_eq!(app.call_as(by.access(), &remove, Value::Null).await.status, status);
        }
        let gone = app.call_as(team.admin.access(), &format!("GET {}", team.target), Value::Null).await;
        assert_eq!(gone.status, 404, "who was removed sees nothing any more");
    }
}

app_test! {
    async fn who_wants_leaves_but_for_the_last_owner(app: TestApp) {
        let team = Team::new(app).await;
        let leave = format!("POST {}/leave", team.target);
        assert_eq!(app.call_as(team.viewer.access(), &leave, Value::Null).await.status, 204);
        assert_eq!(app.call_as(team.viewer.access(), &leave, Value::Null).await.status, 404);
        let refused = app.call_as(team.owner.access(), &leave, Value::Null).await;
        assert_eq!(refused.problem(), (409, "LAST_OWNER".to_owned()));
        let promote = team.member("PATCH", &team.member);
        app.call_as(team.owner.access(), &promote, json!({"role": "owner"})).await;
        assert_eq!(app.call_as(team.owner.access(), &leave, Value::Null).await.status, 204);
        let log = format!("GET {}/audit-logs?resourceType=member", team.target);
        let log = app.call_as(team.member.access(), &log, Value::Null).await.json();
        let actions: Vec<_> = log["items"].as_array().unwrap().iter().map(|one| &one["action"]).collect();
        assert_eq!(actions, ["member.left", "member.role_changed", "member.left"]);
        assert_eq!(log["items"][1]["changes"], json!({"before": {"role": "member"}, "after": {"role": "owner"}}));
    }
}

app_test! {
    async fn owners_who_demote_each_other_at_once_leave_one(app: TestApp) {
        for _ in 0..6 {
            let owners = [app, app, app, app].map(|app| async move {
                app.register(&format!("{:x}@example.com", fastrand::u64(..))).await
            });
            let [a, b, c, d] = owners;
            let owners = [a.await, b.await, c.await, d.await];
            let made = app.call_as(owners[0].access(), "POST /api/orgs", json!({"name": "Birds"})).await.json();
            let organization = made["id"].as_str().unwrap();
            for other in &owners[1..] {
                app.join(organization, other, Role::Owner).await;
            }
            let target = format!("/api/orgs/{organization}");
            let demote = async |n: usize| {
                let (by, whose) = (&owners[n], &owners[(n + 1) % owners.len()]);
                let member = format!("{target}/members/{}", whose.user());
                let reply = match n {
                    0 | 1 => app.call_as(by.access(), &format!("PATCH {member}"), json!({"role": "viewer"})).await,
                    2 => app.call_as(by.access(), &format!("DELETE {member}"), Value::Null).await,
                    _ => app.call_as(by.access(), &format!("POST {target}/leave"), Value::Null).await,
                };
                reply.status.as_u16()
            };
            let (a, b, c, d) = tokio::join!(demote(0), demote(1), demote(2), demote(3));
            let organization: OrganizationId = organization.parse().unwrap();
            let mut read = app.app.store().read().await.unwrap();
            let left = read.member_owners(organization).await.unwrap();
            assert!(left >= 1, "{a} {b} {c} {d}");
        }
    }
}

app_test! {
    async fn members_and_management_keys_are_of_the_team_plan(app: TestApp) {
        let (ada, bob) = (app.register("ada@example.com").await, app.register("bob@example.com").await);
        let now = Millis(1);
        let new = NewOrganization {
            id: OrganizationId::new(now),
            name: "Free birds".to_owned(),
            slug: "free-birds".parse().unwrap(),
            plan: Plan::Free,
            is_personal: false,
            created_by: ada.user().parse().unwrap(),
        };
        let mut tx = app.app.store().begin().await.unwrap();
        tx.organization_insert(&new, now).await.unwrap();
        tx.commit().await.unwrap();
        let id = new.id.to_string();
        app.join(&id, &ada, Role::Owner).await;
        app.join(&id, &bob, Role::Member).await;
        let member = format!("/api/orgs/{id}/members/{}", bob.user());
        let keys = format!("POST /api/orgs/{id}/api-keys");
        for (route, body, status) in [
            (format!("PATCH {member}"), json!({"role": "admin"}), 402),
            (keys.clone(), json!({"name": "CI", "permissions": ["read"]}), 402),
            (keys, json!({"name": "CI", "permissions": ["mocks:call"]}), 201),
            (format!("DELETE {member}"), Value::Null, 204),
        ] {
            let reply = app.call_as(ada.access(), &route, body).await;
            assert_eq!(reply.status, status, "{route} {reply:?}");
            if status == 402 {
                assert_eq!(reply.problem().1, "SUBSCRIPTION_LIMIT");
            }
        }
    }
}

app_test! {
    async fn who_is_removed_while_it_sends_gets_nothing_done(app: TestApp) {
        let team = Team::new(app).await;
        let body = json!({"name": "CI", "permissions": ["admin"]}).to_string();
        let mut slow = TcpStream::connect(app.address).await.unwrap();
        let head = format!(
            "POST {}/api-keys HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n",
            team.target, team.admin.access(), body.len()
        );
        slow.write_all(head.as_bytes()).await.unwrap();
        let mut goes_on = [0; 25];
        slow.read_exact(&mut goes_on).await.unwrap();
        assert_eq!(&goes_on, b"HTTP/1.1 100 Continue\r\n\r\n", "it waits for the body now");
        let removed = app.call_as(team.owner.access(), &team.member("DELETE", &team.admin), Value::Null).await;
        assert_eq!(removed.status, 204);
        slow.write_all(body.as_bytes()).await.unwrap();
        let mut reply = String::new();
        slow.read_to_string(&mut reply).await.unwrap();
        assert!(reply.starts_with("HTTP/1.1 404 "), "{reply}");
    }
}

app_test! {
    async fn who_is_demoted_invited_nobody_above_it(app: TestApp) {
        let team = Team::new(app).await;
        let promote = app.call_as(team.owner.access(), &team.member("PATCH", &team.admin), json!({"role": "owner"})).await;
        assert_eq!(promote.status, 200, "{promote:?}");
        let eve = app.register("eve@example.com").await;
        let invitation = json!({"email": "eve@example.com", "role": "owner"});
        let invite = format!("POST {}/invitations", team.target);
        assert_eq!(app.call_as(team.admin.access(), &invite, invitation).await.status, 201);
        let token = app.mailed_token("eve@example.com").await;
        let demote = app.call_as(team.owner.access(), &team.member("PATCH", &team.admin), json!({"role": "admin"})).await;
        assert_eq!(demote.status, 200, "{demote:?}");
        let accept = app.call_as(eve.access(), "POST /api/invitations/accept", json!({"token": token})).await;
        assert_eq!(accept.problem(), (409, "CONFLICT".to_owned()));
    }
}
