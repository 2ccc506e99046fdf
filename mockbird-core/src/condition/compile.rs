//! [`spec::Condition`] to [`Condition`]: everything that can be wrong is found here, with its place.

use std::sync::Arc;

use http::HeaderName;
use regex::RegexBuilder;

use super::check::{Check, Limit, Needle, Order, Relation};
use super::subject::{BodyField, Subject};
use super::{Condition, Kind, Test};
use crate::fault::{Faults, Place, shown};
use crate::json::{Node, Value};
use crate::jsonpath::JsonPath;
use crate::limits::{CONDITION_DEPTH_MAX, CONDITIONS_MAX, REGEX_BYTES_MAX, REGEX_NEST_MAX};
use crate::regex_refusal::Refusal;
use crate::regex_size::{self, RegexBudget};
use crate::spec::{self, Operator, Source};

impl Condition {
    /// Compiles a condition; what is wrong with it is added to `faults`, and then there is no condition.
    pub fn compile(spec: &spec::Condition, place: &Place<'_>, faults: &mut Faults) -> Option<Self> {
        Self::compile_within(spec, place, faults, &mut RegexBudget::default())
    }

    /// The same for one condition of many, whose regexes have one budget.
    pub(crate) fn compile_within(
        spec: &spec::Condition,
        place: &Place<'_>,
        faults: &mut Faults,
        budget: &mut RegexBudget,
    ) -> Option<Self> {
        compile(spec, place, faults, budget, 0).map(Self)
    }
}

fn compile(
    spec: &spec::Condition,
    place: &Place<'_>,
    faults: &mut Faults,
    budget: &mut RegexBudget,
    depth: usize,
) -> Option<Kind> {
    if depth > CONDITION_DEPTH_MAX {
        let message = format!("nested too deep: at most {CONDITION_DEPTH_MAX} levels are allowed");
        faults.error(
            place,
            message,
            "groups in groups of the same kind can be one",
        );
        return None;
    }
    match spec {
        spec::Condition::Test(spec) => test(spec, place, faults, budget).map(Kind::Test),
        spec::Condition::Any(all) => {
            group(all, &place.key("any"), faults, budget, depth).map(Kind::Any)
        }
        spec::Condition::All(all) => {
            group(all, &place.key("all"), faults, budget, depth).map(Kind::All)
        }
        spec::Condition::Not(inner) => {
            let inner = compile(inner, &place.key("not"), faults, budget, depth + 1)?;
            Some(Kind::Not(Box::new(Condition(inner))))
        }
    }
}

fn group(
    all: &[spec::Condition],
    place: &Place<'_>,
    faults: &mut Faults,
    budget: &mut RegexBudget,
    depth: usize,
) -> Option<Box<[Condition]>> {
    if all.is_empty() {
        faults.error(
            place,
            "the group is empty",
            "give it at least one condition",
        );
        return None;
    }
    if all.len() > CONDITIONS_MAX {
        let message = format!("too many conditions: at most {CONDITIONS_MAX} are allowed");
        faults.error(place, message, "a regex can stand for many alternatives");
        return None;
    }
    // All are compiled, so that all faults are found.
    let compiled: Vec<_> = all
        .iter()
        .enumerate()
        .map(|(index, one)| {
            compile(one, &place.index(index), faults, budget, depth + 1).map(Condition)
        })
        .collect();
    compiled.into_iter().collect()
}

fn test(
    spec: &spec::Test,
    place: &Place<'_>,
    faults: &mut Faults,
    budget: &mut RegexBudget,
) -> Option<Test> {
    let subject = subject(spec, &place.key("field"), faults, budget);
    let check = check(spec, &place.key("value"), faults, budget);
    Some(Test {
        subject: Arc::new(subject?),
        check: check?,
        negate: spec.negate.unwrap_or(false),
        source: spec.source,
        field: spec.field.as_str().into(),
        operator: spec.operator,
    })
}

