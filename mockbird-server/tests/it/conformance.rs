//! The conformance vectors over HTTP: each case is a file that `mockbird run` serves.

use std::collections::VecDeque;
use std::sync::Mutex;

use crate::support::{Files, Reply, Server, mockbird};
use crate::vectors::{self, Case, Framing};

/// How many servers run at once.
const AT_ONCE: usize = 4;

#[test]
fn all_vectors_pass_over_http() {
    let files = vectors::load();
    let cases: VecDeque<_> = files
        .iter()
        .flat_map(|file| file.cases.iter().map(move |case| (&file.topic, case)))
        .collect();
    let count = cases.len();
    let (queue, failures) = (Mutex::new(cases), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((topic, case)) = take(&queue) {
                    if let Err(what) = run(case) {
                        failures
                            .lock()
                            .unwrap()
                            .push(format!("{topic} / {}: {what}", case.name));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(
        failures.is_empty(),
        "{} of {count} cases fail:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

fn take<T>(queue: &Mutex<VecDeque<T>>) -> Option<T> {
    queue.lock().unwrap().pop_front()
}

fn run(case: &Case) -> Result<(), String> {
    let files = Files::new(&[("spec.json", case.spec.get())]);
    if let Some(wanted) = &case.compile_error {
        let (places, message) = faults(&files)?;
        return wanted.check(&places, &message);
    }
    let seed = case.seed.unwrap_or(1).to_string();
    let start = || Server::start(&files, &["spec.json", "--no-watch", "--seed", &seed]);
    let server = start();
    if let Some(distribution) = &case.distribution {
        let bodies = |server: &Server| -> Vec<String> {
            let one = |_| String::from_utf8(send(server, &distribution.request).body).unwrap();
            (0..distribution.count).map(one).collect()
        };
        let came = bodies(&server);
        distribution.check(&came)?;
        if distribution.repeatable && bodies(&start()) != came {
            return Err("a second server answers otherwise".to_owned());
        }
    }
    for (at, exchange) in case.exchanges.iter().enumerate() {
        let method = exchange.request.method();
        let reply = send(&server, &exchange.request);
        check_framing(method, &reply)
            .and_then(|()| {
                let reply = vectors::Reply {
                    status: reply.status,
                    headers: reply.headers,
                    body: reply.body,
                };
                exchange.expect.check(method, &reply, Framing::Http)
            })
            .map_err(|what| {
                format!(
                    "exchange {at}, {method} {}: {what}",
                    exchange.request.target
                )
            })?;
    }
    Ok(())
}

/// The places and the whole message of what `mockbird check` finds wrong.
fn faults(files: &Files) -> Result<(Vec<String>, String), String> {
    let output = mockbird(files, &["check", "--json", "spec.json"]);
    if output.status.code() != Some(1) {
        return Err(format!("`check` ends with {:?}", output.status.code()));
    }
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let errors = report["errors"].as_array().unwrap();
    let text = |error: &serde_json::Value, key: &str| error[key].as_str().unwrap().to_owned();
    let places = errors.iter().map(|error| text(error, "at")).collect();
    let lines: Vec<_> = errors
        .iter()
        .map(|error| {
            format!(
                "{}: {} ({})",
                text(error, "at"),
                text(error, "message"),
                text(error, "hint")
            )
        })
        .collect();
    Ok((places, lines.join("\n")))
}

/// Sends the target byte for byte, on a connection of its own.
fn send(server: &Server, request: &vectors::Request) -> Reply {
    let body = request.bytes();
    let mut head = format!(
        "{} {} HTTP/1.1\r\nconnection: close\r\n",
        request.method(),
        request.target
    );
    let names = |name: &str| {
        request
            .headers
            .iter()
            .any(|(n, _)| n.eq_ignore_ascii_case(name))
    };
    if !names("host") {
        head.push_str("host: localhost\r\n");
    }
    if !body.is_empty() && !names("content-length") {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    for (name, value) in &request.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    server.send(&[head.as_bytes(), &body].concat())
}

/// RFC 9112 section 6.3: the length is told, and it is the one that came.
fn check_framing(method: &str, reply: &Reply) -> Result<(), String> {
    let bodiless = method == "HEAD" || matches!(reply.status, 204 | 304);
    match reply.header("content-length") {
        _ if bodiless && !reply.body.is_empty() => Err("a body came where none may".to_owned()),
        None if !bodiless => Err("no content-length".to_owned()),
        Some(length) if !bodiless && length != reply.body.len().to_string() => Err(format!(
            "content-length is {length}, but {} bytes came",
            reply.body.len()
        )),
        _ => Ok(()),
    }
}
