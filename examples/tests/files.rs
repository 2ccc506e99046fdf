//! Every mock file of the examples compiles without a warning and does what its `x-try` says.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use http::{HeaderMap, HeaderName, Method};
use mockbird_core::spec::{self, Format};
use mockbird_core::{Counters, Engine, Env, Request};
use serde::Deserialize;
use serde_json::Value;

/// A request and what must come back: an entry of `x-try`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Try {
    /// `GET /path`
    request: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
    status: OneOf,
    /// JSON pointers and the values they lead to.
    #[serde(default)]
    json: BTreeMap<String, Value>,
    #[serde(default)]
    header: BTreeMap<String, String>,
    /// Texts that stand in the body.
    #[serde(default)]
    contains: Vec<String>,
    body_is: Option<String>,
    /// The least and the most milliseconds.
    delay: Option<(u128, u128)>,
}

/// A status, or those of which one must come.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOf {
    This(u16),
    These(Vec<u16>),
}

/// A file that was read: its engine, and what is to be tried.
struct Example {
    engine: Engine,
    counters: Counters,
    tries: Vec<Try>,
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let all = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let mut files: Vec<_> = all.filter(|file| Format::of_file(file).is_some()).collect();
    files.sort();
    files
}

impl Example {
    fn read(file: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(file).unwrap();
        let mut document =
            spec::read(&text, Format::of_file(file).unwrap()).map_err(|error| error.to_string())?;
        let (spec, faults) = document.decode();
        let spec = spec.ok_or_else(|| format!("{:?}", faults.errors))?;
        let compiled = Engine::compile(&spec).map_err(|error| error.to_string())?;
        if let Some(warning) = faults.warnings.iter().chain(&compiled.warnings).next() {
            return Err(format!("a warning: {warning}"));
        }
        let tries = spec.extensions.iter().find(|member| member.key == "x-try");
        let tries = tries.ok_or("it has no `x-try`: nothing shows that it works")?;
        let tries: Vec<Try> =
            serde_json::from_str(&tries.value.to_string()).map_err(|e| e.to_string())?;
        let counters = compiled.engine.counters();
        Ok(Self {
            engine: compiled.engine,
            counters,
            tries,
        })
    }

    fn run(&self, one: &Try) -> Result<(), String> {
        let (method, target) = one.request.split_once(' ').ok_or("no method and path")?;
        let method: Method = method.parse().map_err(|_| "no method")?;
        let mut headers = HeaderMap::new();
        for (name, value) in &one.headers {
            headers.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        let request = Request::new(&method, target, &headers, one.body.as_bytes());
        let env = Env {
            now_ms: 1_700_000_000_000,
            counters: Some(&self.counters),
            ..Env::default()
        };
        let answer = self.engine.answer(&request, &env);
        let ms = answer.delay.as_millis();
        if one
            .delay
            .is_some_and(|(least, most)| ms < least || ms > most)
        {
            return Err(format!("it waits for {ms} ms"));
        }
        one.check(&answer.response)
    }
}

impl Try {
    fn check(&self, response: &http::Response<bytes::Bytes>) -> Result<(), String> {
        let (status, text) = (
            response.status().as_u16(),
            String::from_utf8_lossy(response.body()),
        );
        let right = match &self.status {
            OneOf::This(one) => status == *one,
            OneOf::These(all) => all.contains(&status),
        };
        if !right {
            return Err(format!("status is {status}, not {:?}: {text}", self.status));
        }
        for (name, wanted) in &self.header {
            let came = response
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok());
            if came != Some(wanted) {
                return Err(format!("header {name} is {came:?}, not {wanted:?}"));
            }
        }
        if let Some(missing) = self
            .contains
            .iter()
            .find(|part| !text.contains(part.as_str()))
        {
            return Err(format!("{missing:?} is not in {text}"));
        }
        if self.body_is.as_ref().is_some_and(|wanted| *wanted != text) {
            return Err(format!("the body is {text}"));
        }
        self.check_json(&text)
    }

    fn check_json(&self, text: &str) -> Result<(), String> {
        if self.json.is_empty() {
            return Ok(());
        }
        let json: Value = serde_json::from_str(text).map_err(|error| format!("{error}: {text}"))?;
        for (pointer, wanted) in &self.json {
            let came = json.pointer(pointer);
            if came != Some(wanted) {
                return Err(format!("{pointer} is {came:?}, not {wanted}"));
            }
        }
        Ok(())
    }
}

#[test]
fn every_example_does_what_it_says() {
    let mut failures = Vec::new();
    for file in files() {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        match Example::read(&file) {
            Err(what) => failures.push(format!("{name}: {what}")),
            Ok(example) if example.tries.is_empty() => {
                failures.push(format!("{name}: `x-try` is empty"));
            }
            Ok(example) => failures.extend(example.tries.iter().filter_map(|one| {
                let what = example.run(one).err()?;
                Some(format!("{name}: {}: {what}", one.request))
            })),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_example_is_in_the_list() {
    let list = include_str!("../README.md");
    for file in files() {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        assert!(list.contains(&format!("[`{name}`]({name})")), "{name}");
    }
}
