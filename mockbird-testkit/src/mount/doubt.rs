//! What is probably a mistake in a mock. In a test it is one: a matcher that can never pass is refused.

use mockbird_core::fault::Fault;
use mockbird_core::router::Pattern;
use mockbird_core::spec::{Body, Mock, Source};
use mockbird_core::template::is_template;

use super::error::fault;
use super::plan::indexed;
use super::{Mount, Plan};
use crate::matcher::{Kind, Matcher};

/// The matchers and checks of parameters that the path does not have.
pub(super) fn unknown_params(mount: &Mount) -> Vec<Fault> {
    if mount.matchers.is_empty() && mount.checks.is_empty() {
        return Vec::new();
    }
    let templates = mount.path.templates();
    // One that is no template is a fault of its own.
    let pattern = templates.first().and_then(|text| Pattern::parse(text).ok());
    let Some(pattern) = pattern else {
        return Vec::new();
    };
    let matchers = mount.matchers.iter().map(|one| (one, one.to_string()));
    let checks = mount.checks.iter().map(|one| (one, format!("check {one}")));
    let of_one = |(matcher, what): (&Matcher, String)| {
        let unknown = unknown_in(matcher, pattern.names());
        unknown.map(|name| no_parameter(&what, name, pattern.names()))
    };
    matchers.chain(checks).filter_map(of_one).collect()
}

/// The first parameter that is asked for and has none of these names.
fn unknown_in<'m>(matcher: &'m Matcher, names: &[Box<str>]) -> Option<&'m str> {
    let mut unknown = None;
    matcher.visit(&mut |kind| {
        if let Kind::Test(test) = kind
            && test.source == Source::Path
            && !test.field.is_empty()
            && names.iter().all(|name| **name != *test.field)
        {
            unknown = unknown.or(Some(&*test.field));
        }
    });
    unknown
}

fn no_parameter(what: &str, name: &str, names: &[Box<str>]) -> Fault {
    let name = name.escape_debug();
    let hint = match names {
        [] => format!("write it into the path as `{{{name}}}`"),
        names => format!("the path has `{}`", names.join("`, `")),
    };
    fault(what, format!("the path has no parameter `{name}`"), hint)
}

/// True for a doubt about a template of the test, and not about a text that only looks like JSON.
fn is_of_template(mount: &Mount, at: &str) -> bool {
    let place = at.split_once("].").map(|(_, place)| place);
    let Some((reply, rest)) = place.and_then(|place| indexed(place, "responses[")) else {
        return false;
    };
    let body = mount.replies.get(reply).map(|reply| &reply.response.body);
    match body {
        Some(Body::Text(text)) if rest == "body" => is_template(text.as_str()),
        Some(_) => true,
        None => false,
    }
}

/// The hint of a doubt about a template, for who means none.
fn with_braces(hint: &str) -> String {
    let separator = if hint.is_empty() { "" } else { "; " };
    format!("{hint}{separator}`reply(bytes(..))` sends braces as they are")
}

impl Plan {
    /// Refuses what the engine warns of, as a file may have it: matchers that can never pass, or always do, and templates of
    /// which a part is always empty.
    pub(crate) fn refuse_doubts(&mut self, mount: &Mount, warnings: &[Fault]) {
        for warning in warnings {
            let doubt = match self.matcher_at(&warning.at) {
                Some(matcher) => Fault {
                    at: matcher.to_owned(),
                    ..warning.clone()
                },
                None if warning.within.is_some() && is_of_template(mount, &warning.at) => Fault {
                    at: self.place(&warning.at),
                    hint: with_braces(&warning.hint),
                    ..warning.clone()
                },
                None => continue,
            };
            // Methods share what they are compiled of.
            if self.faults.iter().all(|known| known.at != doubt.at) {
                self.faults.push(doubt);
            }
        }
    }

    /// The mocks of the engine as it warns of what is in them: replies in sequence do not hide each other.
    pub(crate) fn take_doubtful(&mut self) -> Vec<Mock> {
        let mut mocks = std::mem::take(&mut self.mocks);
        if !self.is_of_file {
            let replies = mocks.iter_mut().flat_map(|mock| &mut mock.responses);
            replies.for_each(|reply| reply.weight = reply.weight.or(Some(1)));
        }
        mocks
    }

    /// What the engine warns of in the words of the test; not that other mocks hide this one.
    pub(crate) fn doubts(&self, warnings: Vec<Fault>) -> Vec<Fault> {
        let is_inside = |doubt: &Fault| doubt.at.contains("].");
        let inside = warnings.into_iter().filter(is_inside);
        inside
            .map(|doubt| Fault {
                at: self.place(&doubt.at),
                ..doubt
            })
            .collect()
    }
}
