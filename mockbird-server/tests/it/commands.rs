//! `mockbird check`, `explain`, `schema` and help, as people see them.

use crate::support::{Files, mockbird, mockbird_with_input};

const SHOP: &str = r#"
name: Shop
mocks:
  - name: Get product
    path: /products/{id}
    responses:
      - name: found
        body: { id: "{{ request.params.id | int }}" }
        conditions:
          - { type: header, field: X-Tier, operator: equals, value: gold }
          - any:
              - { type: query, field: page, operator: greaterThan, value: 1 }
              - not: { type: query, field: all, operator: exists }
      - { name: denied, statusCode: 403, body: { error: denied }, isDefault: true }
  - path: /products/{id}
    priority: -1
    method: ANY
    responses: [{ body: any }]
  - path: /coin
    responses:
      - { name: heads, weight: 1, body: heads }
      - { name: tails, weight: 1, body: tails, responseDelay: 20 }
  - method: POST
    path: /orders
    responses:
      - statusCode: 201
        body: { item: "{{ request.body.item }}" }
        conditions: [{ type: body, field: item, operator: exists }]
"#;

const BROKEN: &str = "name: Broken\nmocks:\n\
  \x20 - path: users\n\
  \x20   prioritty: 3\n\
  \x20   responses:\n\
  \x20     - statusCode: 99\n\
  \x20       body: \"{{ request.params.id | nofilter }}\"\n\
  \x20 - path: /é\t\n\
  \x20   responses: []\n\
  \x20 - path: /file\n\
  \x20   responses: [{ bodyFile: none.json }, { bodyFile: ../secret }]\n\
  \x20 - path: /b\n\
  \x20   responses: [{ body: x, conditions: [{ type: header, field: x, operator: regex, value: \"(\" }] }]\n";

fn shown(files: &Files, arguments: &[&str]) -> String {
    let output = mockbird(files, arguments);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    format!(
        "{}{}=> {}",
        text(output.stdout),
        text(output.stderr),
        output.status.code().unwrap()
    )
}

#[test]
fn explain_shows_no_secrets() {
    let spec = "name: A\nmocks: [{ path: '/reset/{token}', responses: [{ body: done }] }]\n";
    let files = Files::new(&[("mocks.yaml", spec)]);
    for form in [&[][..], &["--json"]] {
        let asked = ["explain", "mocks.yaml", "/reset/7?api_key=hunter2&page=3"];
        let text = shown(&files, &[&asked[..], form].concat());
        assert!(
            !text.contains("hunter2") && text.contains("page=3"),
            "{text}"
        );
        assert!(
            !text.contains("\"7\"") && text.contains("\"***\""),
            "{text}"
        );
        assert!(
            !text.contains("/reset/7") && text.contains("/reset/***?"),
            "{text}"
        );
    }
}

#[test]
fn check_shows_every_error_in_its_line() {
    let files = Files::new(&[("broken.yaml", BROKEN)]);
    insta::assert_snapshot!(shown(&files, &["check", "broken.yaml"]));
}

#[test]
fn check_for_programs() {
    let files = Files::new(&[("broken.yaml", BROKEN), ("shop.yaml", SHOP)]);
    insta::assert_snapshot!(shown(
        &files,
        &["check", "--json", "shop.yaml", "broken.yaml"]
    ));
}

#[test]
fn check_looks_at_files_together() {
    let mock = |name: &str| {
        format!(
            "name: {name}\nmocks:\n  - path: /{name}\n    responses: [{{}}]\n  - path: /same\n    responses: [{{}}]\n"
        )
    };
    let files = Files::new(&[("a.yaml", &mock("a")), ("b.yaml", &mock("b"))]);
    insta::assert_snapshot!(shown(&files, &["check", "a.yaml", "b.yaml"]));
}

