//! The pure engine of MockBird.

pub mod fault;
pub mod form;
pub mod json;
pub mod limits;
pub mod random;
pub mod request;
pub mod spec;
pub mod template;
