//! Filters: those of minijinja, and our own.
//!
//! Filters that are common, or that minijinja would answer differently (number text, the order of
//! members, `true`), are written here. The rest is called in minijinja: see [`foreign`].

mod codec;
#[cfg(feature = "digest")]
mod digest;
pub(super) mod foreign;
mod list;
mod text;

use super::ast::{Arg, Const, Expr};
use super::budget::Budget;
use super::fault::{CompileFault, Fault, Outcome, Pos, error};
use super::function::time;
use super::names::Named;
use super::value::Value;
use crate::fault::shown;
use crate::jsonpath::JsonPath;

/// A filter.
#[derive(Debug)]
pub(super) enum FilterKind {
    Default,
    Upper,
    Lower,
    Length,
    Int,
    Float,
    String,
    Bool,
    ToJson,
    Safe,
    Escape,
    Join,
    First,
    Last,
    Replace,
    Trim,
    Abs,
    List,
    Reverse,
    Items,
    Attr,
    /// With the path, if it is written in the template.
    JsonPath(Option<JsonPath>),
    Base64,
    Base64Decode,
    UrlEncode,
    #[cfg(feature = "digest")]
    Sha256,
    #[cfg(feature = "digest")]
    Hmac,
    Date,
    /// One of minijinja's.
    Foreign(&'static str),
}

/// Filters that are not in minijinja, or not called there.
const NATIVE: [&str; 32] = [
    "default",
    "d",
    "upper",
    "lower",
    "length",
    "count",
    "int",
    "float",
    "string",
    "bool",
    "tojson",
    "safe",
    "escape",
    "e",
    "join",
    "first",
    "last",
    "replace",
    "trim",
    "abs",
    "list",
    "reverse",
    "items",
    "attr",
    "jsonPath",
    "base64",
    "base64Decode",
    "urlEncode",
    "urlencode",
    "sha256",
    "hmac",
    "date",
];

/// The fault of a filter whose feature is off.
fn left_out(name: &str, feature: &str, pos: Pos) -> CompileFault {
    let message = format!("`{name}` is not in this build");
    CompileFault::new(pos, message, crate::fault::feature(feature))
}

impl FilterKind {
    pub(super) fn parse(name: &str, pos: Pos) -> Result<Self, CompileFault> {
        Ok(match name {
            "default" | "d" => Self::Default,
            "upper" => Self::Upper,
            "lower" => Self::Lower,
            "length" | "count" => Self::Length,
            "int" => Self::Int,
            "float" => Self::Float,
            "string" => Self::String,
            "bool" => Self::Bool,
            "tojson" => Self::ToJson,
            "safe" => Self::Safe,
            "escape" | "e" => Self::Escape,
            "join" => Self::Join,
            "first" => Self::First,
            "last" => Self::Last,
            "replace" => Self::Replace,
            "trim" => Self::Trim,
            "abs" => Self::Abs,
            "list" => Self::List,
            "reverse" => Self::Reverse,
            "items" => Self::Items,
            "attr" => Self::Attr,
            "jsonPath" if !cfg!(feature = "jsonpath") => {
                return Err(left_out(name, "jsonpath", pos));
            }
            "jsonPath" => Self::JsonPath(None),
            "base64" => Self::Base64,
            "base64Decode" => Self::Base64Decode,
            "urlEncode" | "urlencode" => Self::UrlEncode,
            #[cfg(feature = "digest")]
            "sha256" => Self::Sha256,
            #[cfg(feature = "digest")]
            "hmac" => Self::Hmac,
            #[cfg(not(feature = "digest"))]
            "sha256" | "hmac" => return Err(left_out(name, "digest", pos)),
            "date" => Self::Date,
            _ => match foreign::FILTERS.iter().find(|f| **f == name) {
                Some(known) => Self::Foreign(known),
                None => return Err(Named::Filter.unknown(name, pos, known_names())),
            },
        })
    }

