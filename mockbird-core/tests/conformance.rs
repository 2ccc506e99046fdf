//! The conformance vectors, in process.
#![cfg(feature = "full")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(unreachable_pub, reason = "a module of tests")]
mod vectors;

use std::time::{SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use mockbird_core::random::Random;
use mockbird_core::spec::Format;
use mockbird_core::{Counters, Engine, Env, ReadError, Request, RequestId, inflate};

use vectors::{Case, Framing, Reply};

/// An engine as a host would keep it: with counters, a clock and a source of randomness.
struct Host {
    engine: Engine,
    counters: Counters,
    random: Random,
    /// When it was started.
    now_ms: i64,
}

impl Host {
    /// The faults' places and the whole message, if the spec is refused.
    fn start(case: &Case) -> Result<Self, (Vec<String>, String)> {
        let compiled = Engine::read(case.spec.get(), Format::Json).map_err(|error| {
            let places = match &error {
                ReadError::Syntax(_) => Vec::new(),
                ReadError::Invalid(invalid) => {
                    invalid.faults.iter().map(|f| f.at.clone()).collect()
                }
            };
            (places, error.to_string())
        })?;
        let now_ms = SystemTime::now().duration_since(UNIX_EPOCH);
        let engine = compiled.engine.with_seed(Some(case.seed.unwrap_or(1)));
        Ok(Self {
            counters: engine.counters(),
            engine,
            random: Random::new(9),
            now_ms: i64::try_from(now_ms.unwrap().as_millis()).unwrap(),
        })
    }

    /// Answers a request that comes so many milliseconds after the start.
    fn send(&mut self, request: &vectors::Request, at: i64) -> Reply {
        let method: Method = request.method().parse().unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in &request.headers {
            let name: HeaderName = name.parse().unwrap();
            headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        headers
            .entry("host")
            .or_insert(HeaderValue::from_static("localhost"));
        let body = match inflate(&headers, request.bytes().into(), 10 << 20) {
            Ok(body) => body,
            Err(error) => return reply(&error.response()),
        };
        let view = Request::new(&method, &request.target, &headers, &body)
            .with_client([127, 0, 0, 1].into());
        let env = Env {
            now_ms: self.now_ms + at,
            request_id: RequestId(self.random.next_u64().into()),
            random: self.random.next_u64(),
            counters: Some(&self.counters),
        };
        reply(&self.engine.answer(&view, &env).response)
    }

    fn bodies(&mut self, distribution: &vectors::Distribution) -> Vec<String> {
        let one = |_| String::from_utf8(self.send(&distribution.request, 0).body).unwrap();
        (0..distribution.count).map(one).collect()
    }
}

fn reply(response: &http::Response<bytes::Bytes>) -> Reply {
    let headers = response.headers().iter();
    Reply {
        status: response.status().as_u16(),
        headers: headers
            .map(|(n, v)| (n.to_string(), v.as_bytes().to_vec()))
            .collect(),
        body: response.body().to_vec(),
    }
}

fn run(case: &Case) -> Result<(), String> {
    let mut host = match (Host::start(case), &case.compile_error) {
        (Ok(_), Some(_)) => return Err("the spec was not refused".to_owned()),
        (Err((places, message)), Some(wanted)) => return wanted.check(&places, &message),
        (Err((_, message)), None) => return Err(format!("the spec was refused: {message}")),
        (Ok(host), None) => host,
    };
    if let Some(distribution) = &case.distribution {
        let bodies = host.bodies(distribution);
        distribution.check(&bodies)?;
        if distribution.repeatable {
            let mut again = Host::start(case).map_err(|(_, message)| message)?;
            if again.bodies(distribution) != bodies {
                return Err("a second engine answers otherwise".to_owned());
            }
        }
    }
    for (at, exchange) in case.exchanges.iter().enumerate() {
        let reply = host.send(&exchange.request, exchange.at);
        exchange
            .expect
            .check(exchange.request.method(), &reply, Framing::InProcess)
            .map_err(|what| {
                format!(
                    "exchange {at}, {} {}: {what}",
                    exchange.request.method(),
                    exchange.request.target
                )
            })?;
    }
    Ok(())
}

#[test]
fn all_vectors_pass() {
    let mut failures = Vec::new();
    let mut count = 0;
    for file in vectors::load() {
        for case in &file.cases {
            count += 1;
            if let Err(what) = run(case) {
                failures.push(format!("{} / {}: {what}", file.topic, case.name));
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {count} cases fail:\n{}",
        failures.len(),
        failures.join("\n")
    );
    println!("{count} cases");
}
