//! What is written down.

use super::form::{self, Choice};
use super::read::Reader;
use super::{Section, Setting};

const FORMAT: Setting = Setting::new(
    "log.format",
    "text|json",
    "text",
    "Lines for people, or one JSON object a line for programs.",
);
const LEVEL: Setting = Setting::new(
    "log.level",
    "LEVEL",
    "info",
    "`error`, `warn`, `info`, `debug`, `trace` or `off`, or several by module, such as `info,sqlx=warn`.",
);

pub(super) const SECTION: Section = Section {
    title: "Log",
    settings: &[FORMAT, LEVEL],
};

/// What is written down, and how.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// For people or for programs.
    pub format: LogFormat,
    /// What is worth a line, in the syntax of `tracing`'s `EnvFilter`.
    pub level: String,
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

impl Choice for LogFormat {
    const ALL: &'static [(&'static str, Self)] = &[("text", Self::Text), ("json", Self::Json)];
}

impl Log {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            format: reader.value(&FORMAT, form::choice),
            level: reader.value(&LEVEL, level),
        }
    }
}

fn level(text: &str) -> Result<String, String> {
    match tracing_subscriber::EnvFilter::builder().parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(format!(
            "`{text}` is no level: write error, warn, info, debug, trace or off"
        )),
    }
}
