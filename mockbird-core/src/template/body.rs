//! JSON bodies whose strings are templates.

use super::ast::Print;
use super::fault::{CompileFault, Located, RenderFault};
use super::output::Mode;
use super::{Budget, Context, Escape, Template, is_template, parser, print, resolve, written};
use crate::fault::{Faults, Place};
use crate::json::{self, Member, Node};

/// A JSON body with templates in its strings, ready to be rendered: whatever the request, what comes out
/// is JSON.
///
/// A string that is exactly one `{{ expression }}` becomes the value of the expression; any other is text.
#[derive(Debug)]
pub struct Body {
    pieces: Vec<Piece>,
}

#[derive(Debug)]
enum Piece {
    /// JSON that is always the same.
    Literal(String),
    /// A value.
    Value(Box<Print>),
    /// The content of a string, quotes excluded.
    Text(Template),
}

impl Body {
    /// Compiles a body; faults are reported at their places, and then the body is not to be used.
    pub fn compile(node: &Node, at: &Place<'_>, faults: &mut Faults) -> Self {
        let mut body = Self { pieces: Vec::new() };
        body.node(node, at, faults);
        body
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
            Piece::Text(template) => template.memory_bytes(),
            Piece::Value(_) => size_of::<Print>(),
        });
        size_of::<Self>() + self.pieces.len() * size_of::<Piece>() + pieces.sum::<usize>()
    }

    /// Renders the body for a request, after what is in `out`.
    ///
    /// # Errors
    /// A fault of an expression, or a bound; `out` is then as it was. The place is one in the text of the
    /// string that is at fault.
    pub fn render<'a>(
        &'a self,
        context: &'a Context<'a>,
        out: &mut String,
        budget: &mut Budget,
    ) -> Result<(), RenderFault> {
        let before = out.len();
        for piece in &self.pieces {
            let result = match piece {
                Piece::Literal(text) => {
                    out.push_str(text);
                    Ok(())
                }
                Piece::Text(template) => template.render_as(Mode::Quoted, context, out, budget),
                Piece::Value(print) => written(Mode::Text, context, out, budget, |renderer| {
                    renderer.typed_value(print).at(print.pos)
                }),
            };
            if result.is_err() {
                out.truncate(before);
                return result;
            }
        }
        Ok(())
    }

    fn literal(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(Piece::Literal(before)) => before.push_str(text),
            _ => self.pieces.push(Piece::Literal(text.to_owned())),
        }
    }

    fn node(&mut self, node: &Node, at: &Place<'_>, faults: &mut Faults) {
        match &node.value {
            json::Value::String(text) if is_template(text) => {
                if let Err(fault) = self.string(text) {
                    fault.report(at, faults);
                }
            }
            json::Value::Array(elements) => {
                self.literal("[");
                for (i, element) in elements.iter().enumerate() {
                    if i > 0 {
                        self.literal(",");
                    }
                    self.node(element, &at.index(i), faults);
                }
                self.literal("]");
            }
            json::Value::Object(members) => {
                self.literal("{");
                for (i, member) in members.iter().enumerate() {
                    if i > 0 {
                        self.literal(",");
                    }
                    self.member(member, at, faults);
                }
                self.literal("}");
            }
            _ => {
                let mut text = String::new();
                // Writing to a string does not fail.
                let _ = print::node(&mut text, node);
                self.literal(&text);
            }
        }
    }

    fn member(&mut self, member: &Member, at: &Place<'_>, faults: &mut Faults) {
        let at = at.key(&member.key);
        if is_template(&member.key) {
            if let Err(fault) = self.text(&member.key) {
                fault.report(&at, faults);
            }
        } else {
            let mut text = String::new();
            // Writing to a string does not fail.
            let _ = json::write_string(&mut text, &member.key);
            self.literal(&text);
        }
        self.literal(":");
        self.node(&member.value, &at, faults);
    }

    fn string(&mut self, text: &str) -> Result<(), CompileFault> {
        let Some(mut print) = parser::parse_single(text)? else {
            return self.text(text);
        };
        resolve::resolve_expr(&mut print.expr)?;
        self.pieces.push(Piece::Value(Box::new(print)));
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), CompileFault> {
        let template = Template::compile(text, Escape::Json)?;
        self.literal("\"");
        self.pieces.push(Piece::Text(template));
        self.literal("\"");
        Ok(())
    }
}
