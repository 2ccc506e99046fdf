//! How much work it is to hold a value against a JSON Schema, counted before it is done.
//!
//! The crate has no bound of its own, and a schema that leads back to itself twice may take twice as long
//! with each level of a body. So its way is walked first, as if nothing were decided before the end: each
//! subschema with each value it may be asked about.

use std::collections::HashMap;
use std::ptr;

use crate::json::{Member, Node, Span, Value};

/// Bytes of text that are looked at in one step.
const TEXT_BYTES_A_STEP: usize = 64;

/// What stands for the key of a member where its value would be.
static KEY: Node = Node {
    value: Value::Null,
    span: Span { start: 0, end: 0 },
};

/// The subschemas of a schema, and what each is asked about; the first is the whole.
#[derive(Debug)]
pub(super) struct Walk {
    parts: Vec<Part>,
}

/// A subschema: other ones by their place.
#[derive(Debug, Default)]
struct Part {
    /// Steps with any value.
    own: usize,
    /// Steps with an object.
    names: usize,
    /// How often the keys of an object are read.
    keys: usize,
    /// How often all that is in a value is read.
    whole: usize,
    /// Asked about the same value.
    here: Vec<usize>,
    /// True if those are asked once more, to see what they leave over.
    again: bool,
    member: HashMap<Box<str>, usize>,
    each_member: Vec<usize>,
    each_key: Vec<usize>,
    element: Vec<usize>,
    each_element: Vec<usize>,
}

/// A subschema that is to be asked about a value; `depth` of those on the way there are above it.
struct Visit<'v> {
    part: usize,
    value: &'v Node,
    depth: usize,
}

impl Walk {
    /// `target` finds what a reference leads to.
    pub(super) fn of<'s>(root: &'s Node, target: impl Fn(&str) -> Target<'s>) -> Self {
        let mut places = Places::default();
        places.of(root);
        let mut parts = Vec::new();
        while let Some(&schema) = places.nodes.get(parts.len()) {
            parts.push(Part::of(schema, &target, &mut places));
        }
        Self { parts }
    }

    /// What is left of so many steps; nothing if they are too few.
    pub(super) fn left_of(&self, steps: usize, root: &Node) -> Option<usize> {
        let mut left = steps;
        let mut way: Vec<(usize, *const Node)> = Vec::new();
        let mut open = vec![Visit {
            part: 0,
            value: root,
            depth: 0,
        }];
        while let Some(visit) = open.pop() {
            way.truncate(visit.depth);
            let place = (visit.part, ptr::from_ref(visit.value));
            // Where a schema leads back to itself without going into the value, the crate stops.
            let mut here = way.iter().rev().take_while(|(_, value)| *value == place.1);
            if here.any(|on_way| *on_way == place) {
                left = left.checked_sub(1)?;
                continue;
            }
            way.push(place);
            let part = &self.parts[visit.part];
            left = left.checked_sub(part.steps(visit.value))?;
            part.open(visit.value, way.len(), &mut open);
            // Each is a step at least.
            left.checked_sub(open.len())?;
        }
        Some(left)
    }
}

/// What a reference leads to.
pub(super) enum Target<'s> {
    Part(&'s Node),
    /// Outside: it takes so many steps with each part of a value.
    Outside(usize),
    Nothing,
}

/// The schemas met so far, by their place in memory.
#[derive(Default)]
struct Places<'s> {
    nodes: Vec<&'s Node>,
    known: HashMap<*const Node, usize>,
}

impl<'s> Places<'s> {
    fn of(&mut self, schema: &'s Node) -> usize {
        *self.known.entry(ptr::from_ref(schema)).or_insert_with(|| {
            self.nodes.push(schema);
            self.nodes.len() - 1
        })
    }
}

