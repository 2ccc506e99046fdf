//! What is logged of a request: who answered, what came, and what was sent.

use std::sync::Arc;

use http::Request;
use mockbird_server::domain::{AnsweredBy, LogRecord};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::broadcast;

use crate::mock_plane::{publish, publish_in};
use crate::private_projects::INNER;
use crate::support::app::TestApp;
use crate::support::database::{TestDatabase, app_test};
use crate::support::projects::{TestProject, id};

const SHOP: &str = r#"{"name": "Shop", "isPublic": true, "mocks": [
    {"path": "/", "responses": [{"body": "four"}, {"body": "late", "responseDelay": 20,
        "conditions": [{"type": "query", "field": "late", "operator": "exists"}]}]},
    {"path": "/cookie", "responses": [{"headers": {"Set-Cookie": "a=b", "NEL": "{}"}, "body": "four"}]},
    {"path": "/own", "responses": [{"headers": {"X-Request-Id": "mine"}}]},
    {"path": "/id", "responseType": "text", "responses": [{"body": "{{ request.id }}"}]},
    {"path": "/fails", "responses": [{"body": "{{ 1 // 0 }}"}]},
    {"path": "/once", "rateLimit": {"requests": 1, "per": "hour"}, "responses": [{"body": "four"}]},
    {"path": "/rare", "rateLimit": {"requests": 1, "per": "hour"}, "responses": [{"statusCode": 429}, {"body": "four"}]},
    {"path": "/large", "method": "POST", "responses": [{"body": "four"}]}
]}"#;

/// The records of a server, as they are made.
struct Log(broadcast::Receiver<Arc<LogRecord>>);

impl Log {
    fn of(app: &TestApp) -> Self {
        Self(app.app.log_feed().subscribe())
    }

    async fn next(&mut self) -> Arc<LogRecord> {
        self.0.recv().await.unwrap()
    }
}

app_test! {
    async fn each_request_becomes_a_record_of_its_answer(app: TestApp) {
        let (organization, project) = publish(app, "shop", SHOP).await;
        let mut log = Log::of(app);
        for (route, by, place) in [
            ("GET /m/shop/", AnsweredBy::Mock, Some(0)),
            ("GET /m/shop/?late=1", AnsweredBy::Mock, Some(1)),
            ("HEAD /m/shop/", AnsweredBy::Mock, Some(0)),
            ("GET /m/shop/fails", AnsweredBy::Failed, Some(0)),
            ("GET /m/shop/large", AnsweredBy::Nobody, None),
            ("POST /m/shop/large", AnsweredBy::Mock, Some(0)),
            ("GET /m/shop/once", AnsweredBy::Mock, Some(0)),
            ("GET /m/shop/once", AnsweredBy::Limited, None),
            ("GET /m/shop/rare", AnsweredBy::Mock, Some(1)),
            ("GET /m/shop/rare", AnsweredBy::Limited, Some(0)),
        ] {
            let reply = app.call(route, &[("user-agent", "tests")], Value::Null).await;
            let record = log.next().await;
            assert_eq!(reply.header("x-request-id"), Some(&*record.id.to_string()), "{route}");
            assert_eq!((record.organization, record.project), (organization, project));
            assert_eq!((record.answered_by, record.status), (by, reply.status.as_u16()), "{route}");
            assert_eq!(record.response_bytes, reply.body.len() as u64, "{route}");
            assert_eq!(record.delay_ms, if route.contains("late") { 20 } else { 0 });
            let target = route.split_once("/m/shop").unwrap().1;
            let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
            assert_eq!(record.path, path.as_bytes());
            assert_eq!(record.query.as_deref(), query.map(str::as_bytes));
            assert_eq!(record.user_agent.as_deref(), Some("tests"));
            assert_eq!(record.client.to_string(), "127.0.0.1");
            assert_eq!(record.near.is_empty(), by != AnsweredBy::Nobody, "{route}");
            let mut read = app.app.store().read().await.unwrap();
            let responses = read.response_ids(project).await.unwrap();
            let expected = place.map(|at| responses[&record.mock.unwrap()][at]);
            assert_eq!(record.response, expected, "{route}");
        }
    }
}

#[tokio::test]
async fn what_is_logged_of_a_reply_is_what_was_sent() {
    let app = TestApp::start().await;
    publish(&app, "shop", SHOP).await;
    let mut log = Log::of(&app);
    let etag = app.get("/m/shop/").await;
    let etag = etag.header("etag").unwrap().to_owned();
    assert_eq!(log.next().await.status, 200);
    for (route, header, status, bytes) in [
        ("GET /m/shop/", ("if-none-match", etag.as_str()), 304, 0),
        ("HEAD /m/shop/", ("x-a", "1"), 200, 0),
        ("GET /m/shop/", ("x-a", "1"), 200, 4),
    ] {
        let reply = app.call(route, &[header], Value::Null).await;
        let record = log.next().await;
        assert_eq!(
            (reply.status.as_u16(), reply.body.len() as u64),
            (status, bytes)
        );
        assert_eq!(
            (record.status, record.response_bytes),
            (status, bytes),
            "{route}"
        );
    }
    app.stop().await;
}

