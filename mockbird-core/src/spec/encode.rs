//! A spec back to a tree: what is absent stays absent, so that reading it again gives the same spec.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::keys::{ConditionKey, DelayKey, MockKey, RateLimitKey, ResponseKey, SpecKey};
use super::{
    Body, Condition, Delay, Header, MethodPattern, Mock, RateLimit, Response, ResponseType, Spec,
    Test,
};
use crate::json::{Member, Node, Number, Span, Value};

impl Spec {
    /// The spec as its file would have it.
    pub fn to_node(&self) -> Node {
        let mut object = Object::default();
        object.put(SpecKey::Name.name(), self.name.as_str());
        object.put_some(SpecKey::Slug.name(), self.slug.as_deref());
        object.put_some(SpecKey::Description.name(), self.description.as_deref());
        object.put_some(SpecKey::IsPublic.name(), self.is_public);
        object.put_some(SpecKey::Cors.name(), self.cors);
        object.put_some(SpecKey::Seed.name(), self.seed.map(whole));
        object.put(SpecKey::Mocks.name(), list(&self.mocks, Mock::to_node));
        object.finish(&self.extensions)
    }
}

impl Mock {
    /// The mock as a spec would have it.
    pub fn to_node(&self) -> Node {
        let mut object = Object::default();
        object.put_some(MockKey::Id.name(), self.id.as_deref());
        object.put_some(MockKey::Name.name(), self.name.as_deref());
        object.put_some(MockKey::Description.name(), self.description.as_deref());
        object.put_some(
            MockKey::Method.name(),
            self.method.as_ref().map(MethodPattern::as_str),
        );
        object.put(MockKey::Path.name(), self.path.as_str());
        object.put_some(
            MockKey::ResponseType.name(),
            self.response_type.map(ResponseType::name),
        );
        object.put_some(
            MockKey::ResponseDelay.name(),
            self.response_delay.map(Delay::to_node),
        );
        object.put_some(
            MockKey::RateLimit.name(),
            self.rate_limit.map(RateLimit::to_node),
        );
        object.put_some(MockKey::Priority.name(), self.priority.map(i64::from));
        object.put_some(MockKey::IsActive.name(), self.is_active);
        object.put(
            MockKey::Responses.name(),
            list(&self.responses, Response::to_node),
        );
        object.finish(&self.extensions)
    }
}

impl MethodPattern {
    /// As it is written: `ANY`, or the method.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Any => "ANY",
            Self::Exact(method) => method.as_str(),
        }
    }
}

impl Response {
    /// The response as a spec would have it.
    pub fn to_node(&self) -> Node {
        let mut object = Object::default();
        object.put_some(ResponseKey::Id.name(), self.id.as_deref());
        object.put_some(ResponseKey::Name.name(), self.name.as_deref());
        object.put_some(
            ResponseKey::StatusCode.name(),
            self.status_code.map(i64::from),
        );
        if !self.headers.is_empty() {
            object.put(ResponseKey::Headers.name(), headers(&self.headers));
        }
        match &self.body {
            Body::Empty => {}
            Body::Text(text) => object.put(ResponseKey::Body.name(), text.as_str()),
            Body::Json(node) => object.put(ResponseKey::Body.name(), node.clone()),
            Body::Bytes(bytes) => {
                object.put(ResponseKey::BodyBase64.name(), STANDARD.encode(bytes));
            }
            Body::File(name) => object.put(ResponseKey::BodyFile.name(), name.as_str()),
        }
        if !self.conditions.is_empty() {
            let conditions = list(&self.conditions, Condition::to_node);
            object.put(ResponseKey::Conditions.name(), conditions);
        }
        object.put_some(ResponseKey::Weight.name(), self.weight.map(i64::from));
        object.put_some(ResponseKey::IsDefault.name(), self.is_default);
        object.put_some(
            ResponseKey::ResponseDelay.name(),
            self.response_delay.map(Delay::to_node),
        );
        object.put_some(ResponseKey::Template.name(), self.template);
        object.finish(&self.extensions)
    }
}

fn headers(headers: &[Header]) -> Node {
    let mut object = Object::default();
    for Header { name, values } in headers {
        let value = match values.as_slice() {
            [value] => Node::from(value.as_str()),
            values => list(values, |value| value.as_str().into()),
        };
        object.put(name, value);
    }
    object.finish(&[])
}

impl Delay {
    /// The delay as a spec would have it.
    pub fn to_node(self) -> Node {
        let mut object = Object::default();
        match self {
            Self::Fixed(milliseconds) => return whole(milliseconds),
            Self::Uniform { min, max } => {
                object.put(DelayKey::Min.name(), whole(min));
                object.put(DelayKey::Max.name(), whole(max));
            }
            Self::LogNormal { median, sigma } => {
                object.put(DelayKey::Median.name(), float(median));
                object.put(DelayKey::Sigma.name(), float(sigma));
            }
        }
        object.finish(&[])
    }
}

impl RateLimit {
    /// The rate limit as a spec would have it.
    pub fn to_node(self) -> Node {
        let mut object = Object::default();
        object.put(RateLimitKey::Requests.name(), i64::from(self.requests));
        object.put(RateLimitKey::Per.name(), self.per.to_string());
        let status = self.status_code.map(i64::from);
        object.put_some(RateLimitKey::StatusCode.name(), status);
        object.finish(&[])
    }
}

impl Condition {
    /// The condition as a spec would have it.
    pub fn to_node(&self) -> Node {
        let (key, inner) = match self {
            Self::Test(test) => return test.to_node(),
            Self::Any(all) => (ConditionKey::Any, list(all, Condition::to_node)),
            Self::All(all) => (ConditionKey::All, list(all, Condition::to_node)),
            Self::Not(inner) => (ConditionKey::Not, inner.to_node()),
        };
        let mut object = Object::default();
        object.put(key.name(), inner);
        object.finish(&[])
    }
}

impl Test {
    fn to_node(&self) -> Node {
        let mut object = Object::default();
        object.put(ConditionKey::Type.name(), self.source.name());
        if !self.field.is_empty() {
            object.put(ConditionKey::Field.name(), self.field.as_str());
        }
        object.put(ConditionKey::Operator.name(), self.operator.name());
        object.put_some(ConditionKey::Value.name(), self.value.clone());
        object.put_some(ConditionKey::Negate.name(), self.negate);
        object.put_some(ConditionKey::CaseInsensitive.name(), self.case_insensitive);
        object.finish(&[])
    }
}

/// An object while it is written.
#[derive(Default)]
struct Object(Vec<Member>);

impl Object {
    fn put(&mut self, key: &str, value: impl Into<Node>) {
        self.0.push(Member {
            key: key.to_owned(),
            key_span: Span::default(),
            value: value.into(),
        });
    }

    fn put_some(&mut self, key: &str, value: Option<impl Into<Node>>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    fn finish(mut self, extensions: &[Member]) -> Node {
        self.0.extend_from_slice(extensions);
        Value::Object(self.0).into()
    }
}

fn list<T>(elements: &[T], write: impl Fn(&T) -> Node) -> Node {
    Value::Array(elements.iter().map(write).collect()).into()
}

fn whole(number: u64) -> Node {
    Value::Number(number.into()).into()
}

/// A spec that was made, not read, may hold what no file can: that becomes 0.
fn float(number: f64) -> Node {
    Value::Number(Number::from_f64(number).unwrap_or_else(|| 0_u64.into())).into()
}

#[cfg(test)]
mod tests;
