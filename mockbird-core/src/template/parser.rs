//! Tokens to the tree of a template: the statements. Expressions are in [`super::expression`].

use super::ast::{Block, Expr, FilterBlock, For, Macro, Print, SetBlock, Stmt, Target, With};
use super::fault::{CompileFault, Findings, Pos};
use super::lexer::{self, Token};
use super::output::Literal;
use super::recover::refused;
use crate::fault::shown;
use crate::limits::{TEMPLATE_ITEMS_MAX, TEMPLATE_NESTING_MAX};

/// The result of reading a part of a template.
pub(super) type Parsed<T> = Result<T, CompileFault>;

/// Names that mean something else already.
const RESERVED: [&str; 8] = [
    "true", "True", "false", "False", "none", "None", "loop", "self",
];

/// A text as it was read.
pub(super) struct Reading {
    pub(super) block: Block,
    /// What the regexes of its paths weigh.
    pub(super) regex_bytes: usize,
}

/// Reads a whole template, as much of it as can be read.
pub(super) fn parse(source: &str, findings: &mut Findings) -> Reading {
    let tokens = lexer::tokens(source);
    let end = end_of(source);
    let mut parser = Parser {
        tokens: &tokens,
        at: 0,
        end,
        tag: Pos::default(),
        depth: 0,
        height: 0,
        deepest: 0,
        loops: 0,
        regex_bytes: 0,
        findings,
    };
    let block = match parser.block(&[]) {
        Ok((block, _)) => block,
        Err(fault) => {
            parser.findings.error(fault);
            Block::default()
        }
    };
    Reading {
        block,
        regex_bytes: parser.regex_bytes,
    }
}

impl Reading {
    /// If the text is exactly one `{{ expression }}`: that expression.
    pub(super) fn single(self) -> Result<Print, Self> {
        let regex_bytes = self.regex_bytes;
        let block = match <[Stmt; 1]>::try_from(self.block.into_vec()) {
            Ok([Stmt::Print(print)]) => return Ok(print),
            Ok(other) => other.into(),
            Err(several) => several.into(),
        };
        Err(Self { block, regex_bytes })
    }
}

fn end_of(source: &str) -> Pos {
    let (line, column) = crate::json::line_and_column(source.as_bytes(), source.len());
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Pos {
        line: number(line),
        column: number(column),
    }
}

/// The state of reading: where it is, and how deep.
#[derive(Debug)]
pub(super) struct Parser<'t, 's> {
    pub(super) tokens: &'t [(Token<'s>, Pos)],
    pub(super) at: usize,
    end: Pos,
    /// Where the last tag began that opened something.
    tag: Pos,
    /// How many nested parts are being read.
    depth: usize,
    /// The height of the tallest expression read since somebody took it.
    pub(super) height: usize,
    /// The deepest nesting since the macro that is being read began.
    deepest: usize,
    loops: usize,
    /// What the regexes of its paths weigh so far.
    pub(super) regex_bytes: usize,
    pub(super) findings: &'t mut Findings,
}

