//! What no mock file can say: closures, and what the testkit asks itself.

use std::fmt::{self, Display};
use std::panic::{AssertUnwindSafe, Location};
use std::sync::Arc;

use super::{Kind, Matcher};
use crate::ReceivedRequest;

/// What is asked of a request outside of the engine.
#[derive(Clone)]
pub(crate) struct Predicate {
    /// What messages call it.
    pub(crate) what: String,
    /// The query parameter that is looked at.
    pub(super) query: Option<String>,
    /// True for code of the test, which may block.
    pub(super) is_closure: bool,
    /// Its user may catch a panic around a server: nothing of ours is left half done by one.
    ask: Arc<AssertUnwindSafe<Box<Ask>>>,
}

/// Nothing, or why it says no.
type Ask = dyn Fn(&ReceivedRequest) -> Result<(), String> + Send + Sync;

impl Predicate {
    pub(super) fn new<F>(what: impl Into<String>, ask: F) -> Self
    where
        F: Fn(&ReceivedRequest) -> Result<(), String> + Send + Sync + 'static,
    {
        Self {
            what: what.into(),
            query: None,
            is_closure: false,
            ask: Arc::new(AssertUnwindSafe(Box::new(ask))),
        }
    }

    /// One that looks at this query parameter.
    pub(super) fn of_query(mut self, name: &str) -> Self {
        self.query = Some(name.to_owned());
        self
    }

    /// Nothing, or why it says no. It may panic as closures do.
    pub(super) fn ask(&self, received: &ReceivedRequest) -> Result<(), String> {
        (self.ask.0)(received)
    }
}

impl fmt::Debug for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Predicate").field(&self.what).finish()
    }
}

/// A request for which this closure says `true`, or `Ok(())` rather than a reason.
///
/// It is asked after all that the engine can look up, on a thread where it may block and ask other servers. If it panics,
/// that is a no, and fails the test. It may be asked again for its reason, when nobody answered the request.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(post("/birds").when(matching(|request| request.body().len() < 100)));
/// server.mount(post("/eggs").matching(|request| match request.body().len() % 2 {
///     0 => Ok(()),
///     _ => Err("the body has an odd number of bytes"),
/// }));
/// ```
#[track_caller]
pub fn matching<F, V>(closure: F) -> Matcher
where
    F: Fn(&ReceivedRequest) -> V + Send + Sync + 'static,
    V: Verdict,
{
    let what = format!("closure ({})", Location::caller());
    let name = what.clone();
    let ask = move |received: &ReceivedRequest| {
        let verdict = closure(received).into_result();
        verdict.map_err(|reason| match reason {
            Some(reason) => format!("{name}: {reason}"),
            None => format!("{name} says no"),
        })
    };
    Matcher(Kind::Predicate(Predicate {
        is_closure: true,
        ..Predicate::new(what, ask)
    }))
}

/// What a closure of [`matching`] may say: `true` or `false`, or a `Result` with the reason of a no.
pub trait Verdict {
    /// `Ok` for a yes, otherwise the reason if there is one.
    fn into_result(self) -> Result<(), Option<String>>;
}

impl Verdict for bool {
    fn into_result(self) -> Result<(), Option<String>> {
        if self { Ok(()) } else { Err(None) }
    }
}

impl<E: Display> Verdict for Result<(), E> {
    fn into_result(self) -> Result<(), Option<String>> {
        self.map_err(|reason| Some(reason.to_string()))
    }
}
