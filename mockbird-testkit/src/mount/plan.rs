//! What becomes of a mock when it is mounted: mocks of the engine, and what is asked beside it.

use mockbird_core::fault::{Fault, Invalid};
use mockbird_core::spec::{Body, Condition, Header, MethodPattern, Mock, Response, ResponseType};

use super::error::fault;
use super::{Mount, doubt};
use crate::matcher::{Compiled, Kind, Matcher, only_query};
use crate::reply::{Order, Reply};

/// A mock as it is mounted.
#[derive(Debug)]
pub(crate) struct Plan {
    /// One for each method and template; their responses are the replies, in order.
    pub(crate) mocks: Vec<Mock>,
    /// What the engine cannot ask.
    pub(crate) predicates: Vec<Compiled>,
    pub(crate) checks: Vec<Compiled>,
    pub(crate) order: Order,
    /// What the testkit itself finds wrong with it.
    pub(crate) faults: Vec<Fault>,
    /// True if what it answers stands in a file, and not in the test.
    pub(super) is_of_file: bool,
    /// True if a fault must say of which reply it is one.
    has_several_replies: bool,
    /// Of the conditions of each response, what messages call them.
    conditions: Vec<String>,
}

impl Plan {
    /// What is to be done for a mock, whatever its faults.
    pub(crate) fn of(mount: &Mount, name: &str) -> Self {
        let mut faults = method_faults(mount);
        faults.extend(mount.mistakes.iter().cloned());
        faults.extend(mount.count_fault());
        let of_path = mount.path.mistake();
        faults.extend(of_path.map(|(message, hint)| fault("path", message, hint)));
        faults.extend(mount.reply_faults());
        faults.extend(doubt::unknown_params(mount));
        let mut asked = Asked::default();
        asked.add_path(mount, &mut faults);
        let others = mount.other_query();
        for matcher in mount.matchers.iter().chain(&others) {
            // A default response of a file answers whatever its conditions say.
            asked.add(matcher, mount.is_of_file(), &mut faults);
        }
        let checks = mount.checks.iter().filter_map(|check| {
            let what = format!("check {check}");
            if let Kind::Faulty { why, .. } = &check.0 {
                faults.push(fault(what, why, ""));
                return None;
            }
            note(Compiled::of(check), &what, &mut faults)
        });
        let checks = checks.collect();
        let mocks = mount.mocks(name, &asked.conditions);
        Self {
            has_several_replies: mocks.iter().any(|mock| mock.responses.len() > 1),
            mocks,
            predicates: asked.predicates,
            checks,
            order: mount.order(),
            faults,
            is_of_file: mount.is_of_file(),
            conditions: asked.names,
        }
    }

    /// All faults, with those that the engine finds in the words of the test.
    pub(crate) fn faults_with(&self, invalid: Invalid) -> Vec<Fault> {
        let mut faults = self.faults.clone();
        for mut fault in invalid.faults {
            fault.at = self.place(&fault.at);
            let known = |other: &Fault| other.at == fault.at && other.message == fault.message;
            // Methods and replies share what they are compiled of.
            if !faults.iter().any(known) {
                faults.push(fault);
            }
        }
        faults
    }

    /// `edits[0].responses[1].statusCode` as `reply 2: status`.
    pub(super) fn place(&self, at: &str) -> String {
        if let Some(matcher) = self.matcher_at(at) {
            return matcher.to_owned();
        }
        let Some((_, place)) = at.split_once("].") else {
            return at.to_owned();
        };
        let Some((reply, rest)) = indexed(place, "responses[") else {
            return place.to_owned();
        };
        let rest = match rest {
            "statusCode" => "status",
            "responseDelay" => "delay",
            rest => rest,
        };
        match (self.has_several_replies, rest) {
            (true, "") => format!("reply {}", reply + 1),
            (true, rest) => format!("reply {}: {rest}", reply + 1),
            (false, rest) => rest.to_owned(),
        }
    }

    /// The matcher of the test that a fault is one of: `edits[0].responses[1].conditions[0].value` as `header x-key`.
    pub(super) fn matcher_at(&self, at: &str) -> Option<&str> {
        let (_, place) = at.split_once("].")?;
        let (_, rest) = indexed(place, "responses[")?;
        let (condition, _) = indexed(rest, "conditions[")?;
        self.conditions.get(condition).map(String::as_str)
    }
}

/// The index behind a name, and what follows.
pub(super) fn indexed<'p>(place: &'p str, name: &str) -> Option<(usize, &'p str)> {
    let (index, rest) = place.strip_prefix(name)?.split_once(']')?;
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    Some((index.parse().ok()?, rest))
}

