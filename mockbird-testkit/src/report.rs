//! What a test is told when it was not as expected.

use std::any::Any;
use std::fmt::Write;

use crate::journal::{Answered, Entry, Pages};
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
    for panic in pages.panics.iter().take(NAMED_MAX) {
        line(&mut out, format_args!("{panic}"));
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
        .entries
        .iter()
        .filter(|entry| matches!(entry.answered, Answered::By(by) if by == key));
    for entry in served.take(NAMED_MAX) {
        line(
            out,
            format_args!("  answered {} with {}", entry.request, entry.status),
        );
    }
    if pages.entries.is_empty() {
        line(out, format_args!("  the server received no request"));
    }
}

/// The requests that were answered and failed a check.
fn failed_checks(out: &mut String, state: &State, pages: &Pages) {
    for entry in &pages.entries {
        let Answered::By(key) = entry.answered else {
            continue;
        };
        let Some(mounted) = state.mounted.get(key) else {
            continue;
        };
        for failed in &entry.failed {
            let (name, at) = (&mounted.name, mounted.at);
            line(
                out,
                format_args!("`{name}` ({at}) check failed on {}", entry.request),
            );
            line(out, format_args!("  {}: {}", failed.check, failed.reason));
        }
    }
}

/// The requests that nobody answered, each with the mocks that almost did.
fn unmatched(out: &mut String, state: &State, pages: &Pages) {
    let nobody = |entry: &&Entry| matches!(entry.answered, Answered::Nobody(_));
    let all = pages.entries.iter().filter(nobody).count();
    for entry in pages.entries.iter().filter(nobody).take(NAMED_MAX) {
        line(out, format_args!("no mock answers {}", entry.request));
        let Answered::Nobody(nearest) = &entry.answered else {
            continue;
        };
        for miss in nearest.iter() {
            let at = state
                .mounted
                .iter()
                .find(|(_, mounted)| mounted.name == miss.mock)
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
