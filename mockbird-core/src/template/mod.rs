//! Templates: minijinja's language, rendered against a request so that what comes out is safe for its
//! type (design section 4.4).
//!
//! A [`Template`] is compiled once: text to tokens (`lexer`), tokens to a tree (`parser`, `expression`),
//! names to slots (`resolve`). Rendering walks the tree (`render`) and writes to one `output`, which knows
//! whether it stands inside the quotes of a JSON string and escapes each value for its place. A [`Body`]
//! is a JSON body whose strings are templates.
//!
//! minijinja itself does the filters that are not done here, and is what the tests compare with. Its
//! engine is not used, because it cannot know where in a JSON text a value is printed, loses the text of
//! numbers, and knows no difference between text from the wire and strings.

mod ast;
mod body;
mod budget;
mod certain;
mod doubt;
mod expression;
mod fault;
mod filter;
mod function;
mod input;
mod json_text;
mod lexer;
mod names;
mod ops;
mod output;
mod parser;
mod print;
mod recover;
mod render;
mod resolve;
mod test;
#[cfg(test)]
mod tests;
mod value;

use std::cell::RefCell;

pub use body::{Body, BodyFault};
pub use budget::Budget;
pub use doubt::PathParams;
pub(crate) use doubt::params_hint;
pub use fault::{CompileFault, FaultKind, RenderFault};

use crate::env::RequestId;
use crate::fault::{Faults, Place};
use crate::random::Random;
use crate::regex_size::RegexBudget;
use crate::request::View;
use fault::Findings;
use output::{Mode, Output};
use parser::Reading;
use render::Renderer;

/// How the values of a template are made safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escape {
    /// JSON text: inside quotes as the content of a string, outside as a JSON value.
    Json,
    /// XML and HTML: as entities.
    Markup,
    /// Text: there is nothing to escape.
    None,
    /// The value of a header: control characters are dropped from what is printed.
    Header,
}

/// What a template may use besides its own text.
#[derive(Debug)]
pub struct Context<'a> {
    /// The request, as the mock sees it.
    pub view: View<'a>,
    /// The present, in milliseconds since 1970.
    pub now_ms: i64,
    /// The id of the request.
    pub request_id: RequestId,
    /// Where random values come from.
    pub random: RefCell<Random>,
}

impl<'a> Context<'a> {
    /// A context for one reply.
    pub fn new(view: View<'a>, now_ms: i64, request_id: RequestId, random: Random) -> Self {
        Self {
            view,
            now_ms,
            request_id,
            random: RefCell::new(random),
        }
    }
}

/// True if a text is a template. Any other text is sent as it is, and never parsed.
pub fn is_template(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'{', bytes).any(|at| matches!(bytes.get(at + 1), Some(b'{' | b'%')))
}

