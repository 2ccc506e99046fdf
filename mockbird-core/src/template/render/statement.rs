//! Statements.

use super::{Flow, Frame, Loop, Renderer};
use crate::template::ast::{
    Block, Expr, FilterBlock, FilterCall, For, Macro, Print, SetBlock, Stmt, Target, With,
};
use crate::template::fault::{Located, Outcome, error};
use crate::template::output::Mode;
use crate::template::value::{Closure, Items, Value};

impl<'a> Renderer<'a, '_> {
    pub(super) fn block(&mut self, block: &'a Block) -> Outcome<Flow> {
        for statement in block {
            let flow = match statement {
                Stmt::Text(literal) => {
                    let written = self.out.literal(literal);
                    self.checked(written)?;
                    continue;
                }
                Stmt::Print(print) => {
                    self.print(print)?;
                    continue;
                }
                _ => self.statement(statement)?,
            };
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn statement(&mut self, statement: &'a Stmt) -> Outcome<Flow> {
        self.budget.step(1)?;
        match statement {
            Stmt::If(branches, otherwise) => self.branch(branches, otherwise),
            Stmt::For(for_loop) => {
                let items = self.lazy(&for_loop.items).at(for_loop.pos)?;
                self.for_loop(for_loop, items).map(|()| Flow::Next)
            }
            Stmt::Set(target, value, pos) => {
                let value = self.lazy(value).at(*pos)?;
                self.assign(target, value).at(*pos).map(|()| Flow::Next)
            }
            Stmt::SetBlock(set) => self.set_block(set),
            Stmt::With(with) => self.with(with),
            Stmt::Filter(filter) => self.filter_block(filter),
            Stmt::Macro(definition) => {
                let closure = self.closure(definition);
                self.set(definition.slot, Value::Macro(closure));
                Ok(Flow::Next)
            }
            Stmt::Call(print, body) => {
                let caller = Value::Macro(self.closure(body));
                self.print_call(print, Some(caller)).map(|()| Flow::Next)
            }
            Stmt::Do(expr) => self.expr(expr).map(|_| Flow::Next),
            Stmt::AutoEscape(mode, body) => self.auto_escape(mode, body),
            Stmt::Break => Ok(Flow::Break),
            Stmt::Continue => Ok(Flow::Continue),
            Stmt::Text(_) | Stmt::Print(_) => Ok(Flow::Next),
        }
    }

    fn branch(&mut self, branches: &'a [(Expr, Block)], otherwise: &'a Block) -> Outcome<Flow> {
        for (condition, body) in branches {
            if self.condition(condition)? {
                return self.block(body);
            }
        }
        self.block(otherwise)
    }

    fn set_block(&mut self, set: &'a SetBlock) -> Outcome<Flow> {
        let (value, flow) = self.captured(|r| r.block(&set.body)).at(set.pos)?;
        let value = self.filtered(value, &set.filters)?;
        self.assign(&set.target, value).at(set.pos)?;
        Ok(flow)
    }

    fn filter_block(&mut self, filter: &'a FilterBlock) -> Outcome<Flow> {
        let (value, flow) = self.captured(|r| r.block(&filter.body)).at(filter.pos)?;
        let value = self.filtered(value, &filter.filters)?;
        let written = self.out.value(&value, false);
        self.checked(written).at(filter.pos)?;
        Ok(flow)
    }

    fn print(&mut self, print: &'a Print) -> Outcome<()> {
        let value = match &print.expr {
            Expr::Request(field) => field.value(self.cx, self.budget),
            Expr::Call(_) => return self.print_call(print, None),
            expr => self.expr(expr),
        };
        self.print_value(&value.at(print.pos)?, print)
    }

    pub(super) fn print_value(&mut self, value: &Value<'a>, print: &Print) -> Outcome<()> {
        let written = match value {
            Value::Request(_) | Value::Namespace(_) => {
                let value = self.as_map(value).at(print.pos)?;
                self.out.value(&value, print.before_colon)
            }
            _ => self.out.value(value, print.before_colon),
        };
        self.checked(written).at(print.pos)
    }

    fn filtered(&mut self, value: Value<'a>, filters: &'a [FilterCall]) -> Outcome<Value<'a>> {
        filters
            .iter()
            .try_fold(value, |value, filter| self.filter(value, filter))
    }

    fn closure(&self, definition: &'a Macro) -> Closure<'a> {
        let frame = self.frames.len().saturating_sub(1);
        Closure {
            definition,
            // Fewer than TEMPLATE_RECURSION_MAX.
            frame: u32::try_from(frame).unwrap_or(u32::MAX),
            serial: self.frames.last().map_or(0, |f: &Frame| f.serial),
        }
    }

    pub(super) fn set(&mut self, slot: u32, value: Value<'a>) {
        if let Some(place) = self.slots.get_mut(self.base + slot as usize) {
            *place = Some(value);
        }
    }

    pub(super) fn clear(&mut self, scope: &std::ops::Range<u32>) {
        let slots = self.base + scope.start as usize..self.base + scope.end as usize;
        if let Some(slots) = self.slots.get_mut(slots) {
            slots.fill(None);
        }
    }

    fn assign(&mut self, target: &'a Target, value: Value<'a>) -> Outcome<()> {
        match target {
            Target::Slot(slot) => {
                self.set(*slot, value);
                Ok(())
            }
            Target::List(targets) => {
                let items = self.items(value)?;
                if items.len() != targets.len() {
                    return Err(error(format!(
                        "cannot unpack {} elements into {} variables",
                        items.len(),
                        targets.len()
                    )));
                }
                for (target, item) in targets.iter().zip(items.iter()) {
                    self.assign(target, item)?;
                }
                Ok(())
            }
            Target::Member(of, name) => {
                let Value::Namespace(number) = self.lazy(of)? else {
                    return Err(error("only a member of a `namespace()` can be set"));
                };
                self.set_member(number, name, value);
                Ok(())
            }
            // There are none after names are resolved.
            Target::Name(_) => Ok(()),
        }
    }

    fn set_member(&mut self, namespace: usize, name: &str, value: Value<'a>) {
        let Some(members) = self.namespaces.get_mut(namespace) else {
            return;
        };
        match members.iter_mut().find(|(n, _)| **n == *name) {
            Some((_, place)) => *place = value,
            None => members.push((name.into(), value)),
        }
    }

    fn with(&mut self, with: &'a With) -> Outcome<Flow> {
        self.clear(&with.scope);
        for (target, value) in &with.assignments {
            let value = self.lazy(value).at(with.pos)?;
            self.assign(target, value).at(with.pos)?;
        }
        let flow = self.block(&with.body);
        self.clear(&with.scope);
        flow
    }

    fn auto_escape(&mut self, mode: &'a Expr, body: &'a Block) -> Outcome<Flow> {
        let value = self.expr(mode)?;
        let (outer_mode, outer_unescaped) = (self.out.mode, self.out.unescaped);
        let name = value.as_str();
        self.out.unescaped = !value.is_true() || name == Some("none");
        if outer_mode == Mode::Text && !self.out.in_json() && !self.out.unescaped {
            self.out.mode = match name {
                Some("json") => Mode::Json,
                _ => Mode::Markup,
            };
        }
        let flow = self.block(body);
        self.out.mode = outer_mode;
        self.out.unescaped = outer_unescaped;
        flow
    }

    /// Runs a loop over a value.
    pub(super) fn for_loop(&mut self, for_loop: &'a For, items: Value<'a>) -> Outcome<()> {
        let items = self.items(items).at(for_loop.pos)?;
        let items = match &for_loop.condition {
            Some(condition) => self.chosen(for_loop, condition, &items)?,
            None => items,
        };
        let depth = match self.loops.last() {
            Some(around) if around.definition.is_some_and(|d| d.recursive) => around.depth + 1,
            _ => 0,
        };
        let count = items.len();
        self.loops.push(Loop {
            items,
            index: 0,
            depth,
            definition: Some(for_loop),
            changed: None,
        });
        let result = self.turns(for_loop, count);
        self.loops.pop();
        self.clear(&for_loop.scope);
        result?;
        if count == 0 {
            self.block(&for_loop.otherwise)?;
        }
        Ok(())
    }

    fn turns(&mut self, for_loop: &'a For, count: usize) -> Outcome<()> {
        let number = self.loops.len() - 1;
        for index in 0..count {
            self.budget.step(1).at(for_loop.pos)?;
            let Some(running) = self.loops.get_mut(number) else {
                return Ok(());
            };
            running.index = index;
            let Some(item) = running.items.get(index) else {
                return Ok(());
            };
            self.clear(&for_loop.scope);
            self.assign(&for_loop.target, item).at(for_loop.pos)?;
            if self.block(&for_loop.body)? == Flow::Break {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The elements that a loop's condition lets through.
    fn chosen(
        &mut self,
        for_loop: &'a For,
        condition: &'a Expr,
        items: &Items<'a>,
    ) -> Outcome<Items<'a>> {
        let mut chosen = Vec::new();
        for item in items.iter() {
            self.budget.step(1).at(for_loop.pos)?;
            self.clear(&for_loop.scope);
            self.assign(&for_loop.target, item.clone())
                .at(for_loop.pos)?;
            if self.condition(condition).at(for_loop.pos)? {
                chosen.push(item);
            }
        }
        Ok(Value::list(chosen)?.items().unwrap_or(Items::Empty))
    }
}
