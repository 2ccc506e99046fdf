//! Rendering: a walk over the tree of a template.

mod call;
mod expression;
mod statement;

use std::fmt;

use smallvec::SmallVec;

use super::Context;
use super::ast::{Block, Print};
use super::budget::Budget;
use super::fault::{Outcome, error, limit};
use super::filter::Tools;
use super::filter::foreign::Minijinja;
use super::output::{JsonEntities, Output};
use super::print;
use super::value::{Items, Kind, Value};
use crate::json;
use crate::limits::{
    TEMPLATE_OUTPUT_MAX, TEMPLATE_RECURSION_MAX, TEMPLATE_STACK_BYTES_MAX, TEMPLATE_STACK_MAX,
};

/// The state of one rendering.
#[derive(Debug)]
pub(super) struct Renderer<'a, 'b> {
    cx: &'a Context<'a>,
    budget: &'b mut Budget,
    out: Output,
    /// The variables of all frames; those of the running one begin at `base`.
    slots: Vec<Option<Value<'a>>>,
    base: usize,
    frames: SmallVec<[Frame; 2]>,
    serial: u32,
    loops: Vec<Loop<'a>>,
    namespaces: Vec<Vec<(Box<str>, Value<'a>)>>,
    minijinja: Minijinja,
    /// Macros and recursive loops inside each other.
    recursion: usize,
    /// Blocks and expressions inside each other, over all calls.
    stack: usize,
    /// Where the stack was when rendering began.
    bottom: usize,
}

/// The variables of the template itself or of a macro that is running.
#[derive(Clone, Copy, Debug)]
struct Frame {
    base: usize,
    /// The frame around the definition.
    around: u32,
    /// Which frame it is, as its place in the list will be another's.
    serial: u32,
}

/// A loop that is running.
#[derive(Debug)]
struct Loop<'a> {
    items: Items<'a>,
    index: usize,
    depth: usize,
    definition: Option<&'a super::ast::For>,
    changed: Option<Vec<Value<'a>>>,
}

/// How a block ended.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Flow {
    Next,
    Break,
    Continue,
}

impl<'a, 'b> Renderer<'a, 'b> {
    pub(super) fn new(cx: &'a Context<'a>, budget: &'b mut Budget, out: Output) -> Self {
        Self {
            cx,
            budget,
            out,
            slots: Vec::new(),
            base: 0,
            frames: SmallVec::new(),
            serial: 0,
            loops: Vec::new(),
            namespaces: Vec::new(),
            minijinja: Minijinja::default(),
            recursion: 0,
            stack: 0,
            bottom: stack_address(),
        }
    }

    pub(super) fn into_text(self) -> String {
        self.out.text
    }

    /// Renders a whole template.
    pub(super) fn template(&mut self, block: &'a Block, slots: u32) -> Outcome<()> {
        self.slots.resize(slots as usize, None);
        self.frames.push(Frame {
            base: 0,
            around: 0,
            serial: 0,
        });
        self.block(block).map(|_| ())
    }

    /// Prints the value of an expression as JSON of its own type; what is said to be safe is JSON if it
    /// can be.
    pub(super) fn typed_value(&mut self, print: &'a Print, markup: bool) -> Outcome<()> {
        let value = self.expr(&print.expr)?;
        let value = self.settled(value)?;
        let value = match value {
            Value::Text(text, Kind::Safe) if json::parse(text.as_str().as_bytes()).is_ok() => {
                Value::Text(text, Kind::Json)
            }
            other => other,
        };
        let written = if markup && !matches!(value, Value::Text(_, Kind::Safe | Kind::Json)) {
            print::json_in_list(&mut JsonEntities::new(&mut self.out), &value)
        } else {
            print::json_in_list(&mut self.out, &value)
        };
        self.checked(written)
    }

    /// A failed write means that the output is full.
    fn checked(&mut self, written: fmt::Result) -> Outcome<()> {
        match written {
            Ok(()) => Ok(()),
            Err(fmt::Error) => self.full(),
        }
    }

