//! Expressions.

use std::fmt::Write;

use super::Renderer;
use crate::template::ast::{Compare, Expr, FilterCall, Slice, TestCall, Variable};
use crate::template::fault::{Located, Outcome, error};
use crate::template::filter;
use crate::template::ops;
use crate::template::output::{Entities, Mode, Output};
use crate::template::print;
use crate::template::value::{Kind, Num, Value};

impl<'a> Renderer<'a, '_> {
    pub(super) fn condition(&mut self, expr: &'a Expr) -> Outcome<bool> {
        Ok(match expr {
            Expr::Not(inner) => !self.condition(inner)?,
            _ => self.expr(expr)?.is_true(),
        })
    }

    /// The value of an expression; a part of the request as a map.
    pub(super) fn expr(&mut self, expr: &'a Expr) -> Outcome<Value<'a>> {
        let value = self.lazy(expr)?;
        match value {
            Value::Request(_) => self.settled(value),
            _ => Ok(value),
        }
    }

    /// The value of an expression; a part of the request stays what it is until it is looked into.
    pub(super) fn lazy(&mut self, expr: &'a Expr) -> Outcome<Value<'a>> {
        self.budget.step(1)?;
        self.check_stack()?;
        match expr {
            Expr::Local(slot) => Ok(self.local(*slot)),
            Expr::Const(constant) => Ok(Value::from(constant)),
            Expr::Request(field) => field.value(self.cx, self.budget),
            Expr::Member(of, name) => self.member(of, name),
            Expr::Loop => Ok(self
                .loops
                .len()
                .checked_sub(1)
                .map_or(Value::Undefined, Value::Loop)),
            Expr::Item(pair) => self.item(&pair.0, &pair.1),
            Expr::Variable(candidates) => Ok(self.variable(candidates)),
            Expr::Not(_) => self.condition(expr).map(Value::Bool),
            Expr::And(_) | Expr::Or(_) | Expr::Choose(_) => self.choice(expr),
            Expr::Filter(filter) => {
                let value = self.expr(&filter.0)?;
                self.filter(value, &filter.1)
            }
            Expr::Call(call) => self.call(call, None).at(call.pos),
            _ => self.operation(expr),
        }
    }

    /// One of two expressions.
    fn choice(&mut self, expr: &'a Expr) -> Outcome<Value<'a>> {
        match expr {
            Expr::And(pair) => {
                let left = self.lazy(&pair.0)?;
                if left.is_true() {
                    self.lazy(&pair.1)
                } else {
                    Ok(left)
                }
            }
            Expr::Or(pair) => {
                let left = self.lazy(&pair.0)?;
                if left.is_true() {
                    Ok(left)
                } else {
                    self.lazy(&pair.1)
                }
            }
            Expr::Choose(choose) => {
                if self.condition(&choose.condition)? {
                    return self.lazy(&choose.then);
                }
                match &choose.otherwise {
                    Some(otherwise) => self.lazy(otherwise),
                    None => Ok(Value::Undefined),
                }
            }
            _ => Ok(Value::Undefined),
        }
    }

    /// What operators and literals of lists and maps make.
    fn operation(&mut self, expr: &'a Expr) -> Outcome<Value<'a>> {
        match expr {
            Expr::Negate(of, pos) => {
                let value = self.expr(of)?;
                ops::negate(&value).at(*pos)
            }
            Expr::Binary(op, pair, pos) => {
                let (left, right) = (self.expr(&pair.0)?, self.expr(&pair.1)?);
                ops::binary(*op, &left, &right, self.budget).at(*pos)
            }
            Expr::Concat(parts, pos) => self.concat(parts).at(*pos),
            Expr::Compare(first, others, pos) => self.comparison(first, others).at(*pos),
            Expr::Test(test) => self.test(test),
            Expr::Slice(slice) => self.slice(slice).at(slice.pos),
            Expr::List(elements) => Value::list(self.exprs(elements)?),
            Expr::Map(members) => self.map(members),
            _ => Ok(Value::Undefined),
        }
    }

    /// The values of expressions. A loop, as what nests deep must not take much of the stack.
    fn exprs(&mut self, exprs: &'a [Expr]) -> Outcome<Vec<Value<'a>>> {
        let mut values = Vec::with_capacity(exprs.len());
        for expr in exprs {
            values.push(self.expr(expr)?);
        }
        Ok(values)
    }

    fn map(&mut self, members: &'a [(Expr, Expr)]) -> Outcome<Value<'a>> {
        let mut values = Vec::with_capacity(members.len());
        for (key, value) in members {
            let key = self.expr(key)?;
            values.push((key, self.expr(value)?));
        }
        Value::map(values)
    }

    fn comparison(&mut self, first: &'a Expr, others: &'a [(Compare, Expr)]) -> Outcome<Value<'a>> {
        let mut left = self.expr(first)?;
        for (op, right) in others {
            let right = self.expr(right)?;
            if !ops::compare(*op, &left, &right, self.budget)? {
                return Ok(Value::Bool(false));
            }
            left = right;
        }
        Ok(Value::Bool(true))
    }

    #[inline]
    fn local(&self, slot: u32) -> Value<'a> {
        match self.slots.get(self.base + slot as usize) {
            Some(Some(value)) => value.clone(),
            _ => Value::Undefined,
        }
    }

    /// The first of the candidates that has been set.
    fn variable(&self, candidates: &[Variable]) -> Value<'a> {
        let set = candidates.iter().find_map(|variable| {
            let mut frame = self.frames.last()?;
            for _ in 0..variable.up {
                frame = self.frames.get(frame.around as usize)?;
            }
            self.slots
                .get(frame.base + variable.slot as usize)?
                .as_ref()
        });
        set.cloned().unwrap_or(Value::Undefined)
    }

    fn member(&mut self, of: &'a Expr, name: &str) -> Outcome<Value<'a>> {
        // The commonest case makes no copy of what is looked into.
        if let Expr::Local(slot) = of
            && let Some(Some(Value::Node(node))) = self.slots.get(self.base + *slot as usize)
        {
            let node = *node;
            self.budget.search(node.members().map_or(0, <[_]>::len))?;
            return Ok(node.get(name).map_or(Value::Undefined, Value::of));
        }
        let value = match of {
            Expr::Loop => return Ok(self.loop_member(self.loops.len().wrapping_sub(1), name)),
            _ => self.lazy(of)?,
        };
        self.member_of(&value, name)
    }

    fn member_of(&mut self, value: &Value<'a>, name: &str) -> Outcome<Value<'a>> {
        Ok(match value {
            Value::Request(part) => part.get(name, self.cx, self.budget)?,
            Value::Loop(number) => self.loop_member(*number, name),
            Value::Namespace(number) => {
                let members = self.namespaces.get(*number).into_iter().flatten();
                let mut found = members.filter(|(n, _)| **n == *name);
                found.next().map_or(Value::Undefined, |(_, v)| v.clone())
            }
            _ => {
                self.budget.search(value.members())?;
                value.member(name)
            }
        })
    }

    fn item(&mut self, of: &'a Expr, key: &'a Expr) -> Outcome<Value<'a>> {
        let value = self.lazy(of)?;
        let key = self.expr(key)?;
        if let Some(name) = key.as_str() {
            return self.member_of(&value, name);
        }
        self.budget.work(value.as_str().map_or(0, str::len))?;
        self.budget.search(value.members())?;
        Ok(value.item(&key))
    }

    fn loop_member(&self, number: usize, name: &str) -> Value<'a> {
        let Some(running) = self.loops.get(number) else {
            return Value::Undefined;
        };
        let (index, len) = (running.index, running.items.len());
        // Lengths fit in an i128.
        let number = |n: usize| Value::Int(n as i128);
        match name {
            "index" => number(index + 1),
            "index0" => number(index),
            "first" => Value::Bool(index == 0),
            "last" => Value::Bool(index + 1 == len),
            "length" => number(len),
            "revindex" => number(len - index),
            "revindex0" => number(len - index - 1),
            "depth" => number(running.depth + 1),
            "depth0" => number(running.depth),
            "previtem" => index
                .checked_sub(1)
                .and_then(|before| running.items.get(before))
                .unwrap_or(Value::Undefined),
            "nextitem" => running.items.get(index + 1).unwrap_or(Value::Undefined),
            _ => Value::Undefined,
        }
    }

    fn slice(&mut self, slice: &'a Slice) -> Outcome<Value<'a>> {
        let value = self.expr(&slice.of)?;
        let mut bounds = [None; 3];
        for (bound, expr) in bounds
            .iter_mut()
            .zip([&slice.start, &slice.stop, &slice.step])
        {
            let Some(expr) = expr else {
                continue;
            };
            *bound = match self.expr(expr)? {
                Value::None => None,
                value => Some(index(&value)?),
            };
        }
        ops::slice(&value, bounds, self.budget)
    }

    /// Text side by side; in markup what is not safe is escaped if anything beside it is.
    fn concat(&mut self, parts: &'a [Expr]) -> Outcome<Value<'a>> {
        let mut parts = self.exprs(parts)?;
        for part in &mut parts {
            if let Value::Namespace(_) = part {
                *part = self.as_map(part)?;
            }
        }
        self.joined(&parts)
    }

    fn joined(&mut self, parts: &[Value<'a>]) -> Outcome<Value<'a>> {
        let safe = parts.iter().filter(|part| ops::is_safe(part)).count();
        let escape = safe > 0 && self.out.mode == Mode::Markup && !self.out.unescaped;
        let kind = if escape || safe == parts.len() {
            Kind::Safe
        } else {
            Kind::Plain
        };
        let limit = usize::try_from(self.budget.fuel).unwrap_or(usize::MAX);
        let mut out = Output::new(String::new(), limit, Mode::Text);
        let written = parts.iter().try_for_each(|part| match part {
            Value::Text(text, Kind::Plain | Kind::Wire) if escape => {
                Entities(&mut out).write_str(text.as_str())
            }
            // A number in an operator is an ordinary one.
            _ => match part.number() {
                Some(number) => print::text(&mut out, &Value::from(number)),
                None => print::text(&mut out, part),
            },
        });
        if written.is_err() {
            self.budget.make(usize::MAX)?;
        }
        self.budget.make(out.text.len())?;
        Ok(Value::Text(out.text.into(), kind))
    }

    pub(super) fn filter(&mut self, value: Value<'a>, call: &'a FilterCall) -> Outcome<Value<'a>> {
        let args = self.args(&call.args).at(call.pos)?;
        let value = self.settled(value).at(call.pos)?;
        filter::apply(&call.kind, value, args, &mut self.tools()).at(call.pos)
    }

    fn test(&mut self, test: &'a TestCall) -> Outcome<Value<'a>> {
        let value = self.expr(&test.of)?;
        let value = self.settled(value)?;
        let args = self.args(&test.args).at(test.pos)?;
        let passes = test.kind.passes(&value, &args, &mut self.tools());
        passes.map(Value::Bool).at(test.pos)
    }
}

fn index(value: &Value<'_>) -> Outcome<i64> {
    match value.number() {
        Some(Num::Int(number)) => i64::try_from(number).ok(),
        _ => None,
    }
    .ok_or_else(|| {
        error(format!(
            "a slice goes by whole numbers, not {}",
            value.kind()
        ))
    })
}
