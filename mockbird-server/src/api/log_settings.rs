//! What is kept of the requests to a project, as clients see it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fields::Fields;
use crate::domain::{LogSettings, LogSettingsPatch, Patch, RedactedName, RedactedNames};

/// What is kept of the requests to a project.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LogSettings)]
pub(super) struct LogsObject {
    /// Whether their bodies are.
    store_bodies: bool,
    /// Names of headers, parameters and members of bodies, in any case, whose values are not, beside those that never are.
    redact: Vec<String>,
}

impl From<LogSettings> for LogsObject {
    fn from(settings: LogSettings) -> Self {
        Self {
            store_bodies: settings.store_bodies,
            redact: settings.redact.all().to_vec(),
        }
    }
}

/// What is to be kept of the requests to a project; what is null is as if nobody had said it.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = PatchLogSettings)]
pub(super) struct LogsChange {
    /// Whether their bodies are; null: they are.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    store_bodies: Patch<bool>,
    /// Names of headers, parameters and members of bodies, in any case, whose values are not, beside those that never are:
    /// at most 32, of 1 to 100 characters; null: none.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, max_items = 32, example = json!(["iban", "x-pin"]))]
    redact: Patch<Vec<String>>,
}

impl LogsChange {
    /// What it says as the whole: what is left out, nobody says.
    pub(super) fn whole(self) -> Self {
        Self {
            store_bodies: Patch::Put(self.store_bodies.of(None)),
            redact: Patch::Put(self.redact.of(None)),
        }
    }
}

/// What is said of them in a field `logs`.
pub(super) fn read_logs(fields: &mut Fields, logs: Patch<LogsChange>) -> LogSettingsPatch {
    match logs {
        Patch::Keep => LogSettingsPatch::default(),
        Patch::Put(None) => LogSettingsPatch {
            store_bodies: Patch::Put(None),
            redact: Patch::Put(None),
        },
        Patch::Put(Some(change)) => LogSettingsPatch {
            store_bodies: change.store_bodies,
            redact: change.redact.map(|names| names_of(fields, &names)),
        },
    }
}

/// The names of a list; none of those that are refused, which the fields note.
fn names_of(fields: &mut Fields, all: &[String]) -> RedactedNames {
    let parsed = all.iter().enumerate().filter_map(|(index, name)| {
        let name: Option<RedactedName> = fields.parse(&format!("logs.redact[{index}]"), name);
        name
    });
    let names = RedactedNames::new(parsed.collect());
    fields.take("logs.redact", names).unwrap_or_default()
}
