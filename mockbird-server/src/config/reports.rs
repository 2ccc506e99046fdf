//! Where traces and errors are told of, beside the log.

use sentry::types::Dsn;
use url::Url;

use super::form;
use super::read::Reader;
use super::{Section, Setting};

const ENDPOINT: Setting = Setting::optional(
    "traces.endpoint",
    "URL",
    "Where traces are sent, by OTLP over HTTP, such as `http://127.0.0.1:4318`; without it there are none.",
);
const MOCK_PERCENT: Setting = Setting::new(
    "traces.mock_percent",
    "NUMBER",
    "1",
    "How many of 100 requests to mocks have a trace; each call of the API has one.",
);
const DSN: Setting = Setting::optional(
    "sentry.dsn",
    "DSN",
    "Where errors are reported, as Sentry gives it: the log lines of level `error`, nothing of requests; without it, nowhere.",
);

pub(super) const SECTION: Section = Section {
    title: "Traces and errors",
    settings: &[ENDPOINT, MOCK_PERCENT, DSN],
};

/// Who is told of what happens, beside the log.
#[derive(Clone, Debug, Default)]
pub struct Reports {
    /// Traces, if anybody wants them.
    pub traces: Option<Traces>,
    /// Where errors are reported, if anywhere.
    pub sentry: Option<Dsn>,
}

/// Where traces go, and of what.
#[derive(Clone, Debug)]
pub struct Traces {
    /// Where they are posted.
    pub url: Url,
    /// How many of 100 requests to mocks have one.
    pub mock_percent: u32,
}

impl Reports {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let url = reader.optional(&ENDPOINT, endpoint);
        let mock_percent = reader.value(&MOCK_PERCENT, form::whole::<0, 100>);
        Self {
            traces: url.map(|url| Traces { url, mock_percent }),
            sentry: reader.optional(&DSN, dsn),
        }
    }
}

/// The collector's own address, behind which the specification puts the path of traces.
fn endpoint(text: &str) -> Result<Url, String> {
    let base = format!("{}/", text.trim_end_matches('/'));
    let url = Url::parse(&base).ok();
    url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .and_then(|url| url.join("v1/traces").ok())
        .ok_or_else(|| {
            format!(
                "`{text}` is no address of a collector: write one such as `http://127.0.0.1:4318`"
            )
        })
}

fn dsn(text: &str) -> Result<Dsn, String> {
    text.parse().map_err(|_| {
        "is no DSN: copy it from the settings of your project, such as `https://key@sentry.example.com/1`".to_owned()
    })
}
