//! Tests: what may follow `is`.

use super::ast::Compare;
use super::fault::{CompileFault, Outcome, Pos, error};
use super::filter::{Args, Tools};
use super::names::Named;
use super::ops;
use super::value::{Num, Value};
use crate::json;

/// A test.
#[derive(Clone, Copy, Debug)]
pub(super) enum TestKind {
    Defined,
    Undefined,
    None,
    Boolean,
    Number,
    Integer,
    Float,
    String,
    Sequence,
    Iterable,
    Mapping,
    True,
    False,
    Odd,
    Even,
    DivisibleBy,
    Compare(Compare),
    /// One of minijinja's.
    Foreign(&'static str),
}

const NATIVE: [(&str, TestKind); 29] = [
    ("defined", TestKind::Defined),
    ("undefined", TestKind::Undefined),
    ("none", TestKind::None),
    ("boolean", TestKind::Boolean),
    ("number", TestKind::Number),
    ("integer", TestKind::Integer),
    ("int", TestKind::Integer),
    ("float", TestKind::Float),
    ("string", TestKind::String),
    ("sequence", TestKind::Sequence),
    ("iterable", TestKind::Iterable),
    ("mapping", TestKind::Mapping),
    ("true", TestKind::True),
    ("false", TestKind::False),
    ("odd", TestKind::Odd),
    ("even", TestKind::Even),
    ("divisibleby", TestKind::DivisibleBy),
    ("eq", TestKind::Compare(Compare::Eq)),
    ("equalto", TestKind::Compare(Compare::Eq)),
    ("ne", TestKind::Compare(Compare::Ne)),
    ("lt", TestKind::Compare(Compare::Lt)),
    ("lessthan", TestKind::Compare(Compare::Lt)),
    ("le", TestKind::Compare(Compare::Le)),
    ("gt", TestKind::Compare(Compare::Gt)),
    ("greaterthan", TestKind::Compare(Compare::Gt)),
    ("ge", TestKind::Compare(Compare::Ge)),
    ("in", TestKind::Compare(Compare::In)),
    ("safe", TestKind::Foreign("safe")),
    ("escaped", TestKind::Foreign("escaped")),
];

const FOREIGN: [&str; 7] = [
    "startingwith",
    "endingwith",
    "lower",
    "upper",
    "sameas",
    "filter",
    "test",
];

/// All names of tests.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    NATIVE.iter().map(|(name, _)| *name).chain(FOREIGN)
}

/// True if there is a test of this name, in minijinja too.
pub(super) fn is_known(name: &str) -> bool {
    names().any(|known| known == name) || matches!(name, "==" | "!=" | "<" | "<=" | ">" | ">=")
}

impl TestKind {
    pub(super) fn parse(name: &str, pos: Pos) -> Result<Self, CompileFault> {
        if let Some((_, kind)) = NATIVE.iter().find(|(n, _)| *n == name) {
            return Ok(*kind);
        }
        match FOREIGN.iter().find(|n| **n == name) {
            Some(known) => Ok(Self::Foreign(known)),
            None => Err(Named::Test.unknown(name, pos, names())),
        }
    }

    /// Whether the value passes.
    pub(super) fn passes<'a>(
        self,
        value: &Value<'a>,
        args: &Args<'a>,
        tools: &mut Tools<'_>,
    ) -> Outcome<bool> {
        if let Self::Foreign(name) = self {
            return tools.perform(name, value, args);
        }
        let wanted = usize::from(matches!(self, Self::DivisibleBy | Self::Compare(_)));
        if args.positional.len() != wanted || !args.named.is_empty() {
            return Err(error(match wanted {
                0 => "this test takes no argument",
                _ => "this test takes one argument",
            }));
        }
        Ok(match self {
            Self::Compare(op) => match ops::compare(op, value, &args.positional[0], tools.budget) {
                // `x is in 5` is false where `x in 5` is a fault.
                Err(_) if op == Compare::In => false,
                result => result?,
            },
            Self::DivisibleBy => divisible(value, &args.positional[0])?,
            Self::Odd => parity(value) == Some(true),
            Self::Even => parity(value) == Some(false),
            Self::Defined => !matches!(value, Value::Undefined),
            Self::Undefined => matches!(value, Value::Undefined),
            Self::None => matches!(value, Value::None),
            Self::Boolean => matches!(value, Value::Bool(_)),
            Self::Number => value.number().is_some() || matches!(value, Value::Bool(_)),
            Self::Integer => matches!(value.number(), Some(Num::Int(_))),
            Self::Float => matches!(value.number(), Some(Num::Float(_))),
            Self::String => value.as_str().is_some(),
            Self::Sequence => is_sequence(value),
            Self::Iterable => value.items().is_some(),
            Self::Mapping => ops::is_map(value),
            Self::True => matches!(value, Value::Bool(true)),
            Self::False => matches!(value, Value::Bool(false)),
            Self::Foreign(_) => false,
        })
    }
}

fn is_sequence(value: &Value<'_>) -> bool {
    match value {
        Value::Undefined | Value::List(_) => true,
        Value::Node(node) => matches!(node.value, json::Value::Array(_)),
        _ => false,
    }
}

fn divisible(value: &Value<'_>, by: &Value<'_>) -> Outcome<bool> {
    let mut spare = super::budget::Budget::default();
    if value.as_str().or(by.as_str()).is_some() {
        return Ok(false);
    }
    match ops::binary(super::ast::Binary::Rem, value, by, &mut spare) {
        Ok(rest) => Ok(!rest.is_true()),
        Err(fault) if by.number().is_some() => Err(fault),
        Err(_) => Ok(false),
    }
}

/// Whether a whole number is odd.
fn parity(value: &Value<'_>) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        _ => match value.number()? {
            Num::Int(number) => Some(number % 2 != 0),
            Num::Float(number) => {
                let rest = number % 2.0;
                (number.fract() == 0.0).then_some(rest != 0.0)
            }
        },
    }
}
