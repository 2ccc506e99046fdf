//! The `schema` operator: JSON Schema by way of the crate `jsonschema`.
//!
//! A schema is written by a stranger and evaluated on every request, so it may refer to nothing
//! outside itself, its patterns take linear time, and what it comes to with its references
//! followed is bounded before it is compiled: ten definitions that refer to the next one twice
//! are a thousand evaluations.

use std::collections::{HashMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, LazyLock};

use jsonschema::{PatternOptions, Validator};
use serde_json::{Map, Value as SerdeValue};

use super::effort::Effort;
use super::unique::UniqueItems;
use super::walk::{Target, Walk};
use crate::fault::shown;
use crate::json::{Node, Number, Value};
use crate::limits::{
    REGEX_BYTES_MAX, SCHEMA_COST_MAX, SCHEMA_DEPTH_MAX, SCHEMA_REASON_WORK_MAX,
    SCHEMA_REGEX_FORMAT_BYTES_MAX,
};
use crate::regex_size;

/// A compiled JSON Schema.
#[derive(Clone, Debug)]
pub(super) struct Schema {
    /// Nothing of it changes when it is asked, so a panic elsewhere leaves it whole; the crate does not say so.
    validator: Arc<AssertUnwindSafe<Validator>>,
    /// What it takes to ask it.
    walk: Arc<Walk>,
    /// As it was written, for reasons.
    pub source: Node,
}

impl Schema {
    /// Compiles a schema, or says why it is refused.
    pub(super) fn compile(source: &Node) -> Result<Self, String> {
        let mut bounds = Bounds::of(source)?;
        bounds.check(source, 0)?;
        let walk = Walk::of(source, |reference| bounds.target(reference));
        let patterns = PatternOptions::regex()
            .size_limit(REGEX_BYTES_MAX)
            .dfa_size_limit(REGEX_BYTES_MAX);
        let validator = jsonschema::options()
            .offline()
            .with_pattern_options(patterns)
            .with_keyword("uniqueItems", |_, value, _| {
                Ok(Box::new(UniqueItems::of(value)))
            })
            .with_format("regex", is_regex)
            .build(&convert(source))
            .map_err(|e| format!("not a JSON Schema: {e}"))?;
        Ok(Self {
            validator: Arc::new(AssertUnwindSafe(validator)),
            walk: Arc::new(walk),
            source: source.clone(),
        })
    }

    /// True if the value is valid, and it took no more than is left to say so.
    pub(super) fn admits(&self, node: &Node, effort: &mut Effort) -> bool {
        effort.allows(|steps| self.walk.left_of(steps, node))
            && self.validator.is_valid(&convert(node))
    }

    #[cfg(test)]
    pub(super) fn walk(&self) -> &Walk {
        &self.walk
    }

    /// The place in the value that is not valid and the keyword that says so; nothing if that is much work.
    pub(super) fn objection(&self, node: &Node) -> Option<String> {
        self.walk.left_of(SCHEMA_REASON_WORK_MAX, node)?;
        let value = convert(node);
        let error = self.validator.validate(&value).err()?;
        let at = error.instance_path().to_string();
        let rule = error.schema_path().to_string();
        Some(match &*at {
            "" => format!("`{rule}` fails"),
            _ => format!("`{rule}` fails at `{at}`"),
        })
    }
}

/// The format `regex`, for texts of a bounded length: the crate compares the names of groups with each other.
fn is_regex(text: &str) -> bool {
    static FORMAT: LazyLock<Option<Validator>> = LazyLock::new(|| {
        let schema = serde_json::json!({"format": "regex"});
        let options = jsonschema::options().should_validate_formats(true);
        options.offline().build(&schema).ok()
    });
    let is_short = text.len() <= SCHEMA_REGEX_FORMAT_BYTES_MAX;
    let is_valid = |format: &Validator| format.is_valid(&SerdeValue::String(text.to_owned()));
    is_short && FORMAT.as_ref().is_none_or(is_valid)
}

/// What the patterns of a schema weigh together, each distinct one being compiled once.
pub(super) fn pattern_bytes(schema: &Node) -> Result<usize, String> {
    let mut patterns = HashSet::new();
    let mut open = vec![schema];
    while let Some(node) = open.pop() {
        patterns.extend(text_member(node, "pattern"));
        let keyed = node.get("patternProperties").and_then(Node::members);
        patterns.extend(keyed.unwrap_or_default().iter().map(|m| &*m.key));
        open.extend(applied(node));
    }
    if patterns
        .iter()
        .any(|text| regex_size::is_too_long(text, REGEX_BYTES_MAX))
    {
        return Err(format!(
            "a pattern of the schema is too large: compiled, it takes more than {REGEX_BYTES_MAX} bytes"
        ));
    }
    let bytes = patterns.into_iter().map(regex_size::schema_pattern_bytes);
    Ok(bytes.fold(0, usize::saturating_add))
}

/// The members and elements that may be or hold schemas.
fn applied(node: &Node) -> impl Iterator<Item = &Node> {
    let members = node.members().unwrap_or_default().iter();
    let data = ["const", "enum", "default", "examples"];
    members
        .filter(move |member| !data.contains(&&*member.key))
        .map(|member| &member.value)
        .chain(node.elements().unwrap_or_default())
}

/// The value as `jsonschema` takes it: of a repeated key the last, numbers beyond it as `f64`.
fn convert(node: &Node) -> SerdeValue {
    match &node.value {
        Value::Null => SerdeValue::Null,
        Value::Bool(flag) => SerdeValue::Bool(*flag),
        Value::Number(number) => number
            .as_str()
            .parse()
            .map_or_else(|_| nearest(number), SerdeValue::Number),
        Value::String(text) => SerdeValue::String(text.clone()),
        Value::Array(elements) => elements.iter().map(convert).collect(),
        Value::Object(members) => SerdeValue::Object(
            members
                .iter()
                .map(|m| (m.key.clone(), convert(&m.value)))
                .collect::<Map<_, _>>(),
        ),
    }
}

