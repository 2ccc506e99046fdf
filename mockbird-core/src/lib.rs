//! The pure engine of MockBird.

pub mod condition;
pub mod fault;
pub mod form;
pub mod json;
pub mod jsonpath;
pub mod limits;
pub mod random;
pub mod request;
pub mod spec;
#[cfg(feature = "xpath")]
pub mod xml;
#[cfg(feature = "xpath")]
pub mod xpath;
