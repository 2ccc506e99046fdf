//! Rate limits beside what the vectors say: what an edit keeps, what is only foretold, what is warned of.

use insta::assert_snapshot;
use mockbird_core::spec::{self, Period, RateLimit, Spec};
use mockbird_core::{AnswerSource, Edit, Engine, Env, MockKey, Outcome, Request};
use serde_json::{Value, json};

use crate::host::{Host, header_map, line_of};
use crate::pool::decoded;

fn limited(path: &str, requests: u32) -> Value {
    json!({"path": path, "rateLimit": {"requests": requests, "per": "minute"}, "responses": [{"body": "ok"}]})
}

fn statuses(host: &Host, line: &str, count: usize) -> Vec<u16> {
    let status = |_| host.send(line).status.as_u16();
    (0..count).map(status).collect()
}

/// Puts in place what edits make of the engine of a host.
fn edit(host: &mut Host, edits: &[Edit]) {
    let engine = host.engine.with(edits).unwrap().engine;
    let mut counters = engine.counters();
    counters.carry(&host.counters);
    (host.engine, host.counters) = (engine, counters);
}

fn put(key: u64, mock: &Value) -> Edit {
    Edit::Put {
        key: MockKey(key),
        order: key.cast_signed(),
        mock: decoded(mock),
    }
}

#[test]
fn an_edit_of_another_mock_opens_no_window() {
    let mut host = Host::of_mocks(json!([limited("/a", 2), limited("/b", 2)]));
    assert_eq!(statuses(&host, "GET /a", 1), [200]);
    edit(
        &mut host,
        &[Edit::Remove(MockKey(1)), put(2, &limited("/c", 1))],
    );
    assert_eq!(statuses(&host, "GET /a", 2), [200, 429]);
    assert_eq!(statuses(&host, "GET /c", 2), [200, 429]);
}

#[test]
fn an_edit_of_the_mock_opens_a_window_if_its_limit_is_another() {
    let mut host = Host::of_mocks(json!([limited("/a", 1)]));
    assert_eq!(statuses(&host, "GET /a", 2), [200, 429]);
    let mut mock = limited("/a", 1);
    mock["responses"][0]["body"] = "other".into();
    mock["rateLimit"]["statusCode"] = 503.into();
    edit(&mut host, &[put(0, &mock)]);
    assert_eq!(statuses(&host, "GET /a", 1), [503]);
    edit(&mut host, &[put(0, &limited("/a", 2))]);
    assert_eq!(statuses(&host, "GET /a", 3), [200, 200, 429]);
    edit(
        &mut host,
        &[put(0, &json!({"path": "/a", "responses": [{}]}))],
    );
    assert_eq!(statuses(&host, "GET /a", 3), [200; 3]);
}

#[test]
fn a_limit_that_comes_by_an_edit_holds() {
    let mut host = Host::of_mocks(json!([{"path": "/a", "responses": [{}]}]));
    assert!(host.counters.is_empty());
    edit(&mut host, &[put(0, &limited("/a", 1))]);
    assert_eq!(statuses(&host, "GET /a", 2), [200, 429]);
}

#[test]
fn calls_under_way_during_an_edit_count() {
    let mut host = Host::of_mocks(json!([limited("/a", 2)]));
    let new = {
        let mut counters = host.engine.counters();
        counters.carry(&host.counters);
        counters
    };
    // This one was asked of the counters before.
    assert_eq!(statuses(&host, "GET /a", 1), [200]);
    host.counters = new;
    assert_eq!(statuses(&host, "GET /a", 2), [200, 429]);
}

#[test]
fn a_spec_compiled_anew_goes_on() {
    let before = Host::of_mocks(json!([limited("/a", 1), limited("/b", 1)]));
    assert_eq!(statuses(&before, "GET /b", 1), [200]);
    let mut after = Host::of_mocks(json!([
        limited("/0", 1),
        limited("/b", 1),
        limited("/a", 1)
    ]));
    after.counters = after
        .engine
        .counters_after(&before.engine, &before.counters);
    assert_eq!(statuses(&after, "GET /b", 1), [429]);
    assert_eq!(statuses(&after, "GET /a", 2), [200, 429]);
}

#[test]
fn without_counters_each_call_is_the_first() {
    let host = Host::of_mocks(json!([limited("/a", 1)]));
    let headers = header_map(&[]);
    let (method, target) = line_of("GET /a");
    let request = Request::new(&method, target, &headers, b"");
    for _ in 0..3 {
        let answer = host.engine.answer(&request, &Env::default());
        assert_eq!(answer.response.headers()["ratelimit-remaining"], "0");
        assert_eq!(answer.response.status(), 200);
    }
}

#[test]
fn explaining_counts_nothing_and_foretells_the_refusal() {
    let host = Host::of_mocks(json!([
        {"path": "/a", "rateLimit": {"requests": 1, "per": "minute"}, "responses": [{}, {"statusCode": 429}]},
        limited("/b", 1),
    ]));
    let headers = header_map(&[]);
    let told = |line| {
        let (method, target) = line_of(line);
        let request = Request::new(&method, target, &headers, b"");
        let explained = host.engine.explain(&request, &host.env());
        let [report] = &explained.mocks[..] else {
            panic!("{explained:?}")
        };
        assert!(report.answers() && explained.nearest.is_empty());
        let qualifying = report
            .responses
            .iter()
            .filter(|one| one.qualifies())
            .count();
        (report.is_refused(), report.chosen, qualifying)
    };
    for line in ["GET /a", "GET /a"] {
        assert_eq!(told(line), (false, Some(0), 1));
    }
    assert_eq!(statuses(&host, "GET /a", 1), [200]);
    assert_eq!(told("GET /a"), (true, Some(1), 1));
    assert_eq!(told("GET /b"), (false, Some(0), 1));
    assert_eq!(statuses(&host, "GET /b", 1), [200]);
    assert_eq!(told("GET /b"), (true, None, 0));
}