/// A compiled template.
///
/// ```
/// use http::{HeaderMap, Method};
/// use mockbird_core::RequestId;
/// use mockbird_core::random::Random;
/// use mockbird_core::request::{Params, Request, View};
/// use mockbird_core::template::{Budget, Context, Escape, Template};
///
/// let template = Template::compile(r#"{"q": "{{ request.query.q }}"}"#, Escape::Json)?;
///
/// let headers = HeaderMap::new();
/// let request = Request::new(&Method::GET, "/?q=%22", &headers, b"");
/// let view = View { request: &request, method: &Method::GET, params: Params::default() };
/// let context = Context::new(view, 0, RequestId(1), Random::new(1));
/// let mut out = String::new();
/// template.render(&context, &mut out, &mut Budget::default())?;
/// assert_eq!(out, r#"{"q": "\""}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Template {
    block: ast::Block,
    /// How many variables it needs.
    slots: u32,
    escape: Escape,
    /// How long its own text is.
    length: usize,
    /// How long its source was.
    source: usize,
    /// What the regexes of its paths weigh, as estimated.
    regex_bytes: usize,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// The first fault of its text: of its syntax, or a filter, test, function or tag that is not known.
    pub fn compile(source: &str, escape: Escape) -> Result<Self, CompileFault> {
        let mut findings = Findings::default();
        let template = Self::read(source, escape, None, &mut findings);
        match findings.first() {
            None => Ok(template),
            Some(fault) => Err(fault),
        }
    }

    /// Reads a template of a spec; all that is wrong with it, or probably is, goes to `faults`.
    pub fn compile_at(
        source: &str,
        escape: Escape,
        params: PathParams<'_>,
        at: &Place<'_>,
        faults: &mut Faults,
    ) -> Option<Self> {
        let mut regexes = RegexBudget::default();
        Self::compile_within(source, escape, params, at, faults, &mut regexes)
    }

    /// The same for one template of many, whose regexes have one budget.
    pub(crate) fn compile_within(
        source: &str,
        escape: Escape,
        params: PathParams<'_>,
        at: &Place<'_>,
        faults: &mut Faults,
        regexes: &mut RegexBudget,
    ) -> Option<Self> {
        // The regexes of its JSONPaths are compiled with it.
        if regexes.is_exceeded() {
            return None;
        }
        let mut findings = Findings::default();
        let template = Self::read(source, escape, params, &mut findings);
        let sound = findings.is_sound();
        findings.report(at, faults);
        regexes.charge(template.regex_bytes, at, faults)?;
        sound.then_some(template)
    }

    /// A template, not to be rendered if there are errors.
    fn read(source: &str, escape: Escape, params: PathParams<'_>, findings: &mut Findings) -> Self {
        let reading = parser::parse(source, findings);
        Self::of_reading(reading, source, escape, params, findings)
    }

    fn of_reading(
        reading: Reading,
        source: &str,
        escape: Escape,
        params: PathParams<'_>,
        findings: &mut Findings,
    ) -> Self {
        let Reading {
            mut block,
            regex_bytes,
        } = reading;
        let slots = resolve::resolve(&mut block, params, findings);
        let length = block.iter().map(literal_length).sum();
        Self {
            block,
            slots,
            escape,
            length,
            source: source.len(),
            regex_bytes,
        }
    }

    /// What it weighs, in bytes: an estimate from the length of its source.
    pub fn memory_bytes(&self) -> usize {
        /// What a byte of source becomes in the tree, measured on a few templates.
        const TREE_BYTES: usize = 8;
        size_of::<Self>() + self.source * TREE_BYTES
    }

    /// Renders the template for a request, after what is in `out`.
    ///
    /// # Errors
    /// A fault of an expression, or a bound; `out` is then as it was.
    pub fn render<'a>(
        &'a self,
        context: &'a Context<'a>,
        out: &mut String,
        budget: &mut Budget,
    ) -> Result<(), RenderFault> {
        self.render_as(self.escape.into(), context, out, budget)
    }

    fn render_as<'a>(
        &'a self,
        mode: Mode,
        context: &'a Context<'a>,
        out: &mut String,
        budget: &mut Budget,
    ) -> Result<(), RenderFault> {
        let before = out.len();
        out.reserve(self.length + self.length / 2);
        let result = written(mode, context, out, budget, |renderer| {
            renderer.template(&self.block, self.slots)
        });
        if self.escape == Escape::Header {
            let printed = out.split_off(before);
            out.extend(printed.chars().filter(|c| !c.is_control()));
        }
        result
    }
}

fn literal_length(statement: &ast::Stmt) -> usize {
    match statement {
        ast::Stmt::Text(text) => text.len(),
        _ => 16,
    }
}

/// Lets a renderer write after what is in `out`, or leaves it as it was.
fn written<'a>(
    mode: Mode,
    context: &'a Context<'a>,
    out: &mut String,
    budget: &mut Budget,
    write: impl FnOnce(&mut Renderer<'a, '_>) -> fault::Outcome<()>,
) -> Result<(), RenderFault> {
    let before = out.len();
    let limit = before.saturating_add(budget.output);
    let output = Output::new(std::mem::take(out), limit, mode);
    let mut renderer = Renderer::new(context, budget, output);
    let result = write(&mut renderer);
    *out = renderer.into_text();
    if let Err(fault) = result {
        out.truncate(before);
        return Err(*fault.0);
    }
    budget.output -= out.len() - before;
    Ok(())
}
