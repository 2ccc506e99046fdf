//! Logged requests over HTTP: lists, one of them, and files.

use std::time::Duration;

use mockbird_server::domain::{AnsweredBy, LogNearMiss, LogRecord, Millis, MockId, Plan, Role};
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::database::app_test;
use crate::support::logs::{Logger, body, store};
use crate::support::projects::{TestProject, id};

const LOGS: &str = "GET /api/projects/{project}/logs";
const DAY: Duration = Duration::from_hours(24);

/// The paths of a list, in its order.
fn paths(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().unwrap().iter();
    items.map(|item| item["path"].as_str().unwrap()).collect()
}

fn now(app: &TestApp) -> Millis {
    app.app.clock().now()
}

app_test! {
    async fn they_are_listed_the_latest_first(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::new(app, &ada).await;
        let empty = shop.done(LOGS, Value::Null, 200).await;
        assert_eq!(empty, json!({"items": [], "page": 1, "limit": 20, "total": 0, "nextCursor": null}));
        let mut all = Logger::of(&shop).many(now(app), 45);
        all[3].body = Some(body(b"four", 4));
        store(app.app.store(), &all).await;
        let first = shop.done(LOGS, Value::Null, 200).await;
        assert_eq!((paths(&first).len(), paths(&first)[0]), (20, "/44"));
        assert_eq!(first["total"], 45);
        let third = shop.done(&format!("{LOGS}?page=3"), Value::Null, 200).await;
        assert_eq!((paths(&third), &third["nextCursor"]), (vec!["/4", "/3", "/2", "/1", "/0"], &Value::Null));
        assert_eq!((third["items"][1].get("body"), &third["items"][1]["bodyLength"]), (None, &json!(4)));

        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let part = shop.done(&format!("{LOGS}?limit=10{cursor}"), Value::Null, 200).await;
            seen.extend(paths(&part).into_iter().map(str::to_owned));
            let Some(next) = part["nextCursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
            // What comes meanwhile moves nothing.
            store(app.app.store(), &Logger::of(&shop).many(now(app), 1)).await;
        }
        assert_eq!(seen, (0..45).rev().map(|n| format!("/{n}")).collect::<Vec<_>>());
    }
}

app_test! {
    async fn one_is_told_whole(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::new(app, &ada).await;
        let log = Logger::of(&shop);
        let mut miss = log.record(now(app), "POST /birds?page=2");
        miss.near = vec![LogNearMiss {
            mock: "Birds".to_owned(), method: "GET".to_owned(), path: "/birds".to_owned(),
            reasons: vec!["method is POST, not GET".to_owned()],
        }];
        miss.notes = vec!["`Set-Cookie` was taken out".to_owned()];
        miss.user_agent = Some("tests".to_owned());
        for (kept, told) in [
            (None, json!([null, null, false, false, 0])),
            (Some(body(b"caf\xc3\xa9", 5)), json!(["café", null, false, true, 5])),
            (Some(body(b"caf\xc3", 5)), json!(["caf", null, true, true, 5])),
            (Some(body(b"\xff\0", 2)), json!([null, "/wA=", false, true, 2])),
            (Some(mockbird_server::domain::LogBody { kept: None, ..body(b"", 7) }), json!([null, null, false, false, 7])),
        ] {
            let record = LogRecord { body: kept, id: log.record(now(app), "GET /").id, ..miss.clone() };
            store(app.app.store(), std::slice::from_ref(&record)).await;
            let whole = shop.done(&format!("{LOGS}/{}", record.id), Value::Null, 200).await;
            let found = ["body", "bodyBase64", "truncated", "isBodyKept", "bodyLength"].map(|member| whole[member].clone());
            assert_eq!(json!(found), told);
            for (member, value) in [
                ("id", json!(record.id.to_string())), ("projectId", json!(shop.id.to_string())), ("mockId", Value::Null),
                ("answeredBy", json!("nobody")), ("method", json!("POST")), ("path", json!("/birds")), ("query", json!("page=2")),
                ("headers", json!([{"name": "accept", "value": "text/plain"}])), ("status", json!(404)),
                ("responseBytes", json!(2)), ("engineUs", json!(30)), ("delayMs", json!(0)), ("ipAddress", json!("127.0.0.1")),
                ("userAgent", json!("tests")), ("notes", json!(["`Set-Cookie` was taken out"])),
                ("nearest", json!([{"mock": "Birds", "method": "GET", "path": "/birds", "reasons": ["method is POST, not GET"]}])),
            ] {
                assert_eq!(whole[member], value, "{member}");
            }
        }
        for unknown in ["none", "01a21a4d-4000-7000-8000-000000000000"] {
            assert_eq!(shop.ask(&format!("{LOGS}/{unknown}"), Value::Null).await.problem().0, 404);
        }
    }
}

