//! Invitations: mailed, accepted, declined, revoked, expired.

use std::time::Duration;

use mockbird_server::app::{Actor, NewAccount, Stoppable};
use mockbird_server::domain::{Clock, InvitationId, Millis, Page, PlainToken, Role};
use mockbird_server::store::NewInvitation;
use serde_json::{Value, json};

use crate::store_rows::organization;
use crate::support::app::{Login, PASSWORD, TestApp};
use crate::support::client::Reply;
use crate::support::database::{TestDatabase, app_test};

const ACCEPT: &str = "POST /api/invitations/accept";
const DECLINE: &str = "POST /api/invitations/decline";

async fn invite(app: &TestApp, by: &Login, organization: &str, email: &str, role: &str) -> Reply {
    let route = format!("POST /api/orgs/{organization}/invitations");
    let body = json!({"email": email, "role": role});
    app.call_as(by.access(), &route, body).await
}

/// Answers the invitation that was mailed last to this address.
async fn answer(app: &TestApp, who: &Login, route: &str, email: &str) -> Reply {
    let token = app.mailed_token(email).await;
    app.call_as(who.access(), route, json!({ "token": token }))
        .await
}

/// The states of the invitations of an organization, the latest first.
async fn states(app: &TestApp, who: &Login, organization: &str, query: &str) -> Vec<String> {
    let route = format!("GET /api/orgs/{organization}/invitations{query}");
    let list = app.call_as(who.access(), &route, Value::Null).await.json();
    let items = list["items"].as_array().unwrap();
    assert_eq!(list["total"], items.len());
    let state = |item: &Value| item["status"].as_str().unwrap().to_owned();
    items.iter().map(state).collect()
}

app_test! {
    async fn who_is_invited_joins_by_the_mailed_token(app: TestApp) {
        let (ada, eve) = (app.register("ada@example.com").await, app.register("eve@example.com").await);
        let organization = ada.organization();
        let made = invite(app, &ada, organization, "Eve@example.com", "viewer").await;
        assert_eq!(made.status, 201, "{made:?}");
        let made = made.json();
        assert_eq!((&made["status"], &made["email"]), (&json!("pending"), &json!("eve@example.com")));
        assert_eq!((&made["role"], &made["invitedBy"]), (&json!("viewer"), &ada.0["user"]["id"]));
        let mail = app.mails().await.remove(0);
        assert_eq!((mail.to.as_str(), mail.subject.as_str()), ("eve@example.com", "ada@example.com invites you to ada"));
        let token = app.mailed_token("eve@example.com").await;
        assert!(!made.to_string().contains(&token), "the token is in the mail alone");

        let joined = answer(app, &eve, ACCEPT, "eve@example.com").await;
        assert_eq!((joined.status.as_u16(), &joined.json()["role"]), (200, &json!("viewer")));
        assert_eq!(joined.json()["id"], organization);
        let again = answer(app, &eve, ACCEPT, "eve@example.com").await;
        assert_eq!(again.problem(), (409, "CONFLICT".to_owned()));
        let me = app.call_as(eve.access(), "GET /api/auth/me", Value::Null).await.json();
        assert_eq!(me["user"]["emailVerified"], true, "who has the token reads the mail");
        let member = format!("GET /api/orgs/{organization}/members/{}", eve.user());
        let member = app.call_as(eve.access(), &member, Value::Null).await.json();
        assert_eq!((&member["role"], &member["invitedBy"]), (&json!("viewer"), &ada.0["user"]["id"]));
        assert_eq!(states(app, &ada, organization, "").await, ["accepted"]);
        assert_eq!(states(app, &ada, organization, "?open=true").await, [""; 0]);
        let log = format!("GET /api/orgs/{organization}/audit-logs?resourceType=invitation");
        let log = app.call_as(ada.access(), &log, Value::Null).await.json();
        let lines: Vec<_> = log["items"].as_array().unwrap().iter()
            .map(|line| (line["action"].as_str().unwrap(), line["userId"].as_str().unwrap())).collect();
        assert_eq!(lines, [("invitation.accepted", eve.user()), ("invitation.created", ada.user())]);
    }
}