impl Part {
    fn of<'s>(
        schema: &'s Node,
        target: &impl Fn(&str) -> Target<'s>,
        places: &mut Places<'s>,
    ) -> Self {
        let mut part = Self {
            own: 1,
            ..Self::default()
        };
        for member in schema.members().unwrap_or_default() {
            part.keyword(member, target, places);
        }
        part
    }

    fn keyword<'s>(
        &mut self,
        Member { key, value, .. }: &'s Member,
        target: &impl Fn(&str) -> Target<'s>,
        places: &mut Places<'s>,
    ) {
        let elements = || value.elements().unwrap_or_default().iter();
        let members = || value.members().unwrap_or_default().iter();
        self.own += 1;
        match &**key {
            "$ref" | "$dynamicRef" | "$recursiveRef" => {
                match value.as_str().map_or(Target::Nothing, target) {
                    Target::Part(found) => self.here.push(places.of(found)),
                    Target::Outside(steps) => self.whole += steps,
                    Target::Nothing => {}
                }
            }
            "allOf" | "anyOf" | "oneOf" => self.here.extend(elements().map(|one| places.of(one))),
            "not" | "if" | "then" | "else" => self.here.push(places.of(value)),
            "dependentSchemas" | "dependencies" => {
                self.names += weight(value);
                self.here.extend(members().map(|one| places.of(&one.value)));
            }
            "properties" => {
                self.names += members().len();
                let named = members().map(|one| (one.key.as_str().into(), places.of(&one.value)));
                self.member.extend(named);
            }
            "patternProperties" => {
                self.keys += members().len();
                self.each_member
                    .extend(members().map(|one| places.of(&one.value)));
            }
            "propertyNames" => {
                self.keys += 1;
                self.each_key.push(places.of(value));
            }
            "additionalProperties" => self.each_member.push(places.of(value)),
            "unevaluatedProperties" => {
                self.again = true;
                self.each_member.push(places.of(value));
            }
            "items" | "prefixItems" if value.elements().is_some() => {
                self.element.extend(elements().map(|one| places.of(one)));
            }
            "items" | "additionalItems" | "contains" => self.each_element.push(places.of(value)),
            "unevaluatedItems" => {
                self.again = true;
                self.each_element.push(places.of(value));
            }
            "uniqueItems" => self.whole += 1,
            // Texts are looked up, all else is compared one after the other.
            "enum" if elements().all(|one| one.as_str().is_some()) => {}
            "enum" | "const" => self.own += weight(value),
            "required" | "dependentRequired" => self.names += weight(value),
            _ => {}
        }
    }

    /// What it takes itself to look at a value.
    fn steps(&self, value: &Node) -> usize {
        let own = match &value.value {
            Value::String(text) => self.own * (1 + text.len() / TEXT_BYTES_A_STEP),
            Value::Object(members) => {
                let keys: usize = match self.keys {
                    0 => 0,
                    times => times * members.iter().map(key_weight).sum::<usize>(),
                };
                self.own + self.names + keys
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => self.own,
        };
        match self.whole {
            0 => own,
            times => own + times * weight(value),
        }
    }

    /// Adds what else is to be asked.
    fn open<'v>(&self, value: &'v Node, depth: usize, open: &mut Vec<Visit<'v>>) {
        let mut ask = |part: &usize, value| {
            open.push(Visit {
                part: *part,
                value,
                depth,
            });
        };
        for _ in 0..=usize::from(self.again) {
            self.here.iter().for_each(|part| ask(part, value));
        }
        for member in value.members().unwrap_or_default() {
            let named = self.member.get(&*member.key);
            let parts = named.into_iter().chain(&self.each_member);
            parts.for_each(|part| ask(part, &member.value));
            self.each_key.iter().for_each(|part| ask(part, &KEY));
        }
        for (at, element) in value.elements().unwrap_or_default().iter().enumerate() {
            let parts = self.element.get(at).into_iter().chain(&self.each_element);
            parts.for_each(|part| ask(part, element));
        }
    }
}

fn key_weight(member: &Member) -> usize {
    1 + member.key.len() / TEXT_BYTES_A_STEP
}

/// Steps of looking at all that is in a value, which is nested no deeper than its parser allows.
fn weight(value: &Node) -> usize {
    1 + match &value.value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len() / TEXT_BYTES_A_STEP,
        Value::Array(elements) => elements.iter().map(weight).sum(),
        Value::Object(members) => members
            .iter()
            .map(|member| key_weight(member) + weight(&member.value))
            .sum(),
    }
}

