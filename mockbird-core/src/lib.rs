//! The pure engine of MockBird.

pub mod fault;
pub mod form;
pub mod json;
pub mod limits;
mod place;
pub mod random;
pub mod request;
pub mod router;
pub mod spec;
#[cfg(feature = "yaml")]
pub mod yaml;
