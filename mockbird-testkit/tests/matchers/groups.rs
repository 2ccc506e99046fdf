//! Matchers made of matchers, closures, and checks.

use mockbird_testkit::prelude::*;

use crate::{check, line, sent, status_of, without_lines};

#[test]
fn groups_and_closures() {
    let either = any_of([header("x", "1"), query("q", absent())]);
    check(
        get("/a").when(either),
        &[line("GET /a"), ("GET /a?q=1", "x: 1\r\n", b"")],
        &[line("GET /a?q=1")],
    );
    let short = || matching(|request| request.body().len() < 3);
    check(
        post("/a").when(any_of([short(), header("x", "1")])),
        &[sent(b"hi"), ("POST /a", "x: 1\r\n", b"long")],
        &[sent(b"long")],
    );
    check(
        post("/a").when(not(short())),
        &[sent(b"long")],
        &[sent(b"hi")],
    );
    check(
        post("/{id}").when(all_of([short(), not(param("id", "b"))])),
        &[sent(b"hi")],
        &[("POST /b", "", b"hi"), sent(b"long")],
    );
    check(
        post("/a").matching(|request| {
            if request.body().is_empty() {
                Err("no body")
            } else {
                Ok(())
            }
        }),
        &[sent(b"x")],
        &[sent(b"")],
    );
}

/// A failing check changes nothing for the client, and is written down and reported.
#[test]
fn checks_are_apart_from_matching() {
    let server = MockServer::start();
    let pay = server.mount(
        post("/pay")
            .named("pay")
            .check(header("idempotency-key", exists()))
            .check(json_path("$.amount", greater_than(0)))
            .check(not(query("debug", exists())))
            .check(matching(|request| {
                if request.body().len() < 15 {
                    Ok(())
                } else {
                    Err("too long")
                }
            }))
            .check(header("authorization", "Bearer right"))
            .status(299),
    );
    let good = "idempotency-key: 1\r\nauthorization: Bearer right\r\n";
    assert_eq!(
        status_of(server.address(), ("POST /pay", good, br#"{"amount":1}"#)),
        299
    );
    assert!(pay.requests()[0].failed_checks().is_empty());
    let bad = "authorization: Bearer wrong\r\n";
    assert_eq!(
        status_of(
            server.address(),
            ("POST /pay?debug", bad, br#"{"amount": -5 }"#)
        ),
        299
    );
    let failed: Vec<_> = pay.requests()[1]
        .failed_checks()
        .iter()
        .map(ToString::to_string)
        .collect();
    insta::assert_snapshot!(without_lines(&failed.join("\n")));
    let report = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| server.verify()));
    let report = report.unwrap_err();
    let report = report.downcast_ref::<String>().unwrap();
    assert!(
        report.contains("pay") && report.contains("is -5, which is not greater than 0"),
        "{report}"
    );
    assert!(!report.contains("wrong"), "secrets are hidden: {report}");
    drop(server.lenient());
}
