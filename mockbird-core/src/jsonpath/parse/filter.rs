//! The expressions after `?` (RFC 9535 sections 2.3.5 and 2.4), their types checked.

use regex::Regex;

use super::{Parser, Result};
use crate::fault::shown;
use crate::json::{self, Number, Value};
use crate::jsonpath::pattern;
use crate::jsonpath::syntax::{Comparable, Comparison, Filter, Origin, Pattern, Query, RegexTest};
use crate::limits::REGEX_BYTES_MAX;
use crate::regex_size;

/// One side of a comparison, or a test by itself.
enum Operand {
    Value(Comparable),
    Query(Query),
    Test(Filter),
}

impl Parser<'_> {
    /// `a || b`, where `&&` binds stronger.
    pub(super) fn filter(&mut self) -> Result<Filter> {
        let mut all = vec![self.conjunction()?];
        while self.operator("||") {
            all.push(self.conjunction()?);
        }
        Ok(one_or(all, Filter::Or))
    }

    fn conjunction(&mut self) -> Result<Filter> {
        let mut all = vec![self.basic()?];
        while self.operator("&&") {
            all.push(self.basic()?);
        }
        Ok(one_or(all, Filter::And))
    }

    fn operator(&mut self, token: &str) -> bool {
        let before = self.at;
        self.skip_space();
        let found = self.eat(token);
        if found {
            self.skip_space();
        } else {
            self.at = before;
        }
        found
    }

    fn basic(&mut self) -> Result<Filter> {
        if self.eat("!") {
            self.skip_space();
            let inner = if self.peek() == Some('(') {
                self.parenthesis()?
            } else {
                let start = self.at;
                let operand = self.operand()?;
                self.test(start, operand)?
            };
            return Ok(Filter::Not(Box::new(inner)));
        }
        if self.peek() == Some('(') {
            return self.parenthesis();
        }
        let start = self.at;
        let left = self.operand()?;
        let before = self.at;
        self.skip_space();
        let Some(comparison) = self.comparison() else {
            self.at = before;
            return self.test(start, left);
        };
        let left = self.comparable(start, left)?;
        self.skip_space();
        let start = self.at;
        let right = self.operand()?;
        let right = self.comparable(start, right)?;
        Ok(Filter::Compare(left, comparison, right))
    }

    fn parenthesis(&mut self) -> Result<Filter> {
        self.expect("(")?;
        self.skip_space();
        let inner = self.deeper(Self::filter)?;
        self.skip_space();
        self.expect(")")?;
        Ok(inner)
    }

    fn comparison(&mut self) -> Option<Comparison> {
        // The longer ones first.
        [
            ("==", Comparison::Equal),
            ("!=", Comparison::NotEqual),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ]
        .into_iter()
        .find_map(|(token, comparison)| self.eat(token).then_some(comparison))
    }

    fn test(&self, start: usize, operand: Operand) -> Result<Filter> {
        match operand {
            Operand::Query(query) => Ok(Filter::Exists(query)),
            Operand::Test(filter) => Ok(filter),
            Operand::Value(_) => Err(self.error(
                start,
                "a value alone is no test: compare it, such as `length(@.a) > 1`",
            )),
        }
    }

    fn comparable(&self, start: usize, operand: Operand) -> Result<Comparable> {
        match operand {
            Operand::Value(value) => Ok(value),
            Operand::Query(query) if query.is_singular() => Ok(Comparable::Singular(query)),
            Operand::Query(_) => Err(self.error(
                start,
                "this may find several nodes: compare `value(...)` or `count(...)` of it",
            )),
            Operand::Test(_) => {
                Err(self.error(start, "`match` and `search` are tests, not values"))
            }
        }
    }

    fn operand(&mut self) -> Result<Operand> {
        match self.peek() {
            Some('@' | '$') => self.query().map(Operand::Query),
            Some('\'' | '"') => {
                let text = self.string()?;
                Ok(Operand::Value(Comparable::Literal(text.into())))
            }
            Some('-' | '0'..='9') => self.number().map(Operand::Value),
            Some('a'..='z') => self.word(),
            _ => self.fault("expected `@`, `$`, a value, a function, `!` or `(`"),
        }
    }

    fn query(&mut self) -> Result<Query> {
        let origin = if self.eat("@") {
            Origin::Current
        } else {
            self.expect("$")?;
            Origin::Root
        };
        let segments = self.segments()?;
        Ok(Query { origin, segments })
    }

    fn number(&mut self) -> Result<Comparable> {
        let rest = self.rest();
        let inside = |b: &u8| matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let text = &rest[..rest.bytes().take_while(inside).count()];
        let Some(number) = Number::parse(text) else {
            return self.fault("not a JSON number");
        };
        self.at += text.len();
        Ok(Comparable::Literal(Value::Number(number).into()))
    }

    /// `true`, `false`, `null` or a function.
    fn word(&mut self) -> Result<Operand> {
        let start = self.at;
        let rest = self.rest();
        let inside = |b: &u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_');
        let word = &rest[..rest.bytes().take_while(inside).count()];
        self.at += word.len();
        if !self.eat("(") {
            return match word {
                "true" | "false" | "null" => json::parse(word.as_bytes())
                    .map(|node| Operand::Value(Comparable::Literal(node)))
                    .map_err(|e| self.error(start, e.message)),
                _ => Err(self.error(start, format!("unknown word {}", shown(word)))),
            };
        }
        self.skip_space();
        let parsed = self.deeper(|parser| match word {
            "length" => Ok(Operand::Value(Comparable::Length(Box::new(
                parser.value_argument()?,
            )))),
            "count" => Ok(Operand::Value(Comparable::Count(parser.query_argument()?))),
            "value" => Ok(Operand::Value(Comparable::Value(parser.query_argument()?))),
            "match" => parser.regex_arguments(true),
            "search" => parser.regex_arguments(false),
            _ => Err(parser.error(
                start,
                format!(
                    "unknown function {}: there are length, count, match, search, value",
                    shown(word)
                ),
            )),
        })?;
        self.skip_space();
        self.expect(")")?;
        Ok(parsed)
    }

    fn value_argument(&mut self) -> Result<Comparable> {
        let start = self.at;
        let operand = self.operand()?;
        self.comparable(start, operand)
    }

    fn query_argument(&mut self) -> Result<Query> {
        match self.peek() {
            Some('@' | '$') => self.query(),
            _ => self.fault("expected a path that begins with `@` or `$`"),
        }
    }

    fn regex_arguments(&mut self, whole: bool) -> Result<Operand> {
        let text = self.value_argument()?;
        self.skip_space();
        self.expect(",")?;
        self.skip_space();
        let start = self.at;
        let pattern = match self.value_argument()? {
            Comparable::Literal(node) => {
                let Some(pattern) = node.as_str() else {
                    return Err(self.error(start, "a pattern must be text"));
                };
                Pattern::Fixed(self.regex(pattern, whole, start)?)
            }
            other => Pattern::Dynamic(other),
        };
        Ok(Operand::Test(Filter::Regex(Box::new(RegexTest {
            text,
            pattern,
            whole,
        }))))
    }

    fn regex(&mut self, pattern: &str, whole: bool, start: usize) -> Result<Regex> {
        let fault = |parser: &Self, error| parser.error(start, pattern::reason(&error));
        if regex_size::is_too_long(pattern, REGEX_BYTES_MAX) {
            return Err(fault(self, regex::Error::CompiledTooBig(REGEX_BYTES_MAX)));
        }
        // Looking at it is work, whatever becomes of it.
        self.regex_bytes += pattern::compiled_bytes(pattern);
        if self.regex_bytes > REGEX_BYTES_MAX {
            let message = format!(
                "with this one, the regexes of the path take more than {REGEX_BYTES_MAX} bytes"
            );
            return Err(self.error(start, message));
        }
        pattern::compile(pattern, whole, REGEX_BYTES_MAX).map_err(|error| fault(self, error))
    }
}

fn one_or(mut all: Vec<Filter>, group: fn(Vec<Filter>) -> Filter) -> Filter {
    match all.pop() {
        Some(only) if all.is_empty() => only,
        Some(last) => {
            all.push(last);
            group(all)
        }
        None => group(all),
    }
}
