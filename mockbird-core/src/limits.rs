//! Every bound of the engine, named, with its reason.

/// Nesting of JSON, YAML and XML: deep enough for real documents, shallow enough for any stack.
pub const JSON_DEPTH_MAX: usize = 128;

/// Bytes of a path template: no server takes a longer request line.
pub const PATTERN_BYTES_MAX: usize = 8 << 10;

/// Segments of a path template: the deepest real API has 19; it bounds the depth of the router.
pub const PATTERN_SEGMENTS_MAX: usize = 256;

/// Parameters of a path template: room for generated APIs, and a request's captures stay small.
pub const PATTERN_PARAMS_MAX: usize = 64;

/// Memory of a compiled constraint: thousands may stand in one spec.
pub const CONSTRAINT_BYTES_MAX: usize = 256 << 10;

/// Nesting of a constraint: its tree is walked by recursion.
pub const CONSTRAINT_NESTING_MAX: u32 = 64;

/// Entries of one shape and method that share a probe before it is worth an index: fewer are
/// tried sooner than a text is looked up.
pub const INDEX_ENTRIES_MIN: usize = 8;

/// Probes counted for one shape and method: each indexed one is resolved for each request.
pub const INDEX_PROBES_MAX: usize = 16;

/// Nodes the search for near misses visits: a miss must cost little, whatever the spec.
pub const NEAR_VISITS_MAX: usize = 2_000;

/// Children of one node that the search for near misses tries all, besides the one that matches.
pub const NEAR_SIBLINGS_MAX: usize = 32;

/// Children it tries of a node that has more, those defined first: of a thousand routes that are
/// equally near, a few say as much, in microseconds.
pub const NEAR_SIBLINGS_OF_MANY: usize = 8;
