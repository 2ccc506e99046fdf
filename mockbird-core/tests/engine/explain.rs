//! An explanation says what the answer does.

use mockbird_core::{Outcome, Request};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::host::{Host, header_map, line_of};
use crate::pool::{mocks, requests};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn it_agrees_with_the_answer(mocks in mocks(0..12), requests in requests()) {
        let host = Host::of_mocks(Value::from(mocks));
        for sent in requests {
            let headers = header_map(&sent.headers());
            let (method, target) = line_of(&sent.line);
            let request = Request::new(&method, target, &headers, b"");
            let explained = host.engine.explain(&request, &host.env());
            let chosen = explained.mocks.iter().find_map(|report| {
                Some((report.mock.name(), report.mock.responses()[report.chosen?].name()))
            });
            for report in &explained.mocks {
                if let Some(chosen) = report.chosen {
                    let chosen = &report.responses[chosen];
                    prop_assert!(std::ptr::eq(chosen.response, &raw const report.mock.responses()[report.chosen.unwrap()]));
                } else {
                    prop_assert!(report.responses.iter().all(|response| !response.qualifies()));
                }
            }
            match host.engine.respond(&request, &host.env()) {
                Outcome::Reply(reply) => {
                    prop_assert_eq!(chosen, Some((reply.mock.name(), reply.response.name())));
                    let last = explained.mocks.last().unwrap();
                    prop_assert!(std::ptr::eq(last.mock, reply.mock));
                    prop_assert!(std::ptr::eq(&raw const last.mock.responses()[last.chosen.unwrap()], reply.response));
                    prop_assert!(explained.nearest.is_empty());
                }
                Outcome::Preflight => prop_assert!(explained.preflight && chosen.is_none()),
                Outcome::NoMatch => {
                    prop_assert_eq!(chosen, None);
                    prop_assert_eq!(explained.nearest, host.engine.near_misses(&request));
                }
                Outcome::Refused(refusal) => prop_assert!(false, "{}", refusal),
                Outcome::Failed(failure) => prop_assert!(false, "{}", failure),
            }
        }
    }
}

#[test]
fn reasons_and_parameters_are_there() {
    let host = Host::of_mocks(json!([
        {"name": "users", "path": "/users/{id}", "responses": [
            {"name": "gold", "conditions": [{"type": "header", "field": "X-Tier", "operator": "equals", "value": "gold"}]},
            {"name": "any"},
        ]},
        {"name": "static", "path": "/a/{b}", "responses": [{}]},
    ]));
    let headers = header_map(&[("x-tier", "tin")]);
    let (method, target) = line_of("GET /users/a%20b");
    let request = Request::new(&method, target, &headers, b"");
    let explained = host.engine.explain(&request, &host.env());
    let [report] = &explained.mocks[..] else {
        panic!("{explained:?}")
    };
    assert_eq!(report.params, [("id".to_owned(), "a b".to_owned())]);
    assert_eq!(report.chosen, Some(1));
    assert_eq!(
        report.responses[0].conditions[0].to_string(),
        r#"header X-Tier is "tin", not "gold""#
    );
    let request = Request::new(&method, "/a/c", &headers, b"");
    let explained = host.engine.explain(&request, &host.env());
    assert_eq!(
        explained.mocks[0].params,
        [("b".to_owned(), "c".to_owned())]
    );
}
