//! Every bound of the engine, named, with its reason.

/// Nesting of JSON, YAML and XML: deep enough for real documents, shallow enough for any stack.
pub const JSON_DEPTH_MAX: usize = 128;

/// Errors and warnings listed for one spec: more than anybody reads, few enough that a hostile file
/// cannot turn each of its bytes into a message.
pub const FAULTS_MAX: usize = 1_000;

/// Characters of the user's own text repeated in a message or a place: enough to recognise it.
pub const SHOWN_CHARS_MAX: usize = 80;

/// Bytes that YAML anchors and aliases may copy in one document: far beyond any hand-written file,
/// and the end of documents that double themselves with every line.
pub const YAML_COPIED_BYTES_MAX: usize = 16 << 20;

/// Mocks in one spec: ten times the largest set we know of.
pub const MOCKS_MAX: usize = 100_000;

/// Responses of one mock.
pub const RESPONSES_MAX: usize = 1_000;

/// Conditions of one response, those inside groups included: each costs time on every request.
pub const CONDITIONS_MAX: usize = 1_000;

/// Nesting of `any`, `all` and `not`.
pub const CONDITION_DEPTH_MAX: usize = 32;

/// Characters of a name, an id or a field.
pub const NAME_CHARS_MAX: usize = 1_000;

/// Characters of a description.
pub const DESCRIPTION_CHARS_MAX: usize = 100_000;

/// Bytes of a path template: what servers commonly take as a request line.
pub const PATH_BYTES_MAX: usize = 8_192;

/// Characters of a method; the longest registered one has 17.
pub const METHOD_CHARS_MAX: usize = 64;

/// Headers of a response, repeated ones counted: what HTTP clients commonly accept.
pub const HEADERS_MAX: usize = 100;

/// Bytes of a header's name.
pub const HEADER_NAME_BYTES_MAX: usize = 256;

/// Bytes of a header's value, as written: what HTTP clients commonly accept for all headers together.
pub const HEADER_VALUE_BYTES_MAX: usize = 32 << 10;

/// The longest delay, in milliseconds: one hour; no client waits longer.
pub const DELAY_MS_MAX: u64 = 3_600_000;

/// The widest spread of a lognormal delay; already 10 makes half of the delays absurd.
pub const DELAY_SIGMA_MAX: f64 = 10.0;

/// Characters of a slug: it is a DNS label (RFC 1035 section 2.3.4).
pub const SLUG_CHARS_MAX: usize = 63;
