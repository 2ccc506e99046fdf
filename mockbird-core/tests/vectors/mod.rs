//! The conformance vectors as data, and what an expectation demands of a reply.
//!
//! Shared by every home of the engine: each brings its own way to answer a request.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

/// The topics; a missing file is a failure, as is one more that nobody runs.
const TOPICS: [&str; 8] = [
    "conditions",
    "errors",
    "methods",
    "paths",
    "rate_limits",
    "responses",
    "selection",
    "templates",
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub topic: String,
    pub cases: Vec<Case>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Case {
    pub name: String,
    pub why: String,
    /// Kept as text: a tree of `serde_json` would lose what the spec says of numbers.
    pub spec: Box<serde_json::value::RawValue>,
    pub seed: Option<u64>,
    #[serde(default)]
    pub exchanges: Vec<Exchange>,
    pub compile_error: Option<CompileError>,
    pub distribution: Option<Distribution>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// When it is, in milliseconds after the first one. Who has no say over the clock leaves out all that are later.
    #[serde(default)]
    pub at: i64,
    pub request: Request,
    pub expect: Expect,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Request {
    pub target: String,
    pub method: Option<String>,
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
    pub body_base64: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Expect {
    pub status: u16,
    #[serde(default)]
    pub headers: BTreeMap<String, OneOrMany>,
    #[serde(default)]
    pub absent_headers: Vec<String>,
    pub body: Option<String>,
    pub body_base64: Option<String>,
    #[serde(default, deserialize_with = "present")]
    pub json: Option<Value>,
    #[serde(default)]
    pub json_at: BTreeMap<String, Value>,
    #[serde(default)]
    pub json_absent: Vec<String>,
    #[serde(default)]
    pub body_contains: Vec<String>,
    pub body_matches: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompileError {
    pub at: Option<String>,
    #[serde(default)]
    pub contains: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Distribution {
    pub request: Request,
    pub count: u32,
    pub by_body: BTreeMap<String, (f64, f64)>,
    #[serde(default)]
    pub repeatable: bool,
}

/// `null` is a JSON value to compare with, unlike an absent key.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// What came back, whatever carried it.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
}

/// Whether the runner has the framing of HTTP before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    Http,
    InProcess,
}

/// All vectors.
pub fn load() -> Vec<File> {
    let folder =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../mockbird-core/tests/conformance");
    let found = std::fs::read_dir(&folder).unwrap().filter(|entry| {
        entry
            .as_ref()
            .unwrap()
            .path()
            .extension()
            .is_some_and(|e| e == "json")
    });
    assert_eq!(
        found.count(),
        TOPICS.len(),
        "a vector file is missing, or one is not run"
    );
    TOPICS
        .iter()
        .map(|topic| load_topic(&folder, topic))
        .collect()
}

fn load_topic(folder: &Path, topic: &str) -> File {
    let path = folder.join(format!("{topic}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let file: File =
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    assert_eq!(file.topic, topic);
    assert!(!file.cases.is_empty(), "{topic} has no cases");
    let mut names: Vec<&str> = file.cases.iter().map(|case| case.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(
        names.len(),
        file.cases.len(),
        "{topic}: a name stands twice"
    );
    for case in &file.cases {
        assert!(
            !case.why.is_empty(),
            "{topic}: `{}` has no reason",
            case.name
        );
        let does = !case.exchanges.is_empty()
            || case.compile_error.is_some()
            || case.distribution.is_some();
        assert!(does, "{topic}: `{}` checks nothing", case.name);
    }
    file
}

impl Request {
    pub fn method(&self) -> &str {
        self.method.as_deref().unwrap_or("GET")
    }

    pub fn bytes(&self) -> Vec<u8> {
        match (&self.body, &self.body_base64) {
            (Some(text), None) => text.clone().into_bytes(),
            (None, Some(text)) => STANDARD.decode(text).unwrap(),
            (None, None) => Vec::new(),
            (Some(_), Some(_)) => panic!("a request with two bodies"),
        }
    }
}

impl CompileError {
    /// What is wrong with the reported faults: places in order, and the whole message.
    pub fn check(&self, places: &[String], message: &str) -> Result<(), String> {
        if let Some(at) = &self.at {
            let first = places.first().ok_or("no fault was reported")?;
            let inside = first
                .strip_prefix(at.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
            if !inside {
                return Err(format!(
                    "the first fault is at `{first}`, not `{at}`: {message}"
                ));
            }
        }
        for text in &self.contains {
            if !message.contains(text) {
                return Err(format!("`{text}` is not in: {message}"));
            }
        }
        Ok(())
    }
}

impl Expect {
    /// What is wrong with a reply.
    pub fn check(&self, method: &str, reply: &Reply, framing: Framing) -> Result<(), String> {
        let text = String::from_utf8_lossy(&reply.body);
        if reply.status != self.status {
            return Err(format!(
                "status is {}, not {}: {text}",
                reply.status, self.status
            ));
        }
        for (name, wanted) in &self.headers {
            if framing == Framing::Http || !is_framing(name) {
                check_header(name, wanted, reply)?;
            }
        }
        for name in &self.absent_headers {
            let skip = framing == Framing::InProcess && is_framing(name);
            if !skip && !reply.values(name).is_empty() {
                return Err(format!("header {name} is there: {:?}", reply.values(name)));
            }
        }
        if framing == Framing::InProcess && method == "HEAD" {
            return Ok(());
        }
        self.check_body(&reply.body, &text)
    }

    fn check_body(&self, body: &[u8], text: &str) -> Result<(), String> {
        if let Some(wanted) = &self.body
            && body != wanted.as_bytes()
        {
            return Err(format!("body is {text:?}, not {wanted:?}"));
        }
        if let Some(wanted) = &self.body_base64
            && body != STANDARD.decode(wanted).unwrap()
        {
            return Err(format!(
                "body is {}, not {wanted} (base64)",
                STANDARD.encode(body)
            ));
        }
        for wanted in &self.body_contains {
            if !text.contains(wanted.as_str()) {
                return Err(format!("{wanted:?} is not in {text:?}"));
            }
        }
        if let Some(pattern) = &self.body_matches
            && !regex::Regex::new(pattern).unwrap().is_match(text)
        {
            return Err(format!("{pattern} does not match {text:?}"));
        }
        self.check_json(body, text)
    }

    fn check_json(&self, body: &[u8], text: &str) -> Result<(), String> {
        if self.json.is_none() && self.json_at.is_empty() && self.json_absent.is_empty() {
            return Ok(());
        }
        let json: Value = serde_json::from_slice(body).map_err(|e| format!("{e}: {text:?}"))?;
        if let Some(wanted) = &self.json
            && !equal(&json, wanted)
        {
            return Err(format!("JSON is {json}, not {wanted}"));
        }
        for (pointer, wanted) in &self.json_at {
            let found = json
                .pointer(pointer)
                .ok_or_else(|| format!("{pointer} leads nowhere in {json}"))?;
            if !equal(found, wanted) {
                return Err(format!("{pointer} is {found}, not {wanted}"));
            }
        }
        match self
            .json_absent
            .iter()
            .find(|pointer| json.pointer(pointer).is_some())
        {
            Some(pointer) => Err(format!("{pointer} leads somewhere in {json}")),
            None => Ok(()),
        }
    }
}

impl Distribution {
    /// What is wrong with how often each body came.
    pub fn check(&self, bodies: &[String]) -> Result<(), String> {
        let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
        for body in bodies {
            *counts.entry(body).or_default() += 1;
        }
        if let Some(other) = counts
            .keys()
            .find(|body| !self.by_body.contains_key(**body))
        {
            return Err(format!("{other:?} came, which is not named"));
        }
        for (body, (least, most)) in &self.by_body {
            let share = f64::from(*counts.get(body.as_str()).unwrap_or(&0)) / f64::from(self.count);
            if share < *least || share > *most {
                return Err(format!(
                    "{body:?} has the share {share}, not {least} to {most}"
                ));
            }
        }
        Ok(())
    }
}

impl Reply {
    fn values(&self, name: &str) -> Vec<&[u8]> {
        let same = self
            .headers
            .iter()
            .filter(|(n, _)| n.eq_ignore_ascii_case(name));
        same.map(|(_, value)| value.as_slice()).collect()
    }
}

fn is_framing(name: &str) -> bool {
    name.eq_ignore_ascii_case("content-length") || name.eq_ignore_ascii_case("transfer-encoding")
}

fn check_header(name: &str, wanted: &OneOrMany, reply: &Reply) -> Result<(), String> {
    let found = reply.values(name);
    let wanted: Vec<&[u8]> = match wanted {
        OneOrMany::Many(all) => all.iter().map(String::as_bytes).collect(),
        OneOrMany::One(value) => {
            let media = name.eq_ignore_ascii_case("content-type") && !value.contains(';');
            if let [only] = found[..]
                && media
            {
                let essence = only
                    .split(|&b| b == b';')
                    .next()
                    .unwrap_or_default()
                    .trim_ascii();
                return (essence == value.as_bytes()).then_some(()).ok_or_else(|| {
                    format!(
                        "{name} is {:?}, not {value:?}",
                        String::from_utf8_lossy(only)
                    )
                });
            }
            vec![value.as_bytes()]
        }
    };
    if found == wanted {
        return Ok(());
    }
    let show = |all: &[&[u8]]| {
        all.iter()
            .map(|v| String::from_utf8_lossy(v).into_owned())
            .collect::<Vec<_>>()
    };
    Err(format!(
        "{name} is {:?}, not {:?}",
        show(&found),
        show(&wanted)
    ))
}

/// Numbers by value, objects without regard to order; `true` is not 1.
fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| equal(a, b)))
        }
        _ => a == b,
    }
}
