//! Every bound of the engine, named, with its reason.

/// Nesting of JSON, YAML and XML: deep enough for real documents, shallow enough for any stack.
pub const JSON_DEPTH_MAX: usize = 128;

/// Fields of one form: ten times what web frameworks take by default.
pub const FORM_FIELDS_MAX: usize = 10_000;

/// Bytes of the headers of one multipart part: real ones are under 1 KiB.
pub const PART_HEADERS_MAX: usize = 16 * 1024;

/// Nodes of one XML body: a small text makes many, and each takes some 30 bytes.
pub const XML_NODES_MAX: usize = 250_000;

/// Attributes of one XML element: they are checked against each other.
pub const XML_ATTRIBUTES_MAX: usize = 256;

/// Steps of one XPath and predicates of one of its steps.
pub const XPATH_STEPS_MAX: usize = 64;

/// Nodes that one XPath may visit: `//*//*` visits the same ones again and again.
pub const XPATH_NODES_MAX: usize = 100_000;

/// Segments of one JSONPath: each takes a frame of the stack when it is followed.
pub const JSONPATH_SEGMENTS_MAX: usize = 64;

/// Nesting of filters, parentheses and functions in one JSONPath.
pub const JSONPATH_DEPTH_MAX: usize = 16;

/// Steps of work of one JSONPath search (a node visited, or 64 bytes compared): `$..*..*` would go on for ever.
pub const JSONPATH_WORK_MAX: usize = 100_000;

/// Bytes of one compiled regex: `(\w{100}){100}` is a short text and a large machine.
pub const REGEX_BYTES_MAX: usize = 1024 * 1024;

/// Bytes of a regex that comes with the request (`match(@.a, $.pattern)`), compiled while it waits.
pub const REGEX_DYNAMIC_BYTES_MAX: usize = 16 * 1024;

/// Nesting of groups in a regex: the compiler recurses.
pub const REGEX_NEST_MAX: u32 = 100;

/// Subschemas a JSON Schema comes to when its references are followed: each may be evaluated at every node.
pub const SCHEMA_COST_MAX: usize = 10_000;

/// Nesting of a JSON Schema with its references followed: evaluation recurses.
pub const SCHEMA_DEPTH_MAX: usize = 48;

/// Nesting of condition groups: three levels say nearly everything.
pub const CONDITION_DEPTH_MAX: usize = 32;

/// Conditions in one group or list: a longer one is a mistake, and each is tested on every request.
pub const CONDITIONS_MAX: usize = 1_000;

/// Characters of a value shown in a reason: enough to recognise it.
pub const SHOWN_CHARS_MAX: usize = 100;

/// Values of a repeated field shown in a reason.
pub const SHOWN_VALUES_MAX: usize = 3;

/// A search did all the work it may and had not come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the search was stopped after {steps} steps")]
pub struct BudgetExceeded {
    /// How many steps it may take.
    pub steps: usize,
}
