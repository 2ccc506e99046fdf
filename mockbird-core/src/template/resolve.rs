//! Names to slots: after this pass a template is rendered without looking up a single name.
//!
//! The template itself, each macro and each block passed to a macro have a frame of numbered variables.
//! A `for` or `with` inside has a part of that frame for its own variables. As a variable that is set in
//! a block may not be set when it is read, a read may have several candidates: the innermost first.

use std::collections::BTreeMap;

use super::ast::{
    Arg, Block, Call, Callee, Const, Expr, FilterCall, For, Macro, Stmt, Target, Variable, With,
};
use super::certain;
use super::doubt::{self, PathParams};
use super::fault::{Findings, Pos};
use super::function::Function;
use super::input::{Field, Part};
use crate::limits::NEAREST_NAMES_MAX;

/// Resolves all names of a template; the number of variables that its own frame needs.
pub(super) fn resolve(block: &mut Block, params: PathParams<'_>, findings: &mut Findings) -> u32 {
    let mut resolver = Resolver {
        frames: vec![Frame::default()],
        params,
        findings,
    };
    resolver.scope(declared(block, Names::new()), |r| r.block(block));
    resolver.frames.pop().map_or(0, |frame| frame.size)
}

/// Resolves all names of an expression that stands alone.
pub(super) fn resolve_expr(expr: &mut Expr, params: PathParams<'_>, findings: &mut Findings) {
    let frames = vec![Frame::default()];
    Resolver {
        frames,
        params,
        findings,
    }
    .expr(expr);
}

#[derive(Default)]
struct Frame {
    scopes: Vec<Scope>,
    /// The first free slot, and the most there were.
    next: u32,
    size: u32,
    /// How many loops of this frame are around the present place.
    loops: u32,
    /// The slot of `caller`, if this is a macro, and whether it was asked for.
    caller: Option<u32>,
    takes_caller: bool,
}

struct Scope {
    names: Names,
    first: u32,
}

/// The variables of a scope by their names, of which a generated template has thousands.
type Names = BTreeMap<Box<str>, Declared>;

/// A variable of a scope.
#[derive(Clone, Copy)]
struct Declared {
    /// Its slot, counted from the first one of the scope.
    at: u32,
    /// Whether it has a value from the beginning of the scope.
    always: bool,
}

struct Resolver<'r> {
    frames: Vec<Frame>,
    params: PathParams<'r>,
    findings: &'r mut Findings,
}

