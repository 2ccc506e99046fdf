//! Mocks and responses as clients see them: what a mock file has, and what the server makes.
//!
//! A mock file's `id` is `specId` here, because the server gives ids of its own. What the server makes may come back as
//! it was read, so that an object can be changed and sent as a whole.

use mockbird_core::fault::{Fault, Faults, Place};
use mockbird_core::json::{Member, Node, Number, Span, Value};
use mockbird_core::spec::{salvage_mock, salvage_response};

use super::super::time::Time;
use crate::app::{
    AppError, MockView, MockWish, ResponseView, ResponseWish, Saved, mock_faults, response_faults,
};
use crate::domain::{Millis, ResponseId};

/// The members of a mock that the server makes.
const OF_MOCK: [&str; 7] = [
    "id",
    "projectId",
    "url",
    "createdAt",
    "updatedAt",
    VERSION,
    WARNINGS,
];

/// The members of a response that the server makes.
const OF_RESPONSE: [&str; 6] = ["id", "mockId", "createdAt", "updatedAt", VERSION, WARNINGS];

const VERSION: &str = "version";
const WARNINGS: &str = "warnings";

/// The object of a mock.
pub(super) fn mock_node(view: &MockView) -> Node {
    let about = &view.mock.about;
    let mut members = vec![
        member("id", about.id.to_string()),
        member("projectId", about.project.to_string()),
        member("url", view.url.as_str()),
    ];
    members.extend(of_file(view.mock.spec.to_node()));
    let responses = members.iter_mut().find(|member| member.key == "responses");
    if let Some(Value::Array(responses)) = responses.map(|member| &mut member.value.value) {
        for (node, about) in responses.iter_mut().zip(&view.mock.responses) {
            let mut response = vec![member("id", about.id.to_string())];
            response.extend(of_file(std::mem::replace(node, Value::Null.into())));
            *node = Value::Object(response).into();
        }
    }
    members.extend(history(about.created_at, about.updated_at, about.version));
    Value::Object(members).into()
}

/// The object of a response.
pub(super) fn response_node(view: &ResponseView) -> Node {
    let about = &view.about;
    let mut members = vec![
        member("id", about.id.to_string()),
        member("mockId", view.mock.to_string()),
    ];
    members.extend(of_file(view.spec.to_node()));
    members.extend(history(about.created_at, about.updated_at, about.version));
    Value::Object(members).into()
}

/// The object of what was saved, with its warnings.
pub(super) fn saved_node<T>(saved: &Saved<T>, node: impl FnOnce(&T) -> Node) -> Node {
    let mut node = node(&saved.what);
    if let Value::Object(members) = &mut node.value {
        members.push(member(WARNINGS, warnings_node(&saved.warnings)));
    }
    node
}

/// Warnings as a list.
pub(super) fn warnings_node(warnings: &[Fault]) -> Node {
    let warnings = warnings.iter().map(|warning| {
        Value::Object(vec![
            member("at", warning.at.as_str()),
            member("message", warning.message.as_str()),
            member("hint", warning.hint.as_str()),
        ])
        .into()
    });
    Value::Array(warnings.collect()).into()
}

pub(super) fn member(key: &str, value: impl Into<Node>) -> Member {
    Member {
        key: key.to_owned(),
        key_span: Span::default(),
        value: value.into(),
    }
}

/// The members of a mock file's object.
fn of_file(node: Node) -> Vec<Member> {
    let Value::Object(mut members) = node.value else {
        return Vec::new();
    };
    for member in &mut members {
        if member.key == "id" {
            "specId".clone_into(&mut member.key);
        }
    }
    members
}

fn history(created_at: Millis, updated_at: Option<Millis>, version: i64) -> [Member; 3] {
    let time = |moment| Node::from(Time::from(moment).to_string());
    [
        member("createdAt", time(created_at)),
        member("updatedAt", updated_at.map_or(Value::Null.into(), time)),
        member(VERSION, number(version)),
    ]
}

fn number(number: i64) -> Node {
    Value::Number(Number::from(number)).into()
}

/// The mock that an object wishes; `before` is what it takes the place of.
pub(super) fn read_mock(node: Node, before: Option<&MockView>) -> Result<MockWish, AppError> {
    let mut faults = Faults::default();
    let current = before.map(mock_node);
    let (mut node, version) = strip(node, &OF_MOCK, current.as_ref(), &mut faults);
    refuse_stale(version, before.map(|before| before.mock.about.version))?;
    let mut responses = Vec::new();
    if let Value::Object(members) = &mut node.value {
        match members.iter_mut().find(|member| member.key == "responses") {
            Some(member) => responses = take_ids(&mut member.value, before, &mut faults)?,
            // What is not said stays.
            None => {
                if let Some(before) = before {
                    let kept = before.mock.spec.to_node();
                    members.extend(
                        kept.get("responses")
                            .map(|all| member("responses", all.clone())),
                    );
                    responses = before
                        .mock
                        .responses
                        .iter()
                        .map(|about| Some(about.id))
                        .collect();
                }
            }
        }
    }
    let spec = read(node, salvage_mock, mock_faults, faults)?;
    responses.resize(spec.responses.len(), None);
    Ok(MockWish {
        spec,
        responses,
        version,
    })
}

/// The response that an object wishes; `before` is what it takes the place of.
pub(super) fn read_response(
    node: Node,
    before: Option<&ResponseView>,
) -> Result<ResponseWish, AppError> {
    let mut faults = Faults::default();
    let current = before.map(response_node);
    let (node, version) = strip(node, &OF_RESPONSE, current.as_ref(), &mut faults);
    refuse_stale(version, before.map(|before| before.about.version))?;
    let spec = read(node, salvage_response, response_faults, faults)?;
    Ok(ResponseWish { spec, version })
}

