//! What no mock file can say.

use std::fmt;

use crate::Mount;
use crate::mount::Plan;
use crate::reply::{Order, Reply, Source};

/// What no mock file can say, mock by mock.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// let server = MockServer::start().lenient();
/// server.mount(get("/birds").at_most(2).check(header("accept", exists())).text("x"));
/// let error = server.export().unwrap_err().to_string();
/// assert!(error.contains("`GET /birds` ("), "{error}");
/// assert!(error.contains("check header accept, a limit of calls (at_most)"), "{error}");
/// ```
#[derive(Clone, Debug)]
pub struct ExportError {
    refusals: Vec<Refusal>,
}

#[derive(Clone, Debug)]
struct Refusal {
    /// The mock and where it was mounted; `None` for the file as a whole.
    mock: Option<(String, String)>,
    what: Vec<String>,
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mock file cannot say:")?;
        for Refusal { mock, what } in &self.refusals {
            let what = what.join(", ");
            match mock {
                Some((name, at)) => write!(f, "\n  `{name}` ({at}): {what}")?,
                None => write!(f, "\n  {what}")?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for ExportError {}

/// The refusals so far.
#[derive(Default)]
pub(super) struct Refusals(Vec<Refusal>);

impl Refusals {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn add(&mut self, name: &str, at: &str, what: Vec<String>) {
        if !what.is_empty() {
            let mock = Some((name.to_owned(), at.to_owned()));
            self.0.push(Refusal { mock, what });
        }
    }

    pub(super) fn add_of_file(&mut self, what: Vec<String>) {
        self.0.push(Refusal { mock: None, what });
    }

    pub(super) fn into_result(self) -> Result<(), ExportError> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(ExportError { refusals: self.0 })
    }
}

/// What of a mock no file can say.
pub(super) fn unspeakable(mount: &Mount, plan: &Plan) -> Vec<String> {
    let mut what: Vec<String> = Vec::new();
    what.extend(plan.predicates.iter().map(|one| one.what.clone()));
    what.extend(plan.checks.iter().map(|one| format!("check {}", one.what)));
    if mount.most.is_some() {
        what.push("a limit of calls (at_most)".to_owned());
    }
    match plan.order {
        Order::ThenFail => what.push("replies that end (then_fail)".to_owned()),
        Order::LastRepeats if mount.replies.len() > 1 => {
            what.push("replies in sequence (replies)".to_owned());
        }
        Order::LastRepeats | Order::Weighted => {}
    }
    let several = mount.replies.len() > 1;
    for (index, reply) in mount.replies.iter().enumerate() {
        let of_reply = reply.unspeakable().into_iter();
        what.extend(of_reply.map(|what| {
            if several {
                format!("{what} of reply {}", index + 1)
            } else {
                what.to_owned()
            }
        }));
    }
    what
}

impl Reply {
    fn unspeakable(&self) -> Vec<&'static str> {
        let source = match &self.source {
            Source::Response => None,
            Source::Closure(_) => Some("a closure (respond_with)"),
            Source::Stream(_) => Some("a body in parts (chunks, events)"),
        };
        let rest = [
            (self.gate.is_some(), "a gate (behind)"),
            (self.fault.is_some(), "a fault (broken)"),
            (!self.trailers.is_empty(), "a trailer"),
        ];
        let rest = rest.into_iter().filter_map(|(is, what)| is.then_some(what));
        source.into_iter().chain(rest).collect()
    }
}
