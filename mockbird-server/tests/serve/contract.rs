//! What the document of the API says, held against what the server does: schemathesis asks every route for what
//! it allows and for what it forbids.

use std::fmt::Write as _;
use std::process::Command;

use mockbird_server::domain::{LogId, Role};
use serde_json::{Value, json};

use crate::support::app::{Login, TestApp};
use crate::support::logs::{Logger, body, store};
use crate::support::projects::{TestProject, id as id_of};

/// What names the program.
const PROGRAM: &str = "MOCKBIRD_TEST_SCHEMATHESIS";

/// How often each route is asked beside the cases that its schema suggests; more by hand.
const EXAMPLES: &str = "MOCKBIRD_TEST_SCHEMATHESIS_EXAMPLES";

/// Refusals of what the schema allows: the plan, what a schema cannot say, and the rates.
const REFUSED: &str = r#"[401, 402, 403, 404, 409, 412, 422, 429, "2xx"]"#;

/// Refusals of what the schema forbids.
const FORBIDDEN: &str = "[400, 401, 402, 403, 404, 405, 406, 409, 412, 415, 422, 429]";

/// Routes that would end the login that asks, and the one whose reply has no end.
const LEFT_OUT: &str = "^/api/auth/(logout|sessions)$|/logs/stream$";

#[tokio::test(flavor = "multi_thread")]
async fn every_route_does_what_its_description_says() {
    let program = std::env::var(PROGRAM).unwrap_or_else(|_| {
        panic!("{PROGRAM} names no schemathesis: run `bash .ci/schemathesis cargo test -p mockbird-server --test serve contract`")
    });
    let app = TestApp::start().await;
    let login = app.register("ada@a.co").await;
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("settings.toml");
    std::fs::write(&settings, self::settings(&app, &login).await).unwrap();
    let document = format!("http://{}/api/openapi.json", app.address);
    let examples = std::env::var(EXAMPLES).unwrap_or_else(|_| "5".to_owned());
    let mut asked = Command::new(program);
    asked
        .arg("--config-file")
        .arg(&settings)
        .args(["run", &document, "--checks", "all", "--workers", "2"])
        .args(["--phases", "examples,coverage,fuzzing"])
        .args(["--max-examples", &examples, "--continue-on-failure"])
        .args(["--exclude-path-regex", LEFT_OUT])
        .args(["--suppress-health-check", "all", "--no-color"])
        .current_dir(folder.path());
    if examples == "5" {
        asked.args(["--seed", "1", "--generation-deterministic"]);
    }
    let said = tokio::task::spawn_blocking(move || asked.output())
        .await
        .unwrap()
        .unwrap();
    let text = String::from_utf8_lossy(&said.stdout);
    assert!(said.status.success(), "{text}");
    assert!(text.contains("Tested:"), "{text}");
    app.stop().await;
}

/// Who asks, and for what: what is deleted is not what others ask for.
async fn settings(app: &TestApp, login: &Login) -> String {
    let (token, organization) = (login.access(), login.organization());
    let eve = app.register("eve@a.co").await;
    app.join(organization, &eve, Role::Member).await;
    let bob = app.register("bob@a.co").await;
    app.join(organization, &bob, Role::Member).await;
    let id = |route: String, body: Value| async move {
        let reply = app.call_as(token, &route, body).await;
        assert_eq!(reply.status, 201, "{route} {reply:?}");
        reply.json()
    };
    let of = |part: &str| format!("POST /api/orgs/{organization}/{part}");
    let key = id(
        of("api-keys"),
        json!({"name": "CI", "permissions": ["admin"]}),
    )
    .await;
    let spare = id(
        of("api-keys"),
        json!({"name": "CI", "permissions": ["read"]}),
    )
    .await;
    let invitation = json!({"email": "joe@a.co", "role": "viewer"});
    let invitation = id(of("invitations"), invitation).await;
    let shop = TestProject::new(app, login).await;
    let sold = TestProject::new(app, login).await.id.to_string();
    let mock = || json!({"path": format!("/{}", fastrand::u32(..)), "responses": [{}, {"statusCode": 404}]});
    let (kept, gone, halved) = (
        shop.mock(mock()).await,
        shop.mock(mock()).await,
        shop.mock(mock()).await,
    );
    let mut text = format!(
        "[parameters]\n\"header.If-Match\" = \"*\"\norganization = \"{organization}\"\nuser = \"{}\"\nkey = {}\ninvitation = {}\n\
         project = \"{}\"\nlog = \"{}\"\nmock = {}\nresponse = {}\n\
         [checks]\npositive_data_acceptance.expected-statuses = {REFUSED}\n\
         negative_data_rejection.expected-statuses = {FORBIDDEN}\n\
         [auth.openapi]\nlogin = {{ bearer = \"{token}\" }}\nkey = {{ api_key = {} }}\n",
        eve.user(),
        spare["id"],
        invitation["id"],
        shop.id,
        logged(app, &shop).await,
        kept["id"],
        kept["responses"][0]["id"],
        key["key"],
    );
    let victims = [
        (
            "DELETE /api/orgs/{organization}/members/{user}",
            "user",
            bob.user(),
        ),
        ("DELETE /api/projects/{project}", "project", &*sold),
        ("DELETE /api/mocks/{mock}", "mock", id_of(&gone)),
        (
            "DELETE /api/mocks/{mock}/responses/{response}",
            "mock",
            id_of(&halved),
        ),
    ];
    for (route, parameter, victim) in victims {
        writeln!(
            text,
            "[[operations]]\ninclude-name = \"{route}\"\nparameters.{parameter} = \"{victim}\""
        )
        .unwrap();
    }
    text
}

/// A request to a project that is asked for: its id.
async fn logged(app: &TestApp, project: &TestProject<'_>) -> LogId {
    let log = Logger::of(project);
    let mut record = log.record(app.app.clock().now(), "POST /birds/7?page=2");
    record.body = Some(body(br#"{"name":"wren"}"#, 15));
    store(app.app.store(), std::slice::from_ref(&record)).await;
    record.id
}
