//! Mocks that can never answer are warned of; those that can are not.

use serde_json::{Value, json};

use crate::host::{Host, read};

/// The numbers of the mocks that are warned of.
fn hidden(mocks: &Value) -> Vec<String> {
    let compiled = read(&json!({"name": "test", "mocks": mocks})).unwrap();
    let warned: Vec<_> = compiled.warnings.into_iter().map(|w| w.at).collect();
    let places = compiled.unreachable.iter();
    let places: Vec<_> = places.map(|at| format!("mocks[{at}]")).collect();
    assert_eq!(warned, places);
    warned
}

fn mock(method: &str, path: &str, priority: i32, responses: Value) -> Value {
    json!({"method": method, "path": path, "priority": priority, "responses": responses})
}

fn always() -> Value {
    json!([{}])
}

fn gold(value: &str) -> Value {
    json!([{"conditions": [{"type": "header", "field": "X-Tier", "operator": "equals", "value": value}]}])
}

fn gold_or_default() -> Value {
    json!([gold("gold")[0], {"isDefault": true, "conditions": [{"type": "query", "field": "a", "operator": "exists"}]}])
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn hidden_mocks_are_warned_of() {
    let at = |numbers: &[usize]| -> Vec<String> {
        numbers.iter().map(|n| format!("mocks[{n}]")).collect()
    };
    for (why, mocks, numbers) in [
        (
            "an equal one",
            json!([
                mock("GET", "/a", 0, always()),
                mock("GET", "/a", 0, always())
            ]),
            &[1][..],
        ),
        (
            "an equal shape by other names",
            json!([
                mock("GET", "/a/{x}", 0, always()),
                mock("GET", "/a/:y", 0, always())
            ]),
            &[1],
        ),
        (
            "each after the first",
            json!([
                mock("GET", "/a", 0, always()),
                mock("GET", "/a", 0, gold("gold")),
                mock("GET", "/a", 0, always())
            ]),
            &[1, 2],
        ),
        (
            "equal conditions",
            json!([
                mock("GET", "/a", 0, gold("gold")),
                mock("GET", "/a", 0, gold("gold"))
            ]),
            &[1],
        ),
        (
            "a default answers always",
            json!([
                mock("GET", "/a", 0, gold_or_default()),
                mock("GET", "/a", 0, always())
            ]),
            &[1],
        ),
        (
            "priority goes before order",
            json!([
                mock("GET", "/a", 0, always()),
                mock("GET", "/a", 1, always())
            ]),
            &[0],
        ),
        (
            "ANY of a higher priority",
            json!([
                mock("GET", "/a", 0, always()),
                mock("ANY", "/a", 1, always())
            ]),
            &[0],
        ),
        (
            "ANY of a higher priority with equal conditions",
            json!([
                mock("GET", "/a", 0, gold("gold")),
                mock("ANY", "/a", 1, gold("gold"))
            ]),
            &[0],
        ),
        (
            "all below a catch-all of a higher priority",
            json!([
                mock("ANY", "/{*rest}", 10, always()),
                mock("GET", "/a", 9, always()),
                mock("POST", "/a/{b}", 0, gold("gold")),
                mock("ANY", "/{id:[0-9]+}", 0, always()),
                mock("PUT", "/v{n}", 0, always()),
                mock("GET", "/{*all}", 0, always()),
                mock("GET", "/*/x", 0, always()),
            ]),
            &[1, 2, 3, 4, 5, 6],
        ),
        (
            "a catch-all below a static path, by one method",
            json!([
                mock("GET", "/api/v1/{*rest}", 1, always()),
                mock("GET", "/api/v1/users", 0, always()),
                mock("HEAD", "/api/v1/users", 0, always()),
                mock("POST", "/api/v1/users", 0, always()),
                mock("GET", "/api/v%31/users", 0, always()),
            ]),
            &[1, 2, 4],
        ),
        (
            "HEAD behind GET of a higher priority",
            json!([
                mock("HEAD", "/a", 0, always()),
                mock("GET", "/a", 1, always())
            ]),
            &[0],
        ),
    ] {
        assert_eq!(hidden(&mocks), at(numbers), "{why}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn reachable_mocks_are_not() {
    for (why, mocks) in [
        (
            "a catch-all of the same priority",
            json!([
                mock("ANY", "/{*rest}", 0, always()),
                mock("GET", "/a", 0, always())
            ]),
        ),
        (
            "a catch-all with conditions",
            json!([
                mock("ANY", "/{*rest}", 1, gold("gold")),
                mock("GET", "/a", 0, always())
            ]),
        ),
        (
            "what a catch-all does not take",
            json!([
                mock("ANY", "/a/{*rest}", 1, always()),
                mock("GET", "/a", 0, always()),
                mock("GET", "/a/", 0, always()),
                mock("GET", "/a//b", 0, always()),
                mock("GET", "/{x}/b", 0, always()),
                mock("GET", "/b/a/c", 0, always()),
                mock("ANY", "/ab/c", 0, always()),
            ]),
        ),
        (
            "a root below a catch-all",
            json!([
                mock("ANY", "/{*rest}", 1, always()),
                mock("GET", "/", 0, always())
            ]),
        ),
        (
            "a catch-all that is not static before",
            json!([
                mock("ANY", "/{a}/{*rest}", 1, always()),
                mock("GET", "/x/{c}", 0, always())
            ]),
        ),
        (
            "OPTIONS, which gets the preflights that ANY does not",
            json!([
                mock("ANY", "/{*rest}", 1, always()),
                mock("OPTIONS", "/a", 0, always()),
                mock("ANY", "/b", 1, always()),
                mock("OPTIONS", "/b", 0, always())
            ]),
        ),
        (
            "ANY below a catch-all of a method",
            json!([
                mock("GET", "/{*rest}", 1, always()),
                mock("ANY", "/a", 0, always())
            ]),
        ),
        (
            "other methods",
            json!([
                mock("GET", "/a", 0, always()),
                mock("POST", "/a", 0, always())
            ]),
        ),
        (
            "other paths",
            json!([
                mock("GET", "/a", 0, always()),
                mock("GET", "/a/", 0, always())
            ]),
        ),
        (
            "more specific",
            json!([
                mock("GET", "/{x}", 0, always()),
                mock("GET", "/a", 0, always())
            ]),
        ),
        (
            "another constraint",
            json!([
                mock("GET", "/{x:[0-9]+}", 0, always()),
                mock("GET", "/{x:[a-z]+}", 0, always())
            ]),
        ),
        (
            "conditions first",
            json!([
                mock("GET", "/a", 0, gold("gold")),
                mock("GET", "/a", 0, always())
            ]),
        ),
        (
            "other conditions",
            json!([
                mock("GET", "/a", 0, gold("gold")),
                mock("GET", "/a", 0, gold("tin"))
            ]),
        ),
        (
            "an exact method goes before ANY",
            json!([
                mock("ANY", "/a", 0, always()),
                mock("GET", "/a", 0, always())
            ]),
        ),
        (
            "ANY takes the other methods",
            json!([
                mock("GET", "/a", 1, always()),
                mock("ANY", "/a", 0, always())
            ]),
        ),
        (
            "HEAD goes before GET",
            json!([
                mock("GET", "/a", 0, always()),
                mock("HEAD", "/a", 0, always())
            ]),
        ),
        (
            "an inactive one hides nothing",
            json!([
                {"path": "/a", "isActive": false, "responses": [{}]},
                {"path": "/a", "responses": [{}]},
            ]),
        ),
    ] {
        assert_eq!(hidden(&mocks), [""; 0], "{why}");
    }
}

#[test]
fn a_warning_names_both() {
    let host = Host::of_mocks(json!([
        {"name": "first", "path": "/a", "responses": [{}]},
        {"path": "/a", "responses": [{}]},
    ]));
    assert_eq!(
        host.warnings[0].to_string(),
        "mocks[1]: `GET /a` can never answer: `first` (mocks[0]) always goes first \
         (change its path, method, conditions or priority, or delete it)"
    );
}

#[test]
fn warnings_come_in_the_order_of_the_spec() {
    let mut mocks = Vec::new();
    for path in ["/z", "/m", "/a", "/{x}", "/{*rest}", "/z/y"] {
        mocks.extend([
            mock("GET", path, 0, always()),
            mock("GET", path, 0, always()),
        ]);
    }
    let wanted: Vec<_> = (0..6).map(|i| format!("mocks[{}]", 2 * i + 1)).collect();
    assert_eq!(hidden(&mocks.into()), wanted);
}
