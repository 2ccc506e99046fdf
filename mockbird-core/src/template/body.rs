//! JSON bodies whose strings are templates.

use super::ast::Print;
use super::fault::{Findings, Located, RenderFault};
use super::output::Mode;
use super::parser::Reading;
use super::{
    Budget, Context, Escape, PathParams, Template, is_template, parser, print, resolve, written,
};
use crate::fault::{Faults, Place};
use crate::json::{self, Member, Node};
use crate::regex_size::RegexBudget;

/// A JSON body with templates in its strings, ready to be rendered: whatever the request, what comes out
/// is JSON.
///
/// A string that is exactly one `{{ expression }}` becomes the value of the expression; any other is text.
#[derive(Debug)]
pub struct Body {
    pieces: Vec<Piece>,
    /// It is sent as XML or HTML, so that the values are entities besides.
    markup: bool,
}

#[derive(Debug)]
enum Piece {
    /// JSON that is always the same.
    Literal(String),
    /// A value.
    Value(Hole<Box<Print>>),
    /// The content of a string, quotes excluded.
    Text(Hole<Template>),
}

/// A template and where in the body it stands, such as `.items[0].id`.
#[derive(Debug)]
struct Hole<T> {
    template: T,
    at: Box<str>,
}

/// Why a body could not be rendered: the string whose template is at fault, and the fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyFault {
    /// The string's place in the body, such as `.items[0].id`; empty if it is the whole body.
    pub field: String,
    /// The fault, its line and column those in the string.
    pub fault: RenderFault,
}

impl Body {
    /// Compiles a body; faults are reported at their places, and then the body is not to be used.
    pub fn compile(
        node: &Node,
        params: PathParams<'_>,
        at: &Place<'_>,
        faults: &mut Faults,
    ) -> Self {
        let mut budget = RegexBudget::default();
        Self::compile_within(node, Escape::Json, params, at, faults, &mut budget)
    }

    /// The same for one body of many, whose regexes have one budget, and whose media type may not be JSON's.
    pub(crate) fn compile_within(
        node: &Node,
        escape: Escape,
        params: PathParams<'_>,
        at: &Place<'_>,
        faults: &mut Faults,
        budget: &mut RegexBudget,
    ) -> Self {
        let mut compiler = Compiler {
            pieces: Vec::new(),
            params,
            root: at,
            faults,
            budget,
        };
        compiler.node(node, at);
        Self {
            pieces: compiler.pieces,
            markup: escape == Escape::Markup,
        }
    }

    /// The body, if it is the same for every request.
    pub fn as_literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// What it weighs, in bytes: an estimate.
    pub fn memory_bytes(&self) -> usize {
        let pieces = self.pieces.iter().map(|piece| match piece {
            Piece::Literal(text) => text.len(),
            Piece::Text(hole) => hole.template.memory_bytes(),
            Piece::Value(_) => size_of::<Print>(),
        });
        size_of::<Self>() + self.pieces.len() * size_of::<Piece>() + pieces.sum::<usize>()
    }

    /// Renders the body for a request, after what is in `out`.
    ///
    /// # Errors
    /// A fault of an expression, or a bound; `out` is then as it was.
    pub fn render<'a>(
        &'a self,
        context: &'a Context<'a>,
        out: &mut String,
        budget: &mut Budget,
    ) -> Result<(), BodyFault> {
        let before = out.len();
        let mode = if self.markup {
            Mode::QuotedMarkup
        } else {
            Mode::Quoted
        };
        for piece in &self.pieces {
            let (result, at) = match piece {
                Piece::Literal(text) => {
                    out.push_str(text);
                    continue;
                }
                Piece::Text(Hole { template, at }) => {
                    let result = template.render_as(mode, context, out, budget);
                    (result, at)
                }
                Piece::Value(Hole { template, at }) => {
                    let result = written(Mode::Text, context, out, budget, |renderer| {
                        renderer.typed_value(template, self.markup).at(template.pos)
                    });
                    (result, at)
                }
            };
            if let Err(fault) = result {
                out.truncate(before);
                let field = at.to_string();
                return Err(BodyFault { field, fault });
            }
        }
        Ok(())
    }
}

