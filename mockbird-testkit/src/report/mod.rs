//! What a test is told when it was not as expected: all of it, in one text.
//!
//! ```text
//! missed    how a mock stands to a request, field by field: for the report, and for the 404
//! unmet     a mock that was called too often or not often enough
//! requests  requests that failed a check, and those that nobody answered
//! waited    what did not come in time
//! doubt     what is probably a mistake in a mock
//! compare   what only the testkit knows of a near miss
//! text      lines, places, and how requests are named
//! ```

mod compare;
mod doubt;
mod missed;
mod requests;
mod text;
mod unmet;
mod waited;

use std::any::Any;

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

pub(crate) use self::text::{Text, place, write_lines};
pub(crate) use self::waited::{waited, waited_for_calls};
use crate::journal::Pages;
use crate::state::State;

/// How many requests of a kind a report names.
const NAMED_MAX: usize = 10;

/// The text of a panic, if it has one.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no text")
}

/// All that was not as expected; `None` if nothing was.
pub(crate) fn report(state: &State) -> Option<String> {
    let pages = state.journal.pages();
    let mut text = Text::default();
    let told = unmet::unmet(&mut text, state, &pages);
    let forgotten = state.orders_forgotten.load(Ordering::Relaxed);
    for (_, order) in state.orders.iter().skip(forgotten) {
        order.check(&mut text, state, &pages);
    }
    requests(&mut text, state, &pages, &told);
    text.finish()
}

/// What was wrong with requests, whatever mocks expect.
fn requests(text: &mut Text, state: &State, pages: &Pages, told: &BTreeSet<usize>) {
    requests::failed_checks(text, state, pages);
    for panic in &pages.panics.first {
        text.problem(panic);
    }
    text.more_problems(pages.panics.more);
    requests::unmatched(text, state, pages, told);
    if text.problems() > 0 && pages.forgotten > 0 {
        text.forgotten(pages);
    }
}
