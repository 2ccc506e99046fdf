//! Calls: of functions, of macros, and of the loop itself.

use super::{Flow, Frame, Renderer};
use crate::fault::shown;
use crate::template::ast::{Arg, Call, Callee, Expr, Macro, Print};
use crate::template::fault::{Located, Outcome, error};
use crate::template::filter::Args;
use crate::template::function::{self, Function};
use crate::template::value::{Closure, Value};

impl<'a> Renderer<'a, '_> {
    /// Arguments, evaluated.
    pub(super) fn args(&mut self, args: &'a [Arg]) -> Outcome<Args<'a>> {
        let mut all = Args::default();
        for arg in args {
            match arg {
                Arg::Positional(expr) => all.positional.push(self.expr(expr)?),
                Arg::Named(name, expr) => {
                    let value = self.expr(expr)?;
                    if all.named.iter().any(|(n, _)| *n == **name) {
                        return Err(error(format!("the argument {} stands twice", shown(name))));
                    }
                    all.named.push((name.to_string(), value));
                }
                Arg::Spread(expr) => {
                    let value = self.expr(expr)?;
                    let items = self.items(value)?;
                    self.budget.make(items.len())?;
                    all.positional.extend(items.iter());
                }
                Arg::SpreadNamed(expr) => {
                    let value = self.expr(expr)?;
                    let value = self.settled(value)?;
                    let names = self.items(value.clone())?;
                    self.budget.make(names.len())?;
                    for name in names.iter() {
                        let member = value.item(&name);
                        all.named
                            .push((crate::template::print::to_string(&name), member));
                    }
                }
            }
        }
        Ok(all)
    }

    /// The value of a call.
    pub(super) fn call(&mut self, call: &'a Call, caller: Option<Value<'a>>) -> Outcome<Value<'a>> {
        match &call.callee {
            Callee::Function(Function::Namespace) => self.namespace(&call.args),
            Callee::Function(function) => {
                let args = self.args(&call.args)?;
                function.call(args, self.cx, self.budget)
            }
            Callee::Cycle => {
                let args = self.args(&call.args)?;
                let turn = self.loops.last().map_or(0, |running| running.index);
                let turn = turn.checked_rem(args.positional.len()).unwrap_or(0);
                Ok(args
                    .positional
                    .get(turn)
                    .cloned()
                    .unwrap_or(Value::Undefined))
            }
            Callee::Changed => {
                let args = self.args(&call.args)?.positional.to_vec();
                let Some(running) = self.loops.last_mut() else {
                    return Ok(Value::Undefined);
                };
                let changed = running.changed.as_ref() != Some(&args);
                running.changed = Some(args);
                Ok(Value::Bool(changed))
            }
            Callee::Recurse | Callee::Expr(_) => {
                let (value, _) =
                    self.captured(|r| r.written_call(call, caller).map(|()| Flow::Next))?;
                Ok(value)
            }
        }
    }

    /// Prints a call. What a macro prints goes where the call stands, as if it were written there; but
    /// inside of quotes it is text like any other value.
    pub(super) fn print_call(
        &mut self,
        print: &'a Print,
        caller: Option<Value<'a>>,
    ) -> Outcome<()> {
        let Expr::Call(call) = &print.expr else {
            return Ok(());
        };
        let writes = matches!(call.callee, Callee::Recurse | Callee::Expr(_));
        if writes && self.out.takes_blocks() && !print.before_colon {
            return self.written_call(call, caller).at(call.pos);
        }
        let value = self.call(call, caller).at(call.pos)?;
        self.print_value(&value, print)
    }

    /// A call of a macro or of the loop, whose output goes where the renderer writes.
    fn written_call(&mut self, call: &'a Call, caller: Option<Value<'a>>) -> Outcome<()> {
        let args = self.args(&call.args)?;
        match &call.callee {
            Callee::Recurse => self.recurse(args),
            Callee::Expr(expr) => match self.lazy(expr)? {
                Value::Macro(closure) => self.run_macro(closure, args, caller),
                other => Err(error(format!("{} cannot be called", other.kind()))),
            },
            Callee::Function(_) | Callee::Cycle | Callee::Changed => Ok(()),
        }
    }

    fn recurse(&mut self, mut args: Args<'a>) -> Outcome<()> {
        let definition = self.loops.last().and_then(|running| running.definition);
        let Some(definition) = definition.filter(|d| d.recursive) else {
            return Err(error(
                "the loop is not recursive: write `{% for .. recursive %}`",
            ));
        };
        let Some(items) = args.take(0, "items") else {
            return Err(error("`loop` wants something to loop over"));
        };
        args.finish(1)?;
        // The variables of the turn that calls are those of the loop inside it.
        let scope = definition.scope.clone();
        let saved: Vec<_> = {
            let slots = self.base + scope.start as usize..self.base + scope.end as usize;
            self.slots.get(slots).unwrap_or(&[]).to_vec()
        };
        let result = self.deeper(definition.depth as usize, |r| r.for_loop(definition, items));
        for (slot, value) in scope.zip(saved) {
            if let Some(place) = self.slots.get_mut(self.base + slot as usize) {
                *place = value;
            }
        }
        result
    }

    fn run_macro(
        &mut self,
        closure: Closure<'a>,
        args: Args<'a>,
        caller: Option<Value<'a>>,
    ) -> Outcome<()> {
        let definition = closure.definition;
        let around = self.frames.get(closure.frame as usize);
        if around.is_none_or(|frame| frame.serial != closure.serial) {
            return Err(error(format!(
                "the macro {} is called outside of the macro it is defined in",
                shown(&definition.name)
            )));
        }
        self.serial += 1;
        let frame = Frame {
            base: self.slots.len(),
            around: closure.frame,
            serial: self.serial,
        };
        self.budget.step(u64::from(definition.slots))?;
        self.deeper(definition.depth as usize, |r| {
            r.slots.resize(frame.base + definition.slots as usize, None);
            let outer_base = std::mem::replace(&mut r.base, frame.base);
            r.frames.push(frame);
            // A loop around the call is not one around the body.
            let outer_loops = std::mem::take(&mut r.loops);
            let result = r
                .bind(definition, args, caller)
                .and_then(|()| r.block(&definition.body));
            r.loops = outer_loops;
            r.frames.pop();
            r.base = outer_base;
            r.slots.truncate(frame.base);
            result.map(|_| ())
        })
    }

    fn bind(
        &mut self,
        definition: &'a Macro,
        mut args: Args<'a>,
        caller: Option<Value<'a>>,
    ) -> Outcome<()> {
        let passed = args.positional.len();
        let parameters = &definition.parameters;
        if passed > parameters.len() {
            return Err(error(format!(
                "{} is given {passed} arguments and has {}",
                shown(&definition.name),
                parameters.len()
            )));
        }
        for (index, (name, default)) in parameters.iter().enumerate() {
            if index < passed && args.named.iter().any(|(n, _)| *n == **name) {
                return Err(error(format!("the argument {} stands twice", shown(name))));
            }
            let value = match (args.take(index, name), default) {
                (Some(value), _) if !matches!(value, Value::Undefined) => value,
                (_, Some(default)) => self.expr(default)?,
                (value, None) => value.unwrap_or(Value::Undefined),
            };
            // There are at most as many parameters as a text has bytes.
            self.set(u32::try_from(index).unwrap_or(u32::MAX), value);
        }
        let caller = match args.take(usize::MAX, "caller") {
            Some(value) => Some(value),
            None => caller,
        };
        if let Some(caller) = caller {
            let slot = u32::try_from(parameters.len()).unwrap_or(u32::MAX);
            self.set(slot, caller);
        }
        args.finish(parameters.len())
    }

    fn namespace(&mut self, args: &'a [Arg]) -> Outcome<Value<'a>> {
        let mut args = self.args(args)?;
        if let Some(first) = args.positional.first_mut() {
            *first = self.settled(first.clone())?;
        }
        let Value::Map(map) = function::dict(&mut args, self.budget)? else {
            return Ok(Value::Undefined);
        };
        let members = map.iter().map(|(name, value)| {
            let name = crate::template::print::to_string(name);
            (name.into_boxed_str(), value.clone())
        });
        self.namespaces.push(members.collect());
        Ok(Value::Namespace(self.namespaces.len() - 1))
    }
}
