//! One readable expression for a mock.

use http::Method;
use mockbird_core::json;
use mockbird_core::spec::{Body, Header, MethodPattern, Mock, Response, ResponseType};

/// A mock in the making: what it answers to, and with what.
#[derive(Clone, Debug)]
#[must_use = "a mock does nothing until it is mounted with `MockServer::mount`"]
pub struct Mount(Mock);

/// A mock of this method and path template.
pub fn request(method: Method, path: &str) -> Mount {
    Mount::new(MethodPattern::Exact(method), path)
}

/// A mock of every method.
pub fn any(path: &str) -> Mount {
    Mount::new(MethodPattern::Any, path)
}

/// A mock of `GET`.
pub fn get(path: &str) -> Mount {
    request(Method::GET, path)
}

/// A mock of `POST`.
pub fn post(path: &str) -> Mount {
    request(Method::POST, path)
}

/// A mock of `PUT`.
pub fn put(path: &str) -> Mount {
    request(Method::PUT, path)
}

/// A mock of `PATCH`.
pub fn patch(path: &str) -> Mount {
    request(Method::PATCH, path)
}

/// A mock of `DELETE`.
pub fn delete(path: &str) -> Mount {
    request(Method::DELETE, path)
}

impl Mount {
    fn new(method: MethodPattern, path: &str) -> Self {
        Self(Mock {
            method: Some(method),
            path: path.to_owned(),
            responses: vec![Response::default()],
            ..Mock::default()
        })
    }

    fn response(&mut self) -> &mut Response {
        if self.0.responses.is_empty() {
            self.0.responses.push(Response::default());
        }
        let last = self.0.responses.len() - 1;
        &mut self.0.responses[last]
    }

    /// Answers with this status; 200 if not said.
    pub fn status(mut self, code: u16) -> Self {
        self.response().status_code = Some(code);
        self
    }

    /// Adds a header; the same name again repeats it.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.response().headers.push(Header {
            name: name.to_owned(),
            values: vec![value.to_owned()],
        });
        self
    }

    /// Answers with this text, which may be a template.
    pub fn text(mut self, body: impl Into<String>) -> Self {
        self.0.response_type = Some(ResponseType::Text);
        self.response().body = Body::Text(body.into());
        self
    }

    /// Answers with this JSON; its strings may be templates. A text that is no JSON by itself, such as one
    /// with blocks, is a template of JSON.
    pub fn json(mut self, body: &str) -> Self {
        self.0.response_type = Some(ResponseType::Json);
        self.response().body = match json::parse(body.as_bytes()) {
            Ok(node) => Body::Json(node),
            Err(_) => Body::Text(body.to_owned()),
        };
        self
    }

    pub(crate) fn into_mock(self) -> Mock {
        self.0
    }
}

impl From<Mock> for Mount {
    fn from(mock: Mock) -> Self {
        Self(mock)
    }
}
