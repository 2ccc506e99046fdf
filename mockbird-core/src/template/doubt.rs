//! What can be rendered but is probably a slip: names of nothing, functions that are not called.

use super::fault::{CompileFault, Pos};
use super::function::Function;
use super::input::{Field, Part};
use super::names::{misspelt, nearest};
use crate::fault::shown;

/// The names of the parameters of the mock's path, if it is known.
pub type PathParams<'a> = Option<&'a [Box<str>]>;

/// A name that stands for nothing; `variables` are those known at this place.
pub(super) fn of_name<'n>(
    name: &str,
    pos: Pos,
    variables: impl Iterator<Item = &'n str>,
) -> CompileFault {
    if let Some(doubt) = of_function(name, pos) {
        return doubt;
    }
    let message = format!(
        "nothing is called {} here, so it is always empty",
        shown(name)
    );
    let hint = match name {
        "loop" => "it is known inside of a `for` only".to_owned(),
        "null" | "nil" | "undefined" | "None" => "`none` is the word for nothing".to_owned(),
        _ => match nearest(name, variables.chain(["request"])) {
            hint if hint.is_empty() => {
                let field = shown(&format!("request.{name}"));
                format!("what came is a part of the request: {field}")
            }
            hint => hint,
        },
    };
    CompileFault::new(pos, message, hint)
}

/// A function that is named and not called, if `path` is one.
pub(super) fn of_function(path: &str, pos: Pos) -> Option<CompileFault> {
    Function::parse(path, pos, std::iter::empty()).ok()?;
    Some(CompileFault::new(
        pos,
        format!("`{path}` is a function, and without brackets it is always empty"),
        format!("call it: `{path}()`"),
    ))
}

/// A part of the request that is not there, or is nearly the name of another.
pub(super) fn of_field(field: &Field, pos: Pos, params: PathParams<'_>) -> Option<CompileFault> {
    match field {
        Field::Bare(name) => {
            let meant = misspelt(name, Field::names())?;
            if params?.iter().any(|param| param == name) {
                return None;
            }
            Some(CompileFault::new(
                pos,
                format!(
                    "`request.{name}` is whatever parameter, query parameter or body field has this name"
                ),
                format!("did you mean `request.{meant}`?"),
            ))
        }
        Field::One(Part::Params, name) => {
            let params = params?;
            if params.contains(name) {
                return None;
            }
            Some(CompileFault::new(
                pos,
                format!(
                    "the mock's path has no parameter {}, so it is always empty",
                    shown(name)
                ),
                params_hint(name, params),
            ))
        }
        _ => None,
    }
}

/// Which parameter may have been meant by one that is not there.
pub(crate) fn params_hint(name: &str, params: &[Box<str>]) -> String {
    let names = || params.iter().map(|param| &**param);
    match (nearest(name, names()), params) {
        (hint, _) if !hint.is_empty() => hint,
        (_, []) => format!(
            "write it into the path as {}",
            shown(&format!("{{{name}}}"))
        ),
        (_, _) => {
            let names: Vec<_> = names().map(shown).collect();
            format!("the path has {}", names.join(", "))
        }
    }
}