app_test! {
    async fn what_is_no_request_of_a_project_is_not_logged(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let organization = ada.organization().parse().unwrap();
        publish_in(app, organization, "shop", SHOP).await;
        publish_in(app, organization, "inner", INNER).await;
        let mut log = Log::of(app);
        for (route, status) in [
            ("OPTIONS /m/shop/", 204),
            ("GET /m/inner/", 401),
            ("GET /m/nobody/", 404),
            ("GET /m/shop/", 200),
        ] {
            let reply = app.call(route, &[("access-control-request-method", "GET")], Value::Null).await;
            assert_eq!(reply.status, status, "{route}");
            assert_eq!(reply.header("x-request-id").unwrap().len(), 36);
        }
        assert_eq!((log.next().await.path.as_slice(), log.0.is_empty()), (&b"/"[..], true));
    }
}

#[tokio::test]
async fn a_mock_knows_the_id_and_may_tell_its_own() {
    let app = TestApp::start().await;
    publish(&app, "shop", SHOP).await;
    let mut log = Log::of(&app);
    let given = [("x-request-id", "theirs")];
    let reply = app.call("GET /m/shop/id", &given, Value::Null).await;
    let record = log.next().await;
    assert_eq!(reply.body, record.id.to_string());
    let theirs = ("x-request-id".to_owned(), "theirs".to_owned());
    assert!(record.headers.contains(&theirs), "{record:?}");
    let reply = app.get("/m/shop/own").await;
    assert_eq!(reply.header("x-request-id"), Some("mine"));
    assert!(log.next().await.id > record.id);
    app.stop().await;
}

#[tokio::test]
async fn what_was_taken_out_of_a_reply_is_noted() {
    let app = TestApp::start().await;
    publish(&app, "shop", SHOP).await;
    let mut log = Log::of(&app);
    app.get("/m/shop/cookie").await;
    let notes = log.next().await.notes.clone();
    assert_eq!(
        notes,
        [
            "`set-cookie` was taken out of the reply: the host is not the mock's alone",
            "`nel` was taken out of the reply: the host is not the mock's alone",
        ]
    );
    app.get("/m/shop/fails").await;
    let notes = log.next().await.notes.clone();
    assert!(notes[0].starts_with("the template failed: "), "{notes:?}");
    app.stop().await;
}

#[tokio::test]
async fn bodies_are_cut_hashed_and_told_from_text() {
    let app = TestApp::with(TestDatabase::sqlite(), &[("logs-body", "10B")]).await;
    publish(&app, "shop", SHOP).await;
    let mut log = Log::of(&app);
    let post = async |body: Vec<u8>| {
        let request = Request::post("/m/shop/large").body(body.into());
        app.send(request.unwrap()).await.status
    };
    assert_eq!(post(vec![b'a'; 300_000]).await, 200);
    let record = log.next().await;
    let body = record.body.clone().unwrap();
    assert_eq!((body.kept.unwrap(), body.length), (vec![b'a'; 10], 300_000));
    assert_eq!(body.sha256.unwrap().len(), 64);
    assert_eq!(
        (body.is_binary, &*record.notes),
        (
            false,
            &["of the body, the first 10 bytes are kept".to_owned()][..]
        )
    );
    assert_eq!(post(b"\0\xff".to_vec()).await, 200);
    let body = log.next().await.body.clone().unwrap();
    assert_eq!(
        (body.kept.unwrap(), body.is_binary),
        (b"\0\xff".to_vec(), true)
    );
    assert_eq!(post(vec![0; 9 << 20]).await, 413);
    let record = log.next().await;
    assert_eq!(
        (record.answered_by, record.status, &record.body),
        (AnsweredBy::Host, 413, &None)
    );
    app.stop().await;
}

