//! Headers, cookies and credentials.

use mockbird_testkit::prelude::*;

use crate::{check, with};

#[test]
fn headers() {
    let date = "Sat, 02 Nov 2024 10:00:00 GMT";
    check(
        get("/a").header("If-Modified-Since", date),
        &[with("if-modified-since: Sat, 02 Nov 2024 10:00:00 GMT\r\n")],
        &[with("if-modified-since: Sat\r\n"), with("")],
    );
    check(
        get("/a").header("x", "1"),
        &[with("X: 1\r\n"), with("x: 0\r\nx: 1\r\n")],
        &[with("x: 11\r\n"), with("y: 1\r\n")],
    );
    check(
        get("/a").header("x", absent()),
        &[with("")],
        &[with("x:\r\n"), with("x: 1\r\n")],
    );
    check(
        get("/a").header("x", exists()),
        &[with("x:\r\n")],
        &[with("")],
    );
    check(
        get("/a").when(header_values("cache-control", ["no-cache", "no-store"])),
        &[
            with("cache-control: no-cache, no-store\r\n"),
            with("cache-control: no-cache\r\ncache-control: no-store\r\n"),
        ],
        &[
            with("cache-control: no-cache\r\n"),
            with("cache-control: no-store, no-cache\r\n"),
            with("cache-control: no-cache, no-store, x\r\n"),
            with(""),
        ],
    );
    check(
        get("/a").when(header_values("if-modified-since", [date])),
        &[with("if-modified-since: Sat, 02 Nov 2024 10:00:00 GMT\r\n")],
        &[with("if-modified-since: Sat, 02 Nov 2024 10:00:01 GMT\r\n")],
    );
}

#[test]
fn each_line_cookies_and_credentials() {
    let one_or_none = any_of([each_header("x", "one"), header("x", absent())]);
    check(
        get("/a").when(one_or_none),
        &[with(""), with("x: one\r\nx: one\r\n")],
        &[
            with("x: wrong\r\nx: one\r\n"),
            with("x: one\r\nx: wrong\r\n"),
            with("x:\r\n"),
        ],
    );
    check(
        get("/a").cookie("sid", starts_with("s-")),
        &[with("cookie: a=b; sid=s-1\r\n")],
        &[with("cookie: sid=1\r\n"), with("")],
    );
    check(
        get("/a").basic_auth("Aladdin", "open sesame"),
        &[
            with("authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"),
            with("authorization: basic  QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"),
        ],
        &[
            with("authorization: Basic QWxhZGRpbjpvcGVuIHNlc2Ftcw==\r\n"),
            with("authorization: Basic qWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"),
            with("authorization: Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"),
            with(""),
        ],
    );
    check(
        get("/a").bearer("t+."),
        &[
            with("authorization: Bearer t+.\r\n"),
            with("authorization: BEARER t+.\r\n"),
        ],
        &[
            with("authorization: Bearer ttx\r\n"),
            with("authorization: Bearer T+.\r\n"),
            with("authorization: Bearer t+.x\r\n"),
            with("authorization: Bearert+.\r\n"),
            with("authorization: t+.\r\n"),
        ],
    );
}