#[cfg(test)]
mod tests {
    use crate::condition::schema::Schema;
    use crate::json;

    /// The steps it takes to hold a value against a schema; nothing beyond a hundred thousand.
    fn steps(schema: &str, value: &str) -> Option<usize> {
        const MOST: usize = 100_000;
        let schema = Schema::compile(&json::parse(schema.as_bytes()).unwrap()).unwrap();
        let value = json::parse(value.as_bytes()).unwrap();
        schema.walk().left_of(MOST, &value).map(|left| MOST - left)
    }

    fn nested(levels: usize) -> String {
        "[".repeat(levels) + &"]".repeat(levels)
    }

    #[test]
    fn only_what_a_value_meets_counts() {
        let one = r#"{"properties":{"a":{"type":"string"},"b":{"items":{"type":"string"}}}}"#;
        for (schema, value, want) in [
            ("{}", "[1,[2,3]]", 1),
            ("true", "1", 1),
            (one, "1", 2),
            (one, r#"{"c":[1,2,3]}"#, 4),
            (one, r#"{"a":[1,2,3]}"#, 6),
            (one, r#"{"b":[1,2,3]}"#, 4 + 2 + 3 * 2),
            (r##"{"items":{"$ref":"#"}}"##, "[[[]]]", 3 * 2 + 2 * 2),
            (r##"{"$ref":"#"}"##, "1", 3),
        ] {
            assert_eq!(steps(schema, value), Some(want), "{schema} {value}");
        }
    }

    #[test]
    fn what_doubles_with_each_level_of_a_body_is_too_much() {
        let again = r##"{"items":{"$ref":"#"}}"##;
        for schema in [
            format!(r#"{{"allOf":[{again},{again}]}}"#),
            format!(r#"{{"anyOf":[{again},{{"not":{again}}}]}}"#),
            format!(r#"{{"if":{again},"else":{again}}}"#),
            r##"{"items":{"$ref":"#"},"contains":{"$ref":"#"}}"##.to_owned(),
            r##"{"allOf":[{"items":{"$ref":"#"}}],"unevaluatedItems":false}"##.to_owned(),
        ] {
            assert!(steps(&schema, &nested(4)).is_some(), "{schema}");
            assert_eq!(steps(&schema, &nested(100)), None, "{schema}");
        }
        assert!(steps(again, &nested(128)).unwrap() < 1_000);
        let unevaluated = (0..20).fold("{}".to_owned(), |inner, _| {
            format!(r#"{{"allOf":[{inner}],"unevaluatedProperties":false}}"#)
        });
        assert_eq!(steps(&unevaluated, "{}"), None);
    }

    #[test]
    fn long_lists_times_long_lists_are_too_much() {
        let many = |each: &str, count: usize| vec![each; count].join(",");
        let numbers = format!("[{}]", many("1", 1_000));
        let text = format!("\"{}\"", "x".repeat(100_000));
        let keys = (0..1_000).map(|n| format!("\"{n}\":{n}"));
        let object = format!("{{{}}}", keys.collect::<Vec<_>>().join(","));
        let patterns = (0..200).map(|n| format!("\"{n}\":{{}}"));
        let patterns = patterns.collect::<Vec<_>>().join(",");
        for (schema, value) in [
            (
                format!(r#"{{"items":{{"enum":[{}]}}}}"#, many("[1]", 200)),
                &numbers,
            ),
            (
                format!(r#"{{"allOf":[{}]}}"#, many(r#"{"pattern":"y"}"#, 100)),
                &text,
            ),
            (
                format!(r#"{{"patternProperties":{{{patterns}}}}}"#),
                &object,
            ),
            (
                format!(
                    r#"{{"propertyNames":{{"allOf":[{}]}}}}"#,
                    many(r#"{"pattern":"y"}"#, 100)
                ),
                &object,
            ),
            (
                r##"{"uniqueItems":true,"items":{"$ref":"#"}}"##.to_owned(),
                &format!("{}{numbers}{}", "[".repeat(120), "]".repeat(120)),
            ),
        ] {
            assert_eq!(steps(&schema, value), None, "{schema}");
            assert!(steps(&schema, "[1]").is_some(), "{schema}");
        }
    }
}
