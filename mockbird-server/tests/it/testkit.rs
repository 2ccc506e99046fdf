//! One mock file answers alike in a test and under `mockbird run`, whoever wrote it.

use std::net::TcpStream;

use mockbird_testkit::prelude::*;

use crate::support::{Files, Reply, Server, mockbird};

const BIRDS: &str = r#"
name: Birds
cors: true
mocks:
  - name: one bird
    path: /birds/{name}
    responses:
      - body: { name: "{{ request.params.name }}", page: "{{ request.query.page }}" }
      - statusCode: 404
        conditions: [{ type: path, field: name, operator: equals, value: dodo }]
        headers: { X-Why: extinct }
        body: { error: extinct }
  - method: POST
    path: /birds
    responses:
      - statusCode: 201
        conditions: [{ type: body, field: $.name, operator: exists }]
        body: made {{ request.body.name }}
      - { statusCode: 422, body: a name is wanted, isDefault: true }
  - { path: "/files/{*rest}", method: ANY, responses: [{ bodyFile: wren.txt }] }
"#;

const REQUESTS: &[(&str, &str)] = &[
    ("GET /birds/wren", ""),
    ("GET /birds/gold%20crest?page=2", ""),
    ("HEAD /birds/wren", ""),
    ("GET /birds/dodo", ""),
    ("GET /birds/", ""),
    ("POST /birds", r#"{"name": "wren"}"#),
    ("POST /birds", "{}"),
    ("PUT /birds", "x"),
    ("PURGE /files/a/b", ""),
    ("DELETE /birds/wren", ""),
    ("GET /elsewhere", ""),
];

/// The reply to a request of these, from whoever listens there.
fn ask(port: u16, (line, body): (&str, &str)) -> Reply {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let (json, length) = ("content-type: application/json", body.len());
    let head = format!("{line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{json}\r\n");
    let request = format!("{head}content-length: {length}\r\n\r\n{body}");
    std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
    Reply::read(&mut stream)
}

/// Both answer all requests alike; how often somebody did.
fn compare(test: &MockServer, command: &Server) -> usize {
    let mut answered = 0;
    for request in REQUESTS {
        let of_test = ask(test.address().port(), *request);
        let of_command = ask(command.port, *request);
        assert_eq!(of_test.status, of_command.status, "{request:?}");
        for name in [
            "content-type",
            "x-why",
            "access-control-allow-origin",
            "etag",
        ] {
            let values = (of_test.header(name), of_command.header(name));
            assert_eq!(values.0, values.1, "{request:?}: {name}");
        }
        // A miss tells of the mocks that are near where each was written.
        let is_miss = of_test.text().contains("nearest");
        if !is_miss {
            assert_eq!(of_test.text(), of_command.text(), "{request:?}");
            answered += 1;
        }
    }
    answered
}

#[test]
fn a_file_in_a_test_and_under_the_command() {
    let files = Files::new(&[("birds.yaml", BIRDS), ("wren.txt", "trill")]);
    let command = Server::start(&files, &["birds.yaml"]);
    // Off by default in a test, on in a mock file.
    let test = MockServer::builder().lenient().cors().start();
    test.load(files.path("birds.yaml"));
    assert_eq!(compare(&test, &command), 7);
}

#[test]
fn an_export_under_the_command() {
    let test = MockServer::start().lenient();
    test.mount(
        request(["PUT", "POST"], "/birds")
            .body(json_contains(r#"{"name": "wren"}"#))
            .text("made"),
    );
    test.mount(any(path_regex("^/files/")).reply(status(418).header("x-why", "a teapot")));
    test.mount(
        get(path_glob("/birds/*"))
            .when(any_of([query("page", 2), param("rest", "birds/wren")]))
            .json(r#"{"page": "{{ request.query.page }}"}"#),
    );
    test.mount(get("/birds/dodo").status(404).text("extinct"));
    test.mount(get("/birds/wren").header("x-key", "1").expect(..));
    let files = Files::new(&[("mocks.json", &test.export().unwrap())]);
    let check = mockbird(&files, &["check", "mocks.json"]);
    assert!(check.status.success(), "{check:?}");
    let command = Server::start(&files, &["mocks.json"]);
    assert_eq!(compare(&test, &command), 6);
}