impl<'s> Parser<'_, 's> {
    pub(super) fn peek(&self) -> Option<&Token<'s>> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    pub(super) fn pos(&self) -> Pos {
        self.tokens.get(self.at).map_or(self.end, |(_, pos)| *pos)
    }

    pub(super) fn next(&mut self) -> Option<Token<'s>> {
        let token = self.peek().cloned();
        self.at += 1;
        token
    }

    pub(super) fn skip_op(&mut self, op: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Op(o)) if *o == op);
        self.at += usize::from(found);
        found
    }

    pub(super) fn is_op(&self, op: &str) -> bool {
        matches!(self.peek(), Some(Token::Op(o)) if *o == op)
    }

    pub(super) fn is_name(&self, name: &str) -> bool {
        matches!(self.peek(), Some(Token::Name(n)) if *n == name)
    }

    pub(super) fn skip_name(&mut self, name: &str) -> bool {
        let found = self.is_name(name);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect_op(&mut self, op: &str) -> Parsed<()> {
        if self.skip_op(op) {
            return Ok(());
        }
        self.unexpected(&format!("`{op}`"))
    }

    pub(super) fn expect_name(&mut self) -> Parsed<(&'s str, Pos)> {
        let pos = self.pos();
        if let Some(Token::Name(name)) = self.peek() {
            let name = *name;
            self.at += 1;
            return Ok((name, pos));
        }
        self.unexpected("a name")
    }

    fn expect(&mut self, token: &Token<'_>) -> Parsed<()> {
        if self.peek() == Some(token) {
            self.at += 1;
            return Ok(());
        }
        self.unexpected(&token.describe())
    }

    pub(super) fn unexpected<T>(&self, wanted: &str) -> Parsed<T> {
        let found = self
            .peek()
            .map_or_else(|| "the end of the text".to_owned(), Token::describe);
        self.fault(format!("expected {wanted}, found {found}"), "")
    }

    pub(super) fn fault<T>(&self, message: impl Into<String>, hint: &str) -> Parsed<T> {
        Err(CompileFault::new(self.pos(), message, hint))
    }

    /// Reads something that may nest.
    pub(super) fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.check_depth(1)?;
        let beside = std::mem::take(&mut self.height);
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        self.height = beside.max(self.height + 1);
        result
    }

    /// Reads something, and tells how deep it nests.
    fn measured<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<(T, u32)> {
        let around = std::mem::replace(&mut self.deepest, self.depth);
        let result = read(self)?;
        let depth = self.deepest.saturating_sub(self.depth) + 1;
        self.deepest = self.deepest.max(around);
        // At most TEMPLATE_NESTING_MAX, or the text would have been refused.
        Ok((result, u32::try_from(depth).unwrap_or(u32::MAX)))
    }

    /// Refuses a tree of this height at the present depth.
    pub(super) fn check_depth(&mut self, height: usize) -> Parsed<()> {
        let depth = self.depth + height;
        self.deepest = self.deepest.max(depth);
        if depth > TEMPLATE_NESTING_MAX {
            return self.fault(
                format!("nested too deep: at most {TEMPLATE_NESTING_MAX} levels are allowed"),
                "give a part of it a name with `set`, or make it a macro",
            );
        }
        Ok(())
    }

    /// Statements up to one of the tags `ends`, whose name is consumed and returned.
    fn block(&mut self, ends: &[&'static str]) -> Parsed<(Block, &'static str)> {
        let opened = self.tag;
        let mut statements = Vec::new();
        loop {
            let pos = self.pos();
            match self.next() {
                Some(Token::Text(text)) => statements.push(Stmt::Text(Literal::new(text))),
                Some(Token::PrintStart) => {
                    let began = self.at;
                    match self.print(pos) {
                        Ok(print) => statements.push(Stmt::Print(print)),
                        Err(fault) => self.recover(fault, began)?,
                    }
                }
                Some(Token::TagStart) => {
                    if let Some(end) = ends.iter().find(|end| self.is_name(end)) {
                        self.at += 1;
                        return Ok((statements.into(), end));
                    }
                    self.tag = pos;
                    let began = self.at;
                    match self.nested(Self::whole_statement) {
                        Ok(statement) => statements.push(statement),
                        Err(fault) => self.recover_block(fault, began)?,
                    }
                }
                Some(Token::Broken(fault)) => {
                    self.findings.torn = true;
                    self.findings.error(*fault);
                }
                Some(_) => {
                    self.at -= 1;
                    return self.unexpected("text or a tag");
                }
                None => {
                    let Some(end) = ends.last() else {
                        return Ok((statements.into(), ""));
                    };
                    if self.findings.torn {
                        return Ok((statements.into(), end));
                    }
                    let hint = format!("write `{{% {end} %}}` where it ends");
                    return Err(CompileFault::new(opened, "a block is not closed", hint));
                }
            }
        }
    }

    fn print(&mut self, pos: Pos) -> Parsed<Print> {
        let expr = self.expression()?;
        self.expect(&Token::PrintEnd)?;
        Ok(Print {
            expr,
            pos,
            before_colon: self.colon_follows(),
        })
    }

    fn whole_statement(&mut self) -> Parsed<Stmt> {
        let statement = self.statement()?;
        // A block that the end of a torn text closes has no tag to do so.
        if !self.findings.torn || self.peek().is_some() {
            self.expect(&Token::TagEnd)?;
        }
        Ok(statement)
    }

    fn colon_follows(&self) -> bool {
        let Some(Token::Text(text)) = self.peek() else {
            return false;
        };
        text.trim_ascii_start().starts_with(':')
    }

    /// The body of a block that only its own end tag closes.
    fn body(&mut self, end: &'static str) -> Parsed<Block> {
        self.expect(&Token::TagEnd)?;
        Ok(self.block(&[end])?.0)
    }

    fn statement(&mut self) -> Parsed<Stmt> {
        let (keyword, pos) = self.expect_name()?;
        match keyword {
            "for" => self.for_loop(pos),
            "if" => self.condition(),
            "with" => self.with(pos),
            "set" => self.set(pos),
            "autoescape" => {
                let mode = self.expression()?;
                Ok(Stmt::AutoEscape(mode, self.body("endautoescape")?))
            }
            "filter" => {
                let filters = self.filters()?;
                let body = self.body("endfilter")?;
                Ok(Stmt::Filter(Box::new(FilterBlock { filters, body, pos })))
            }
            "macro" => self.macro_block(),
            "call" => self.call_block(pos),
            "do" => Ok(Stmt::Do(self.expression()?)),
            "break" | "continue" if self.loops == 0 => Err(CompileFault::new(
                pos,
                format!("`{keyword}` stands outside of a loop"),
                "put it between `{% for .. %}` and `{% endfor %}`",
            )),
            "break" => Ok(Stmt::Break),
            "continue" => Ok(Stmt::Continue),
            _ => Err(refused(keyword, pos)),
        }
    }

    fn for_loop(&mut self, pos: Pos) -> Parsed<Stmt> {
        let target = self.targets(false)?;
        if !self.skip_name("in") {
            return self.unexpected("`in`");
        }
        let items = self.or_expression()?;
        let condition = if self.skip_name("if") {
            Some(self.expression()?)
        } else {
            None
        };
        let recursive = self.skip_name("recursive");
        self.expect(&Token::TagEnd)?;
        let outer_loops = self.loops;
        self.loops += 1;
        let body = self.measured(|p| p.block(&["else", "endfor"]));
        // What follows a fault is read too, and is not in this loop.
        self.loops = outer_loops;
        let ((body, end), depth) = body?;
        let otherwise = if end == "else" {
            self.body("endfor")?
        } else {
            Block::default()
        };
        Ok(Stmt::For(Box::new(For {
            target,
            items,
            condition,
            recursive,
            body,
            otherwise,
            scope: 0..0,
            depth,
            pos,
        })))
    }

    fn condition(&mut self) -> Parsed<Stmt> {
        let mut branches = Vec::new();
        loop {
            let condition = self.or_expression()?;
            self.expect(&Token::TagEnd)?;
            let (body, end) = self.block(&["elif", "else", "endif"])?;
            branches.push((condition, body));
            match end {
                "elif" => {}
                "else" => return Ok(Stmt::If(branches.into(), self.body("endif")?)),
                _ => return Ok(Stmt::If(branches.into(), Block::default())),
            }
        }
    }

    fn with(&mut self, pos: Pos) -> Parsed<Stmt> {
        let mut assignments = Vec::new();
        while self.peek() != Some(&Token::TagEnd) {
            if !assignments.is_empty() {
                self.expect_op(",")?;
            }
            let target = self.target(false)?;
            self.expect_op("=")?;
            assignments.push((target, self.expression()?));
        }
        let body = self.body("endwith")?;
        Ok(Stmt::With(Box::new(With {
            assignments,
            body,
            scope: 0..0,
            pos,
        })))
    }

    fn set(&mut self, pos: Pos) -> Parsed<Stmt> {
        let target = self.targets(true)?;
        if self.peek() == Some(&Token::TagEnd) || self.is_op("|") {
            let filters = if self.skip_op("|") {
                self.filters()?
            } else {
                Vec::new()
            };
            let body = self.body("endset")?;
            return Ok(Stmt::SetBlock(Box::new(SetBlock {
                target,
                filters,
                body,
                pos,
            })));
        }
        self.expect_op("=")?;
        let first = self.expression()?;
        if !self.is_op(",") {
            return Ok(Stmt::Set(target, first, pos));
        }
        let mut elements = vec![first];
        while self.skip_op(",") && self.peek() != Some(&Token::TagEnd) {
            elements.push(self.expression()?);
        }
        Ok(Stmt::Set(target, Expr::List(elements), pos))
    }

    fn macro_block(&mut self) -> Parsed<Stmt> {
        let (name, _) = self.assignable()?;
        self.expect_op("(")?;
        let parameters = self.parameters()?;
        let definition = self.macro_body(name, parameters, "endmacro")?;
        Ok(Stmt::Macro(Box::new(definition)))
    }

    fn call_block(&mut self, pos: Pos) -> Parsed<Stmt> {
        let parameters = if self.skip_op("(") {
            self.parameters()?
        } else {
            Vec::new()
        };
        let expr = self.expression()?;
        if !matches!(expr, Expr::Call(_)) {
            return Err(CompileFault::new(
                pos,
                "a call block calls a macro",
                "write `{% call name(..) %}`",
            ));
        }
        let caller = self.macro_body("caller", parameters, "endcall")?;
        let print = Print {
            expr,
            pos,
            before_colon: false,
        };
        Ok(Stmt::Call(print, Box::new(caller)))
    }

    fn macro_body(
        &mut self,
        name: &str,
        parameters: Vec<(Box<str>, Option<Expr>)>,
        end: &'static str,
    ) -> Parsed<Macro> {
        let outer_loops = std::mem::take(&mut self.loops);
        let body = self.measured(|p| p.body(end));
        self.loops = outer_loops;
        let (body, depth) = body?;
        Ok(Macro {
            name: name.into(),
            parameters,
            body,
            slot: 0,
            slots: 0,
            takes_caller: false,
            depth,
        })
    }

    fn parameters(&mut self) -> Parsed<Vec<(Box<str>, Option<Expr>)>> {
        let mut parameters: Vec<(Box<str>, Option<Expr>)> = Vec::new();
        while !self.skip_op(")") {
            if !parameters.is_empty() {
                self.expect_op(",")?;
                if self.skip_op(")") {
                    break;
                }
            }
            let (name, pos) = self.assignable()?;
            if parameters.len() == TEMPLATE_ITEMS_MAX {
                let message = format!("a macro has at most {TEMPLATE_ITEMS_MAX} parameters");
                return Err(CompileFault::new(pos, message, "pass a list"));
            }
            if parameters.iter().any(|(p, _)| **p == *name) {
                let message = format!("the parameter {} stands twice", shown(name));
                return Err(CompileFault::new(
                    pos,
                    message,
                    "rename or remove one of them",
                ));
            }
            let default = if self.skip_op("=") {
                Some(self.expression()?)
            } else if parameters.last().is_some_and(|(_, d)| d.is_some()) {
                return self.unexpected("`=`, since the parameter before has a default");
            } else {
                None
            };
            parameters.push((name.into(), default));
        }
        Ok(parameters)
    }

    fn assignable(&mut self) -> Parsed<(&'s str, Pos)> {
        let (name, pos) = self.expect_name()?;
        if RESERVED.contains(&name) {
            let message = format!("`{name}` cannot be assigned to");
            return Err(CompileFault::new(pos, message, "choose another name"));
        }
        Ok((name, pos))
    }

    fn target(&mut self, members: bool) -> Parsed<Target> {
        if self.skip_op("(") {
            let target = self.nested(|p| p.targets(members))?;
            self.expect_op(")")?;
            return Ok(target);
        }
        let (name, pos) = self.assignable()?;
        let mut target = Target::Name(name.into());
        let mut expr = Expr::Name(name.into(), pos);
        while members && self.skip_op(".") {
            let (member, _) = self.expect_name()?;
            if let Target::Member(of, before) = target {
                expr = Expr::Member(Box::new(of), before);
            }
            target = Target::Member(expr, member.into());
            expr = Expr::Const(super::ast::Const::Undefined);
        }
        Ok(target)
    }

    fn targets(&mut self, members: bool) -> Parsed<Target> {
        let first = self.target(members)?;
        if !self.is_op(",") {
            return Ok(first);
        }
        let mut all = vec![first];
        while self.skip_op(",") {
            if self.is_op(")") || self.is_op("=") || self.is_name("in") {
                break;
            }
            all.push(self.target(members)?);
        }
        Ok(Target::List(all))
    }
}