    /// Checks what is written in the template of the arguments, and prepares it; what the regexes of a
    /// JSONPath weigh is added to `regex_bytes`, whether they are refused or not.
    pub(super) fn prepare(
        self,
        args: &[Arg],
        pos: Pos,
        regex_bytes: &mut usize,
    ) -> Result<Self, CompileFault> {
        let Some(Arg::Positional(Expr::Const(Const::Str(first)))) = args.first() else {
            return Ok(self);
        };
        match self {
            Self::JsonPath(_) => match JsonPath::parse_counting(first, regex_bytes) {
                Ok(path) => Ok(Self::JsonPath(Some(path))),
                Err(reason) => {
                    let message = format!("{} is not a JSONPath: {}", shown(first), reason.message);
                    Err(CompileFault::new(
                        pos,
                        message,
                        "write it like `$.items[0].id`",
                    ))
                }
            },
            Self::Date => match time::check_format(first) {
                Ok(()) => Ok(self),
                Err(reason) => Err(CompileFault::new(
                    pos,
                    reason,
                    "write it like `%Y-%m-%d %H:%M:%S`",
                )),
            },
            Self::Foreign("map") if !foreign::FILTERS.contains(&&**first) && !is_native(first) => {
                Err(Named::Filter.unknown(first, pos, known_names()))
            }
            Self::Foreign("select" | "reject") if !super::test::is_known(first) => {
                Err(Named::Test.unknown(first, pos, super::test::names()))
            }
            _ => Ok(self),
        }
    }
}

fn is_native(name: &str) -> bool {
    NATIVE.contains(&name)
}

fn known_names() -> impl Iterator<Item = &'static str> {
    foreign::FILTERS.iter().chain(&NATIVE).copied()
}

/// The arguments of a call, evaluated.
#[derive(Debug, Default)]
pub(super) struct Args<'a> {
    pub(super) positional: smallvec::SmallVec<[Value<'a>; 2]>,
    pub(super) named: Vec<(String, Value<'a>)>,
}

impl<'a> Args<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.positional.is_empty() && self.named.is_empty()
    }

    /// The argument at `index` or of this name; taken, so that what is left over is not wanted.
    pub(super) fn take(&mut self, index: usize, name: &str) -> Option<Value<'a>> {
        if let Some(value) = self.positional.get_mut(index) {
            return Some(std::mem::replace(value, Value::Undefined));
        }
        let at = self.named.iter().position(|(n, _)| n == name)?;
        Some(self.named.swap_remove(at).1)
    }

    /// Refuses arguments beyond the first `most` and those whose name nobody took.
    pub(super) fn finish(&self, most: usize) -> Outcome<()> {
        if let Some((name, _)) = self.named.first() {
            return Err(error(format!("there is no argument {}", shown(name))));
        }
        if self.positional.len() > most {
            return Err(too_many(most));
        }
        Ok(())
    }
}

fn too_many(most: usize) -> Fault {
    error(match most {
        0 => "no argument is allowed".to_owned(),
        1 => "at most one argument is allowed".to_owned(),
        _ => format!("at most {most} arguments are allowed"),
    })
}

/// What a filter may use besides its arguments.
#[derive(Debug)]
pub(super) struct Tools<'r> {
    pub(super) budget: &'r mut Budget,
    /// Whether the surrounding template makes JSON, captures included.
    pub(super) in_json: bool,
    pub(super) minijinja: &'r mut foreign::Minijinja,
}

