//! Every bound of the engine, named, with its reason.

/// Nesting of JSON, YAML and XML: deep enough for real documents, shallow enough for any stack.
pub const JSON_DEPTH_MAX: usize = 128;

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
pub const TEMPLATE_STACK_MAX: usize = 500;

/// Blocks and expressions inside each other in the text of one template.
pub const TEMPLATE_NESTING_MAX: usize = 100;

/// Lists and maps inside each other when a template builds them: dropping and printing recurse.
pub const TEMPLATE_VALUE_DEPTH_MAX: usize = 64;

/// Numbers in one `range`, as in the library this template language comes from.
pub const TEMPLATE_RANGE_MAX: u64 = 100_000;

/// Bytes of a date format: each directive may make a few hundred.
pub const TEMPLATE_DATE_FORMAT_MAX: usize = 256;

/// Arguments of one call or elements of one literal list in a template.
pub const TEMPLATE_ITEMS_MAX: usize = 2_000;
