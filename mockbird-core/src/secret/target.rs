//! Targets of requests, forms and paths without their secrets.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::{
    MASK, has_random, is_name_of_secret, is_naming, is_secret, is_secret_by_form,
    is_secret_parameter, is_secret_segment,
};
use crate::form;
use crate::request::decode;

/// A request's target as a report or a log may show it. The values of query and path parameters with
/// secret names (`token`, `api_key`, ...) are masked, the segment of the path after such a name, and
/// whatever looks like a credential: `Bearer ...`, a JWT, `ghp_...`, 32 or more characters drawn by chance.
///
/// Which other parts of the path are secrets only an engine knows: see
/// [`Engine::masked_target`](crate::Engine::masked_target).
///
/// ```
/// assert_eq!(mockbird_core::masked_target("/a?token=t&page=2"), "/a?token=***&page=2");
/// ```
pub fn masked_target(target: &str) -> Cow<'_, str> {
    let end = target.find('?').unwrap_or(target.len());
    match (masked_path(&target[..end]), masked_query(&target[end..])) {
        (Cow::Borrowed(_), Cow::Borrowed(_)) => Cow::Borrowed(target),
        (path, query) => Cow::Owned(path.into_owned() + &query),
    }
}

/// A query with its question mark, if there is one.
pub(crate) fn masked_query(query: &str) -> Cow<'_, str> {
    match query
        .strip_prefix('?')
        .map(|raw| masked(raw, is_secret_parameter))
    {
        Some(Cow::Owned(query)) => Cow::Owned(["?", &query].concat()),
        Some(Cow::Borrowed(_)) | None => Cow::Borrowed(query),
    }
}

/// A path of which no mock says which segments are secrets.
pub(crate) fn masked_path(raw_path: &str) -> Cow<'_, str> {
    let mut before = "";
    let segments = raw_path.split('/').map(|segment| {
        let shown = masked_segment(before, segment);
        before = segment;
        shown
    });
    joined(raw_path, segments, "/")
}

/// The parts of a text put together again; the text itself if nothing in them is masked.
fn joined<'t>(
    text: &'t str,
    parts: impl Iterator<Item = Cow<'t, str>>,
    separator: &str,
) -> Cow<'t, str> {
    let parts: SmallVec<[_; 8]> = parts.collect();
    if parts.iter().all(|one| matches!(one, Cow::Borrowed(_))) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(parts.join(separator))
}

/// A segment that is no part of a template, and the one before it.
pub(crate) fn masked_segment<'s>(before: &str, segment: &'s str) -> Cow<'s, str> {
    if segment.is_empty() || segment == MASK {
        return Cow::Borrowed(segment);
    }
    let (name, _) = before.split_once(';').unwrap_or((before, ""));
    if is_secret_segment(&decoded(name)) || is_credential(&decoded(segment)) {
        return Cow::Owned(MASK.to_owned());
    }
    if !segment.contains(';') {
        return Cow::Borrowed(segment);
    }
    let parameters = segment
        .split(';')
        .map(|one| match masked_pair(one, is_secret) {
            Some(key) => Cow::Owned([key, MASK].concat()),
            None => Cow::Borrowed(one),
        });
    joined(segment, parameters, ";")
}

/// The pairs of a form, as they are written, without the values of secrets.
pub(crate) fn masked_pairs(raw: &str) -> Cow<'_, str> {
    masked(raw, is_secret)
}

fn masked(raw: &str, is_secret: fn(&str) -> bool) -> Cow<'_, str> {
    // Where a value says that another is a secret, all others are masked.
    let names_other =
        form::pairs(raw).any(|(key, value)| is_naming(&key) && is_name_of_secret(&value));
    if !names_other
        && !raw
            .split('&')
            .any(|pair| masked_pair(pair, is_secret).is_some())
    {
        return Cow::Borrowed(raw);
    }
    let mut masked = String::with_capacity(raw.len());
    for (at, pair) in raw.split('&').enumerate() {
        if at > 0 {
            masked.push('&');
        }
        let key = masked_pair(pair, is_secret);
        match key.or_else(|| names_other.then(|| key_of(pair)).flatten()) {
            Some(key) => masked.extend([key, MASK]),
            None => masked.push_str(pair),
        }
    }
    Cow::Owned(masked)
}

