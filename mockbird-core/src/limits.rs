//! Every bound of the engine, named, with its reason.

// Documents: bodies and specs alike

/// Nesting of JSON, YAML and XML: deep enough for real documents, shallow enough for any stack.
pub const JSON_DEPTH_MAX: usize = 128;

/// Bytes that YAML anchors and aliases may copy in one document: far beyond any hand-written file,
/// and the end of documents that double themselves with every line.
pub const YAML_COPIED_BYTES_MAX: usize = 16 << 20;

/// Fields of one form: ten times what web frameworks take by default.
pub const FORM_FIELDS_MAX: usize = 10_000;

/// Bytes of the headers of one multipart part: real ones are under 1 KiB.
pub const PART_HEADERS_MAX: usize = 16 * 1024;

/// Nodes of one XML body: a small text makes many, and each takes some 30 bytes.
pub const XML_NODES_MAX: usize = 250_000;

/// Attributes of one XML element: they are checked against each other.
pub const XML_ATTRIBUTES_MAX: usize = 256;

// What a spec may hold

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

/// Characters of a slug: it is a DNS label (RFC 1035 section 2.3.4).
pub const SLUG_CHARS_MAX: usize = 63;

/// Characters of a method; the longest registered one has 17.
pub const METHOD_CHARS_MAX: usize = 64;

/// Headers of a response, repeated ones counted: what HTTP clients commonly accept.
pub const HEADERS_MAX: usize = 100;

/// Bytes of a header's name.
pub const HEADER_NAME_BYTES_MAX: usize = 256;

/// Bytes of a header's value, as written: what HTTP clients commonly accept for all headers together.
pub const HEADER_VALUE_BYTES_MAX: usize = 32 << 10;

/// The longest delay of a reply, in milliseconds: an hour is beyond any client's patience.
pub const DELAY_MS_MAX: u64 = 3_600_000;

/// The widest spread of a lognormal delay; already 10 makes half of the delays absurd.
pub const DELAY_SIGMA_MAX: f64 = 10.0;

/// Calls that a rate limit counts within its time: each takes 8 bytes, once it came; limits of more are not reached by tests.
pub const RATE_LIMIT_REQUESTS_MAX: u32 = 10_000;

/// The longest time of a rate limit, in milliseconds: a month of 31 days.
pub const RATE_LIMIT_PER_MS_MAX: u64 = 31 * 86_400_000;

// What is said of it

/// Errors and warnings listed for one spec: more than anybody reads, few enough that a hostile file
/// cannot turn each of its bytes into a message.
pub const FAULTS_MAX: usize = 1_000;

/// Characters of the user's own text repeated in a message or a place: enough to recognise it.
pub const SHOWN_CHARS_MAX: usize = 80;

/// Values of a repeated field shown in a reason.
pub const SHOWN_VALUES_MAX: usize = 3;

/// Differences between two JSON values that are named: more are not read, and the others are counted.
pub const DIFFERENCES_MAX: usize = 10;

/// Values compared to find, for an element that is missing, the one that is nearest to it: each of a long list
/// may have to be compared with each of another.
pub const DIFFERENCE_STEPS_MAX: usize = 500_000;

/// Bytes of a binary body that are shown, in hexadecimal digits: file formats begin with as many that say what they are.
pub const SHOWN_BINARY_BYTES_MAX: usize = 8;

/// Bytes of a text of JSON that is read to show its beginning without secrets; longer ones are hidden.
pub const SHOWN_JSON_BYTES_MAX: usize = 256 << 10;

/// Parts of a body that are searched for names of secrets, for each reason; a larger one counts as if it held some.
pub const SHOWN_NODES_MAX: usize = 2_000;

/// Near misses whose paths say which segments of a missed path are secrets: more than are named.
pub const MASKING_PATHS_MAX: usize = 16;

/// Beginnings of a missed path that are looked for besides, as mocks may be shorter; each is a search.
pub const MASKING_SHORTER_MAX: usize = 8;

/// Segments that are added to a missed path for the same reason.
pub const MASKING_LONGER_BY_MAX: usize = 2;

/// Characters of a request's path that a 404 repeats in its message.
pub const SHOWN_PATH_MAX: usize = 200;

/// Characters of an unknown name for which the nearest known one is sought: the comparison takes the
/// product of both lengths.
pub const NEAREST_CHARS_MAX: usize = 40;

/// Names of a template's variables among which the nearest one is sought: more are written by machines.
pub const NEAREST_NAMES_MAX: usize = 100;

// Paths and the router

/// Bytes of a path template: what servers commonly take as a request line.
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

/// Mocks of one shape that a mock put in by an edit is compared with, to say which of them can never answer:
/// an edit costs what it changes, and where there are more, machines write them.
pub const UNREACHABLE_SHAPE_MAX: usize = 1_000;

/// How many near misses a 404 names: more would not be read.
pub const NEAR_MISSES_MAX: usize = 3;

/// Near misses among which those with the fewest failing conditions are found: many mocks may have one path.
pub const NEAR_COMPARED_MAX: usize = 16;

/// Nodes the search for near misses visits: a miss must cost little, whatever the spec.
pub const NEAR_VISITS_MAX: usize = 2_000;

/// Children of one node that the search for near misses tries all, besides the one that matches.
pub const NEAR_SIBLINGS_MAX: usize = 32;

/// Children it tries of a node that has more, those defined first: of a thousand routes that are
/// equally near, a few say as much, in microseconds.
pub const NEAR_SIBLINGS_OF_MANY: usize = 8;

/// Mocks, those defined first, that are compared with a path that has nothing in common with any: as
/// many as a person writes, compared in microseconds.
pub const SIMILAR_ENTRIES_MAX: usize = 64;

