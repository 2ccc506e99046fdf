//! Tokens to the tree of a template: the expressions, loosest operator first.

use super::ast::{
    Arg, Binary, Call, Callee, Choose, Compare, Const, Expr, FilterCall, Slice, TestCall,
};
use super::fault::{CompileFault, Pos};
use super::filter::FilterKind;
use super::lexer::Token;
use super::parser::{Parsed, Parser};
use super::test::TestKind;
use crate::limits::{REGEX_BYTES_MAX, TEMPLATE_ITEMS_MAX};

impl Parser<'_, '_> {
    /// Any expression, inline `if` included.
    pub(super) fn expression(&mut self) -> Parsed<Expr> {
        self.nested(|p| p.chain(Self::or_chain, Self::inline_if))
    }

    fn inline_if(&mut self, then: Expr) -> Parsed<Result<Expr, Expr>> {
        if !self.skip_name("if") {
            return Ok(Err(then));
        }
        let condition = self.or_chain()?;
        let otherwise = if self.skip_name("else") {
            Some(self.expression()?)
        } else {
            None
        };
        Ok(Ok(Expr::Choose(Box::new(Choose {
            condition,
            then,
            otherwise,
        }))))
    }

    /// An expression that an `if` ends.
    pub(super) fn or_expression(&mut self) -> Parsed<Expr> {
        self.nested(Self::or_chain)
    }

    fn or_chain(&mut self) -> Parsed<Expr> {
        self.chain(Self::and_chain, |p, left| {
            if !p.skip_name("or") {
                return Ok(Err(left));
            }
            Ok(Ok(Expr::Or(Box::new((left, p.and_chain()?)))))
        })
    }

    fn and_chain(&mut self) -> Parsed<Expr> {
        self.chain(Self::negation, |p, left| {
            if !p.skip_name("and") {
                return Ok(Err(left));
            }
            Ok(Ok(Expr::And(Box::new((left, p.negation()?)))))
        })
    }

    /// Reads `first`, then lets `more` extend it as long as it can: each time the tree grows one level.
    fn chain(
        &mut self,
        first: impl FnOnce(&mut Self) -> Parsed<Expr>,
        mut more: impl FnMut(&mut Self, Expr) -> Parsed<Result<Expr, Expr>>,
    ) -> Parsed<Expr> {
        let beside = std::mem::take(&mut self.height);
        let mut expr = first(self)?;
        let mut height = std::mem::take(&mut self.height);
        loop {
            match more(self, expr)? {
                Ok(longer) => expr = longer,
                Err(done) => {
                    self.height = beside.max(height);
                    return Ok(done);
                }
            }
            height = height.max(std::mem::take(&mut self.height)) + 1;
            self.check_depth(height)?;
        }
    }

