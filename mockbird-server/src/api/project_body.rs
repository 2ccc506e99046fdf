//! What is said of a project in a body.

use std::str::FromStr;

use mockbird_core::json::Node;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use super::Problem;
use super::fields::{Fields, described};
use super::log_settings::{LogsChange, read_logs};
use crate::app::{ProjectPatch, ProjectWish};
use crate::domain::{LogSettings, Name, Patch, Refusal, Seed};

/// What may be said of a project, new or not.
const SAID: [&str; 8] = [
    "name",
    "slug",
    "description",
    "isPublic",
    "cors",
    "seed",
    "logs",
    "isActive",
];

/// What the server makes of one that is there.
const MADE: [&str; 10] = [
    "id",
    "organizationId",
    "url",
    "isOpen",
    "mockCount",
    "archivedAt",
    "suspendedAt",
    "createdAt",
    "updatedAt",
    "deletedAt",
];

/// A project to be.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "it is there to be described; `wish` reads it")]
pub(super) struct NewProject {
    /// Whose it will be; left out, your own, or your key's.
    organization_id: Option<String>,
    /// What it is called.
    #[schema(example = "My E-commerce API")]
    name: String,
    /// Its name in addresses; left out, the first free one that the name suggests.
    #[schema(example = "my-e-commerce-api")]
    slug: Option<String>,
    /// What it is for.
    description: Option<String>,
    /// Whether anybody may call its mocks; left out, as the settings of the organization say.
    is_public: Option<bool>,
    /// Whether pages of any origin may call its mocks.
    #[schema(default = true)]
    cors: Option<bool>,
    /// What its draws depend on; left out, on chance.
    #[schema(minimum = 0)]
    seed: Option<u64>,
    /// What is kept of its requests; left out, all but secrets.
    logs: Option<LogsChange>,
    /// Whether it answers.
    #[schema(default = true)]
    is_active: Option<bool>,
}

/// What is to change in a project: what is left out stays, and what is null is as if nobody had said it. What the server
/// makes may come along as it was read.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "some is there to be described alone")]
pub(super) struct PatchProject {
    /// What it is called.
    #[schema(value_type = String, required = false)]
    name: Patch<String>,
    /// Its name in addresses.
    #[schema(value_type = String, required = false)]
    slug: Patch<String>,
    /// What it is for.
    #[schema(value_type = Option<String>)]
    description: Patch<String>,
    /// Whether anybody may call its mocks; null: as the settings of the organization say.
    #[schema(value_type = Option<bool>)]
    is_public: Patch<bool>,
    /// Whether pages of any origin may call its mocks; null: they may.
    #[schema(value_type = Option<bool>)]
    cors: Patch<bool>,
    /// What its draws depend on; null: on chance.
    #[schema(value_type = Option<u64>, minimum = 0)]
    seed: Patch<u64>,
    /// What is kept of its requests; null: all but secrets.
    #[schema(value_type = Option<LogsChange>)]
    logs: Patch<LogsChange>,
    /// Whether it answers; null: it does.
    #[schema(value_type = Option<bool>)]
    is_active: Patch<bool>,
    /// The version that was read: another one is a conflict.
    version: Option<i64>,
    /// Its id.
    id: Option<String>,
    /// Whose it is.
    organization_id: Option<String>,
}

/// What is wished, and of whom.
pub(super) fn wish(body: Node) -> Result<(ProjectWish, Option<String>), Problem> {
    let known = [&["organizationId"], &SAID[..]].concat();
    let mut fields = Fields::of(body, &known)?;
    let said = fields.read("name");
    let name: Option<Name> = fields.require("name", said);
    let slug = fields.read("slug").of(None);
    let slug = slug.and_then(|slug: String| fields.parse("slug", &slug));
    let description = fields.read("description").of(None);
    let description = description.and_then(|text| fields.take("description", described(text)));
    let organization = fields.read("organizationId").of(None);
    let (is_public, cors) = (
        fields.read("isPublic").of(None),
        fields.read("cors").of(None),
    );
    let (seed, is_active) = (
        fields.read("seed").of(None),
        fields.read("isActive").of(None),
    );
    let logs = fields.read("logs");
    let logs = read_logs(&mut fields, logs);
    let wish = name.map(|name| ProjectWish {
        name: name.to_string(),
        slug,
        description,
        is_public,
        cors,
        seed: seed.map(Seed),
        logs: logs.of(LogSettings::default()),
        is_active: is_active.unwrap_or(true),
    });
    fields.finish(wish.map(|wish| (wish, organization)))
}

/// Whether what is left out stays, or nobody says it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    Patch,
    Replace,
}

impl Manner {
    fn read<T: DeserializeOwned>(self, fields: &mut Fields, key: &str) -> Patch<T> {
        match self {
            Self::Patch => fields.read(key),
            Self::Replace => Patch::Put(fields.read(key).of(None)),
        }
    }
}

/// The members of a body that changes one.
pub(super) fn fields_of_change(body: Node) -> Result<Fields, Problem> {
    let known = [&SAID[..], &["version"], &MADE].concat();
    Fields::of(body, &known)
}

/// What is to change, beside the version that is expected; `current` is the project as it is read.
pub(super) fn change_of(
    mut fields: Fields,
    manner: Manner,
    current: &serde_json::Value,
) -> Result<ProjectPatch, Problem> {
    // What the server makes may come along as it is.
    for key in MADE {
        fields.made(key, &current[key]);
    }
    let of = &mut fields;
    let name = manner.read(of, "name");
    let name = required(of, "name", name);
    let slug = manner.read(of, "slug");
    let slug = required(of, "slug", slug);
    let description = match manner.read(of, "description") {
        Patch::Put(Some(text)) => Patch::Put(of.take("description", described(text))),
        other => other,
    };
    let logs: Patch<LogsChange> = manner.read(of, "logs");
    let logs = match manner {
        Manner::Patch => logs,
        Manner::Replace => logs.map(LogsChange::whole),
    };
    let patch = ProjectPatch {
        name,
        slug,
        description,
        is_public: manner.read(of, "isPublic"),
        cors: manner.read(of, "cors"),
        seed: manner.read(of, "seed").map(Seed),
        logs: read_logs(of, logs),
        is_active: match manner.read(of, "isActive") {
            Patch::Keep => None,
            Patch::Put(said) => Some(said.unwrap_or(true)),
        },
    };
    fields.finish(Some(patch))
}

/// What must be said stays or becomes something else, but cannot go.
fn required<T: FromStr<Err = Refusal>>(
    fields: &mut Fields,
    field: &'static str,
    said: Patch<String>,
) -> Option<T> {
    match said {
        Patch::Keep => None,
        said @ Patch::Put(_) => fields.require(field, said),
    }
}
