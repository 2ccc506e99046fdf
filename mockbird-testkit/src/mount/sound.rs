//! Mocks so plain that nothing can be wrong with them, seen without compiling them.
//!
//! What is said here is less than what is true: a mock that is not surely sound is compiled, which tells.

use mockbird_core::json;
use mockbird_core::spec::{Body, Mock, Response};
use mockbird_core::template::is_template;

use super::Mount;
use crate::Reply;
use crate::reply::Order;

impl Mount {
    /// True only if it is one mock of the engine, without faults and without doubts.
    pub(crate) fn is_surely_sound(&self) -> bool {
        self.asks_only_path()
            && self.mistakes.is_empty()
            && self.order == Order::LastRepeats
            && self.count_fault().is_none()
            && says_only_name(&self.mock)
            && self.path.is_plain_template()
            && self.replies.len() <= 1
            && self.replies.iter().all(Reply::is_surely_sound)
    }

    fn asks_only_path(&self) -> bool {
        self.methods.faults.is_empty()
            && self.methods.patterns.len() <= 1
            && self.matchers.is_empty()
            && self.checks.is_empty()
            && !self.has_no_other_query
    }
}

/// True if a mock says no more than its name and priority.
fn says_only_name(mock: &Mock) -> bool {
    mock.response_type.is_none()
        && mock.response_delay.is_none()
        && mock.rate_limit.is_none()
        && mock.is_active.is_none()
        && mock.responses.is_empty()
}

impl Reply {
    fn is_surely_sound(&self) -> bool {
        let Response {
            status_code,
            headers,
            conditions,
            weight,
            response_delay,
            body,
            ..
        } = &self.response;
        status_code.is_none_or(|code| (200..600).contains(&code))
            && headers.is_empty()
            && conditions.is_empty()
            && weight.is_none()
            && response_delay.is_none()
            && self.contradiction().is_none()
            && is_surely_static(body)
    }
}

/// True if no part of it is a template.
fn is_surely_static(body: &Body) -> bool {
    match body {
        Body::Empty | Body::Bytes(_) => true,
        Body::Text(text) => !is_template(text),
        Body::Json(node) => !holds_template(node),
        Body::File(_) => false,
    }
}

fn holds_template(node: &json::Node) -> bool {
    match &node.value {
        json::Value::Null | json::Value::Bool(_) | json::Value::Number(_) => false,
        json::Value::String(text) => is_template(text),
        json::Value::Array(all) => all.iter().any(holds_template),
        json::Value::Object(members) => members
            .iter()
            .any(|member| is_template(&member.key) || holds_template(&member.value)),
    }
}

#[cfg(test)]
mod tests {
    use mockbird_core::spec::Spec;
    use mockbird_core::{Batch, Engine};
    use proptest::prelude::*;

    use super::super::{Plan, any, get};
    use super::*;
    use crate::mounted::edits;
    use crate::{json, status, text};

    /// All that is wrong with a mock when it is compiled.
    fn faults(mount: &Mount) -> Vec<String> {
        let mut plan = Plan::of(mount, "a mock");
        let edits: Vec<_> = edits(0, std::mem::take(&mut plan.mocks)).collect();
        let mut batch = Batch::from(Engine::compile(&Spec::default()).unwrap().engine);
        let found = match batch.stage(&edits) {
            Ok(staged) => {
                plan.refuse_doubts(mount, staged.warnings());
                plan.faults
            }
            Err(invalid) => plan.faults_with(invalid),
        };
        found.iter().map(ToString::to_string).collect()
    }

    fn body() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("{{ nmae }}"),
            Just("{{"),
            Just("{%"),
            Just("{"),
            Just("}"),
            Just("["),
            Just("]"),
            Just("\""),
            Just("\\u007b"),
            Just(":"),
            Just(","),
            Just("1"),
            Just("{\"a\": 1}"),
            Just("[]"),
            Just("a"),
        ];
        proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
    }

    fn path() -> impl Strategy<Value = String> {
        let segment = prop_oneof![
            6 => "[a-z0-9_.~-]{0,3}",
            4 => "\\{[a-c_0-9]{0,2}\\}",
            1 => "[a-c*{}:?#%é.]{0,4}",
        ];
        let segments = proptest::collection::vec(segment, 0..5);
        (segments, prop_oneof![9 => Just("/"), 1 => Just("")])
            .prop_map(|(segments, start)| format!("{start}{}", segments.join("/")))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn what_is_surely_sound_has_no_faults(path in path(), body in body(), code in 190_u16..610, kind in 0..5, most in 0..3_usize) {
            let reply = match kind {
                0 => status(code),
                1 => text(body).status(code),
                2 => json(body).status(code),
                3 => text(body).header("x-a", "b"),
                _ => json(body),
            };
            let mount = match most {
                0 => get(path).reply(reply),
                most => any(path).reply(reply).at_most(most).expect(2),
            };
            if mount.is_surely_sound() {
                prop_assert_eq!(faults(&mount), Vec::<String>::new());
                prop_assert_eq!(Plan::of(&mount, "a mock").mocks.len(), 1);
            }
        }
    }

    #[test]
    fn most_mocks_of_tests_are_surely_sound() {
        for (mount, is_sound) in [
            (get("/"), true),
            (
                get("/birds/{name}").json(r#"{"name": "wren", "eggs": [1, null]}"#),
                true,
            ),
            (any("/birds/").status(204).named("none"), true),
            (get("/{a}/{b}").text("{ no template }").expect(1..), true),
            (get("/{a}/{a}"), false),
            (get("/{a:[0-9]+}"), false),
            (get("birds"), false),
            (get("/birds?page=2"), false),
            (get("/birds").text("{{ nmae }}"), false),
            (get("/birds").json(r#"{"{{ nmae }}": 1}"#), false),
            (get("/birds").json("{"), false),
            (get("/birds").status(99), false),
            (get("/birds").expect(2).at_most(1), false),
            (get("/birds").header("x-key", "1"), false),
        ] {
            assert_eq!(mount.is_surely_sound(), is_sound, "{mount:?}");
        }
    }
}