/// What is sent for another version is a conflict, whatever else is wrong with it: it was right when it was read.
fn refuse_stale(sent: Option<i64>, current: Option<i64>) -> Result<(), AppError> {
    match current {
        Some(current) if sent.is_some_and(|sent| sent != current) => {
            Err(AppError::VersionConflict(current))
        }
        _ => Ok(()),
    }
}

/// What core reads of a mock file's object, unless there are faults: these and all that `check` finds in what can be read.
/// Where core speaks of `id`, it means `specId`.
fn read<T>(
    node: Node,
    salvage: impl FnOnce(Node, &mut Faults) -> Option<T>,
    check: impl FnOnce(&T, &mut Faults),
    mut faults: Faults,
) -> Result<T, AppError> {
    let mut of_file = Faults::default();
    let read = salvage(node, &mut of_file);
    if let Some(read) = &read {
        check(read, &mut of_file);
    }
    for fault in &mut of_file.errors {
        if let Some(before) = at_file_id(&fault.at) {
            fault.at = format!("{before}specId");
        }
    }
    faults.errors.append(&mut of_file.errors);
    read.filter(|_| faults.errors.is_empty())
        .ok_or(AppError::Faults(faults.errors))
}

/// What stands before the `id` of a mock file, where that is the place of a fault.
fn at_file_id(at: &str) -> Option<&str> {
    let before = at.strip_suffix("id")?;
    let index = before
        .strip_prefix("responses[")
        .and_then(|rest| rest.strip_suffix("]."));
    let is_index = index.is_some_and(|index| index.bytes().all(|b| b.is_ascii_digit()));
    (before.is_empty() || is_index).then_some(before)
}

/// Takes out what the server makes, which must be as it is; gives the version, if it is said.
fn strip(
    mut node: Node,
    made: &[&str],
    current: Option<&Node>,
    faults: &mut Faults,
) -> (Node, Option<i64>) {
    let mut version = None;
    if let Value::Object(members) = &mut node.value {
        members.retain_mut(|member| {
            if member.key == "specId" {
                "id".clone_into(&mut member.key);
                return true;
            }
            if !made.contains(&member.key.as_str()) {
                return true;
            }
            let place = Place::ROOT.key(&member.key);
            match (current, member.key.as_str()) {
                (None, _) => refuse(&place, None, faults),
                (Some(_), WARNINGS) => {}
                (Some(_), VERSION) => version = whole(&member.value, &place, faults),
                (Some(current), key) => {
                    let current = current.get(key).map(Node::to_string).unwrap_or_default();
                    if member.value.to_string() != current {
                        refuse(&place, Some(&current), faults);
                    }
                }
            }
            false
        });
    }
    (node, version)
}

fn refuse(at: &Place<'_>, current: Option<&str>, faults: &mut Faults) {
    let (message, hint) = match current {
        Some(current) => (
            format!("the server made this, and it is {current}"),
            "leave it out",
        ),
        None => (
            "the server makes this".to_owned(),
            "leave it out; an id of your own is a `specId`",
        ),
    };
    faults.error(at, message, hint);
}

fn whole(node: &Node, at: &Place<'_>, faults: &mut Faults) -> Option<i64> {
    let number = match &node.value {
        Value::Number(number) => number.as_str().parse().ok(),
        _ => None,
    };
    if number.is_none() {
        faults.error(at, "no version", "send the whole number that was read");
    }
    number
}

/// Takes the ids out of the responses of a mock: each names one that the mock has.
fn take_ids(
    list: &mut Node,
    before: Option<&MockView>,
    faults: &mut Faults,
) -> Result<Vec<Option<ResponseId>>, AppError> {
    let Value::Array(responses) = &mut list.value else {
        return Ok(Vec::new());
    };
    let root = Place::ROOT.key("responses");
    let mut ids = Vec::with_capacity(responses.len());
    for (index, response) in responses.iter_mut().enumerate() {
        let at = root.index(index);
        let id = take_id(response, &at, before, faults)?;
        if id.is_some() && ids.contains(&id) {
            faults.error(
                &at.key("id"),
                "this response is there twice",
                "leave one of them out",
            );
        }
        ids.push(id);
    }
    Ok(ids)
}

fn take_id(
    response: &mut Node,
    at: &Place<'_>,
    before: Option<&MockView>,
    faults: &mut Faults,
) -> Result<Option<ResponseId>, AppError> {
    const UNKNOWN: AppError = AppError::NotFound("response of this mock");
    let Value::Object(members) = &mut response.value else {
        return Ok(None);
    };
    let mut id = None;
    for member in members.extract_if(.., |member| member.key == "id") {
        let place = at.key("id");
        let Some(before) = before else {
            refuse(&place, None, faults);
            continue;
        };
        let Some(text) = member.value.as_str() else {
            faults.error(&place, "no id of a response", "send it as it was read");
            continue;
        };
        let named: ResponseId = text.parse().map_err(|_| UNKNOWN)?;
        if !before.mock.responses.iter().any(|about| about.id == named) {
            return Err(UNKNOWN);
        }
        if id.replace(named).is_some() {
            faults.error(&place, "the key `id` is repeated", "remove one of them");
        }
    }
    for member in members {
        if member.key == "specId" {
            "id".clone_into(&mut member.key);
        }
    }
    Ok(id)
}