/// Applies a filter.
pub(super) fn apply<'a>(
    kind: &'a FilterKind,
    value: Value<'a>,
    mut args: Args<'a>,
    tools: &mut Tools<'_>,
) -> Outcome<Value<'a>> {
    let budget = &mut *tools.budget;
    if let Some(most) = kind.most_arguments()
        && args.positional.len() > most
    {
        return Err(too_many(most));
    }
    match kind {
        FilterKind::Default => list::default(value, args),
        FilterKind::Upper => text::map(&value, budget, str::to_uppercase),
        FilterKind::Lower => text::map(&value, budget, str::to_lowercase),
        FilterKind::Trim => text::trim(&value, &mut args, budget),
        FilterKind::String => text::string(value, budget),
        FilterKind::Safe => text::safe(value, tools.in_json, budget),
        FilterKind::Escape => text::escape(value, tools.in_json, budget),
        FilterKind::ToJson if args.is_empty() => text::to_json(&value, budget),
        FilterKind::ToJson => {
            let made = tools.call("tojson", &value, &args)?;
            Ok(text::known_json(made))
        }
        FilterKind::Replace if args.positional.len() == 2 && args.named.is_empty() => {
            text::replace(&value, &args.positional[0], &args.positional[1], budget)
        }
        FilterKind::Replace => {
            let value = text::as_text(value, budget)?;
            tools.call("replace", &value, &args)
        }
        FilterKind::Join if args.positional.len() < 2 && args.named.is_empty() => {
            list::join(&value, args.positional.first(), budget)
        }
        FilterKind::Join => tools.call("join", &value, &args),
        FilterKind::Int if args.is_empty() => text::int(&value, budget),
        FilterKind::Int if text::is_too_large(&value, budget)? => {
            let named = args.named.iter().find(|(name, _)| name == "default");
            let default = args.positional.first().or(named.map(|(_, value)| value));
            Ok(default.cloned().unwrap_or(Value::Undefined))
        }
        FilterKind::Int => tools.call("int", &value, &args),
        FilterKind::Float if args.is_empty() => text::float(&value, budget),
        FilterKind::Float => tools.call("float", &value, &args),
        FilterKind::Abs => text::abs(&value),
        FilterKind::Bool => Ok(Value::Bool(value.is_true())),
        FilterKind::Length => list::length(&value, budget),
        FilterKind::First => list::first(&value),
        FilterKind::Last => list::last(&value, budget),
        FilterKind::List => list::list(value, budget),
        FilterKind::Reverse => list::reverse(&value, budget),
        FilterKind::Items => list::items(&value, budget),
        FilterKind::Attr => list::attr(&value, &args, budget),
        FilterKind::JsonPath(path) => list::json_path(path.as_ref(), &value, &mut args, budget),
        FilterKind::Base64 => codec::base64(&value, budget),
        FilterKind::Base64Decode => codec::base64_decode(&value, budget),
        FilterKind::UrlEncode => codec::url_encode(&value, budget),
        #[cfg(feature = "digest")]
        FilterKind::Sha256 => digest::sha256(&value, budget),
        #[cfg(feature = "digest")]
        FilterKind::Hmac => digest::hmac(&value, &mut args, budget),
        FilterKind::Date => time::date(&value, &mut args, budget),
        FilterKind::Foreign(name) => {
            let value = if foreign::wants_text(name) {
                text::as_text(value, budget)?
            } else {
                value
            };
            tools.call(name, &value, &args)
        }
    }
}

impl FilterKind {
    /// How many arguments in order a filter written here takes; minijinja counts for its own.
    fn most_arguments(&self) -> Option<usize> {
        match self {
            Self::Upper
            | Self::Lower
            | Self::Length
            | Self::String
            | Self::Bool
            | Self::Safe
            | Self::Escape
            | Self::First
            | Self::Last
            | Self::Abs
            | Self::List
            | Self::Reverse
            | Self::Items
            | Self::Base64
            | Self::Base64Decode
            | Self::UrlEncode => Some(0),
            #[cfg(feature = "digest")]
            Self::Sha256 => Some(0),
            Self::Trim | Self::Attr | Self::JsonPath(_) | Self::Date => Some(1),
            #[cfg(feature = "digest")]
            Self::Hmac => Some(1),
            Self::Default => Some(2),
            Self::Int
            | Self::Float
            | Self::ToJson
            | Self::Join
            | Self::Replace
            | Self::Foreign(_) => None,
        }
    }
}