fn method_faults(mount: &Mount) -> Vec<Fault> {
    let faults = mount.methods.faults.iter().map(|text| match &**text {
        "" => fault("method", "no method is named", ""),
        text => fault(
            "method",
            format!("`{}` is no method", text.escape_debug()),
            "",
        ),
    });
    faults.collect()
}

/// The compiled matcher, or its faults.
fn note(
    compiled: Result<Compiled, Vec<String>>,
    what: &str,
    faults: &mut Vec<Fault>,
) -> Option<Compiled> {
    let found = |faults: Vec<String>| faults.into_iter().map(|text| fault(what, text, ""));
    compiled.map_err(|texts| faults.extend(found(texts))).ok()
}

/// What is asked of a request, by the engine and beside it.
#[derive(Default)]
struct Asked {
    conditions: Vec<Condition>,
    names: Vec<String>,
    predicates: Vec<Compiled>,
}

impl Asked {
    fn add_path(&mut self, mount: &Mount, faults: &mut Vec<Fault>) {
        let Some(condition) = mount.path.condition() else {
            return;
        };
        if mount.is_of_file() {
            self.add(&Matcher::from(condition), true, faults);
        } else {
            self.conditions.push(condition);
            self.names.push("path".to_owned());
        }
    }

    /// What the engine can ask is left to it, part by part.
    fn add(&mut self, matcher: &Matcher, is_beside: bool, faults: &mut Vec<Fault>) {
        match (&matcher.0, matcher.condition()) {
            (_, Some(condition)) if !is_beside => {
                self.conditions.push(condition);
                self.names.push(matcher.to_string());
            }
            (Kind::All(all), None) => all.iter().for_each(|one| self.add(one, is_beside, faults)),
            (Kind::Faulty { what, why }, _) => faults.push(fault(what, why, "")),
            _ => {
                let compiled = Compiled::of(matcher);
                self.predicates
                    .extend(note(compiled, &matcher.to_string(), faults));
            }
        }
    }
}

impl Mount {
    /// True if what it answers stands in a file, and not in the test.
    pub(super) fn is_of_file(&self) -> bool {
        self.replies.is_empty() && !self.mock.responses.is_empty()
    }

    /// The matcher that refuses other query parameters, if it is wanted.
    fn other_query(&self) -> Option<Matcher> {
        let mut names: Vec<&str> = Vec::new();
        for matcher in &self.matchers {
            matcher.visit(&mut |kind| names.extend(kind.query_name()));
        }
        self.has_no_other_query.then(|| only_query(names))
    }

    /// The mocks of the engine: all of the same replies, under the same conditions.
    pub(crate) fn mocks(&self, name: &str, conditions: &[Condition]) -> Vec<Mock> {
        let templates = self.path.templates();
        let each = |method: &MethodPattern| {
            let mocks = templates.iter().map(|path| Mock {
                name: Some(name.to_owned()),
                method: Some(method.clone()),
                path: (*path).to_owned(),
                ..self.answers(conditions)
            });
            mocks.collect::<Vec<_>>()
        };
        self.methods.each().iter().flat_map(each).collect()
    }

    /// The mock with a response for each reply.
    fn answers(&self, conditions: &[Condition]) -> Mock {
        let mut mock = self.mock.clone();
        if self.is_of_file() {
            return mock;
        }
        let default = [Reply::default()];
        let replies = match &self.replies[..] {
            [] => &default[..],
            replies => replies,
        };
        let first = replies.iter().find_map(|reply| reply.kind);
        mock.response_type = mock.response_type.or(first);
        let responses = replies.iter().map(|reply| Response {
            conditions: conditions.to_vec(),
            ..reply.response_of(mock.response_type)
        });
        mock.responses = responses.collect();
        mock
    }
}

impl Reply {
    /// Its response in a mock of this kind: where its own is another, a header says so.
    fn response_of(&self, kind: Option<ResponseType>) -> Response {
        let mut response = self.in_file();
        let says = |header: &Header| header.name.eq_ignore_ascii_case("content-type");
        let is_said = response.headers.iter().any(says) || matches!(response.body, Body::Json(_));
        if let Some(own) = self.kind.filter(|own| Some(*own) != kind)
            && !is_said
        {
            response.headers.push(Header {
                name: "content-type".to_owned(),
                values: vec![media_type(own).to_owned()],
            });
        }
        response
    }
}

fn media_type(kind: ResponseType) -> &'static str {
    match kind {
        ResponseType::Json => "application/json",
        ResponseType::Xml => "application/xml",
        ResponseType::Html => "text/html; charset=utf-8",
        ResponseType::Text => "text/plain; charset=utf-8",
    }
}
