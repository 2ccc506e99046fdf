//! What logins are made of: passwords, access tokens, and how often somebody may try.

mod access;
mod evenly;
mod password;
mod throttle;

pub use access::Access;
pub use evenly::evenly;
pub use password::{HashFailed, Passwords};
pub use throttle::{Throttle, Throttles, TooOften, network};
