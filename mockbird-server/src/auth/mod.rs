//! What logins are made of: passwords and access tokens.

mod access;
mod evenly;
mod password;

pub use access::Access;
pub use evenly::evenly;
pub use password::{HashFailed, Passwords};