    #[cold]
    fn full(&mut self) -> Outcome<()> {
        if self.out.captures {
            return self.budget.make(usize::MAX);
        }
        Err(limit(format!(
            "the output is too large: a reply may have {} MiB",
            TEMPLATE_OUTPUT_MAX >> 20
        )))
    }

    /// Runs `body` with an output of its own, whose text becomes a value.
    fn captured(
        &mut self,
        body: impl FnOnce(&mut Self) -> Outcome<Flow>,
    ) -> Outcome<(Value<'a>, Flow)> {
        let limit = usize::try_from(self.budget.fuel).unwrap_or(usize::MAX);
        let capture = self.out.capture(limit);
        let outer = std::mem::replace(&mut self.out, capture);
        let flow = body(self);
        let capture = std::mem::replace(&mut self.out, outer);
        let flow = flow?;
        self.budget.make(capture.text.len())?;
        Ok((capture.into_value(), flow))
    }

    /// Runs `body` one macro or recursive loop deeper; `depth` is how deep it nests by itself.
    fn deeper<T>(
        &mut self,
        depth: usize,
        body: impl FnOnce(&mut Self) -> Outcome<T>,
    ) -> Outcome<T> {
        if self.recursion >= TEMPLATE_RECURSION_MAX || self.stack + depth > TEMPLATE_STACK_MAX {
            return too_deep();
        }
        self.recursion += 1;
        self.stack += depth;
        let result = body(self);
        self.recursion -= 1;
        self.stack -= depth;
        result
    }

    /// Refuses to go on if most of the thread's stack is used. What nests is counted as well, but
    /// how large a frame is depends on the build.
    #[inline]
    fn check_stack(&self) -> Outcome<()> {
        let used = self.bottom.abs_diff(stack_address());
        // Sanitizers keep variables elsewhere, where distances say nothing.
        if used > TEMPLATE_STACK_BYTES_MAX && used < STACK_DISTANCE_MAX {
            return too_deep();
        }
        Ok(())
    }

    fn tools(&mut self) -> Tools<'_> {
        Tools {
            in_json: self.out.in_json(),
            budget: self.budget,
            minijinja: &mut self.minijinja,
        }
    }

    /// A value that needs nothing of the renderer any more: parts of the request and namespaces as maps.
    #[inline]
    fn settled(&mut self, value: Value<'a>) -> Outcome<Value<'a>> {
        match value {
            Value::Request(_) | Value::Namespace(_) => self.as_map(&value),
            _ => Ok(value),
        }
    }

    #[cold]
    fn as_map(&mut self, value: &Value<'a>) -> Outcome<Value<'a>> {
        match value {
            Value::Request(part) => part.all(self.cx, self.budget),
            Value::Namespace(number) => {
                let members = self.namespaces.get(*number).into_iter().flatten();
                let members = members.map(|(name, value)| {
                    let value = match value {
                        Value::Namespace(_) => Value::None,
                        other => other.clone(),
                    };
                    (Value::from(name.to_string()), value)
                });
                Value::map(members.collect())
            }
            other => Ok(other.clone()),
        }
    }

    /// What a loop or filter can go through, paid for.
    fn items(&mut self, value: Value<'a>) -> Outcome<Items<'a>> {
        let value = self.settled(value)?;
        if let Some(text) = value.as_str() {
            self.budget.make(text.len())?;
        }
        value
            .items()
            .ok_or_else(|| error(format!("{} cannot be looped over", value.kind())))
    }
}

/// Beyond this two addresses are not of one thread's stack.
const STACK_DISTANCE_MAX: usize = 64 << 20;

/// About where the stack of this thread ends now.
#[inline]
fn stack_address() -> usize {
    let here = 0_u8;
    std::ptr::from_ref(std::hint::black_box(&here)).addr()
}

#[cold]
fn too_deep<T>() -> Outcome<T> {
    Err(limit(format!(
        "recursion is too deep: at most {TEMPLATE_RECURSION_MAX} calls inside each other are allowed, fewer where expressions nest deep"
    )))
}