impl Resolver<'_> {
    fn frame(&mut self) -> &mut Frame {
        if self.frames.is_empty() {
            self.frames.push(Frame::default());
        }
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    /// Runs `inside` with these variables; the slots they have.
    fn scope(&mut self, names: Names, inside: impl FnOnce(&mut Self)) -> std::ops::Range<u32> {
        let frame = self.frame();
        let first = frame.next;
        // A text holds fewer names than a u32 counts.
        frame.next += u32::try_from(names.len()).unwrap_or(0);
        frame.size = frame.size.max(frame.next);
        let slots = first..frame.next;
        frame.scopes.push(Scope { names, first });
        inside(self);
        let frame = self.frame();
        frame.scopes.pop();
        frame.next = first;
        slots
    }

    /// Where the variable may be: the innermost candidate first.
    fn candidates(&mut self, name: &str) -> Vec<Variable> {
        let mut found = Vec::new();
        for (up, frame) in self.frames.iter_mut().rev().enumerate() {
            let up = u32::try_from(up).unwrap_or(u32::MAX);
            for scope in frame.scopes.iter().rev() {
                let Some(declared) = scope.names.get(name) else {
                    continue;
                };
                let slot = scope.first + declared.at;
                found.push(Variable { up, slot });
                if declared.always {
                    return found;
                }
            }
            if name == "caller" && frame.caller.is_some() {
                frame.takes_caller = true;
                found.extend(frame.caller.map(|slot| Variable { up, slot }));
                return found;
            }
        }
        found
    }

    fn block(&mut self, block: &mut Block) {
        block.iter_mut().for_each(|s| self.statement(s));
    }

    fn statement(&mut self, statement: &mut Stmt) {
        match statement {
            Stmt::Text(_) | Stmt::Break | Stmt::Continue => {}
            Stmt::Print(print) => self.expr(&mut print.expr),
            Stmt::Do(expr) => self.expr(expr),
            Stmt::If(branches, otherwise) => {
                for (condition, body) in branches {
                    self.expr(condition);
                    self.block(body);
                }
                self.block(otherwise);
            }
            Stmt::For(for_loop) => self.for_loop(for_loop),
            Stmt::Set(target, value, _) => {
                self.expr(value);
                self.target(target);
            }
            Stmt::SetBlock(set) => {
                self.block(&mut set.body);
                self.filters(&mut set.filters);
                self.target(&mut set.target);
            }
            Stmt::With(with) => self.with(with),
            Stmt::Filter(filter) => {
                self.block(&mut filter.body);
                self.filters(&mut filter.filters);
            }
            Stmt::Macro(definition) => {
                if let Some(Variable { slot, .. }) = self.candidates(&definition.name).first() {
                    definition.slot = *slot;
                }
                self.definition(definition, true);
            }
            Stmt::Call(print, body) => {
                self.expr(&mut print.expr);
                self.definition(body, false);
            }
            Stmt::AutoEscape(mode, body) => {
                self.expr(mode);
                self.block(body);
            }
        }
    }

    fn for_loop(&mut self, for_loop: &mut For) {
        self.expr(&mut for_loop.items);
        let mut names = Names::new();
        target_names(&for_loop.target, true, &mut names);
        let names = declared(&for_loop.body, names);
        let For {
            target,
            condition,
            body,
            ..
        } = for_loop;
        let scope = self.scope(names, |r| {
            r.target(target);
            if let Some(condition) = condition {
                r.expr(condition);
            }
            r.frame().loops += 1;
            r.block(body);
            r.frame().loops -= 1;
        });
        for_loop.scope = scope;
        self.block(&mut for_loop.otherwise);
    }

    fn with(&mut self, with: &mut With) {
        let mut names = Names::new();
        for (target, _) in &with.assignments {
            target_names(target, false, &mut names);
        }
        let names = declared(&with.body, names);
        let With {
            assignments, body, ..
        } = with;
        with.scope = self.scope(names, |r| {
            for (target, value) in assignments {
                r.expr(value);
                r.target(target);
            }
            r.block(body);
        });
    }

    fn definition(&mut self, definition: &mut Macro, has_caller: bool) {
        let mut names = Names::new();
        for (name, _) in &definition.parameters {
            declare(name, true, &mut names);
        }
        let caller = u32::try_from(names.len()).unwrap_or(0);
        // The slot after the parameters is the one of `caller`, under a name nobody can write.
        declare("", true, &mut names);
        let names = declared(&definition.body, names);
        self.frames.push(Frame {
            caller: has_caller.then_some(caller),
            ..Frame::default()
        });
        let Macro {
            parameters, body, ..
        } = definition;
        self.scope(names, |r| {
            for (_, default) in parameters {
                if let Some(default) = default {
                    r.expr(default);
                }
            }
            r.block(body);
        });
        if let Some(frame) = self.frames.pop() {
            definition.slots = frame.size;
            definition.takes_caller = frame.takes_caller;
        }
    }

    fn target(&mut self, target: &mut Target) {
        match target {
            Target::Slot(_) => {}
            Target::Name(name) => {
                let name = std::mem::take(name);
                // Whatever is assigned to is declared in the innermost scope that is assigned in.
                let slot = self.candidates(&name).first().map_or(0, |v| v.slot);
                *target = Target::Slot(slot);
            }
            Target::List(all) => {
                for one in all {
                    self.target(one);
                }
            }
            Target::Member(of, _) => self.expr(of),
        }
    }

    fn filters(&mut self, filters: &mut [FilterCall]) {
        for filter in filters {
            self.args(&mut filter.args);
        }
    }

    fn args(&mut self, args: &mut [Arg]) {
        for arg in args {
            match arg {
                Arg::Positional(e) | Arg::Named(_, e) | Arg::Spread(e) | Arg::SpreadNamed(e) => {
                    self.expr(e);
                }
            }
        }
    }

    fn exprs(&mut self, exprs: &mut [Expr]) {
        for expr in exprs {
            self.expr(expr);
        }
    }

    fn expr(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Const(_) | Expr::Local(_) | Expr::Variable(_) | Expr::Request(_) | Expr::Loop => {
            }
            Expr::Name(name, pos) => {
                let (name, pos) = (std::mem::take(name), *pos);
                *expr = self.name(&name, pos);
            }
            Expr::Member(of, name) => {
                let pos = root_of(of);
                if let (Some(pos), Some(path)) = (pos, path_of(of))
                    && path == "fake"
                    && self.candidates("fake").is_empty()
                    && let Some(doubt) = doubt::of_function(&format!("fake.{name}"), pos)
                {
                    self.findings.warn(doubt);
                    *expr = Expr::Const(Const::Undefined);
                    return;
                }
                self.expr(of);
                if let Some(field) = field_of(of, name) {
                    *expr = self.field(field, pos);
                }
            }
            Expr::Item(pair) => {
                let pos = root_of(&pair.0);
                self.expr(&mut pair.0);
                self.expr(&mut pair.1);
                if let Expr::Const(Const::Str(name)) = &pair.1
                    && let Some(field) = field_of(&pair.0, name)
                {
                    *expr = self.field(field, pos);
                }
            }
            Expr::Slice(slice) => {
                self.expr(&mut slice.of);
                let bounds = [&mut slice.start, &mut slice.stop, &mut slice.step];
                bounds.into_iter().flatten().for_each(|e| self.expr(e));
            }
            Expr::Not(of) | Expr::Negate(of, _) => self.expr(of),
            Expr::And(pair) | Expr::Or(pair) => self.pair(pair),
            Expr::Binary(op, pair, pos) => {
                self.pair(pair);
                certain::check_division(*op, &pair.1, *pos, self.findings);
            }
            Expr::Compare(first, others, _) => {
                self.expr(first);
                for (_, other) in others {
                    self.expr(other);
                }
            }
            Expr::Choose(choose) => {
                self.expr(&mut choose.condition);
                self.expr(&mut choose.then);
                choose.otherwise.iter_mut().for_each(|e| self.expr(e));
            }
            Expr::Filter(filter) => {
                self.expr(&mut filter.0);
                self.args(&mut filter.1.args);
            }
            Expr::Test(test) => {
                self.expr(&mut test.of);
                self.args(&mut test.args);
            }
            Expr::Call(call) => self.call(call),
            Expr::List(all) | Expr::Concat(all, _) => self.exprs(all),
            Expr::Map(members) => members.iter_mut().for_each(|(key, value)| {
                self.expr(key);
                self.expr(value);
            }),
        }
    }

    fn pair(&mut self, (left, right): &mut (Expr, Expr)) {
        self.expr(left);
        self.expr(right);
    }

    /// A part of the request, whose name may be a slip.
    fn field(&mut self, field: Field, pos: Option<Pos>) -> Expr {
        let pos = pos.filter(|_| self.findings.takes_warnings());
        let doubt = pos.and_then(|pos| doubt::of_field(&field, pos, self.params));
        if let Some(doubt) = doubt {
            self.findings.warn(doubt);
        }
        Expr::Request(field)
    }

    fn name(&mut self, name: &str, pos: Pos) -> Expr {
        match self.candidates(name).as_slice() {
            [Variable { up: 0, slot }] => Expr::Local(*slot),
            [] if name == "loop" && self.frame().loops > 0 => Expr::Loop,
            [] if name == "request" => Expr::Request(Field::All(Part::Whole)),
            [] => {
                if self.findings.takes_warnings() {
                    let doubt = doubt::of_name(name, pos, self.variables());
                    self.findings.warn(doubt);
                }
                Expr::Const(Const::Undefined)
            }
            several => Expr::Variable(several.into()),
        }
    }

    fn call(&mut self, call: &mut Call) {
        self.args(&mut call.args);
        let Callee::Expr(expr) = &mut call.callee else {
            return;
        };
        // The template is refused, and what else is wrong with it is not told.
        if self.findings.is_full() {
            return;
        }
        let in_loop = self.frame().loops > 0;
        if let Some(path) = path_of(expr) {
            let root = path.split('.').next().unwrap_or("");
            if self.candidates(root).is_empty() {
                call.callee = match path.as_str() {
                    "loop" if in_loop => Callee::Recurse,
                    "loop.cycle" if in_loop => Callee::Cycle,
                    "loop.changed" if in_loop => Callee::Changed,
                    _ => match Function::parse(&path, call.pos, self.variables()) {
                        Ok(function) => Callee::Function(function),
                        Err(fault) => {
                            // A macro that cannot be read may be what is called.
                            if !self.findings.torn {
                                self.findings.error(fault);
                            }
                            return;
                        }
                    },
                };
                certain::check_call(call, self.findings);
                return;
            }
        }
        self.expr(expr);
    }

    /// The names of variables that are known at this place, as many as are worth comparing.
    fn variables(&self) -> impl Iterator<Item = &str> {
        let scopes = self.frames.iter().flat_map(|frame| &frame.scopes);
        let names = scopes.flat_map(|scope| scope.names.keys().map(|name| &**name));
        names
            .filter(|name| !name.is_empty())
            .take(NEAREST_NAMES_MAX)
    }
}