/// The nearest finite `f64`: infinity would become null, which is no number.
fn nearest(number: &Number) -> SerdeValue {
    number.to_f64().clamp(f64::MIN, f64::MAX).into()
}

/// Members that hold data, or schemas that count only where they are referred to.
const NOT_APPLIED: [&str; 6] = [
    "const",
    "enum",
    "default",
    "examples",
    "$defs",
    "definitions",
];

/// The official meta-schemas are built in.
const META_SCHEMAS: [&str; 2] = ["http://json-schema.org/", "https://json-schema.org/"];

/// What evaluating a meta-schema comes to, roughly.
const META_SCHEMA_COST: usize = 500;

struct Bounds<'s> {
    root: &'s Node,
    /// The `$id` of the whole, which its own references may begin with.
    id: &'s str,
    anchors: HashMap<&'s str, &'s Node>,
    /// Cost by address; `None` while it is being found, which is where a reference leads back.
    costs: HashMap<*const Node, Option<usize>>,
}

impl<'s> Bounds<'s> {
    fn of(root: &'s Node) -> Result<Self, String> {
        let mut bounds = Self {
            root,
            id: text_member(root, "$id").unwrap_or_default(),
            anchors: HashMap::new(),
            costs: HashMap::new(),
        };
        bounds.collect(root)?;
        Ok(bounds)
    }

    /// Collects the anchors, and refuses schemas with an `$id` inside, as references would count from it.
    fn collect(&mut self, root: &'s Node) -> Result<(), String> {
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            if !std::ptr::eq(node, root) && text_member(node, "$id").is_some() {
                return Err("an `$id` inside the schema is not supported: \
                     use `$defs` and refer to them as `#/$defs/name`"
                    .to_owned());
            }
            for key in ["$anchor", "$dynamicAnchor"] {
                if let Some(name) = text_member(node, key) {
                    self.anchors.insert(name, node);
                }
            }
            open.extend(applied(node));
        }
        Ok(())
    }

    /// The number of subschemas this one comes to; calls itself at most [`SCHEMA_DEPTH_MAX`] deep.
    fn check(&mut self, node: &'s Node, depth: usize) -> Result<usize, String> {
        if depth > SCHEMA_DEPTH_MAX {
            return Err(format!(
                "the schema is nested too deep: at most {SCHEMA_DEPTH_MAX} levels, \
                 references followed, are allowed"
            ));
        }
        let address = std::ptr::from_ref(node);
        if let Some(known) = self.costs.get(&address) {
            return Ok(known.unwrap_or(1));
        }
        self.costs.insert(address, None);
        let mut cost = 1_usize;
        for member in node.members().unwrap_or_default() {
            cost += match (&*member.key, member.value.as_str()) {
                ("$ref" | "$dynamicRef" | "$recursiveRef", Some(target)) => {
                    self.reference(target, depth)?
                }
                (key, _) if NOT_APPLIED.contains(&key) => 0,
                _ => self.check(&member.value, depth + 1)?,
            };
        }
        for element in node.elements().unwrap_or_default() {
            cost += self.check(element, depth + 1)?;
        }
        if cost > SCHEMA_COST_MAX {
            return Err(format!(
                "the schema is too large: it comes to more than {SCHEMA_COST_MAX} subschemas, \
                 references followed"
            ));
        }
        self.costs.insert(address, Some(cost));
        Ok(cost)
    }

    fn reference(&mut self, target: &str, depth: usize) -> Result<usize, String> {
        match self.target(target) {
            Target::Part(node) => self.check(node, depth + 1),
            Target::Outside(cost) => Ok(cost),
            // One that leads nowhere is for the compiler to refuse.
            Target::Nothing if self.fragment(target).is_some() => Ok(1),
            Target::Nothing => Err(format!(
                "the reference {} leads outside the schema: nothing is fetched, \
                 so refer to `#/$defs/name`",
                shown(target)
            )),
        }
    }

    /// What a reference leads to.
    fn target(&self, target: &str) -> Target<'s> {
        if META_SCHEMAS.iter().any(|meta| target.starts_with(meta)) {
            return Target::Outside(META_SCHEMA_COST);
        }
        let found = match self.fragment(target) {
            Some(fragment) if fragment.is_empty() || fragment.starts_with('/') => {
                pointer(self.root, fragment)
            }
            Some(fragment) => self.anchors.get(fragment).copied(),
            None => None,
        };
        found.map_or(Target::Nothing, Target::Part)
    }

    /// The fragment of a reference inside of the schema.
    fn fragment<'t>(&self, target: &'t str) -> Option<&'t str> {
        let local = target.strip_prefix(self.id).unwrap_or(target);
        local.strip_prefix('#')
    }
}

fn text_member<'s>(node: &'s Node, key: &str) -> Option<&'s str> {
    node.get(key)?.as_str()
}

/// The node a JSON Pointer in a fragment leads to (RFC 6901 section 6).
fn pointer<'s>(root: &'s Node, fragment: &str) -> Option<&'s Node> {
    let text = percent_encoding::percent_decode_str(fragment).decode_utf8_lossy();
    text.split('/').skip(1).try_fold(root, |node, token| {
        let key = token.replace("~1", "/").replace("~0", "~");
        node.get(&key)
            .or_else(|| node.elements()?.get(key.parse::<usize>().ok()?))
    })
}
