//! The reasons of a condition, found by testing it again and keeping what came.

use super::check::{Check, Limit, Relation, with_node};
use super::difference::{Differences, Wanted, differences};
use super::finding::{Came, Detail, Finding, Shown, TestFinding};
use super::shown::{self, Hidden};
use super::subject::{BodyField, Item, Subject};
use super::{Condition, Kind, Test, summary};
use crate::json::{Node, Value};
use crate::limits::SHOWN_VALUES_MAX;
use crate::request::{ParsedBody, View};

impl Condition {
    /// Whether the request passes, and why: what was expected and what came.
    ///
    /// Values of secrets are masked, long ones cut and control characters escaped.
    pub fn explain(&self, view: &View<'_>) -> Finding {
        let explain_all =
            |all: &[Condition]| -> Vec<_> { all.iter().map(|one| one.explain(view)).collect() };
        // Nothing is asked twice: a body may be large.
        match &self.0 {
            Kind::Test(test) => test.explain(view),
            Kind::Any(all) => {
                let all = explain_all(all);
                Finding {
                    passed: all.iter().any(|one| one.passed),
                    detail: Detail::Any(all),
                }
            }
            Kind::All(all) => {
                let all = explain_all(all);
                Finding {
                    passed: all.iter().all(|one| one.passed),
                    detail: Detail::All(all),
                }
            }
            Kind::Not(inner) => {
                let inner = inner.explain(view);
                Finding {
                    passed: !inner.passed,
                    detail: Detail::Not(Box::new(inner)),
                }
            }
        }
    }
}

impl Test {
    fn explain(&self, view: &View<'_>) -> Finding {
        let hidden = self.subject.hidden(view);
        let decided = self.decide(view);
        let passed = matches!(decided, Ok(found) if found != self.negate);
        let (came, objection) = match decided {
            Ok(_) => self.came(view, hidden),
            Err(exceeded) => (Came::Stopped(exceeded), None),
        };
        let note = match &came {
            Came::Missing => self.missing_because(view),
            Came::Values { .. } | Came::Stopped(_) => objection,
        };
        let finding = TestFinding {
            source: self.source,
            field: shown::field(&self.field).to_owned(),
            operator: self.operator,
            negate: self.negate,
            expected: self.expected(hidden),
            came,
            differences: if passed || self.negate || hidden.came || hidden.expected {
                Differences::default()
            } else {
                self.differences(view)
            },
            note,
        };
        Finding {
            passed,
            detail: Detail::Test(finding),
        }
    }

    /// The values that came, and what a schema has against the first.
    fn came(&self, view: &View<'_>, hidden: Hidden) -> (Came, Option<String>) {
        let (mut values, mut more, mut objection) = (Vec::new(), 0, None);
        let searched = self.subject.any(view, &mut |item| {
            if values.len() < SHOWN_VALUES_MAX {
                values.push(if hidden.came {
                    Shown::Hidden
                } else {
                    self.show_came(view, item)
                });
            } else {
                more += 1;
            }
            if values.len() == 1 && objection.is_none() {
                objection = self.objection(item).or_else(|| self.first_difference(item));
            }
            false
        });
        let came = match searched {
            Err(exceeded) => Came::Stopped(exceeded),
            Ok(_) if values.is_empty() => Came::Missing,
            Ok(_) => Came::Values {
                shown: values,
                more,
            },
        };
        (came, objection)
    }

    /// A value as it may be shown; of a binary body what tells it from others.
    fn show_came(&self, view: &View<'_>, item: Item<'_>) -> Shown {
        let shown = self.subject.show(item);
        let body = view.request.raw_body();
        match &*self.subject {
            Subject::Body(BodyField::Text | BodyField::Content)
                if shown != Shown::Hidden && std::str::from_utf8(body).is_err() =>
            {
                summary::binary(body)
            }
            _ => shown,
        }
    }

