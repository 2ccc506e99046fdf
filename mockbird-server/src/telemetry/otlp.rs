//! Traces, by OTLP over HTTP in its JSON form.
//!
//! Ours, because the form is small and the way out is there already: the crate for it brings protobuf, gRPC and a second HTTP client.

use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry::trace::{SpanId, SpanKind, Status, TracerProvider};
use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use serde_json::{Value as Json, json};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;
use url::Url;

use super::post;

/// The target of spans that belong to traces; where nobody wants traces, they cost one look at a number.
pub const TRACED: &str = "mockbird_trace";

/// What makes traces of spans, in a thread of its own.
pub(super) fn provider(url: &Url) -> SdkTracerProvider {
    let exporter = Exporter {
        agent: post::agent(),
        url: url.to_string(),
    };
    SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .build()
}

/// The layer that hands spans of [`TRACED`] to it.
pub(super) fn layer<S>(provider: &SdkTracerProvider) -> impl Layer<S> + use<S>
where
    S: tracing::Subscriber + for<'s> LookupSpan<'s>,
{
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("mockbird"))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_filter(filter_fn(|metadata| metadata.target() == TRACED))
}

#[derive(Debug)]
struct Exporter {
    agent: ureq::Agent,
    url: String,
}

impl SpanExporter for Exporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let posted = self.agent.post(&self.url).send_json(request(&batch));
        posted
            .map(drop)
            .map_err(|error| OTelSdkError::InternalFailure(error.to_string()))
    }
}

/// The body that tells of spans: `ExportTraceServiceRequest`.
fn request(batch: &[SpanData]) -> Json {
    let resource = json!({"attributes": [
        {"key": "service.name", "value": {"stringValue": "mockbird"}},
        {"key": "service.version", "value": {"stringValue": env!("CARGO_PKG_VERSION")}},
    ]});
    let spans: Vec<_> = batch.iter().map(span).collect();
    json!({"resourceSpans": [{
        "resource": resource,
        "scopeSpans": [{"scope": {"name": "mockbird"}, "spans": spans}],
    }]})
}

fn span(data: &SpanData) -> Json {
    let attributes: Vec<_> = data.attributes.iter().map(attribute).collect();
    let mut span = json!({
        "traceId": data.span_context.trace_id().to_string(),
        "spanId": data.span_context.span_id().to_string(),
        "name": data.name,
        "kind": kind(&data.span_kind),
        "startTimeUnixNano": nanoseconds(data.start_time),
        "endTimeUnixNano": nanoseconds(data.end_time),
        "attributes": attributes,
        "status": status(&data.status),
    });
    if data.parent_span_id != SpanId::INVALID {
        span["parentSpanId"] = data.parent_span_id.to_string().into();
    }
    span
}

/// 64 bits are a text in this form.
fn nanoseconds(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_nanos().to_string()
}

fn kind(kind: &SpanKind) -> u8 {
    match kind {
        SpanKind::Internal => 1,
        SpanKind::Server => 2,
        SpanKind::Client => 3,
        SpanKind::Producer => 4,
        SpanKind::Consumer => 5,
    }
}

fn status(status: &Status) -> Json {
    match status {
        Status::Unset => json!({}),
        Status::Ok => json!({"code": 1}),
        Status::Error { description } => json!({"code": 2, "message": description}),
    }
}

fn attribute(KeyValue { key, value, .. }: &KeyValue) -> Json {
    let value = match value {
        Value::Bool(flag) => json!({"boolValue": flag}),
        Value::I64(number) => json!({"intValue": number.to_string()}),
        Value::F64(number) => json!({"doubleValue": number}),
        other => json!({"stringValue": other.to_string()}),
    };
    json!({"key": key.as_str(), "value": value})
}
