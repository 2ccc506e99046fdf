//! The pages that links in mails lead to, as a browser without scripts shows them.

use bytes::Bytes;
use http::Request;
use mockbird_server::app::NewAccount;
use serde_json::json;

use crate::support::app::{PASSWORD, TestApp};
use crate::support::client::Reply;
use crate::support::database::TestDatabase;

impl TestApp {
    async fn fill(&self, target: &str, site: &str, form: &str) -> Reply {
        let request = Request::post(target)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", site)
            .body(Bytes::from(form.to_owned()));
        self.send(request.unwrap()).await
    }
}

fn text(reply: &Reply) -> &str {
    std::str::from_utf8(&reply.body).unwrap()
}

#[tokio::test]
async fn a_new_password_is_set_by_a_page() {
    let app = TestApp::start().await;
    app.register("ada@example.com").await;
    let body = json!({"email": "ada@example.com"});
    app.post("/api/auth/forgot-password", body).await;
    let token = app.mailed_token("ada@example.com").await;
    let link = format!("/reset-password?token={token}");
    for _ in 0..2 {
        let page = app.get(&link).await;
        assert_eq!(page.status, 200, "looking at it does nothing");
        assert_eq!(page.header("referrer-policy"), Some("same-origin"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert_eq!(
            page.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        insta::assert_snapshot!("reset", text(&page).replace(&token, "TOKEN"));
    }
    let form = |password: &str| format!("token={token}&password={password}");
    let right = form("battery+staple");
    let foreign = app.fill("/reset-password", "cross-site", &right).await;
    assert_eq!(foreign.problem().0, 403);
    let short = app
        .fill("/reset-password", "same-origin", &form("short"))
        .await;
    assert_eq!(short.status, 422);
    assert!(text(&short).contains("at least 8 characters"));
    assert!(text(&short).contains(&token), "it can be filled in again");
    let odd = app
        .fill("/reset-password", "same-origin", "password=x")
        .await;
    assert_eq!(odd.problem(), (400, "BAD_REQUEST".to_owned()));
    let done = app.fill("/reset-password", "same-origin", &right).await;
    assert_eq!(done.status, 200);
    insta::assert_snapshot!("reset_done", text(&done));
    let again = app.fill("/reset-password", "same-origin", &right).await;
    assert_eq!(again.status, 422);
    let login = json!({"email": "ada@example.com", "password": "battery staple"});
    assert_eq!(app.post("/api/auth/login", login).await.status, 200);
    app.stop().await;
}

#[tokio::test]
async fn an_address_is_proved_by_a_page_that_logs_in() {
    let app = TestApp::with(TestDatabase::sqlite(), &[("verify-email", "true")]).await;
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    app.post("/api/auth/register", body).await;
    let token = app.mailed_token("ada@example.com").await;
    let page = app.get(&format!("/verify-email?token={token}")).await;
    assert!(text(&page).contains("The password that you chose"));
    let form = |password: &str| format!("token={token}&password={password}");
    let wrong = app
        .fill("/verify-email", "same-origin", &form("wrong"))
        .await;
    assert_eq!((wrong.status.as_u16(), wrong.cookies().len()), (401, 0));
    let done = app
        .fill("/verify-email", "same-origin", &form("correct+horse"))
        .await;
    assert_eq!((done.status.as_u16(), done.cookies().len()), (200, 2));
    let cookies = done.cookies().into_iter();
    let cookies: Vec<_> = cookies.filter_map(|line| line.split("; ").next()).collect();
    let cookies = cookies.join("; ");
    let headers = [
        ("cookie", cookies.as_str()),
        ("sec-fetch-site", "same-origin"),
    ];
    let me = app
        .call("GET /api/auth/me", &headers, serde_json::Value::Null)
        .await;
    assert_eq!(me.json()["user"]["emailVerified"], true);
    app.stop().await;
}

#[tokio::test]
async fn an_invitation_is_accepted_by_a_page_with_an_account_and_without() {
    // Whoever is invited gets in where nobody else can sign up, and has proved its address.
    let flags = [("verify-email", "true"), ("registration", "closed")];
    let app = TestApp::with(TestDatabase::sqlite(), &flags).await;
    let account = NewAccount {
        email: "ada@example.com".parse().unwrap(),
        password: PASSWORD.parse().unwrap(),
        name: None,
    };
    app.app.operator_account(&account).await.unwrap();
    let ada = app.login("ada@example.com").await;
    let route = format!("POST /api/orgs/{}/invitations", ada.organization());
    // A password that none can be is told of where it would be the first; later it is merely wrong.
    let (short, long) = ("short".to_owned(), "x".repeat(513));
    let first = [
        (&short, 422, "at least 8 characters"),
        (&long, 422, "at most 512 bytes"),
    ];
    let later = [(&short, 401, "password"), (&long, 401, "password")];
    for (role, unfit) in [("member", first), ("admin", later)] {
        let invitation = json!({"email": "eve@example.com", "role": role});
        let made = app.call_as(ada.access(), &route, invitation).await;
        assert_eq!(made.status, 201, "{made:?}");
        let token = app.mailed_token("eve@example.com").await;
        let page = app.get(&format!("/invitation?token={token}")).await;
        assert!(text(&page).contains("if you have none yet"));
        let form = |password: &str| format!("token={token}&password={password}");
        for (password, status, said) in unfit {
            let refused = app
                .fill("/invitation", "same-origin", &form(password))
                .await;
            assert_eq!(
                (refused.status.as_u16(), refused.cookies().len()),
                (status, 0)
            );
            assert!(text(&refused).contains(said), "{}", text(&refused));
        }
        let done = app
            .fill("/invitation", "same-origin", &form("correct+horse"))
            .await;
        assert_eq!((done.status.as_u16(), done.cookies().len()), (200, 2));
        assert!(text(&done).contains("you belong to ada"), "{}", text(&done));
        let again = app
            .fill("/invitation", "same-origin", &form("correct+horse"))
            .await;
        assert_eq!((again.status.as_u16(), again.cookies().len()), (409, 0));
        let eve = app.login("eve@example.com").await;
        let members = format!(
            "GET /api/orgs/{}/members/{}",
            ada.organization(),
            eve.user()
        );
        let member = app
            .call_as(eve.access(), &members, serde_json::Value::Null)
            .await;
        assert_eq!(member.json()["role"], role);
        let leave = format!("POST /api/orgs/{}/leave", ada.organization());
        let left = app
            .call_as(eve.access(), &leave, serde_json::Value::Null)
            .await;
        assert!(left.status.is_success(), "{left:?}");
    }
    let unknown = app
        .fill(
            "/invitation",
            "same-origin",
            "token=mi_x&password=correct+horse",
        )
        .await;
    assert_eq!((unknown.status.as_u16(), unknown.cookies().len()), (404, 0));
    app.stop().await;
}

#[tokio::test]
async fn what_a_link_holds_is_no_part_of_the_page() {
    let app = TestApp::start().await;
    for page in ["/reset-password", "/verify-email", "/invitation"] {
        let odd = format!("{page}?token=%22%3E%3Cscript%3Ealert(1)%3C/script%3E");
        let shown = app.get(&odd).await;
        assert_eq!(shown.status, 200);
        assert!(!text(&shown).contains("<script"), "{}", text(&shown));
        assert_eq!(app.get(page).await.status, 200);
    }
    app.stop().await;
}