fn subject(
    spec: &spec::Test,
    place: &Place<'_>,
    faults: &mut Faults,
    budget: &mut RegexBudget,
) -> Option<Subject> {
    let field = &*spec.field;
    let named = |what: &str, faults: &mut Faults| {
        if field.is_empty() {
            let message = format!("the condition needs a `field`: the name of the {what}");
            faults.error(place, message, "write `field: name`");
        }
        (!field.is_empty()).then(|| field.into())
    };
    match spec.source {
        Source::Header => {
            named("header", faults)?;
            let name = HeaderName::from_bytes(field.as_bytes());
            if name.is_err() {
                let message = format!("{} is not a header name", shown(field));
                faults.error(place, message, "letters, digits and `-`, without spaces");
            }
            name.ok().map(Subject::Header)
        }
        Source::Query => named("query parameter", faults).map(Subject::Query),
        Source::Cookie => named("cookie", faults).map(Subject::Cookie),
        Source::Path if field.is_empty() => Some(Subject::Path),
        Source::Path => Some(Subject::Param(field.into())),
        Source::Method => {
            if !field.is_empty() {
                faults.warn(
                    place,
                    "a method has no fields, so this plays no part",
                    "remove it",
                );
            }
            Some(Subject::Method)
        }
        Source::Body => body_field(spec, place, faults, budget).map(Subject::Body),
    }
}

fn body_field(
    spec: &spec::Test,
    place: &Place<'_>,
    faults: &mut Faults,
    budget: &mut RegexBudget,
) -> Option<BodyField> {
    let field = &*spec.field;
    if field.is_empty() {
        return Some(whole_body(spec));
    }
    if field.starts_with('$') {
        return json_path(field, place, faults, budget);
    }
    if field.starts_with('/') {
        return xpath(field, place, faults);
    }
    Some(BodyField::Key {
        key: field.into(),
        path: JsonPath::parse_field(field),
    })
}

/// The whole body is text, unless it is compared with JSON.
fn whole_body(spec: &spec::Test) -> BodyField {
    match (spec.operator, &spec.value) {
        (Operator::Exists, _) => BodyField::Content,
        (Operator::Schema, _) => BodyField::Root,
        (_, Some(value)) if value.as_str().is_none() => BodyField::Root,
        _ => BodyField::Text,
    }
}

fn json_path(
    field: &str,
    place: &Place<'_>,
    faults: &mut Faults,
    budget: &mut RegexBudget,
) -> Option<BodyField> {
    if !cfg!(feature = "jsonpath") {
        faults.error(
            place,
            "this build reads no JSONPath",
            crate::fault::feature("jsonpath") + "; a field such as `user.items[0].id` needs none",
        );
        return None;
    }
    // Its regexes are compiled with it.
    if budget.is_exceeded() {
        return None;
    }
    let mut regex_bytes = 0;
    let parsed = JsonPath::parse_counting(field, &mut regex_bytes);
    budget.charge(regex_bytes, place, faults)?;
    match parsed {
        Ok(path) => {
            let text = field.into();
            Some(BodyField::JsonPath { text, path })
        }
        Err(error) => {
            let message = format!("not a JSONPath: {error}");
            faults.error(
                place,
                message,
                "a key that begins with `$` is written `['$key']`",
            );
            None
        }
    }
}

#[cfg(feature = "xpath")]
fn xpath(field: &str, place: &Place<'_>, faults: &mut Faults) -> Option<BodyField> {
    match crate::xpath::XPath::parse(field) {
        Ok(path) => Some(BodyField::XPath {
            text: field.into(),
            path,
        }),
        Err(error) => {
            let message = format!("not an XPath of the supported subset: {error}");
            let hint = "`/`, `//`, names, `*`, `@a`, `text()`, `[1]`, `[@a]` and `[@a='v']` are";
            faults.error(place, message, hint);
            None
        }
    }
}

#[cfg(not(feature = "xpath"))]
fn xpath(_: &str, place: &Place<'_>, faults: &mut Faults) -> Option<BodyField> {
    faults.error(
        place,
        "this build reads no XPath",
        crate::fault::feature("xpath"),
    );
    None
}

fn check(
    spec: &spec::Test,
    place: &Place<'_>,
    faults: &mut Faults,
    budget: &mut RegexBudget,
) -> Option<Check> {
    if spec.operator == Operator::Exists {
        return Some(Check::Exists);
    }
    let Some(value) = &spec.value else {
        faults.error(
            place,
            "the condition needs a `value`",
            "only `exists` has none",
        );
        return None;
    };
    let fold = spec.case_insensitive.unwrap_or(false);
    let relation = match spec.operator {
        Operator::Exists => return Some(Check::Exists),
        Operator::Equals if value.as_str().is_none() => {
            return Some(Check::EqualsJson(value.clone()));
        }
        Operator::Contains if value.as_str().is_none() => {
            return Some(Check::ContainsJson(value.clone()));
        }
        Operator::Equals => Relation::Equals,
        Operator::Contains => Relation::Contains,
        Operator::StartsWith => Relation::StartsWith,
        Operator::EndsWith => Relation::EndsWith,
        Operator::Regex => {
            return regex(text(value, place, faults)?, fold, place, faults, budget);
        }
        Operator::GreaterThan => return order(Order::Greater, value, place, faults),
        Operator::GreaterOrEqual => return order(Order::GreaterOrEqual, value, place, faults),
        Operator::LessThan => return order(Order::Less, value, place, faults),
        Operator::LessOrEqual => return order(Order::LessOrEqual, value, place, faults),
        Operator::Schema => return schema(value, place, faults, budget),
    };
    let wanted = text(value, place, faults)?;
    if spec.source == Source::Method && relation == Relation::Equals && !fold {
        warn_of_method(wanted, place, faults);
    }
    Some(Check::Text(relation, Needle::new(wanted, fold)))
}

