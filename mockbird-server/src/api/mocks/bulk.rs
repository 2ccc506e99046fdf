//! Many mocks in one request.

use std::collections::HashSet;

use axum::extract::State;
use mockbird_core::fault::{Fault, Faults, Place};
use mockbird_core::json::{Node, Value};

use super::super::caller::Editor;
use super::super::once::IdempotencyHeader;
use super::super::project_access::InProject;
use super::super::projects::ProjectPath;
use super::super::tree::Tree;
use super::super::{Json, Problem, Query};
use super::DuplicateQuery;
use super::object::{member, read_mock, warnings_node};
use super::schema::{Bulk, BulkDone};
use crate::app::{App, AppError, BulkWish, Duplicates, MockWish};
use crate::domain::MockId;

/// The most mocks of one request.
const MOCKS_MAX: usize = 1_000;

/// Makes, deletes, activates or deactivates up to 1,000 mocks: all of them or none. Takes the role `member`.
#[utoipa::path(post, path = "/api/projects/{project}/mocks/bulk", tag = "mocks", security(("login" = []), ("key" = [])),
    params(ProjectPath, DuplicateQuery, IdempotencyHeader), request_body = Bulk, responses(
    (status = 200, body = BulkDone), (status = 401, body = Problem),
    (status = 402, description = "The plan includes not so many mocks, or not what they have", body = Problem),
    (status = 403, body = Problem),
    (status = 404, description = "There is no such project, or it has no such mock", body = Problem),
    (status = 409, description = "There is one of this method and path, or the first request of the key is under way, or the project is in the archive", body = Problem),
    (status = 422, body = Problem),
))]
pub(in super::super) async fn bulk(
    State(app): State<App>,
    within: InProject<Editor>,
    Query(duplicates): Query<DuplicateQuery>,
    Tree(node): Tree,
) -> Result<Json<Tree>, Problem> {
    let wish = read(node, duplicates.into())?;
    let actor = within.caller.actor();
    let done = app.mock_bulk(within.organization, within.project, wish, &actor);
    let done = Box::pin(done).await?;
    let ids = done.ids.iter().map(|id| Node::from(id.to_string()));
    let members = vec![
        member("mocks", Value::Array(ids.collect())),
        member("warnings", warnings_node(&done.warnings)),
    ];
    Ok(Json(Tree(Value::Object(members).into())))
}

fn read(node: Node, duplicates: Duplicates) -> Result<BulkWish, AppError> {
    let mut faults = Faults::default();
    let (mut action, mut mocks) = (None, None);
    let Value::Object(members) = node.value else {
        let message = format!("expected an object, found {}", node.kind());
        faults.error(&Place::ROOT, message, "with `action` and `mocks`");
        return Err(AppError::Faults(faults.errors));
    };
    for member in members {
        let at = Place::ROOT.key(&member.key);
        match member.key.as_str() {
            "action" if action.is_none() => action = Some(member.value),
            "mocks" if mocks.is_none() => mocks = Some(member.value),
            _ => faults.error(&at, "no key of this", "it has `action` and `mocks`"),
        }
    }
    let action = action.as_ref().and_then(Node::as_str).unwrap_or_default();
    let mocks = elements(mocks, &mut faults);
    let wish = match action {
        "activate" => ids(&mocks, &mut faults).map(|ids| BulkWish::Activate(ids, true)),
        "deactivate" => ids(&mocks, &mut faults).map(|ids| BulkWish::Activate(ids, false)),
        "delete" => ids(&mocks, &mut faults).map(BulkWish::Delete),
        "create" => wishes(mocks, &mut faults).map(|all| BulkWish::Create(all, duplicates)),
        _ => {
            let hint = "`activate`, `deactivate`, `delete` or `create`";
            faults.error(&Place::ROOT.key("action"), "no action", hint);
            return Err(AppError::Faults(faults.errors));
        }
    }?;
    if faults.errors.is_empty() {
        Ok(wish)
    } else {
        Err(AppError::Faults(faults.errors))
    }
}

fn elements(mocks: Option<Node>, faults: &mut Faults) -> Vec<Node> {
    let elements = match mocks.map(|mocks| mocks.value) {
        Some(Value::Array(elements)) => elements,
        _ => Vec::new(),
    };
    if (1..=MOCKS_MAX).contains(&elements.len()) {
        return elements;
    }
    let message = format!("expected a list of 1 to {MOCKS_MAX}");
    faults.error(
        &Place::ROOT.key("mocks"),
        message,
        "of ids, or of mocks to create",
    );
    Vec::new()
}

fn ids(mocks: &[Node], faults: &mut Faults) -> Result<Vec<MockId>, AppError> {
    let list = Place::ROOT.key("mocks");
    let mut ids = Vec::with_capacity(mocks.len());
    let mut seen = HashSet::new();
    for (index, node) in mocks.iter().enumerate() {
        let at = list.index(index);
        let Some(text) = node.as_str() else {
            let message = format!("expected the id of a mock, found {}", node.kind());
            faults.error(&at, message, "");
            continue;
        };
        // What is no id is the id of nothing.
        let id: MockId = text.parse().map_err(|_| AppError::NotFound("mock"))?;
        if !seen.insert(id) {
            faults.error(&at, "this mock is there twice", "leave one of them out");
        }
        ids.push(id);
    }
    Ok(ids)
}

fn wishes(mocks: Vec<Node>, faults: &mut Faults) -> Result<Vec<MockWish>, AppError> {
    let mut wishes = Vec::with_capacity(mocks.len());
    for (index, node) in mocks.into_iter().enumerate() {
        match read_mock(node, None) {
            Ok(wish) => wishes.push(wish),
            Err(AppError::Faults(mut of_mock)) => {
                for fault in &mut of_mock {
                    place_at(fault, index);
                }
                faults.errors.append(&mut of_mock);
            }
            Err(other) => return Err(other),
        }
    }
    Ok(wishes)
}

/// Puts what is said of a mock in its place in the list.
fn place_at(fault: &mut Fault, index: usize) {
    let bare = fault.at.is_empty() || fault.at.starts_with('[');
    let dot = if bare { "" } else { "." };
    fault.at = format!("mocks[{index}]{dot}{}", fault.at);
}
