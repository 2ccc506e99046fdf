//! The pure engine of MockBird.

pub mod fault;
pub mod form;
pub mod json;
pub mod jsonpath;
pub mod limits;
mod place;
pub mod random;
pub mod request;
pub mod router;
pub mod spec;
#[cfg(feature = "yaml")]
pub mod yaml;
#[cfg(feature = "xpath")]
pub mod xml;
#[cfg(feature = "xpath")]
pub mod xpath;
pub mod template;