/// Methods are told apart by case (RFC 9110 section 9.1), and the known ones are in capitals.
fn warn_of_method(wanted: &str, place: &Place<'_>, faults: &mut Faults) {
    let known = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];
    let meant = known.iter().find(|name| name.eq_ignore_ascii_case(wanted));
    if let Some(meant) = meant.filter(|name| **name != wanted) {
        let message = format!("no request has the method {}", shown(wanted));
        faults.warn(place, message, format!("write `{meant}`"));
    }
}

fn text<'v>(value: &'v Node, place: &Place<'_>, faults: &mut Faults) -> Option<&'v str> {
    if value.as_str().is_none() {
        let message = format!(
            "this operator compares text, and the value is {}",
            value.kind()
        );
        faults.error(place, message, "put it in quotes");
    }
    value.as_str()
}

fn regex(
    text: &str,
    fold: bool,
    place: &Place<'_>,
    faults: &mut Faults,
    budget: &mut RegexBudget,
) -> Option<Check> {
    if regex_size::is_too_long(text, REGEX_BYTES_MAX) {
        let refusal = Refusal::new(text, &regex::Error::CompiledTooBig(REGEX_BYTES_MAX));
        faults.error(place, refusal.message, refusal.hint);
        return None;
    }
    // One that cannot be read is refused below, in more words.
    let bytes = regex_size::text_bytes(text, fold).unwrap_or(0);
    budget.charge(bytes, place, faults)?;
    let compiled = RegexBuilder::new(text)
        .case_insensitive(fold)
        .size_limit(REGEX_BYTES_MAX)
        .dfa_size_limit(REGEX_BYTES_MAX)
        .nest_limit(REGEX_NEST_MAX)
        .build();
    match compiled {
        Ok(regex) => Some(Check::Regex(regex)),
        Err(error) => {
            let refusal = Refusal::new(text, &error);
            faults.error(place, refusal.message, refusal.hint);
            None
        }
    }
}

fn order(order: Order, value: &Node, place: &Place<'_>, faults: &mut Faults) -> Option<Check> {
    let limit = match &value.value {
        Value::Number(number) => Limit::Number(number.clone()),
        Value::String(text) => Limit::of_text(text),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            let message = format!("{} has no order", value.kind());
            faults.error(
                place,
                message,
                "compare with a number or an RFC 3339 date-time",
            );
            return None;
        }
    };
    if let Limit::Neither(_) = limit {
        faults.warn(
            place,
            "neither a number nor an RFC 3339 date-time, so nothing compares with it",
            "a date-time is written `2024-01-31T12:00:00Z`",
        );
    }
    Some(Check::Order(order, limit))
}

#[cfg(feature = "json-schema")]
fn schema(
    value: &Node,
    place: &Place<'_>,
    faults: &mut Faults,
    budget: &mut RegexBudget,
) -> Option<Check> {
    let compiled = match &value.value {
        Value::Object(_) | Value::Bool(_) => match super::schema::pattern_bytes(value) {
            Ok(bytes) => {
                budget.charge(bytes, place, faults)?;
                super::schema::Schema::compile(value)
            }
            Err(message) => Err(message),
        },
        Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) => Err(format!(
            "a JSON Schema is an object, and this is {}",
            value.kind()
        )),
    };
    match compiled {
        Ok(schema) => Some(Check::Schema(Box::new(schema))),
        Err(message) => {
            let hint = "a JSON Schema of draft 4 to 2020-12, with references inside of it only";
            faults.error(place, super::shown::bounded(&message), hint);
            None
        }
    }
}

#[cfg(not(feature = "json-schema"))]
fn schema(_: &Node, place: &Place<'_>, faults: &mut Faults, _: &mut RegexBudget) -> Option<Check> {
    faults.error(
        place,
        "this build checks no JSON Schema",
        crate::fault::feature("json-schema"),
    );
    None
}