app_test! {
    async fn an_invitation_is_for_its_address_alone(app: TestApp) {
        let (ada, eve) = (app.register("ada@example.com").await, app.register("eve@example.com").await);
        invite(app, &ada, ada.organization(), "bob@example.com", "owner").await;
        for route in [ACCEPT, DECLINE] {
            let refused = answer(app, &eve, route, "bob@example.com").await;
            assert_eq!(refused.problem(), (403, "FORBIDDEN".to_owned()));
            let unknown = app.call_as(eve.access(), route, json!({"token": "mi_none"})).await;
            assert_eq!(unknown.problem(), (404, "NOT_FOUND".to_owned()));
        }
        let bob = app.register("bob@example.com").await;
        assert_eq!(answer(app, &bob, DECLINE, "bob@example.com").await.status, 204);
        let late = answer(app, &bob, ACCEPT, "bob@example.com").await;
        assert_eq!(late.problem(), (409, "CONFLICT".to_owned()));
        assert_eq!(states(app, &ada, ada.organization(), "").await, ["declined"]);
    }
}

app_test! {
    async fn nobody_is_invited_twice_nor_above_the_inviter(app: TestApp) {
        let (ada, bob) = (app.register("ada@example.com").await, app.register("bob@example.com").await);
        let organization = ada.organization();
        app.join(organization, &bob, Role::Admin).await;
        for (by, email, role, status) in [
            (&bob, "eve@example.com", "owner", 403),
            (&bob, "eve@example.com", "root", 422),
            (&bob, "eve@", "viewer", 422),
            (&bob, "ada@example.com", "viewer", 409),
            (&bob, "eve@example.com", "admin", 201),
            (&ada, "eve@example.com", "viewer", 409),
        ] {
            let reply = invite(app, by, organization, email, role).await;
            assert_eq!(reply.status, status, "{email} {role} {reply:?}");
        }
        let list = format!("GET /api/orgs/{organization}/invitations");
        let list = app.call_as(ada.access(), &list, Value::Null).await.json();
        let revoke = format!("DELETE /api/orgs/{organization}/invitations/{}", list["items"][0]["id"].as_str().unwrap());
        assert_eq!(app.call_as(ada.access(), &revoke, Value::Null).await.status, 204);
        assert_eq!(app.call_as(ada.access(), &revoke, Value::Null).await.problem(), (409, "CONFLICT".to_owned()));
        let eve = app.register("eve@example.com").await;
        assert_eq!(answer(app, &eve, ACCEPT, "eve@example.com").await.problem(), (409, "CONFLICT".to_owned()));
        assert_eq!(invite(app, &ada, organization, "eve@example.com", "viewer").await.status, 201);
        assert_eq!(states(app, &ada, organization, "").await, ["pending", "revoked"]);
        let elsewhere = revoke.replace(organization, eve.organization());
        assert_eq!(app.call_as(eve.access(), &elsewhere, Value::Null).await.status, 404);
    }
}

app_test! {
    async fn what_somebody_invited_ends_with_its_power_to(app: TestApp) {
        let (ada, bob) = (app.register("ada@example.com").await, app.register("bob@example.com").await);
        let organization = ada.organization();
        app.join(organization, &bob, Role::Admin).await;
        let member = format!("/api/orgs/{organization}/members/{}", bob.user());
        for (end, body) in [("PATCH", json!({"role": "member"})), ("DELETE", Value::Null)] {
            let promoted = app.call_as(ada.access(), &format!("PATCH {member}"), json!({"role": "admin"})).await;
            assert_eq!(promoted.status, 200);
            let email = format!("{}@example.com", end.to_lowercase());
            assert_eq!(invite(app, &bob, organization, &email, "admin").await.status, 201);
            let ended = app.call_as(ada.access(), &format!("{end} {member}"), body).await;
            assert!(ended.status.is_success(), "{ended:?}");
            let invited = app.register(&email).await;
            assert_eq!(answer(app, &invited, ACCEPT, &email).await.problem(), (409, "CONFLICT".to_owned()));
        }
    }
}