#[tokio::test]
async fn a_project_may_keep_no_bodies_and_hide_names_of_its_own() {
    let app = TestApp::start().await;
    let ada = app.register("ada@example.com").await;
    let shop = TestProject::new(&app, &ada).await;
    let conditions = json!([
        {"type": "body", "field": "person.ssn", "operator": "equals", "value": 2},
        {"type": "body", "field": "b", "operator": "equals", "value": 3}
    ]);
    let responses = json!([{"body": 1, "conditions": conditions}]);
    shop.mock(json!({"path": "/", "method": "POST", "responses": responses}))
        .await;
    let mut log = Log::of(&app);
    let call = async || {
        let route = format!("POST /m/{}/?ssn=1&b=2", shop.slug);
        app.call(
            &route,
            &[("x-ssn", "1")],
            json!({"person": {"ssn": 1}, "b": 2}),
        )
        .await;
    };
    call().await;
    let record = log.next().await;
    assert_eq!(record.query.as_deref(), Some(&b"ssn=1&b=2"[..]));
    for (logs, kept, reasons) in [
        (
            json!({"redact": ["SSN"]}),
            Some(r#"{"b":2,"person":{"ssn":"[redacted]"}}"#),
            ["[redacted]", "body field b is 2, not 3"],
        ),
        (json!({"storeBodies": false}), None, ["[redacted]"; 2]),
    ] {
        shop.done(
            "PATCH /api/projects/{project}",
            json!({ "logs": logs }),
            200,
        )
        .await;
        call().await;
        let record = log.next().await;
        assert_eq!(record.query.as_deref(), Some(&b"ssn=[redacted]&b=2"[..]));
        let header = ("x-ssn".to_owned(), "[redacted]".to_owned());
        assert!(record.headers.contains(&header), "{record:?}");
        let body = record.body.as_ref().unwrap();
        assert_eq!(body.kept.as_deref(), kept.map(str::as_bytes));
        assert!(body.sha256.is_none() && body.length > 0);
        assert_eq!(record.near[0].reasons, reasons);
    }
    app.stop().await;
}

#[tokio::test]
async fn mocks_and_responses_are_known_after_edits() {
    let app = TestApp::start().await;
    let ada = app.register("ada@example.com").await;
    let shop = TestProject::new(&app, &ada).await;
    let mut log = Log::of(&app);
    shop.call("GET /first").await;
    assert_eq!(log.next().await.mock, None);
    let first = shop
        .mock(json!({"path": "/first", "responses": [{"body": 1}]}))
        .await;
    let other = shop
        .mock(json!({"path": "/other", "responses": [{"body": 1}]}))
        .await;
    let wish =
        json!({"action": "create", "mocks": [{"path": "/bulk", "responses": [{"body": 1}]}]});
    let bulk = shop
        .done("POST /api/projects/{project}/mocks/bulk", wish, 200)
        .await;
    let bulk = bulk["mocks"][0].as_str().unwrap();
    let route = format!("POST /api/mocks/{}/responses", id(&first));
    let conditions = json!([{"type": "query", "field": "q", "operator": "exists"}]);
    let second = shop
        .done(&route, json!({"body": 2, "conditions": conditions}), 201)
        .await;
    let loads = app.app.mock_plane().held().await.loads;
    for (route, mock, response) in [
        ("GET /first", id(&first), Some(id(&first["responses"][0]))),
        ("GET /first?q", id(&first), Some(id(&second))),
        ("GET /other", id(&other), Some(id(&other["responses"][0]))),
        ("GET /bulk", bulk, None),
    ] {
        shop.call(route).await;
        let record = log.next().await;
        assert_eq!(record.mock.unwrap().to_string(), mock, "{route}");
        let told = record.response.unwrap().to_string();
        assert_eq!(told, response.unwrap_or(&told), "{route}");
    }
    assert_eq!(
        app.app.mock_plane().held().await.loads,
        loads,
        "edited in memory"
    );
    app.stop().await;
}

/// What no client of ours would send.
async fn raw(app: &TestApp, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).await.unwrap();
    String::from_utf8_lossy(&reply).into_owned()
}

app_test! {
    async fn any_bytes_are_logged_and_stored(app: TestApp) {
        publish(app, "shop", SHOP).await;
        let mut log = Log::of(app);
        let head = b"POST /m/shop/%00/\xc3\xa9?a=%00&b=\xc3\xa9 HTTP/1.1\r\nHost: a\r\nX-Raw: a\xff\tb\r\nConnection: close\r\n\
            Content-Length: 3\r\n\r\n";
        let reply = raw(app, &[head, &b"\0\xff\n"[..]].concat()).await;
        assert!(reply.starts_with("HTTP/1.1 404"), "{reply}");
        let record = log.next().await;
        assert_eq!(record.path, "/%00/\u{e9}".as_bytes());
        assert_eq!(record.query.as_deref(), Some("a=%00&b=\u{e9}".as_bytes()));
        let header = ("x-raw".to_owned(), "a\u{fffd}\tb".to_owned());
        assert!(record.headers.contains(&header), "{record:?}");
        assert_eq!(record.body.as_ref().unwrap().kept.as_deref(), Some(&b"\0\xff\n"[..]));
        let engine = &app.app.config().database.engine;
        crate::logs_delivery::until_stored(engine, 1).await;
        let stored = crate::store_logs::bytes(engine, "select request_body from request_logs").await;
        assert_eq!(stored, [Some(b"\0\xff\n".to_vec())]);
    }
}
