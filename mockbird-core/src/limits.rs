//! Every bound of the engine, named, with its reason.

/// Nesting of JSON, YAML and XML: deep enough for real documents, shallow enough for any stack.
pub const JSON_DEPTH_MAX: usize = 128;