/// The key of a pair that does not name another.
fn key_of(pair: &str) -> Option<&str> {
    let (key, _) = pair.split_at(pair.find('=')? + 1);
    let (name, value) = form::pairs(pair).next()?;
    (!is_naming(&name) || !is_name_of_secret(&value)).then_some(key)
}

/// What stands before the value of a pair, as it is written, if the value is a secret, by its name,
/// by the names in it, or by its form.
fn masked_pair(pair: &str, is_secret: fn(&str) -> bool) -> Option<&str> {
    let (name, value) = form::pairs(pair).next()?;
    let (key, value) = match pair.find('=') {
        Some(at) => (&pair[..=at], value),
        // A text that is no pair.
        None => ("", name.clone()),
    };
    let is_named = !key.is_empty() && is_secret(&decoded(&name));
    (is_named || holds_secret(&value)).then_some(key)
}

/// True if there is a secret in a value, be it encoded once more or twice.
fn holds_secret(value: &str) -> bool {
    let once = decode(value);
    let twice = decode(&once);
    [value, &once, &twice].iter().any(|text| {
        let is_structured = text.contains(['{', '[', '<', '=', ':']);
        let is_named = is_secret(text) || text.contains("\\u");
        (is_structured && is_named) || is_credential(text)
    })
}

/// True if a part of a target is a secret by its form, or was drawn by chance.
fn is_credential(text: &str) -> bool {
    is_secret_by_form(text) || has_random(text)
}

/// Decoded twice: more is nothing that anybody would read.
fn decoded(text: &str) -> Cow<'_, str> {
    match decode(text) {
        Cow::Borrowed(text) => Cow::Borrowed(text),
        Cow::Owned(once) => Cow::Owned(decode(&once).into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_shown_without_its_secrets() {
        for (target, want) in [
            ("/a", "/a"),
            ("/a?page=2&q=token", "/a?page=2&q=token"),
            ("/a?token=x", "/a?token=***"),
            ("/a?b=1&API_Key=x=y&c", "/a?b=1&API_Key=***&c"),
            ("/a?to%6Ben=x&b=?", "/a?to%6Ben=***&b=?"),
            ("/a?&password=&token", "/a?&password=***&token"),
            (
                "/a?code=x&zipcode=1&Code=2",
                "/a?code=***&zipcode=1&Code=***",
            ),
            ("/a?to%256Ben=x", "/a?to%256Ben=***"),
            ("/a?f=%257B%2522pin%2522%253A1%257D", "/a?f=***"),
            ("/a?f=%25257B%252522pin%252522%25253A1%25257D", "/a?f=***"),
            ("/a?f={%22p\\u0061ss%22:1}", "/a?f=***"),
            ("/a?{%22pass%22:1}&b=2", "/a?***&b=2"),
            ("/a?h=Bearer+x&b=2", "/a?h=***&b=2"),
            ("/a?to=https%3A%2F%2Fu%3Ap%40h%2F", "/a?to=***"),
            ("/a?x=eyJh.eyJz.c2ln", "/a?x=***"),
            ("/a?name=password&value=x&b", "/a?name=password&value=***&b"),
            ("/a;jsessionid=x/b;v=1", "/a;jsessionid=***/b;v=1"),
            ("/a;v=1;SID=x?b=1", "/a;v=1;SID=***?b=1"),
            ("/token/x/y", "/token/***/y"),
            ("/reset-password/x?token=y", "/reset-password/***?token=***"),
            ("/p%61ssword/x", "/p%61ssword/***"),
            ("/token/", "/token/"),
            ("/auth/login", "/auth/login"),
            ("/passengers/7/monkey/8", "/passengers/7/monkey/8"),
            ("/a?f=%7B%22pin%22%3A1%7D&g={}", "/a?f=***&g={}"),
            ("/r/sk_live_4eC39HqL/x?a=xoxb-1234-5678", "/r/***/x?a=***"),
            (
                "/r/9f86d081884c7d659a2feaa0c55ad015?q=9f86d081884c7d659a2feaa0c55ad015&b",
                "/r/***?q=***&b",
            ),
            (
                "/r/550e8400-e29b-41d4-a716-446655440000?at=2024-01-31T12:00:00Z",
                "/r/550e8400-e29b-41d4-a716-446655440000?at=2024-01-31T12:00:00Z",
            ),
        ] {
            assert_eq!(masked_target(target), want);
        }
    }
}