#[test]
fn the_source_of_a_refusal_is_the_mock() {
    let host = Host::of_mocks(json!([
        {"path": "/a", "rateLimit": {"requests": 1, "per": "minute"}, "responses": [{}, {"name": "slow", "statusCode": 429}]},
        limited("/b", 1),
    ]));
    let headers = header_map(&[]);
    for (line, name) in [("GET /a", Some(Some("slow"))), ("GET /b", None)] {
        let (method, target) = line_of(line);
        let request = Request::new(&method, target, &headers, b"");
        host.engine.answer(&request, &host.env());
        let outcome = host.engine.respond(&request, &host.env());
        assert_eq!(matches!(outcome, Outcome::Refused(_)), name.is_none());
        let answer = host.engine.answer(&request, &host.env());
        let AnswerSource::Refused(mock, response) = answer.source else {
            panic!("{answer:?}")
        };
        assert_eq!(mock.path(), target);
        assert_eq!(response.map(mockbird_core::Response::name), name);
    }
}

#[test]
fn a_refusal_reads_well() {
    let said = |limit: Value| {
        let host = Host::of_mocks(
            json!([{"name": "birds", "path": "/a", "rateLimit": limit, "responses": [{}]}]),
        );
        host.send("GET /a");
        host.send("GET /a").text().to_owned()
    };
    assert_snapshot!(said(json!({"requests": 1, "per": "90s"})), @r#"{"error":"RATE_LIMIT_EXCEEDED","message":"mock `birds` takes 1 request per 90s: the next one in 90 s","documentation_url":"/docs/errors#RATE_LIMIT_EXCEEDED"}"#);
    assert_snapshot!(said(json!({"requests": 1, "per": "day", "statusCode": 503})), @r#"{"error":"RATE_LIMIT_EXCEEDED","message":"mock `birds` takes 1 request per day: the next one in 86400 s","documentation_url":"/docs/errors#RATE_LIMIT_EXCEEDED"}"#);
}

#[test]
fn what_is_for_refused_calls_alone_answers_no_near_miss() {
    let host = Host::of_mocks(
        json!([{"path": "/a", "rateLimit": {"requests": 1, "per": "minute"}, "responses": [
            {"conditions": [{"type": "query", "field": "page", "operator": "exists"}]},
            {"statusCode": 429},
        ]}]),
    );
    let miss = host.send("GET /a").json();
    assert_eq!(
        miss["nearest"][0]["reasons"],
        json!(["query parameter page is missing"])
    );
}

#[test]
fn what_is_probably_a_mistake_is_told() {
    let host = Host::of_mocks(json!([
        {"path": "/a", "rateLimit": {"requests": 1, "per": "minute"}, "responses": [{"statusCode": 429}]},
        {"path": "/b", "rateLimit": {"requests": 1, "per": "minute"}, "responses": [{}, {"statusCode": 429}, {"statusCode": 429}]},
        {"path": "/c", "rateLimit": {"requests": 1, "per": "minute"}, "responses": [{}, {"statusCode": 429}]},
        {"path": "/d", "rateLimit": {"requests": 1, "per": "minute"}, "responses": [
            {"conditions": [{"type": "query", "field": "page", "operator": "exists"}]}, {"statusCode": 429},
        ]},
        {"path": "/d", "responses": [{}]},
    ]));
    let warnings: Vec<_> = host.warnings.iter().map(ToString::to_string).collect();
    assert_snapshot!(warnings.join("\n"), @r#"
    mocks[0].responses: all have the status of `rateLimit`, so they are for refused calls alone, and the mock never answers (add a response of another status, or give `rateLimit` another `statusCode`)
    mocks[1].responses[2]: this can never answer: responses[1] has no conditions either, and always goes first (give it conditions, or weights to both, or delete it)
    "#);
}

#[test]
fn a_spec_made_in_code_is_checked() {
    let spec = |requests, per: u64, status_code| Spec {
        mocks: vec![spec::Mock {
            path: "/a".to_owned(),
            rate_limit: Some(RateLimit {
                requests,
                per: Period::from(std::time::Duration::from_millis(per)),
                status_code,
            }),
            responses: vec![spec::Response::default()],
            ..spec::Mock::default()
        }],
        ..Spec::default()
    };
    assert!(Engine::compile(&spec(1, 1, Some(400))).is_ok());
    let invalid = Engine::compile(&spec(0, 0, Some(200))).unwrap_err();
    assert_snapshot!(invalid, @r#"
    mocks[0].rateLimit.requests: a limit of 0 requests (1 to 10000 can be counted)
    mocks[0].rateLimit.per: `0d` is no time that is counted in (it is from 1ms to 31d)
    mocks[0].rateLimit.statusCode: 200 is no status of a refusal (use 400 to 599)
    "#);
    let invalid = Engine::compile(&spec(10_001, u64::MAX, Some(600))).unwrap_err();
    assert_snapshot!(invalid, @r#"
    mocks[0].rateLimit.requests: a limit of 10001 requests (1 to 10000 can be counted)
    mocks[0].rateLimit.per: `18446744073709551615ms` is no time that is counted in (it is from 1ms to 31d)
    mocks[0].rateLimit.statusCode: 600 is no status of a refusal (use 400 to 599)
    "#);
}