/// The part of the request that is the member `name` of `of`, if `of` is a part that has members.
fn field_of(of: &Expr, name: &str) -> Option<Field> {
    match of {
        Expr::Request(field) => field.member(name),
        _ => None,
    }
}

/// Where the name stands that is the root of `a.b['c']`.
fn root_of(expr: &Expr) -> Option<Pos> {
    match expr {
        Expr::Name(_, pos) => Some(*pos),
        Expr::Member(of, _) => root_of(of),
        Expr::Item(pair) => root_of(&pair.0),
        _ => None,
    }
}

/// `a.b.c` as text, if the expression is that.
fn path_of(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Name(name, _) => Some(name.to_string()),
        Expr::Member(of, name) => Some(format!("{}.{name}", path_of(of)?)),
        _ => None,
    }
}

/// The variables that a block sets in its own scope, after those of `names`.
fn declared(block: &Block, mut names: Names) -> Names {
    block_names(block, &mut names);
    names
}

fn block_names(block: &Block, names: &mut Names) {
    for statement in block {
        match statement {
            Stmt::Set(target, ..) => target_names(target, false, names),
            Stmt::SetBlock(set) => {
                block_names(&set.body, names);
                target_names(&set.target, false, names);
            }
            Stmt::Macro(definition) => declare(&definition.name, false, names),
            Stmt::If(branches, otherwise) => {
                for (_, body) in branches {
                    block_names(body, names);
                }
                block_names(otherwise, names);
            }
            Stmt::Filter(filter) => block_names(&filter.body, names),
            Stmt::AutoEscape(_, body) => block_names(body, names),
            Stmt::For(for_loop) => block_names(&for_loop.otherwise, names),
            Stmt::Text(_)
            | Stmt::Print(_)
            | Stmt::Do(_)
            | Stmt::With(_)
            | Stmt::Call(..)
            | Stmt::Break
            | Stmt::Continue => {}
        }
    }
}

fn target_names(target: &Target, always: bool, names: &mut Names) {
    match target {
        Target::Name(name) => declare(name, always, names),
        Target::List(all) => all.iter().for_each(|t| target_names(t, always, names)),
        Target::Slot(_) | Target::Member(..) => {}
    }
}

fn declare(name: &str, always: bool, names: &mut Names) {
    if !names.contains_key(name) {
        let at = u32::try_from(names.len()).unwrap_or(0);
        names.insert(name.into(), Declared { at, always });
    }
}