app_test! {
    async fn only_addresses_of_the_allowed_domains_are_taken(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let settings = format!("PATCH /api/orgs/{}/settings", ada.organization());
        assert_eq!(invite(app, &ada, ada.organization(), "eve@example.org", "viewer").await.status, 201);
        let only = json!({"allowedEmailDomains": ["example.com"]});
        app.call_as(ada.access(), &settings, only).await;
        for (email, status) in [("bob@example.org", 422), ("bob@sub.example.com", 422), ("bob@example.com", 201)] {
            let reply = invite(app, &ada, ada.organization(), email, "viewer").await;
            assert_eq!(reply.status, status, "{email}");
            if status == 422 {
                assert_eq!(reply.json()["details"][0]["at"], "email");
            }
        }
        let eve = app.register("eve@example.org").await;
        let late = answer(app, &eve, ACCEPT, "eve@example.org").await;
        assert_eq!(late.problem(), (422, "VALIDATION_FAILED".to_owned()), "the rule is younger than the invitation");
    }
}

app_test! {
    async fn of_many_who_show_a_token_at_once_one_joins(app: TestApp) {
        let (ada, eve) = (app.register("ada@example.com").await, app.register("eve@example.com").await);
        invite(app, &ada, ada.organization(), "eve@example.com", "viewer").await;
        let accept = || answer(app, &eve, ACCEPT, "eve@example.com");
        let decline = || answer(app, &eve, DECLINE, "eve@example.com");
        let (a, b, c, d) = tokio::join!(accept(), decline(), accept(), decline());
        let done = [&a, &b, &c, &d].iter().filter(|reply| reply.status.is_success()).count();
        assert_eq!(done, 1, "{a:?} {b:?} {c:?} {d:?}");
        assert!([&a, &b, &c, &d].iter().all(|reply| reply.status.is_success() || reply.status == 409));
    }
}

#[tokio::test]
async fn an_invitation_ends_by_itself_and_makes_room_for_another() {
    let clock = Clock::fixed(Millis(1_900_000_000_000));
    let app = TestApp::at(clock.clone(), TestDatabase::sqlite(), &[]).await;
    let ada = app.register("ada@example.com").await;
    let organization = ada.organization().to_owned();
    invite(&app, &ada, &organization, "eve@example.com", "viewer").await;
    clock.advance(Duration::from_hours(7 * 24));
    let ada = app.login("ada@example.com").await;
    let eve = app.register("eve@example.com").await;
    let late = answer(&app, &eve, ACCEPT, "eve@example.com").await;
    assert_eq!(late.problem(), (409, "CONFLICT".to_owned()));
    assert_eq!(
        states(&app, &ada, &organization, "?open=true").await,
        ["expired"]
    );
    let anew = invite(&app, &ada, &organization, "eve@example.com", "member").await;
    assert_eq!(anew.status, 201);
    let mut all = states(&app, &ada, &organization, "").await;
    all.sort_unstable();
    assert_eq!(all, ["pending", "revoked"]);
    clock.advance(Duration::from_hours(7 * 24) - Duration::from_millis(1));
    let eve = app.login("eve@example.com").await;
    let joined = answer(&app, &eve, ACCEPT, "eve@example.com").await;
    assert_eq!(joined.status, 200, "until its last millisecond");
    app.stop().await;
}

/// Signs up with the token of an invitation.
async fn sign_up(app: &TestApp, email: &str, token: Option<&str>) -> Reply {
    let body = json!({"email": email, "password": PASSWORD, "invitationToken": token});
    app.post("/api/auth/register", body).await
}

