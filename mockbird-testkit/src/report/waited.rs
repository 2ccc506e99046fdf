//! What is told when something was waited for in vain.

use std::panic::Location;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::NAMED_MAX;
use super::text::{Text, Title, count, place};
use super::unmet::Unmet;
use crate::state::State;

/// That a mock had too few calls, and all else that is wrong by now.
pub(crate) fn waited_for_calls(
    state: &State,
    key: usize,
    calls: usize,
    time: Duration,
    at: &Location<'_>,
) -> String {
    let pages = state.journal.pages();
    let mut text = Text::default();
    let mut told = std::collections::BTreeSet::new();
    if let Some(mounted) = state.mounted.get(key) {
        text.problem(Title(mounted));
        let (wanted, got) = (count(calls, "call"), mounted.calls());
        text.line(
            1,
            format_args!("waited {time:?} for {wanted} ({}), got {got}", place(at)),
        );
        let unmet = Unmet {
            state,
            key,
            mounted,
            pages: &pages,
        };
        unmet.explain(&mut text, &mut told);
    }
    super::requests(&mut text, state, &pages, &told);
    finish(state, text)
}

/// That the requests did not become as wanted, and all else that is wrong by now.
pub(crate) fn waited(state: &State, time: Duration, at: &Location<'_>) -> String {
    let pages = state.journal.pages();
    let mut text = Text::default();
    text.problem(format_args!(
        "waited {time:?} for other requests ({})",
        place(at)
    ));
    if pages.requests.is_empty() {
        text.line(1, "the server received no request");
    }
    let older = pages.requests.len().saturating_sub(NAMED_MAX);
    if older > 0 {
        text.line(1, format_args!("{} before", count(older, "request")));
    }
    for request in pages.requests.iter().skip(older) {
        text.line(1, format_args!("received  {}", state.shown_answer(request)));
    }
    super::requests(&mut text, state, &pages, &std::collections::BTreeSet::new());
    finish(state, text)
}

/// What was told is not told again when the panic drops the server.
fn finish(state: &State, text: Text) -> String {
    state.told.store(true, Ordering::Relaxed);
    text.finish().unwrap_or_default()
}