/// Bytes of a path that is compared so: longer ones are not typed by hand.
pub const SIMILAR_PATH_BYTES_MAX: usize = 200;

/// Segments of a path that is compared so, and of a mock's.
pub const SIMILAR_SEGMENTS_MAX: usize = 16;

// Regexes

/// Bytes of one compiled regex: `(\w{100}){100}` is a short text and a large machine.
pub const REGEX_BYTES_MAX: usize = 1024 * 1024;

/// Bytes of all regexes in the conditions and paths of one spec together, as estimated: room for 16,000
/// plain ones, which take 8 KiB each; without it a spec of a few megabytes fills any memory.
pub const REGEX_TOTAL_BYTES_MAX: usize = 128 << 20;

/// Bytes of a regex that comes with the request (`match(@.a, $.pattern)`), compiled while it waits.
pub const REGEX_DYNAMIC_BYTES_MAX: usize = 16 * 1024;

/// Nesting of groups in a regex: the compiler recurses.
pub const REGEX_NEST_MAX: u32 = 100;

// Conditions

/// Comparisons of one `contains` between arrays: a request must not choose how long it takes. A body of a megabyte in
/// the expected order takes half of them.
pub const CONTAINS_STEPS_MAX: usize = 300_000;

/// Subschemas a JSON Schema comes to when its references are followed: each may be evaluated at every node.
pub const SCHEMA_COST_MAX: usize = 10_000;

/// Nesting of a JSON Schema with its references followed: evaluation recurses.
pub const SCHEMA_DEPTH_MAX: usize = 48;

/// Steps of work of one test with a JSON Schema (a subschema asked about a value, or 64 bytes of text): a value
/// of megabytes takes fewer against an ordinary schema, and more than these would take the better part of a second.
pub const SCHEMA_WORK_MAX: usize = 5_000_000;

/// Steps of such a test up to which is sought what the schema has against a value: it takes several times of them.
pub const SCHEMA_REASON_WORK_MAX: usize = 200_000;

/// Bytes of a text that can be of the format `regex`: the time to tell grows with the square of its groups.
pub const SCHEMA_REGEX_FORMAT_BYTES_MAX: usize = 4 << 10;

/// Segments of one JSONPath: each takes a frame of the stack when it is followed.
pub const JSONPATH_SEGMENTS_MAX: usize = 64;

/// Nesting of filters, parentheses and functions in one JSONPath.
pub const JSONPATH_DEPTH_MAX: usize = 16;

/// The largest index in a JSONPath: the largest integer that every JSON implementation can write (RFC 7493).
pub const JSONPATH_INDEX_MAX: i64 = (1 << 53) - 1;

/// Steps of work of one JSONPath search (a node visited, or 64 bytes compared): `$..*..*` would go on for ever.
pub const JSONPATH_WORK_MAX: usize = 100_000;

/// Steps of one XPath and predicates of one of its steps.
pub const XPATH_STEPS_MAX: usize = 64;

/// Nodes that one XPath may visit: `//*//*` visits the same ones again and again.
pub const XPATH_NODES_MAX: usize = 100_000;

// Templates

/// Blocks and expressions inside each other in the text of one template.
pub const TEMPLATE_NESTING_MAX: usize = 100;

/// Errors, and warnings, told of the text of one template: more than are mended in one go.
pub const TEMPLATE_FAULTS_MAX: usize = 100;

/// Arguments of one call or elements of one literal list in a template.
pub const TEMPLATE_ITEMS_MAX: usize = 2_000;

/// Steps a template may take and bytes it may make on the way, for one reply: a runaway loop ends in
/// tens of milliseconds, a doubled string before it is a megabyte.
pub const TEMPLATE_FUEL: u64 = 1_000_000;

/// Bytes of work on existing text (comparing, searching, hashing) that cost one step.
pub const TEMPLATE_WORK_PER_STEP: usize = 256;

/// Bytes that templates may print for one reply.
pub const TEMPLATE_OUTPUT_MAX: usize = 16 << 20;

/// Macros and recursive loops inside each other while a template is rendered.
pub const TEMPLATE_RECURSION_MAX: usize = 100;

/// Blocks and expressions inside each other, counted through macro calls: what a thread's stack of
/// 2 MiB holds with room to spare.
pub const TEMPLATE_STACK_MAX: usize = 700;

/// Bytes of the thread's stack that a rendering may stand on: unoptimised frames are several times as
/// large as optimised ones, and threads commonly have 2 MiB, of which what follows needs the rest.
pub const TEMPLATE_STACK_BYTES_MAX: usize = 1280 << 10;

/// Lists and maps inside each other when a template builds them: dropping and printing recurse.
pub const TEMPLATE_VALUE_DEPTH_MAX: usize = 64;

/// Numbers in one `range`, as in the library this template language comes from.
pub const TEMPLATE_RANGE_MAX: u64 = 100_000;

/// Spaces of one level of indented JSON: more would be padding, multiplied by depth and by lines.
pub const TEMPLATE_JSON_INDENT_MAX: usize = 16;

/// Bytes of a date format: each directive may make a few hundred.
pub const TEMPLATE_DATE_FORMAT_MAX: usize = 256;

// HTTP

/// Codings that one request body may be wrapped in: clients use one, and each is another pass over it.
pub const CODINGS_MAX: usize = 3;

/// Members of a gzip body: each costs a decoder, however small it is.
pub const GZIP_MEMBERS_MAX: usize = 1_000;

/// Bodies below this are sent as they are: compressing them saves no packet.
pub const COMPRESS_BYTES_MIN: usize = 1024;

/// Rendered bodies above this are sent as they are: compressing them would hold the thread too long.
pub const COMPRESS_BYTES_MAX: usize = 1 << 20;