/// The pieces of a body as they are made.
struct Compiler<'f> {
    pieces: Vec<Piece>,
    params: PathParams<'f>,
    /// The place of the body itself.
    root: &'f Place<'f>,
    faults: &'f mut Faults,
    budget: &'f mut RegexBudget,
}

impl Compiler<'_> {
    fn literal(&mut self, text: &str) {
        self.with_literal(|literal| literal.push_str(text));
    }

    /// Goes on with the literal that is being made.
    fn with_literal<T>(&mut self, write: impl FnOnce(&mut String) -> T) -> T {
        if let Some(Piece::Literal(literal)) = self.pieces.last_mut() {
            return write(literal);
        }
        let mut literal = String::new();
        let written = write(&mut literal);
        self.pieces.push(Piece::Literal(literal));
        written
    }

    fn node(&mut self, node: &Node, at: &Place<'_>) {
        match &node.value {
            json::Value::String(text) if is_template(text) => {
                self.string(text, at);
            }
            json::Value::Array(elements) => {
                self.literal("[");
                for (i, element) in elements.iter().enumerate() {
                    if i > 0 {
                        self.literal(",");
                    }
                    self.node(element, &at.index(i));
                }
                self.literal("]");
            }
            json::Value::Object(members) => {
                self.literal("{");
                for (i, member) in members.iter().enumerate() {
                    if i > 0 {
                        self.literal(",");
                    }
                    self.member(member, at);
                }
                self.literal("}");
            }
            _ => {
                // Writing to a string does not fail.
                let _ = self.with_literal(|literal| print::node(literal, node));
            }
        }
    }

    fn member(&mut self, member: &Member, at: &Place<'_>) {
        let at = at.key(&member.key);
        if is_template(&member.key) {
            if let Some((reading, findings)) = self.read(&member.key) {
                self.text(reading, &member.key, &at, findings);
            }
        } else {
            // Writing to a string does not fail.
            let _ = self.with_literal(|literal| json::write_string(literal, &member.key));
        }
        self.literal(":");
        self.node(&member.value, &at);
    }

    fn string(&mut self, text: &str, at: &Place<'_>) {
        let Some((reading, mut findings)) = self.read(text) else {
            return;
        };
        let regex_bytes = reading.regex_bytes;
        let mut print = match reading.single() {
            Ok(print) => print,
            Err(reading) => return self.text(reading, text, at, findings),
        };
        resolve::resolve_expr(&mut print.expr, self.params, &mut findings);
        if !self.keeps(regex_bytes, findings, at) {
            return;
        }
        let hole = self.hole(Box::new(print), at);
        self.pieces.push(Piece::Value(hole));
    }

    fn text(&mut self, reading: Reading, source: &str, at: &Place<'_>, mut findings: Findings) {
        let escape = Escape::Json;
        let template = Template::of_reading(reading, source, escape, self.params, &mut findings);
        if !self.keeps(template.regex_bytes, findings, at) {
            return;
        }
        self.literal("\"");
        let hole = self.hole(template, at);
        self.pieces.push(Piece::Text(hole));
        self.literal("\"");
    }

    /// Reads a template and compiles the regexes of its paths: not if there were too many before.
    fn read(&self, source: &str) -> Option<(Reading, Findings)> {
        if self.budget.is_exceeded() {
            return None;
        }
        let mut findings = Findings::default();
        let reading = parser::parse(source, &mut findings);
        Some((reading, findings))
    }

    /// Whether a template may be kept; all that is wrong with it, or probably is, is noted.
    fn keeps(&mut self, regex_bytes: usize, findings: Findings, at: &Place<'_>) -> bool {
        let sound = findings.is_sound();
        findings.report(at, self.faults);
        self.budget.charge(regex_bytes, at, self.faults).is_some() && sound
    }

    fn hole<T>(&self, template: T, at: &Place<'_>) -> Hole<T> {
        let at = at.to_string();
        let root = self.root.to_string();
        let at = at.strip_prefix(&root).unwrap_or("").into();
        Hole { template, at }
    }
}
