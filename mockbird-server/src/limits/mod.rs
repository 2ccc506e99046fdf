//! How often somebody may ask: sliding windows, and where they are kept.
//!
//! ```text
//! window      pure arithmetic: a Limit, a Window of eight bytes, a Verdict
//! lease       permits of a window that many nodes share; Lender is where they come from
//! meter       one key's window and lease; a Limiter asks whichever counts
//! keyed       meters of many keys in a table that does not grow
//! by_address  the same by address, but for those that have no limits
//! headers     what replies tell of limits
//! gate        who comes in at all
//! throttles   the limits of logins and of the API
//! ```
//!
//! # One node or many
//!
//! A node alone has all windows in memory: every [`Verdict`] is there at once. Where nodes share windows, a [`Lender`]
//! is given to each [`Limiter`]: it lends a node some permits of a window in one round trip, and the node gives them out
//! without asking again, until they are used up or too old. That a window is full is remembered, too, for as long as the lender says.
//! While a lender is away ([`Lender::is_there`]), or does not answer in time, each node counts in its own window.
//!
//! Whoever must not wait looks first whether the node knows the answer ([`Limiter::knows`]): then [`Limiter::ask`] is ready when it
//! is polled for the first time. So a request to a mock is answered at once as long as there are permits.
//!
//! What a lender must keep to: `lend` ends in bounded time; of a limit it lends no more than its window has; and how much it
//! lends at a time, for how long, decides by how much nodes together fall short of the limit, because a permit that nobody
//! used in time is lost. A permit may be used up to its `good_for` after it was counted, and is never used twice.

mod by_address;
mod gate;
mod headers;
mod keyed;
mod lease;
mod meter;
mod packed;
mod throttles;
mod window;

pub use by_address::{ByAddress, is_in};
pub use gate::Denied;
pub use headers::{seconds, tell_used_up};
pub use keyed::Keyed;
pub use lease::{Lease, Lender, Loan};
pub use meter::{Limiter, Meter, Outcomes};
pub use throttles::Throttles;
pub use window::{Limit, Standing, TooOften, Verdict, Window};

/// What a future gives that need not wait.
#[cfg(test)]
fn at_once<T>(future: impl Future<Output = T>) -> T {
    let given = futures_util::FutureExt::now_or_never(future);
    given.unwrap_or_else(|| panic!("it waits"))
}
