//! Queries, and the operators that hold for any value.

use mockbird_testkit::prelude::*;

use crate::{check, line};

#[test]
fn queries() {
    let q = |expected: Expectation| get("/a").query("q", expected);
    check(
        q(equals("o ne")),
        &[
            line("GET /a?q=o+ne"),
            line("GET /a?q=o%20ne"),
            line("GET /a?q=x&q=o+ne&z"),
            line("GET /a?z&q=o+ne"),
        ],
        &[
            line("GET /a?q=o%2Bne"),
            line("GET /a"),
            line("GET /a?Q=o+ne"),
        ],
    );
    check(
        get("/a").query("num ber", "Motörhead"),
        &[line("GET /a?num+ber=Mot%C3%B6rhead")],
        &[line("GET /a?number=Mot%C3%B6rhead")],
    );
    check(
        q(equals(1)),
        &[line("GET /a?q=1"), line("GET /a?q=1.0")],
        &[line("GET /a?q=2"), line("GET /a?q=one")],
    );
    check(
        q(exists()),
        &[line("GET /a?q="), line("GET /a?q")],
        &[line("GET /a"), line("GET /a?p=q")],
    );
    check(
        q(absent()),
        &[line("GET /a"), line("GET /a?"), line("GET /a?p=q")],
        &[line("GET /a?q=1"), line("GET /a?q")],
    );
    check(
        q(not("x")),
        &[line("GET /a"), line("GET /a?q=y")],
        &[line("GET /a?q=x"), line("GET /a?q=y&q=x")],
    );
}

#[test]
fn operators() {
    let q = |expected: Expectation| get("/a").query("q", expected);
    check(
        q(contains("ir")),
        &[line("GET /a?q=bird")],
        &[line("GET /a?q=BIRD")],
    );
    check(
        q(contains("ir").ignore_case()),
        &[line("GET /a?q=BIRD")],
        &[line("GET /a?q=x")],
    );
    check(
        q(ends_with("d")),
        &[line("GET /a?q=bird")],
        &[line("GET /a?q=birds")],
    );
    check(
        q(greater_than(2)),
        &[line("GET /a?q=2.5"), line("GET /a?q=1e3")],
        &[line("GET /a?q=2"), line("GET /a?q=x")],
    );
    check(
        q(greater_or_equal(2)),
        &[line("GET /a?q=2")],
        &[line("GET /a?q=1")],
    );
    check(
        q(less_than(2)),
        &[line("GET /a?q=1")],
        &[line("GET /a?q=2"), line("GET /a?q=")],
    );
    check(
        q(less_or_equal("2024-01-31T00:00:00Z")),
        &[line("GET /a?q=2024-01-31T01:00:00%2B01:00")],
        &[line("GET /a?q=2024-01-31T00:00:01Z")],
    );
}

#[test]
fn counted_queries() {
    check(
        get("/a").when(query_count("q", 2)),
        &[line("GET /a?q=1&q=2&p=3")],
        &[line("GET /a"), line("GET /a?q"), line("GET /a?q&q&q")],
    );
    check(
        get("/a")
            .when(query_count("p", ..2))
            .query("q", "1")
            .no_other_query(),
        &[line("GET /a?q=1"), line("GET /a?p=1&q=1")],
        &[
            line("GET /a?q=1&r=1"),
            line("GET /a?q=1&p&p"),
            line("GET /a?p=1"),
        ],
    );
    check(
        get("/a").no_other_query(),
        &[line("GET /a"), line("GET /a?")],
        &[line("GET /a?q")],
    );
}