app_test! {
    async fn a_filter_narrows_them(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::new(app, &ada).await;
        let mock = shop.mock(json!({"path": "/birds", "responses": [{}]})).await;
        let (mock_id, response_id) = (id(&mock), id(&mock["responses"][0]));
        let (log, now) = (Logger::of(&shop), now(app));
        let earlier = now.before(Duration::from_hours(1));
        let mut birds = log.record(earlier, "GET /birds");
        birds.answered_by = AnsweredBy::Mock;
        (birds.status, birds.mock, birds.response) = (200, mock_id.parse().ok(), response_id.parse().ok());
        let mut failed = LogRecord { status: 500, answered_by: AnsweredBy::Failed, ..log.record(now, "POST /birds/7?colour=red") };
        (failed.mock, failed.body) = (birds.mock, Some(body(br#"{"name":"wren"}"#, 15)));
        let mut bats = log.record(now, "DELETE /bats");
        bats.headers.push(("x-a".to_owned(), "say \"hi\"".to_owned()));
        store(app.app.store(), &[birds, failed, bats]).await;
        let hour = "2026-01-01T00:00:00Z";
        for (query, found) in [
            ("method=GET", &["/birds"][..]),
            ("method=POST,DELETE", &["/bats", "/birds/7"]),
            ("status=404", &["/bats"]),
            ("status=2xx,500", &["/birds/7", "/birds"]),
            ("path=/birds", &["/birds/7", "/birds"]),
            ("path=/birds/", &["/birds/7"]),
            ("matched=true", &["/birds/7", "/birds"]),
            ("matched=false", &["/bats"]),
            (&format!("mockId={mock_id}"), &["/birds/7", "/birds"]),
            (&format!("responseId={response_id}"), &["/birds"]),
            (&format!("from={}", time(now)), &["/bats", "/birds/7"]),
            (&format!("before={}", time(now)), &["/birds"]),
            (&format!("before={hour}"), &[]),
            ("q=wren", &["/birds/7"]),
            ("q=colour", &["/birds/7"]),
            ("q=say+%22hi%22", &["/bats"]),
            ("q=127.0.0.1", &["/bats", "/birds/7", "/birds"]),
            ("q=Wren", &[]),
            ("q=wren&method=GET", &[]),
        ] {
            let list = shop.done(&format!("{LOGS}?{query}"), Value::Null, 200).await;
            assert_eq!(paths(&list), found, "{query}");
            assert_eq!(list["total"].is_null(), !query.starts_with("mockId"), "{query}");
        }
        let of_mock = shop.done(&format!("GET /api/mocks/{mock_id}/logs?status=200"), Value::Null, 200).await;
        assert_eq!((paths(&of_mock), &of_mock["total"]), (vec!["/birds"], &Value::Null));
        let of_mock = shop.done(&format!("GET /api/mocks/{mock_id}/logs"), Value::Null, 200).await;
        assert_eq!((paths(&of_mock), &of_mock["total"]), (vec!["/birds/7", "/birds"], &json!(2)));
        for (query, at) in [
            ("method=GE%20T", "method"), ("status=4x", "status"), ("from=now", "from"), ("before=1", "before"), ("q=", "q"),
            ("path=%00", "path"), ("mockId=7", "mockId"), ("responseId=7", "responseId"), ("matched=maybe", "matched"),
            ("cursor=7", "cursor"), ("page=0", "page"), ("limit=101", "limit"), ("page=5002", "page"),
        ] {
            let reply = shop.ask(&format!("{LOGS}?{query}"), Value::Null).await;
            assert_eq!(reply.problem().0, 422, "{query}");
            assert_eq!(reply.json()["details"][0]["at"], at, "{query}");
        }
    }
}

/// As a query has it.
fn time(at: Millis) -> String {
    let time = jiff::Timestamp::from_millisecond(at.0).unwrap();
    format!("{time:.3}")
}

app_test! {
    async fn what_is_older_than_the_plan_is_not_there(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let spec = r#"{"name": "Shop", "mocks": []}"#;
        for (plan, days) in [(Plan::Free, 7), (Plan::Pro, 30), (Plan::Team, 90)] {
            let shop = TestProject::on_plan(plan, app, &ada, spec).await;
            let mut read = app.app.store().read().await.unwrap();
            let organization = read.project_find(shop.id).await.unwrap().unwrap().organization;
            drop(read);
            let log = Logger::new(organization, shop.id);
            let minute = Duration::from_mins(1);
            let old = log.record(now(app).before(DAY * days + minute), "GET /old");
            let kept = log.record(now(app).before(DAY * days).after(minute), "GET /kept");
            store(app.app.store(), &[old.clone(), kept.clone()]).await;
            for query in ["", "?from=2020-01-01T00:00:00Z", "?q=GET", "?q=/"] {
                let list = shop.done(&format!("{LOGS}{query}"), Value::Null, 200).await;
                assert!(!paths(&list).contains(&"/old"), "{plan} {query}");
            }
            assert_eq!(paths(&shop.done(LOGS, Value::Null, 200).await), ["/kept"]);
            for (record, status) in [(&old, 404), (&kept, 200)] {
                assert_eq!(shop.ask(&format!("{LOGS}/{}", record.id), Value::Null).await.status, status);
            }
            let file = shop.ask("GET /api/projects/{project}/logs/export", Value::Null).await;
            assert_eq!(String::from_utf8_lossy(&file.body).lines().count(), 1);
        }
    }
}

app_test! {
    async fn nobody_sees_those_of_others(app: TestApp) {
        let (ada, eve) = (app.register("ada@example.com").await, app.register("eve@example.com").await);
        let (shop, shed) = (TestProject::new(app, &ada).await, TestProject::new(app, &ada).await);
        let theirs = TestProject::new(app, &eve).await;
        let record = Logger::of(&shop).record(now(app), "GET /secret");
        store(app.app.store(), std::slice::from_ref(&record)).await;
        let routes = [
            "GET /api/projects/{project}/logs/{log}", "POST /api/projects/{project}/logs/{log}/mock",
            "POST /api/projects/{project}/logs/{log}/replay",
        ];
        for route in routes {
            let route = route.replace("{log}", &record.id.to_string());
            assert_eq!(shop.ask(&route, Value::Null).await.status, 200, "{route}");
            for other in [&shed, &theirs] {
                assert_eq!(other.ask(&route, Value::Null).await.problem(), (404, "NOT_FOUND".to_owned()), "{route}");
            }
            let as_eve = app.call_as(eve.access(), &route.replace("{project}", &shop.id.to_string()), Value::Null).await;
            assert_eq!(as_eve.problem().0, 404, "{route}");
        }
        for other in [&shed, &theirs] {
            assert_eq!(paths(&other.done(LOGS, Value::Null, 200).await), Vec::<&str>::new());
        }
        // A mock of another project names nothing here.
        let mock = shop.mock(json!({"path": "/a", "responses": [{}]})).await;
        let mock: MockId = id(&mock).parse().unwrap();
        let answered = LogRecord { mock: Some(mock), ..Logger::of(&shop).record(now(app), "GET /a") };
        store(app.app.store(), std::slice::from_ref(&answered)).await;
        let list = shed.done(&format!("{LOGS}?mockId={mock}"), Value::Null, 200).await;
        assert_eq!(paths(&list), Vec::<&str>::new());
        // Who only looks may look.
        app.join(ada.organization(), &eve, Role::Viewer).await;
        let seen = app.call_as(eve.access(), &LOGS.replace("{project}", &shop.id.to_string()), Value::Null).await;
        assert_eq!(paths(&seen.json()), ["/a", "/secret"]);
    }
}

app_test! {
    async fn all_of_them_are_a_file(app: TestApp) {
        const EXPORT: &str = "GET /api/projects/{project}/logs/export";
        let ada = app.register("ada@example.com").await;
        let shop = TestProject::new(app, &ada).await;
        let log = Logger::of(&shop);
        // More than two pieces.
        let mut all = log.many(now(app), 150);
        let mut odd = log.record(now(app), "GET /odd?=1+1");
        (odd.body, odd.user_agent) = (Some(body(b"+1", 2)), Some("=cmd|'/c calc'!A1, \"x\"".to_owned()));
        all.push(odd);
        store(app.app.store(), &all).await;
        let file = shop.ask(EXPORT, Value::Null).await;
        assert_eq!((file.status.as_u16(), file.header("content-type")), (200, Some("application/x-ndjson")));
        assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"logs.ndjson\""));
        let lines: Vec<Value> = file.body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).unwrap()).collect();
        let ids: Vec<_> = lines.iter().map(|line| line["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(ids, all.iter().rev().map(|record| record.id.to_string()).collect::<Vec<_>>());
        assert_eq!(lines[0]["body"], "+1");

        let file = shop.ask(&format!("{EXPORT}?format=csv&path=/odd"), Value::Null).await;
        assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
        let text = String::from_utf8(file.body.to_vec()).unwrap();
        let (head, row) = text.split_once("\r\n").unwrap();
        let cells: Vec<_> = row.split(',').collect();
        assert_eq!((head.split(',').count(), cells.len()), (17, 18), "one cell has a comma: {row}");
        assert_eq!((cells[2], cells[3], cells[4], cells[5]), ("GET", "/odd", "\"'=1+1\"", "404"));
        assert!(row.ends_with("\"'=cmd|'/c calc'!A1, \"\"x\"\"\"\r\n"), "{row}");
        let none = shop.ask(&format!("{EXPORT}?format=csv&method=PUT"), Value::Null).await;
        assert_eq!(String::from_utf8(none.body.to_vec()).unwrap(), format!("{head}\r\n"));
        assert_eq!(shop.ask(&format!("{EXPORT}?format=pdf"), Value::Null).await.problem().0, 422);
    }
}