#[tokio::test]
async fn who_is_invited_signs_up_where_nobody_else_can() {
    let flags = [
        ("registration", "closed"),
        ("verify-email", "true"),
        ("allowed-email-domains", "example.net"),
    ];
    let app = TestApp::with(TestDatabase::sqlite(), &flags).await;
    let now = Clock::System.now();
    let token = PlainToken::random("mi_");
    let organization = organization(app.app.store()).await;
    let mut tx = app.app.store().begin().await.unwrap();
    let owner = tx
        .member_list(organization, Page::new(None, None).unwrap())
        .await
        .unwrap();
    let invitation = NewInvitation {
        id: InvitationId::new(now),
        organization,
        email: "eve@example.com".parse().unwrap(),
        role: Role::Member,
        hash: token.hash(),
        invited_by: owner.items[0].user,
        expires_at: now.after(Duration::from_hours(1)),
    };
    tx.invitation_insert(&invitation, now).await.unwrap();
    tx.commit().await.unwrap();

    let token = token.reveal();
    for (email, token, status) in [
        ("eve@example.com", None, 403),
        ("eve@example.com", Some("mi_none"), 422),
        ("bob@example.com", Some(token), 422),
        ("eve@example.com", Some(token), 201),
        ("eve@example.com", Some(token), 409),
    ] {
        let reply = sign_up(&app, email, token).await;
        assert_eq!(reply.status, status, "{email} {token:?} {reply:?}");
    }
    let eve = app.login("eve@example.com").await;
    assert_eq!(eve.0["user"]["emailVerified"], true);
    let body = json!({ "token": token });
    let joined = app.call_as(eve.access(), ACCEPT, body).await;
    assert_eq!(joined.json()["id"], organization.to_string());
    let late = sign_up(&app, "eve@example.com", Some(token)).await;
    assert_eq!(late.problem(), (422, "VALIDATION_FAILED".to_owned()));
    app.stop().await;
}

#[tokio::test]
async fn mails_are_not_sent_without_end() {
    let flags = [("rates-invitation", "2/hour")];
    let app = TestApp::with(TestDatabase::sqlite(), &flags).await;
    let ada = app.register("ada@example.com").await;
    for (email, status) in [
        ("a@example.com", 201),
        ("b@example.com", 201),
        ("c@example.com", 429),
    ] {
        let reply = invite(&app, &ada, ada.organization(), email, "viewer").await;
        assert_eq!(reply.status, status);
    }
    app.stop().await;
}

app_test! {
    async fn what_a_suspended_user_invited_is_taken_back(app: TestApp) {
        let (ada, eve) = (app.register("ada@example.com").await, app.register("eve@example.com").await);
        let organization = ada.organization();
        app.join(organization, &eve, Role::Admin).await;
        invite(app, &ada, organization, "bob@example.com", "viewer").await;
        invite(app, &eve, organization, "cyd@example.com", "viewer").await;
        let suspended = Stoppable::User("eve@example.com".parse().unwrap());
        app.app.operator_suspend(&suspended, true).await.unwrap();
        assert_eq!(states(app, &ada, organization, "").await, ["revoked", "pending"]);
        let cyd = app.register("cyd@example.com").await;
        assert_eq!(answer(app, &cyd, ACCEPT, "cyd@example.com").await.status, 409);
    }
}

#[tokio::test]
async fn a_suspended_organization_lets_nobody_sign_up() {
    let app = TestApp::with(TestDatabase::sqlite(), &[("registration", "closed")]).await;
    let account = NewAccount {
        email: "ada@example.com".parse().unwrap(),
        password: PASSWORD.parse().unwrap(),
        name: None,
    };
    app.app.operator_account(&account).await.unwrap();
    let ada = app.login("ada@example.com").await;
    let id = ada.organization().parse().unwrap();
    invite(&app, &ada, ada.organization(), "bob@example.com", "viewer").await;
    let token = app.mailed_token("bob@example.com").await;
    for (suspended, status) in [(true, 403), (false, 201)] {
        app.app
            .organization_suspend(id, suspended, &Actor::operator())
            .await
            .unwrap();
        let reply = sign_up(&app, "bob@example.com", Some(&token)).await;
        assert_eq!(reply.status, status, "{reply:?}");
    }
    app.stop().await;
}
