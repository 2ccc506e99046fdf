//! Behaviours 5 to 10: the query.

use mockbird_testkit::prelude::*;

use crate::client::{answers, ask};

/// 5: names and values are compared decoded, a `+` is a space, and text that is not escaped is itself.
#[test]
fn queries_are_decoded() {
    answers(
        get("/hello").query("num ber", "o ne"),
        &[
            (ask("GET /hello?num+ber=o+ne"), true),
            (ask("GET /hello?num%20ber=o%20ne"), true),
            (ask("GET /hello?num%2Bber=o+ne"), false),
        ],
    );
    answers(
        get("/hello").query("band", "Motörhead"),
        &[
            (ask("GET /hello?band=Mot%C3%B6rhead"), true),
            (ask("GET /hello?band=Motörhead"), true),
            (ask("GET /hello?band=Motorhead"), false),
        ],
    );
}

/// 6: no query is also an empty one.
#[test]
fn a_query_may_have_to_be_missing() {
    let none: [&str; 0] = [];
    answers(
        get("/hello").when(only_query(none)),
        &[
            (ask("GET /hello"), true),
            (ask("GET /hello?"), true),
            (ask("GET /hello?n=1"), false),
        ],
    );
    answers(
        get("/hello"),
        &[
            (ask("GET /hello"), true),
            (ask("GET /hello?"), true),
            (ask("GET /hello?a"), true),
        ],
    );
}

/// 7: a parameter is looked for among the others, in any order, and one of its values is enough.
#[test]
fn other_parameters_do_not_matter_unless_they_do() {
    answers(
        get("/hello").query("a", "1"),
        &[
            (ask("GET /hello?a=1"), true),
            (ask("GET /hello?b=2&a=1&c"), true),
            (ask("GET /hello?a=1&a=2"), true),
            (ask("GET /hello?a=2&a=1"), true),
            (ask("GET /hello?a=12"), false),
        ],
    );
    answers(
        get("/hello")
            .query("a", "1")
            .query("b", exists())
            .no_other_query(),
        &[
            (ask("GET /hello?a=1&b=2"), true),
            (ask("GET /hello?b=2&a=1"), true),
            (ask("GET /hello?a=1&b=2&c=3"), false),
        ],
    );
}

/// 8 and 9: an empty value is there; `not` and `absent` hold also where there is none.
#[test]
fn a_parameter_is_there_or_not() {
    answers(
        get("/hello").query("word", exists()),
        &[
            (ask("GET /hello?word="), true),
            (ask("GET /hello?word"), true),
            (ask("GET /hello?words=1"), false),
        ],
    );
    answers(
        get("/hello").query("word", not("no")),
        &[
            (ask("GET /hello"), true),
            (ask("GET /hello?word=yes"), true),
            (ask("GET /hello?word=no"), false),
            (ask("GET /hello?word=yes&word=no"), false),
        ],
    );
    answers(
        get("/hello")
            .query("word", exists())
            .query("word", not("no")),
        &[
            (ask("GET /hello"), false),
            (ask("GET /hello?word=yes"), true),
        ],
    );
    answers(
        get("/hello").query("word", absent()),
        &[
            (ask("GET /hello?other"), true),
            (ask("GET /hello?word"), false),
        ],
    );
}

/// 10: values are counted, and both numbers are told.
#[test]
fn values_are_counted() {
    let server = MockServer::start().lenient();
    server.mount(get("/hello").when(query_count("tag", 3..)));
    assert_eq!(
        ask("GET /hello?tag=a&x=1&tag=b&tag=c").of(&server).status,
        200
    );
    let reply = ask("GET /hello?tag=a&tag=b&x=1").of(&server);
    assert_eq!(reply.status, 404);
    assert!(
        reply.body.contains("2 values") && reply.body.contains("at least 3 values"),
        "{}",
        reply.body
    );
}
