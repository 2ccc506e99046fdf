//! Conditions: tests, and groups of conditions.

use super::object::{Object, object};
use super::value::{choice, flag, list, text};
use crate::fault::{Faults, Place};
use crate::json::Node;
use crate::limits::{CONDITION_DEPTH_MAX, CONDITIONS_MAX, NAME_CHARS_MAX};
use crate::spec::keys::ConditionKey;
use crate::spec::named::Named;
use crate::spec::{Condition, Operator, Source, Test};

/// The conditions of a response. One that is wrong leaves a neutral one, so that the places of the
/// others stay right.
pub(super) fn conditions(
    node: Node,
    at: &Place<'_>,
    faults: &mut Faults,
) -> Option<Vec<Condition>> {
    Tree {
        left: CONDITIONS_MAX,
    }
    .all(node, at, faults, 0)
}

/// What no later step can find fault with: every request has a method.
fn neutral() -> Condition {
    Condition::Test(Test {
        source: Source::Method,
        field: String::new(),
        operator: Operator::Exists,
        value: None,
        negate: None,
        case_insensitive: None,
    })
}

/// The conditions of one response, counted however they are nested.
struct Tree {
    left: usize,
}

impl Tree {
    fn all(
        &mut self,
        node: Node,
        at: &Place<'_>,
        faults: &mut Faults,
        depth: usize,
    ) -> Option<Vec<Condition>> {
        let elements = list(node, at, faults, self.left)?;
        let read = |(index, element)| {
            self.one(element, &at.index(index), faults, depth)
                .unwrap_or_else(neutral)
        };
        Some(elements.into_iter().enumerate().map(read).collect())
    }

    /// Recursion is bounded by [`CONDITION_DEPTH_MAX`].
    fn one(
        &mut self,
        node: Node,
        at: &Place<'_>,
        faults: &mut Faults,
        depth: usize,
    ) -> Option<Condition> {
        if depth > CONDITION_DEPTH_MAX || self.left == 0 {
            let message = format!(
                "too many conditions: at most {CONDITIONS_MAX}, nested at most {CONDITION_DEPTH_MAX} deep"
            );
            faults.error(at, message, "a regex can stand for many alternatives");
            return None;
        }
        self.left -= 1;
        let errors = faults.error_count();
        let mut test = TestParts::default();
        let mut group = None;
        let object = object(node, at, faults, |key, node, at, faults| match key {
            ConditionKey::Any => group = self.group(node, at, faults, depth).map(Condition::Any),
            ConditionKey::All => group = self.group(node, at, faults, depth).map(Condition::All),
            ConditionKey::Not => {
                let inner = self.one(node, at, faults, depth + 1);
                group = inner.map(|c| Condition::Not(Box::new(c)));
            }
            key => test.read(key, node, at, faults),
        })?;
        match groups_of(&object) {
            0 => {
                let test = test.finish(&object, at, faults);
                // Compiling a test that is known to be wrong would report it again.
                let sound = faults.error_count() == errors;
                test.filter(|_| sound).map(Condition::Test)
            }
            1 if !holds_test(&object) => group,
            1 => {
                let hint = "put the test into the group, as a condition of its own";
                faults.error(at, "a condition is a test or a group, not both", hint);
                None
            }
            _ => {
                let hint = "put one group into the other";
                faults.error(at, "a condition holds one of `any`, `all` and `not`", hint);
                None
            }
        }
    }

    fn group(
        &mut self,
        node: Node,
        at: &Place<'_>,
        faults: &mut Faults,
        depth: usize,
    ) -> Option<Vec<Condition>> {
        let conditions = self.all(node, at, faults, depth + 1)?;
        if conditions.is_empty() {
            faults.error(at, "an empty group", "give it a condition or remove it");
            return None;
        }
        Some(conditions)
    }
}

const GROUPS: [ConditionKey; 3] = [ConditionKey::Any, ConditionKey::All, ConditionKey::Not];

fn groups_of(object: &Object<ConditionKey>) -> usize {
    GROUPS.into_iter().filter(|&key| object.has(key)).count()
}

fn holds_test(object: &Object<ConditionKey>) -> bool {
    use ConditionKey::{CaseInsensitive, Field, Negate, Operator, Type, Value};
    [Type, Field, Operator, Value, Negate, CaseInsensitive]
        .into_iter()
        .any(|key| object.has(key))
}

/// A test while its members come in.
#[derive(Default)]
struct TestParts {
    source: Option<Source>,
    field: Option<String>,
    operator: Option<Operator>,
    value: Option<Node>,
    negate: Option<bool>,
    case_insensitive: Option<bool>,
}

impl TestParts {
    fn read(&mut self, key: ConditionKey, node: Node, at: &Place<'_>, faults: &mut Faults) {
        match key {
            ConditionKey::Type => self.source = choice(&node, at, faults, "type of condition"),
            ConditionKey::Field => self.field = text(node, at, faults, NAME_CHARS_MAX),
            ConditionKey::Operator => self.operator = choice(&node, at, faults, "operator"),
            ConditionKey::Value => self.value = Some(node),
            ConditionKey::Negate => self.negate = flag(&node, at, faults),
            ConditionKey::CaseInsensitive => self.case_insensitive = flag(&node, at, faults),
            ConditionKey::Any | ConditionKey::All | ConditionKey::Not => {}
        }
    }

    fn finish(
        self,
        object: &Object<ConditionKey>,
        at: &Place<'_>,
        faults: &mut Faults,
    ) -> Option<Test> {
        if object.lacks(ConditionKey::Type) {
            let hint = format!("one of: {}", Source::NAMES.join(", "));
            faults.error(at, "a condition needs a `type`", hint);
        }
        if object.lacks(ConditionKey::Operator) {
            let hint = format!("one of: {}", Operator::NAMES.join(", "));
            faults.error(at, "a condition needs an `operator`", hint);
        }
        self.check_field(object, at, faults);
        if let Some(operator) = self.operator
            && operator != Operator::Exists
            && object.lacks(ConditionKey::Value)
        {
            let message = format!("the operator `{}` needs a `value`", operator.name());
            faults.error(at, message, "only `exists` has none");
        }
        Some(Test {
            source: self.source?,
            field: self.field.unwrap_or_default(),
            operator: self.operator?,
            value: self.value,
            negate: self.negate,
            case_insensitive: self.case_insensitive,
        })
    }

    fn check_field(&self, object: &Object<ConditionKey>, at: &Place<'_>, faults: &mut Faults) {
        let what = match self.source {
            Some(Source::Header) => "header",
            Some(Source::Query) => "query parameter",
            Some(Source::Cookie) => "cookie",
            Some(Source::Body | Source::Path | Source::Method) | None => return,
        };
        let present = object.has(ConditionKey::Field);
        // A field of the wrong kind, or of a misspelt key, has been reported.
        let reported = !object.lacks(ConditionKey::Field);
        if self
            .field
            .as_ref()
            .map_or(reported, |field| !field.is_empty())
        {
            return;
        }
        let field = at.key(ConditionKey::Field.name());
        let at = if present { &field } else { at };
        let message = format!("a condition on a {what} needs its name in `field`");
        faults.error(at, message, "write `field: name`");
    }
}
