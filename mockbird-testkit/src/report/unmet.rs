//! A mock that was called too often or not often enough.

use std::collections::BTreeSet;
use std::sync::Arc;

use mockbird_core::{NearMiss, Precedence};

use super::NAMED_MAX;
use super::missed::{fields, note_slashes, score};
use super::text::{Text, Title};
use crate::ReceivedRequest;
use crate::journal::Pages;
use crate::mounted::Mounted;
use crate::received::Answered;
use crate::state::State;

/// How many near misses of one mock are told field by field.
const NEAREST_MAX: usize = 2;

/// How many requests are compared with one mock: the newest ones.
const COMPARED_MAX: usize = 200;

/// Every mock that was not called as expected; gives the numbers of the requests that were told field by field.
pub(super) fn unmet(text: &mut Text, state: &State, pages: &Pages) -> BTreeSet<usize> {
    let mut told = BTreeSet::new();
    for (key, mounted) in &state.mounted {
        if mounted.is_met() || mounted.is_forgotten() {
            continue;
        }
        text.problem(Title(mounted));
        let (expected, got) = (mounted.expected(), mounted.calls());
        text.line(1, format_args!("expected {expected}, got {got}"));
        Unmet {
            state,
            key,
            mounted,
            pages,
        }
        .explain(text, &mut told);
    }
    told
}

/// What there is to say of one mock.
pub(super) struct Unmet<'a> {
    pub(super) state: &'a State,
    pub(super) key: usize,
    pub(super) mounted: &'a Mounted,
    pub(super) pages: &'a Pages,
}

impl Unmet<'_> {
    /// The calls it had, and those that it might have had.
    pub(super) fn explain(&self, text: &mut Text, told: &mut BTreeSet<usize>) {
        self.served(text);
        if self.pages.requests.is_empty() && self.pages.forgotten == 0 {
            let hint =
                "the server received no request: was the client given its URL, `server.url(..)`?";
            text.line(1, hint);
        }
        if self.mounted.expected().is_exceeded_by(self.mounted.calls()) {
            return;
        }
        for doubt in self.state.doubts(self.key) {
            text.line(1, format_args!("note: {doubt}"));
        }
        for (request, miss) in self.nearest() {
            if is_nearest(&miss, request) {
                told.insert(request.number());
            }
            let shown = self.state.shown(request);
            text.line(1, format_args!("near miss {shown}: {}", score(&miss)));
            fields(text, 2, &miss, request);
            note_slashes(text, 2, request);
        }
        self.taken_by_others(text);
    }

    fn served(&self, text: &mut Text) {
        let is_own = |request: &&Arc<ReceivedRequest>| request.answered_key() == Some(self.key);
        let served: Vec<_> = self.pages.requests.iter().filter(is_own).collect();
        for request in served.iter().take(NAMED_MAX) {
            let answer = self.state.shown_answer(request);
            text.line(1, format_args!("answered  {answer}"));
        }
        text.more(1, served.len().saturating_sub(NAMED_MAX));
    }

    /// The requests nobody answered that this mock was nearest to answer, fewest differences first.
    fn nearest(&self) -> Vec<(&ReceivedRequest, NearMiss)> {
        let unanswered =
            self.pages
                .requests
                .iter()
                .rev()
                .filter_map(|request| match request.answered()? {
                    Answered::Nobody(nearest) => Some((&**request, nearest)),
                    Answered::By(_) | Answered::Server => None,
                });
        let mut near: Vec<_> = unanswered
            .take(COMPARED_MAX)
            .filter_map(|(request, nearest)| {
                let miss = self.state.compare(self.key, request)?;
                let is_near = nearest.iter().any(|near| near.key == miss.key);
                let has_path = miss.matched.iter().any(|one| one == "path");
                (is_near || has_path).then_some((request, miss))
            })
            .collect();
        near.sort_by_key(|(request, miss)| (miss.failed, request.number()));
        near.truncate(NEAREST_MAX);
        near
    }

    /// The requests that it would have answered too, but another mock did.
    fn taken_by_others(&self, text: &mut Text) {
        let others = self.pages.requests.iter().rev().filter_map(|request| {
            let by = request.answered_key().filter(|by| *by != self.key)?;
            Some((request, by))
        });
        let taken = others.take(COMPARED_MAX).filter_map(|(request, by)| {
            let miss = self.state.compare(self.key, request)?;
            (miss.failed == 0).then_some((request, by))
        });
        let taken: Vec<_> = taken.collect();
        for (request, by) in taken.iter().rev().take(NEAREST_MAX) {
            let (Some(other), shown) = (self.state.mounted.get(*by), self.state.shown(request))
            else {
                continue;
            };
            let why = self.why_first(*by, request);
            text.line(
                1,
                format_args!(
                    "note: {shown} matches too, but another mock answered it{why}\n  {}",
                    Title(other)
                ),
            );
        }
        text.more(1, taken.len().saturating_sub(NEAREST_MAX));
    }

    fn why_first(&self, other: usize, request: &ReceivedRequest) -> String {
        if let Some(reason) = self.mounted.used_up() {
            return format!("; {reason}");
        }
        let why = match self.state.precedence(other, self.key, request.method()) {
            Some(Precedence::Priority) => "its priority is higher",
            Some(Precedence::Path) => "its path is more specific",
            Some(Precedence::Method) => "it names the method",
            Some(Precedence::Order) => "it was mounted later",
            None => return String::new(),
        };
        format!(": {why}")
    }
}

/// True if no other mock is nearer to the request, so that there is no more to say of it.
fn is_nearest(miss: &NearMiss, request: &ReceivedRequest) -> bool {
    let Some(Answered::Nobody(nearest)) = request.answered() else {
        return false;
    };
    let distance = |miss: &NearMiss| {
        let has_path = miss.matched.iter().any(|one| one == "path");
        (!has_path, miss.failed)
    };
    nearest
        .iter()
        .all(|other| distance(miss) <= distance(other))
}
