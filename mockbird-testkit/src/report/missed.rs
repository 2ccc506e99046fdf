//! How a mock stands to a request: what matched, and what did not.

use std::collections::BTreeSet;
use std::fmt::Display;

use http::HeaderName;
use mockbird_core::NearMiss;

use super::text::Text;
use crate::ReceivedRequest;

/// Names that came and are shown where another is missing.
const SENT_MAX: usize = 12;

/// Characters of such a name.
const SENT_CHARS_MAX: usize = 40;

/// Lines of one near miss, which all say the same in a report and in a 404.
pub(super) fn fields(text: &mut Text, level: usize, miss: &NearMiss, request: &ReceivedRequest) {
    for matched in &miss.matched {
        let mut ok = |what: &dyn Display| text.line(level, format_args!("ok    {what}"));
        if matched == "path" && !miss.params.is_empty() {
            let params = miss.params.iter();
            let params: Vec<_> = params
                .map(|(name, value)| format!("{name} = {value:?}"))
                .collect();
            ok(&format_args!("path, {}", params.join(", ")));
        } else {
            ok(matched);
        }
    }
    for reason in &miss.reasons {
        text.line(level, format_args!("FAIL  {reason}"));
    }
    for (source, names) in [
        (
            "header ",
            sent(request.headers().keys().map(HeaderName::as_str)),
        ),
        (
            "query parameter ",
            sent(request.query().map(|(name, _)| name)),
        ),
    ] {
        let is_missing =
            |reason: &String| reason.starts_with(source) && reason.contains(" is missing");
        if miss.reasons.iter().any(is_missing) && !names.is_empty() {
            text.line(level, format_args!("      sent: {names}"));
        }
    }
}

/// What is often the reason of an empty segment, which is hard to see.
pub(super) fn note_slashes(text: &mut Text, level: usize, request: &ReceivedRequest) {
    let path = request.target().split('?').next().unwrap_or_default();
    if path.contains("//") {
        let note = "note: two slashes (`//`) stand in the path: did a URL end with one already?";
        text.line(level, note);
    }
}

/// The names that came, each once: the one that was meant may be among them.
fn sent<N: AsRef<str>>(names: impl Iterator<Item = N>) -> String {
    let names: BTreeSet<_> = names.map(|name| bounded(name.as_ref())).collect();
    let mut sent: Vec<_> = names.iter().map(String::as_str).take(SENT_MAX).collect();
    if names.len() > SENT_MAX {
        sent.push("...");
    }
    sent.join(", ")
}

/// A name that is not too long to be shown, without what moves the cursor.
fn bounded(name: &str) -> String {
    let shown = name.chars().filter(|c| !c.is_control());
    shown.take(SENT_CHARS_MAX).collect()
}

/// `2 of 5 did not match`
pub(super) fn score(miss: &NearMiss) -> String {
    let all = miss.matched.len() + miss.failed;
    format!("{} of {all} did not match", miss.failed)
}