    /// Where a long text begins to differ from the one it should equal.
    fn first_difference(&self, item: Item<'_>) -> Option<String> {
        match (&self.check, item) {
            (Check::Text(Relation::Equals, wanted), Item::Text(came))
                if !self.negate && *came != *wanted.text && !wanted.is_folded() =>
            {
                summary::first_difference(came, &wanted.text)
            }
            _ => None,
        }
    }

    /// Where the only value that came differs from the JSON that was expected.
    fn differences(&self, view: &View<'_>) -> Differences {
        let (mut found, mut values) = (Differences::default(), 0);
        let _ = self.subject.any(view, &mut |item| {
            values += 1;
            if values == 1 {
                with_node(item, |node| {
                    match &self.check {
                        Check::EqualsJson(wanted) => {
                            found = differences(node, wanted, Wanted::Equal);
                        }
                        Check::ContainsJson(part) => {
                            found = differences(node, part, Wanted::Element);
                        }
                        _ => {}
                    }
                    true
                });
            }
            values > 1
        });
        if values == 1 {
            found
        } else {
            Differences::default()
        }
    }

    #[cfg(feature = "json-schema")]
    fn objection(&self, item: Item<'_>) -> Option<String> {
        let Check::Schema(schema) = &self.check else {
            return None;
        };
        let mut objection = None;
        super::check::with_node(item, |node| {
            objection = schema.objection(node);
            true
        });
        objection.map(|text| shown::bounded(&text))
    }

    #[cfg(not(feature = "json-schema"))]
    #[expect(clippy::unused_self, reason = "the signature of the feature")]
    fn objection(&self, _: Item<'_>) -> Option<String> {
        None
    }

    fn expected(&self, hidden: Hidden) -> Option<Shown> {
        let show = |item: Item<'_>| {
            Some(if hidden.expected {
                Shown::Hidden
            } else {
                self.subject.show(item)
            })
        };
        let text = |text: &str| show(Item::Text(text));
        let node = |node: &Node| show(Item::Node(node));
        match &self.check {
            Check::Exists => None,
            Check::Text(_, needle) => text(&needle.text),
            Check::EqualsJson(wanted) | Check::ContainsJson(wanted) => node(wanted),
            Check::Regex(regex) => text(regex.as_str()),
            Check::Order(_, Limit::Number(number)) => node(&Value::Number(number.clone()).into()),
            Check::Order(_, Limit::Time(_, written) | Limit::Neither(written)) => text(written),
            #[cfg(feature = "json-schema")]
            Check::Schema(schema) => node(&schema.source),
        }
    }

    /// Why a field of the body is missing, where it is because of the body as a whole.
    fn missing_because(&self, view: &View<'_>) -> Option<String> {
        let Subject::Body(field) = &*self.subject else {
            return None;
        };
        let body = view.request.body();
        let (wanted, fits) = match field {
            BodyField::Text | BodyField::Content => return None,
            BodyField::Root | BodyField::JsonPath { .. } => {
                ("JSON", matches!(body, ParsedBody::Json(_)))
            }
            BodyField::Key { .. } => (
                "JSON or a form",
                matches!(body, ParsedBody::Json(_) | ParsedBody::Form(_)),
            ),
            #[cfg(feature = "xpath")]
            BodyField::XPath { .. } => ("well-formed XML", matches!(body, ParsedBody::Xml(_))),
        };
        let looks_like_json = || {
            let raw = view.request.raw_body().trim_ascii_start();
            matches!(raw.first(), Some(b'{' | b'['))
        };
        let came = match body {
            ParsedBody::Form(_) if looks_like_json() => {
                return Some("the body was read as a form, as its Content-Type says".to_owned());
            }
            _ if fits => return None,
            ParsedBody::Empty => return Some("the body is empty".to_owned()),
            ParsedBody::Text => "",
            ParsedBody::Json(_) => "JSON, ",
            ParsedBody::Form(_) => "a form, ",
            #[cfg(feature = "xpath")]
            ParsedBody::Xml(_) => "XML, ",
        };
        Some(format!("the body is {came}not {wanted}"))
    }
}