#[test]
fn check_of_syntax_errors_and_of_standard_input() {
    let files = Files::new(&[
        ("a.json", "{\n  \"name\": \"a\",\n  \"mocks\": [1,]\n}"),
        ("b.yaml", "name: b\nmocks: [\n"),
    ]);
    insta::assert_snapshot!(shown(&files, &["check", "a.json", "b.yaml", "none.yaml"]));
    let output = mockbird_with_input(&files, &["check", "-"], SHOP);
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "-: 4 mocks, no errors\n"
    );
    let output = mockbird_with_input(&files, &["check", "--format", "json", "-"], SHOP);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn explain_tells_why() {
    let files = Files::new(&[("shop.yaml", SHOP)]);
    let mut all = String::new();
    for arguments in [
        &["GET /products/7?page=2", "-H", "X-Tier: gold"][..],
        &["GET /products/7?page=1&all", "-H", "X-Tier: tin"],
        &["/coin", "--seed", "3"],
        &["POST /orders", "-d", r#"{"item": "pen"}"#],
        &["POST /orders", "-d", "{}"],
        &["DELETE /orders"],
        &[
            "OPTIONS /orders",
            "-H",
            "Origin: https://a.test",
            "-H",
            "Access-Control-Request-Method: POST",
        ],
        &["get /coin HTTP/1.1", "--seed", "3"],
        &["/a", "--seed", "abc"],
        &["no request"],
        &["/a b"],
        &["POST /orders {\"item\": 1}"],
        &["orders/7"],
    ] {
        let told = shown(&files, &[&["explain", "shop.yaml"], arguments].concat());
        all += &format!(
            "$ mockbird explain shop.yaml {}\n{told}\n\n",
            arguments.join(" ")
        );
    }
    insta::assert_snapshot!(all);
}

#[test]
fn the_exit_code_of_explain_says_whether_a_mock_answers() {
    let files = Files::new(&[("shop.yaml", SHOP)]);
    for (request, code) in [
        ("GET /coin HTTP/1.1", "=> 0"),
        ("GET /products/7", "=> 0"),
        ("GET /coins", "=> 1"),
        ("get /coin", "=> 1"),
        ("nonsense", "=> 2"),
    ] {
        let told = shown(&files, &["explain", "shop.yaml", request]);
        assert!(told.ends_with(code), "{request}: {told}");
    }
}

#[test]
fn slips_of_the_command_line_are_told_with_a_remedy() {
    let files = Files::new(&[("shop.yaml", SHOP), ("mocks", SHOP)]);
    let cases: [(&[&str], &str); 5] = [
        (&["shop.yaml"], "did you mean `mockbird run shop.yaml`?"),
        (&["mocks"], "did you mean `mockbird run mocks`?"),
        (&["none.json"], "did you mean `mockbird run none.json`?"),
        (
            &["run", "shop.yaml", "--seed", "abc"],
            "a seed is a whole number from 0 to",
        ),
        (
            &["run", "shop.yaml", "--max-body", "10 parsecs"],
            "such as 10MiB",
        ),
    ];
    for (arguments, remedy) in cases {
        let told = shown(&files, arguments);
        assert!(told.contains(remedy) && told.ends_with("=> 2"), "{told}");
    }
    let told = shown(&files, &["rum", "shop.yaml"]);
    assert!(!told.contains("mockbird run"), "{told}");
}

#[test]
fn explain_needs_a_file_without_errors() {
    let files = Files::new(&[("bad.yaml", "name: b\nmocks: [\n")]);
    let told = shown(&files, &["explain", "bad.yaml", "/a"]);
    assert!(
        told.ends_with("not explained: the file has 1 error\n=> 1"),
        "{told}"
    );
    let told = shown(&files, &["explain", "none.yaml", "/a"]);
    assert!(
        told.ends_with("not explained: name a mock file that can be read\n=> 2"),
        "{told}"
    );
}

#[test]
fn explain_for_programs() {
    let files = Files::new(&[("shop.yaml", SHOP)]);
    insta::assert_snapshot!(shown(
        &files,
        &["explain", "shop.yaml", "GET /products/7?page=2", "--json"]
    ));
}

#[test]
fn explain_reads_a_body_from_a_file() {
    let files = Files::new(&[("shop.yaml", SHOP), ("order.json", r#"{"item": "pen"}"#)]);
    let told = shown(
        &files,
        &["explain", "shop.yaml", "POST /orders", "-d", "@order.json"],
    );
    assert!(told.contains(r#"{"item":"pen"}"#), "{told}");
}

#[test]
fn help_teaches() {
    let files = Files::new(&[]);
    let mut all = String::new();
    for arguments in [
        &["--help"][..],
        &["help", "run"],
        &["check", "-h"],
        &["explain", "--help"],
    ] {
        all += &format!(
            "$ mockbird {}\n{}\n\n",
            arguments.join(" "),
            shown(&files, arguments)
        );
    }
    insta::assert_snapshot!(all);
}

#[test]
fn the_schema_is_the_one_of_the_engine() {
    let output = mockbird(&Files::new(&[]), &["schema"]);
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        mockbird_core::SPEC_SCHEMA
    );
}