    fn negation(&mut self) -> Parsed<Expr> {
        if self.skip_name("not") {
            let inner = self.nested(Self::negation)?;
            return Ok(Expr::Not(Box::new(inner)));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Parsed<Expr> {
        let pos = self.pos();
        let first = self.sum()?;
        let mut others = Vec::new();
        while let Some(op) = self.comparison_operator()? {
            others.push((op, self.sum()?));
        }
        if others.is_empty() {
            return Ok(first);
        }
        Ok(Expr::Compare(Box::new(first), others, pos))
    }

    fn comparison_operator(&mut self) -> Parsed<Option<Compare>> {
        let op = match self.peek() {
            Some(Token::Op("==")) => Compare::Eq,
            Some(Token::Op("!=")) => Compare::Ne,
            Some(Token::Op("<")) => Compare::Lt,
            Some(Token::Op("<=")) => Compare::Le,
            Some(Token::Op(">")) => Compare::Gt,
            Some(Token::Op(">=")) => Compare::Ge,
            Some(Token::Name("in")) => Compare::In,
            Some(Token::Name("not")) => {
                self.next();
                if !self.is_name("in") {
                    return self.unexpected("`in`");
                }
                Compare::NotIn
            }
            _ => return Ok(None),
        };
        self.next();
        Ok(Some(op))
    }

    fn sum(&mut self) -> Parsed<Expr> {
        self.binary(&[("+", Binary::Add), ("-", Binary::Sub)], Self::concat)
    }

    fn concat(&mut self) -> Parsed<Expr> {
        let pos = self.pos();
        let first = self.product()?;
        if !self.is_op("~") {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.skip_op("~") {
            parts.push(self.product()?);
            self.count(parts.len())?;
        }
        self.height += 1;
        self.check_depth(self.height)?;
        Ok(Expr::Concat(parts, pos))
    }

    fn product(&mut self) -> Parsed<Expr> {
        let operators = [
            ("*", Binary::Mul),
            ("/", Binary::Div),
            ("//", Binary::FloorDiv),
            ("%", Binary::Rem),
        ];
        self.binary(&operators, Self::power)
    }

    fn power(&mut self) -> Parsed<Expr> {
        self.binary(&[("**", Binary::Pow)], Self::unary)
    }

    fn binary(
        &mut self,
        operators: &[(&str, Binary)],
        tighter: fn(&mut Self) -> Parsed<Expr>,
    ) -> Parsed<Expr> {
        self.chain(tighter, |p, left| {
            let pos = p.pos();
            let Some((_, op)) = operators.iter().find(|(text, _)| p.is_op(text)) else {
                return Ok(Err(left));
            };
            p.next();
            let right = tighter(p)?;
            Ok(Ok(Expr::Binary(*op, Box::new((left, right)), pos)))
        })
    }

    /// A value with its members, calls, filters and tests.
    fn unary(&mut self) -> Parsed<Expr> {
        let value = self.signed()?;
        self.chain(|_| Ok(value), Self::filter_or_test)
    }

    /// A minus belongs to the value with its members, but not to its filters.
    fn signed(&mut self) -> Parsed<Expr> {
        let pos = self.pos();
        if self.skip_op("-") {
            let inner = self.nested(Self::signed)?;
            return Ok(Expr::Negate(Box::new(inner), pos));
        }
        self.chain(Self::primary, Self::postfix)
    }

    fn postfix(&mut self, of: Expr) -> Parsed<Result<Expr, Expr>> {
        let pos = self.pos();
        if self.skip_op(".") {
            return self.member(of).map(Ok);
        }
        if self.skip_op("[") {
            return self.subscript(of, pos).map(Ok);
        }
        if self.is_op("(") {
            let pos = match &of {
                Expr::Name(_, pos) => *pos,
                _ => pos,
            };
            let args = self.arguments()?;
            let callee = Callee::Expr(of);
            return Ok(Ok(Expr::Call(Box::new(Call { callee, args, pos }))));
        }
        Ok(Err(of))
    }

    fn member(&mut self, of: Expr) -> Parsed<Expr> {
        match self.peek() {
            Some(Token::Name(name)) => {
                let name = (*name).into();
                self.next();
                Ok(Expr::Member(Box::new(of), name))
            }
            Some(Token::Int(index)) => {
                let index = Expr::Const(Const::Int(*index));
                self.next();
                Ok(Expr::Item(Box::new((of, index))))
            }
            _ => self.unexpected("a name or an index after `.`"),
        }
    }

    fn subscript(&mut self, of: Expr, pos: Pos) -> Parsed<Expr> {
        let start = self.bound()?;
        if !self.skip_op(":") {
            self.expect_op("]")?;
            let Some(index) = start else {
                return Err(CompileFault::new(
                    pos,
                    "`[]` has no index",
                    "write one, such as `[0]` or `['name']`",
                ));
            };
            return Ok(Expr::Item(Box::new((of, index))));
        }
        let end = self.bound()?;
        let step = if self.skip_op(":") {
            self.bound()?
        } else {
            None
        };
        self.expect_op("]")?;
        Ok(Expr::Slice(Box::new(Slice {
            of,
            start,
            stop: end,
            step,
            pos,
        })))
    }

    fn bound(&mut self) -> Parsed<Option<Expr>> {
        if self.is_op(":") || self.is_op("]") {
            return Ok(None);
        }
        self.expression().map(Some)
    }

    fn filter_or_test(&mut self, of: Expr) -> Parsed<Result<Expr, Expr>> {
        if self.skip_op("|") {
            let call = self.filter_call()?;
            return Ok(Ok(Expr::Filter(Box::new((of, call)))));
        }
        if !self.skip_name("is") {
            return Ok(Err(of));
        }
        let negated = self.skip_name("not");
        let (name, pos) = self.dotted_name()?;
        let kind = TestKind::parse(&name, pos)?;
        let args = if self.is_op("(") {
            self.arguments()?
        } else if self.argument_follows() {
            let argument = self.nested(Self::signed)?;
            vec![Arg::Positional(argument)]
        } else {
            Vec::new()
        };
        let test = Expr::Test(Box::new(TestCall {
            of,
            kind,
            args,
            pos,
        }));
        Ok(Ok(if negated {
            Expr::Not(Box::new(test))
        } else {
            test
        }))
    }

    /// The one argument of a test may go without brackets: `x is divisibleby 3`.
    fn argument_follows(&self) -> bool {
        match self.peek() {
            Some(Token::Name(name)) => !matches!(*name, "and" | "or" | "else" | "is" | "if"),
            Some(Token::Str(_) | Token::Int(_) | Token::Float(_)) => true,
            Some(Token::Op(op)) => matches!(*op, "-" | "[" | "{"),
            _ => false,
        }
    }

    /// Filters one after the other, as in `{% filter upper | trim %}`.
    pub(super) fn filters(&mut self) -> Parsed<Vec<FilterCall>> {
        let mut all = vec![self.filter_call()?];
        while self.skip_op("|") {
            all.push(self.filter_call()?);
        }
        Ok(all)
    }

    fn filter_call(&mut self) -> Parsed<FilterCall> {
        let (name, pos) = self.dotted_name()?;
        let kind = FilterKind::parse(&name, pos)?;
        let args = if self.is_op("(") {
            self.arguments()?
        } else {
            Vec::new()
        };
        let kind = kind.prepare(&args, pos, &mut self.regex_bytes)?;
        if self.has_too_many_regexes() {
            let message = format!(
                "with this path, the regexes of the template take more than {REGEX_BYTES_MAX} bytes"
            );
            return Err(CompileFault::new(pos, message, "repeat less in them"));
        }
        Ok(FilterCall { kind, args, pos })
    }

    /// True if the paths read so far have more regexes than one template may.
    pub(super) fn has_too_many_regexes(&self) -> bool {
        self.regex_bytes > REGEX_BYTES_MAX
    }

    fn dotted_name(&mut self) -> Parsed<(String, Pos)> {
        let (first, pos) = self.expect_name()?;
        let mut name = first.to_owned();
        while self.skip_op(".") {
            name.push('.');
            name.push_str(self.expect_name()?.0);
        }
        Ok((name, pos))
    }

    fn arguments(&mut self) -> Parsed<Vec<Arg>> {
        self.expect_op("(")?;
        let mut args = Vec::new();
        let mut named = false;
        while !self.skip_op(")") {
            if !args.is_empty() {
                self.expect_op(",")?;
                if self.skip_op(")") {
                    break;
                }
            }
            let arg = self.argument()?;
            match arg {
                Arg::Named(..) | Arg::SpreadNamed(_) => named = true,
                Arg::Positional(_) if named => {
                    return self.fault(
                        "an argument without a name follows one with a name",
                        "put those without names first",
                    );
                }
                Arg::Positional(_) | Arg::Spread(_) => {}
            }
            args.push(arg);
            self.count(args.len())?;
        }
        Ok(args)
    }

    fn argument(&mut self) -> Parsed<Arg> {
        if self.skip_op("**") {
            return self.expression().map(Arg::SpreadNamed);
        }
        if self.skip_op("*") {
            return self.expression().map(Arg::Spread);
        }
        let expr = self.expression()?;
        match expr {
            Expr::Name(name, _) if self.skip_op("=") => Ok(Arg::Named(name, self.expression()?)),
            _ => Ok(Arg::Positional(expr)),
        }
    }

    fn count(&self, items: usize) -> Parsed<()> {
        if items > TEMPLATE_ITEMS_MAX {
            return self.fault(
                format!("more than {TEMPLATE_ITEMS_MAX} elements"),
                "write fewer",
            );
        }
        Ok(())
    }

    fn primary(&mut self) -> Parsed<Expr> {
        let pos = self.pos();
        let Some(token) = self.next() else {
            return self.unexpected("an expression");
        };
        Ok(match token {
            Token::Name("true" | "True") => Expr::Const(Const::Bool(true)),
            Token::Name("false" | "False") => Expr::Const(Const::Bool(false)),
            Token::Name("none" | "None") => Expr::Const(Const::None),
            Token::Name(name) => Expr::Name(name.into(), pos),
            Token::Str(text) => self.string(text.into_owned()),
            Token::Int(number) => Expr::Const(Const::Int(number)),
            Token::Float(number) => Expr::Const(Const::Float(number)),
            Token::Op("(") => return self.brackets(),
            Token::Op("[") => Expr::List(self.elements("]")?),
            Token::Op("{") => return self.map(),
            other => {
                let message = format!("expected an expression, found {}", other.describe());
                return Err(CompileFault::new(pos, message, ""));
            }
        })
    }

    /// Strings side by side are one.
    fn string(&mut self, mut text: String) -> Expr {
        while let Some(Token::Str(more)) = self.peek() {
            text.push_str(more);
            self.next();
        }
        Expr::Const(Const::Str(text.into()))
    }

    fn brackets(&mut self) -> Parsed<Expr> {
        if self.skip_op(")") {
            return Ok(Expr::List(Vec::new()));
        }
        let first = self.expression()?;
        if self.skip_op(")") {
            return Ok(first);
        }
        self.expect_op(",")?;
        let mut elements = vec![first];
        elements.append(&mut self.elements(")")?);
        Ok(Expr::List(elements))
    }

    fn elements(&mut self, close: &str) -> Parsed<Vec<Expr>> {
        let mut elements = Vec::new();
        while !self.skip_op(close) {
            if !elements.is_empty() {
                self.expect_op(",")?;
                if self.skip_op(close) {
                    break;
                }
            }
            elements.push(self.expression()?);
            self.count(elements.len())?;
        }
        Ok(elements)
    }

    fn map(&mut self) -> Parsed<Expr> {
        let mut members = Vec::new();
        while !self.skip_op("}") {
            if !members.is_empty() {
                self.expect_op(",")?;
                if self.skip_op("}") {
                    break;
                }
            }
            let key = self.expression()?;
            self.expect_op(":")?;
            members.push((key, self.expression()?));
            self.count(members.len())?;
        }
        Ok(Expr::Map(members))
    }
}
