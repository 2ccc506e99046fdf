//! What can be wrong with a template: when it is compiled, and when it is rendered.

use std::fmt;

use crate::fault::{Faults, Place, Within};
use crate::limits::TEMPLATE_FAULTS_MAX;

/// Why a template could not be compiled, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileFault {
    /// What is wrong: lower case, no final stop.
    pub message: String,
    /// How to mend it; empty if the message already says so.
    pub hint: String,
    /// Line of the fault, from 1.
    pub line: usize,
    /// Column of the fault, from 1, in characters.
    pub column: usize,
}

impl CompileFault {
    pub(super) fn new(at: Pos, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: hint.into(),
            line: at.line as usize,
            column: at.column as usize,
        }
    }

    /// The message with its place in the template's text.
    fn placed(&self) -> String {
        let Self {
            message,
            line,
            column,
            ..
        } = self;
        format!("{message} at line {line}, column {column}")
    }

    fn within(&self) -> Within {
        let Self { line, column, .. } = *self;
        Within { line, column }
    }

    fn place(&self) -> (usize, usize) {
        (self.line, self.column)
    }
}

/// What is wrong with the text of one template, or probably is.
#[derive(Debug, Default)]
pub(super) struct Findings {
    errors: Vec<CompileFault>,
    warnings: Vec<CompileFault>,
    /// A tag of a block cannot be read, so which blocks and names there are is not known for sure.
    pub(super) torn: bool,
}

impl Findings {
    pub(super) fn error(&mut self, fault: CompileFault) {
        // What cannot be read is met again by each block around it.
        if !self.is_full() && !self.errors.contains(&fault) {
            self.errors.push(fault);
        }
    }

    pub(super) fn warn(&mut self, fault: CompileFault) {
        if self.takes_warnings() {
            self.warnings.push(fault);
        }
    }

    /// False if there are so many warnings that no other is worth making.
    pub(super) fn takes_warnings(&self) -> bool {
        self.warnings.len() < TEMPLATE_FAULTS_MAX
    }

    /// True if enough is known to stop.
    pub(super) fn is_full(&self) -> bool {
        self.errors.len() >= TEMPLATE_FAULTS_MAX
    }

    pub(super) fn is_sound(&self) -> bool {
        self.errors.is_empty()
    }

    /// The first error of the text.
    pub(super) fn first(self) -> Option<CompileFault> {
        self.errors.into_iter().min_by_key(CompileFault::place)
    }

    /// Adds all to those of a spec, at the place of the template's text, in the order of the text.
    pub(super) fn report(mut self, at: &Place<'_>, faults: &mut Faults) {
        self.errors.sort_by_key(CompileFault::place);
        self.warnings.sort_by_key(CompileFault::place);
        // Where something is missing, what follows from it is no news.
        let warnings = if self.errors.is_empty() {
            self.warnings
        } else {
            Vec::new()
        };
        for fault in self.errors {
            faults.error_within(at, fault.within(), &fault.message, fault.hint);
        }
        for fault in warnings {
            faults.warn_within(at, fault.within(), &fault.message, fault.hint);
        }
    }
}

impl fmt::Display for CompileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.placed())?;
        if !self.hint.is_empty() {
            write!(f, " ({})", self.hint)?;
        }
        Ok(())
    }
}

impl std::error::Error for CompileFault {}

/// Which kind of run-time fault: it decides the code of the reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// A bound was reached (`TEMPLATE_LIMIT`).
    Limit,
    /// Anything else (`TEMPLATE_ERROR`).
    Error,
}

/// Why rendering stopped, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderFault {
    /// Which kind.
    pub kind: FaultKind,
    /// What is wrong: lower case, no final stop; a reached bound is named.
    pub message: String,
    /// Line of the fault, from 1.
    pub line: usize,
    /// Column of the fault, from 1, in characters.
    pub column: usize,
}

impl fmt::Display for RenderFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            message,
            line,
            column,
            ..
        } = self;
        write!(f, "{message} at line {line}, column {column}")
    }
}

impl std::error::Error for RenderFault {}

/// A place in a template's text, both from 1; zero for a fault that has not learnt its place yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pos {
    pub(super) line: u32,
    pub(super) column: u32,
}

/// A run-time fault on its way up; boxed, because every evaluation returns a place for one.
#[derive(Debug)]
pub(super) struct Fault(pub(super) Box<RenderFault>);

/// The result of a step of rendering.
pub(super) type Outcome<T> = Result<T, Fault>;

/// A text as a fault shows it: it may be a secret of the request, so only its length is told.
#[cold]
pub(super) fn a_text(text: &str) -> String {
    match text.chars().count() {
        1 => "a text of 1 character".to_owned(),
        count => format!("a text of {count} characters"),
    }
}

/// A fault that is not a bound.
#[cold]
pub(super) fn error(message: impl Into<String>) -> Fault {
    fault(FaultKind::Error, message.into())
}

/// A reached bound.
#[cold]
pub(super) fn limit(message: impl Into<String>) -> Fault {
    fault(FaultKind::Limit, message.into())
}

fn fault(kind: FaultKind, message: String) -> Fault {
    Fault(Box::new(RenderFault {
        kind,
        message,
        line: 0,
        column: 0,
    }))
}

/// Gives a fault its place, unless it has one from further inside.
pub(super) trait Located<T> {
    fn at(self, pos: Pos) -> Outcome<T>;
}

impl<T> Located<T> for Outcome<T> {
    #[inline]
    fn at(self, pos: Pos) -> Outcome<T> {
        match self {
            Ok(value) => Ok(value),
            Err(fault) => Err(placed(fault, pos)),
        }
    }
}

#[cold]
fn placed(mut fault: Fault, pos: Pos) -> Fault {
    if fault.0.line == 0 {
        fault.0.line = pos.line as usize;
        fault.0.column = pos.column as usize;
    }
    fault
}
