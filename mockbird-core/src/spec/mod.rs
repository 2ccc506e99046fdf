//! What a person writes: the mock file as data (design section 4).
//!
//! What is left out stays `None`, so that a spec read and written back is the same spec; the
//! defaults are applied when it is compiled.
//!
//! A spec is read in two steps: [`read`] makes a tree of the text, [`decode`] makes a [`Spec`] of the
//! tree and collects every error with its place. The bodies of an API go through [`decode_mock`] and
//! [`decode_response`]. [`Spec::to_node`] writes it back.
//!
//! ```
//! use mockbird_core::spec::{self, Format};
//! let text = "{\"name\": \"shop\",\n \"mocks\": [\n  {\"path\": \"/a\"}]}";
//! let mut document = spec::read(text, Format::Json)?;
//! let (spec, faults) = document.decode();
//! assert!(spec.is_none());
//! let fault = &faults.errors[0];
//! assert_eq!((fault.at.as_str(), fault.message.as_str()), ("mocks[0]", "a mock needs `responses`"));
//! assert_eq!(document.locate(fault).line, 3);
//! # Ok::<(), mockbird_core::json::SyntaxError>(())
//! ```

mod condition;
mod decode;
mod delay;
mod encode;
mod files;
mod keys;
mod named;
mod rate_limit;
mod read;
mod response;
#[cfg(feature = "schema-of-spec")]
mod schema;
mod slug;

pub use condition::{Condition, Operator, Source, Test};
pub(crate) use decode::settable_header;
pub use decode::{decode, decode_mock, decode_response, salvage, salvage_mock, salvage_response};
pub use delay::Delay;
pub use rate_limit::{Period, RateLimit};
pub use read::{Document, Format, Location, read};
pub use response::{Body, Header, Response, ResponseType};
#[cfg(feature = "schema-of-spec")]
pub use schema::schema;
pub use slug::{is_slug, slug};

use crate::json::Member;

/// A mock file: a named set of mocks.
#[derive(Clone, Debug, Default)]
#[cfg_attr(
    feature = "schema-of-spec",
    derive(schemars::JsonSchema),
    schemars(rename_all = "camelCase", deny_unknown_fields),
    schemars(extend("patternProperties" = { r"^(x-|\$schema$)": true }))
)]
pub struct Spec {
    /// What people call it.
    #[cfg_attr(feature = "schema-of-spec", schemars(regex(pattern = r"\S")))]
    pub name: String,
    /// The DNS label of its URL; made from the name if absent.
    #[cfg_attr(
        feature = "schema-of-spec",
        schemars(regex(pattern = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"))
    )]
    pub slug: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether anybody may call it on a hosted service.
    pub is_public: Option<bool>,
    /// Whether replies carry CORS headers and preflights are answered; true if absent.
    #[cfg_attr(feature = "schema-of-spec", schemars(extend("default" = true)))]
    pub cors: Option<bool>,
    /// Makes every random choice repeatable.
    pub seed: Option<u64>,
    /// The mocks, in order of definition.
    pub mocks: Vec<Mock>,
    /// Members whose key begins with `x-`: kept and ignored.
    #[cfg_attr(feature = "schema-of-spec", schemars(skip))]
    pub extensions: Vec<Member>,
}

/// A mock: method, path template and responses.
#[derive(Clone, Debug, Default)]
#[cfg_attr(
    feature = "schema-of-spec",
    derive(schemars::JsonSchema),
    schemars(rename_all = "camelCase", deny_unknown_fields),
    schemars(extend("patternProperties" = { "^x-": true }))
)]
pub struct Mock {
    /// A stable key for re-import.
    pub id: Option<String>,
    /// What people call it; `GET /path` if absent.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// The method it answers; `GET` if absent.
    #[cfg_attr(feature = "schema-of-spec", schemars(extend("default" = "GET")))]
    pub method: Option<MethodPattern>,
    /// The path template, as written.
    #[cfg_attr(feature = "schema-of-spec", schemars(regex(pattern = "^/")))]
    pub path: String,
    /// The kind of content; decided by each response if absent.
    pub response_type: Option<ResponseType>,
    /// How long a reply waits, unless the response says otherwise.
    pub response_delay: Option<Delay>,
    /// How often it answers; more calls are refused.
    pub rate_limit: Option<RateLimit>,
    /// Higher goes first; 0 if absent.
    #[cfg_attr(feature = "schema-of-spec", schemars(range(min = -2_147_483_648_i64, max = 2_147_483_647), extend("default" = 0)))]
    pub priority: Option<i32>,
    /// An inactive mock plays no part; true if absent.
    #[cfg_attr(feature = "schema-of-spec", schemars(extend("default" = true)))]
    pub is_active: Option<bool>,
    /// The responses, in order of definition; at least one.
    #[cfg_attr(feature = "schema-of-spec", schemars(length(min = 1)))]
    pub responses: Vec<Response>,
    /// Members whose key begins with `x-`: kept and ignored.
    #[cfg_attr(feature = "schema-of-spec", schemars(skip))]
    pub extensions: Vec<Member>,
}

/// The method of a mock: one, or any.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MethodPattern {
    /// `ANY`
    Any,
    /// Exactly this one.
    Exact(http::Method),
}

impl MethodPattern {
    /// Whether a mock of this method may answer a request of that one: `HEAD` is answered from `GET` too.
    pub fn takes(&self, method: &http::Method) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(exact) => {
                exact == method || (exact == http::Method::GET && method == http::Method::HEAD)
            }
        }
    }
}

impl Default for MethodPattern {
    fn default() -> Self {
        Self::Exact(http::Method::GET)
    }
}
