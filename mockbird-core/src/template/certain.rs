//! Calls of literals that fail for every request: found when the template is compiled.

use http::{HeaderMap, Method};

use super::Context;
use super::ast::{Arg, Binary, Call, Callee, Const, Expr};
use super::budget::Budget;
use super::fault::{CompileFault, FaultKind, Findings, Pos, RenderFault};
use super::filter::Args;
use super::function::Function;
use super::value::Value;
use crate::env::RequestId;
use crate::random::Random;
use crate::request::{Request, View};

/// Steps of a trial: more than any call needs that does not make something large, which is left to the
/// request.
const TRIAL_FUEL: u64 = 1_000;

/// A moment like any other: 2025.
const TRIAL_NOW_MS: i64 = 1_750_000_000_000;

/// Notes a call of a function that fails: wrong arguments are an error; what may be wanted, as a test
/// of a failure, is a warning.
pub(super) fn check_call(call: &Call, findings: &mut Findings) {
    let Callee::Function(function) = &call.callee else {
        return;
    };
    let Some(RenderFault { kind, message, .. }) = fault_of(*function, &call.args) else {
        return;
    };
    match (kind, function) {
        (FaultKind::Error, _) => {
            let fault = CompileFault::new(call.pos, message, function.usage());
            findings.error(fault);
        }
        (FaultKind::Limit, Function::Range) => findings.warn(always(call.pos, &message)),
        // It may be the trial that was too short.
        (FaultKind::Limit, _) => {}
    }
}

/// Notes a division by a literal zero.
pub(super) fn check_division(op: Binary, divisor: &Expr, pos: Pos, findings: &mut Findings) {
    let divides = matches!(op, Binary::Div | Binary::FloorDiv | Binary::Rem);
    let is_zero = match divisor {
        Expr::Const(Const::Int(number)) => *number == 0,
        Expr::Const(Const::Float(number)) => *number == 0.0,
        _ => false,
    };
    if divides && is_zero {
        findings.warn(always(pos, "division by zero"));
    }
}

fn always(pos: Pos, message: &str) -> CompileFault {
    CompileFault::new(
        pos,
        format!("{message}, so this always fails"),
        "change the number",
    )
}

/// The arguments, if all are literals.
fn literals(args: &[Arg]) -> Option<Args<'_>> {
    let mut all = Args::default();
    for arg in args {
        match arg {
            Arg::Positional(expr) => all.positional.push(literal(expr)?),
            Arg::Named(name, expr) => all.named.push((name.to_string(), literal(expr)?)),
            Arg::Spread(_) | Arg::SpreadNamed(_) => return None,
        }
    }
    Some(all)
}

fn literal(expr: &Expr) -> Option<Value<'_>> {
    match expr {
        Expr::Const(Const::Undefined) => None,
        Expr::Const(constant) => Some(constant.into()),
        Expr::Negate(of, _) => match &**of {
            Expr::Const(Const::Int(number)) => number.checked_neg().map(Value::Int),
            _ => None,
        },
        _ => None,
    }
}

/// The fault of a call of literals, tried out on a request that says nothing.
fn fault_of(function: Function, args: &[Arg]) -> Option<RenderFault> {
    let headers = HeaderMap::new();
    let request = Request::new(&Method::GET, "/", &headers, b"");
    let view = View::of(&request);
    let context = Context::new(view, TRIAL_NOW_MS, RequestId(0), Random::new(0));
    let mut budget = Budget {
        fuel: TRIAL_FUEL,
        ..Budget::default()
    };
    let tried = function.call(literals(args)?, &context, &mut budget);
    let fault = tried.err()?;
    Some(*fault.0)
}
