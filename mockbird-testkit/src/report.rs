//! What a test is told when it was not as expected.

use std::any::Any;
use std::fmt::Write;

use crate::ReceivedRequest;
use crate::journal::Pages;
use crate::received::Answered;
use crate::state::{Mounted, State};

/// How many requests of a kind a report names.
const NAMED_MAX: usize = 10;

/// The text of a panic, if it has one.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no text")
}

/// All that was not as expected, in one text; `None` if nothing was.
pub(crate) fn report(state: &State) -> Option<String> {
    let pages = state.journal.pages();
    let mut out = String::new();
    for (key, mounted) in &state.mounted {
        if let Some(expected) = mounted.mount.expected
            && !expected.contains(mounted.calls())
        {
            unmet(&mut out, key, mounted, &pages);
        }
    }
    failed_checks(&mut out, state, &pages);
    unmatched(&mut out, state, &pages);
    for panic in &pages.panics.first {
        line(&mut out, format_args!("{panic}"));
    }
    if pages.panics.more > 0 {
        line(
            &mut out,
            format_args!("... and {} more panics", pages.panics.more),
        );
    }
    if out.is_empty() {
        return None;
    }
    if pages.forgotten > 0 {
        line(
            &mut out,
            format_args!(
                "(the oldest {} requests are no longer known)",
                pages.forgotten
            ),
        );
    }
    Some(out)
}

/// A mock that was called too often or not often enough, and the calls it had.
fn unmet(out: &mut String, key: usize, mounted: &Mounted, pages: &Pages) {
    let calls = mounted.calls();
    let expected = mounted.mount.expected.unwrap_or(crate::Times::ANY);
    line(
        out,
        format_args!(
            "`{}` ({}) expected {expected}, and got {calls}",
            mounted.name, mounted.at
        ),
    );
    let served = pages
        .requests
        .iter()
        .filter(|request| request.answered_key() == Some(key));
    for request in served.take(NAMED_MAX) {
        let status = request
            .status()
            .map_or("nothing".to_owned(), |status| status.to_string());
        line(out, format_args!("  answered {request} with {status}"));
    }
    if pages.requests.is_empty() {
        line(out, format_args!("  the server received no request"));
    }
}

/// The requests that were answered and failed a check.
fn failed_checks(out: &mut String, state: &State, pages: &Pages) {
    for request in &pages.requests {
        let key = request.answered_key();
        let Some(mounted) = key.and_then(|key| state.mounted.get(key)) else {
            continue;
        };
        for failed in request.failed_checks() {
            let (name, at) = (&mounted.name, mounted.at);
            line(out, format_args!("`{name}` ({at}) answered {request}"));
            line(out, format_args!("  {failed}"));
        }
    }
}

/// The requests that nobody answered, each with the mocks that almost did.
fn unmatched(out: &mut String, state: &State, pages: &Pages) {
    let nobody =
        |request: &&&ReceivedRequest| matches!(request.answered(), Some(Answered::Nobody(_)));
    let requests: Vec<&ReceivedRequest> = pages.requests.iter().map(|request| &**request).collect();
    let all = requests.iter().filter(nobody).count();
    for request in requests.iter().filter(nobody).take(NAMED_MAX) {
        line(out, format_args!("no mock answers {request}"));
        let Some(Answered::Nobody(nearest)) = request.answered() else {
            continue;
        };
        for miss in nearest {
            let at = state
                .mounted
                .iter()
                .find(|(_, mounted)| *mounted.name == *miss.mock)
                .map(|(_, mounted)| format!(" ({})", mounted.at));
            line(
                out,
                format_args!("  nearest: `{}`{}", miss.mock, at.unwrap_or_default()),
            );
            for reason in &miss.reasons {
                line(out, format_args!("    {reason}"));
            }
        }
    }
    if all > NAMED_MAX {
        line(out, format_args!("... and {} more", all - NAMED_MAX));
    }
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{text}");
}
