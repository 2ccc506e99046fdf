//! Requests that failed a check, and requests that nobody answered.

use std::collections::BTreeSet;

use mockbird_core::NearMiss;

use super::NAMED_MAX;
use super::missed::{fields, note_slashes};
use super::text::{Text, Title};
use crate::ReceivedRequest;
use crate::journal::Pages;
use crate::mounted::{Mounted, mounted_key};
use crate::received::Answered;
use crate::state::State;

/// Mocks that are named as near to one request.
const NEAREST_MAX: usize = 3;

/// The mocks that answered requests which failed their checks.
pub(super) fn failed_checks(text: &mut Text, state: &State, pages: &Pages) {
    for (key, mounted) in &state.mounted {
        let is_own = |request: &&ReceivedRequest| {
            request.answered_key() == Some(key) && !request.failed_checks().is_empty()
        };
        let requests = pages.requests.iter().map(|request| &**request);
        let failed: Vec<_> = requests.filter(is_own).collect();
        if failed.is_empty() {
            continue;
        }
        text.problem(format_args!("{}: a check failed", Title(mounted)));
        for request in failed.iter().take(NAMED_MAX) {
            text.line(1, state.shown_answer(request));
            for check in request.failed_checks() {
                text.line(2, format_args!("FAIL  {}", check.reason()));
            }
        }
        text.more(1, failed.len().saturating_sub(NAMED_MAX));
    }
}

/// The requests that nobody answered, each with the mocks that almost did; not again those that were told already.
pub(super) fn unmatched(text: &mut Text, state: &State, pages: &Pages, told: &BTreeSet<usize>) {
    let nobody = pages
        .requests
        .iter()
        .filter_map(|request| match request.answered()? {
            Answered::Nobody(nearest) => Some((&**request, nearest)),
            Answered::By(_) | Answered::Server => None,
        });
    let all: Vec<_> = nobody.collect();
    let is_told = |request: &ReceivedRequest| told.contains(&request.number());
    let (near, others): (Vec<_>, Vec<_>) = all
        .iter()
        .partition(|(request, nearest)| !nearest.is_empty() && !is_told(request));
    let mut noted = BTreeSet::new();
    for (request, nearest) in near.iter().take(NAMED_MAX) {
        text.problem(format_args!("no mock answered {}", state.shown(request)));
        note_slashes(text, 1, request);
        nearest_of(text, state, request, nearest, &mut noted);
    }
    text.more_problems(near.len().saturating_sub(NAMED_MAX));
    if !others.is_empty() {
        let mut mocks = state.mounted.iter();
        let why = if mocks.all(|(_, mock)| mock.is_forgotten()) {
            "the server has no mocks"
        } else {
            "no mock is near"
        };
        text.problem("no mock answered");
        for (request, _) in others.iter().take(NAMED_MAX) {
            let shown = state.shown(request);
            let why = if is_told(request) { "see above" } else { why };
            text.line(1, format_args!("{shown} ({why})"));
        }
        text.more(1, others.len().saturating_sub(NAMED_MAX));
    }
    if !all.is_empty() {
        text.help("mount a mock for what nobody answered, or make the server `.lenient()`");
    }
}

/// The nearest mocks, each with what is probably a mistake in it, unless that was noted already.
fn nearest_of(
    text: &mut Text,
    state: &State,
    request: &ReceivedRequest,
    nearest: &[NearMiss],
    noted: &mut BTreeSet<usize>,
) {
    for miss in nearest.iter().take(NEAREST_MAX) {
        match state.mounted_of(miss.key) {
            Some(mounted) => text.line(1, format_args!("nearest   {}", Title(mounted))),
            None => text.line(1, format_args!("nearest   `{}`", miss.mock)),
        }
        fields(text, 2, miss, request);
        let key = mounted_key(miss.key);
        // Where a mock had too few calls, that was the place for its notes.
        if state.mounted.get(key).is_some_and(Mounted::is_met) && noted.insert(key) {
            for doubt in state.doubts(key) {
                text.line(2, format_args!("note: {doubt}"));
            }
        }
    }
}
