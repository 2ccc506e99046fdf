//! What the README shows is what happens.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use http::{HeaderMap, Method};
use mockbird_core::spec::Format;
use mockbird_core::{Engine, Env, Request};

const README: &str = include_str!("../../README.md");

/// The first block of a language.
fn block(language: &str) -> &'static str {
    let (_, rest) = README.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

fn answer(engine: &Engine, method: &Method, path: &str) -> String {
    let headers = HeaderMap::new();
    let request = Request::new(method, path, &headers, b"");
    let body = engine
        .answer(&request, &Env::default())
        .response
        .into_body();
    String::from_utf8(body.to_vec()).unwrap()
}

#[test]
fn the_tour_answers_as_shown() {
    let compiled = Engine::read(block("yaml"), Format::Yaml).unwrap();
    assert!(compiled.warnings.is_empty(), "{:?}", compiled.warnings);
    let engine = compiled.engine;
    let songs = ["trill", "whistle", "chirp"];
    let wren = answer(&engine, &Method::GET, "/birds/wren");
    assert!(
        songs
            .iter()
            .any(|song| wren == format!(r#"{{"name":"wren","song":"{song}"}}"#)),
        "{wren}"
    );
    let dodo = answer(&engine, &Method::GET, "/birds/dodo");
    assert!(README.contains(&dodo), "{dodo}");
    let miss = answer(&engine, &Method::POST, "/birds/wren");
    let (shown, _) = miss.split_once(",\"documentation_url\"").unwrap();
    assert!(README.contains(shown), "{miss}");
    let (_, reasons) = miss.split_once("\"reasons\"").unwrap();
    assert!(README.contains(&format!("\"reasons\"{reasons}")), "{miss}");
}

#[test]
fn the_commands_name_what_is_there() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    for name in block("sh")
        .split_whitespace()
        // Addresses are none, be they whole or paths of a server.
        .filter(|word| word.contains('/') && !word.contains(':') && !word.starts_with('/'))
    {
        assert!(std::path::Path::new(root).join(name).exists(), "{name}");
    }
}
