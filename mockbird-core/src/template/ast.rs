//! A parsed template. The parser writes names; [`super::resolve`] replaces them by slots, parts of the
//! request and built-in functions, and then this tree is what is rendered.

use std::ops::Range;

use super::fault::Pos;
use super::filter::FilterKind;
use super::function::Function;
use super::input::Field;
use super::output::Literal;
use super::test::TestKind;

/// Statements one after the other.
pub(super) type Block = Box<[Stmt]>;

/// A statement, or text between tags.
#[derive(Debug)]
pub(super) enum Stmt {
    /// Text outside of tags.
    Text(Literal),
    /// `{{ .. }}`
    Print(Print),
    /// `{% if %}` with its `elif`s and its `else`.
    If(Box<[(Expr, Block)]>, Block),
    /// `{% for %}`
    For(Box<For>),
    /// `{% set target = value %}`
    Set(Target, Expr, Pos),
    /// `{% set target %}..{% endset %}`
    SetBlock(Box<SetBlock>),
    /// `{% with %}`
    With(Box<With>),
    /// `{% filter %}`
    Filter(Box<FilterBlock>),
    /// `{% macro %}`: the slot takes the macro.
    Macro(Box<Macro>),
    /// `{% call %}`: a print of the call, to which the macro is passed as `caller`.
    Call(Print, Box<Macro>),
    /// `{% do %}`
    Do(Expr),
    /// `{% autoescape %}`
    AutoEscape(Expr, Block),
    /// `{% break %}`
    Break,
    /// `{% continue %}`
    Continue,
}

/// An expression whose value is printed.
#[derive(Debug)]
pub(super) struct Print {
    pub(super) expr: Expr,
    pub(super) pos: Pos,
    /// A colon follows: the value stands where JSON wants a name, which is always a string.
    pub(super) before_colon: bool,
}

/// A `for` loop.
#[derive(Debug)]
pub(super) struct For {
    pub(super) target: Target,
    pub(super) items: Expr,
    pub(super) condition: Option<Expr>,
    pub(super) recursive: bool,
    pub(super) body: Block,
    pub(super) otherwise: Block,
    /// The variables of the body, empty again at each turn.
    pub(super) scope: Range<u32>,
    /// How deep blocks and expressions nest in it.
    pub(super) depth: u32,
    pub(super) pos: Pos,
}

/// A block whose output becomes the value of a variable.
#[derive(Debug)]
pub(super) struct SetBlock {
    pub(super) target: Target,
    pub(super) filters: Vec<FilterCall>,
    pub(super) body: Block,
    pub(super) pos: Pos,
}

/// A block with variables of its own.
#[derive(Debug)]
pub(super) struct With {
    pub(super) assignments: Vec<(Target, Expr)>,
    pub(super) body: Block,
    pub(super) scope: Range<u32>,
    pub(super) pos: Pos,
}

/// A block whose output goes through filters.
#[derive(Debug)]
pub(super) struct FilterBlock {
    pub(super) filters: Vec<FilterCall>,
    pub(super) body: Block,
    pub(super) pos: Pos,
}

/// A macro, or the block that is passed to one.
#[derive(Debug)]
pub(super) struct Macro {
    pub(super) name: Box<str>,
    pub(super) parameters: Vec<(Box<str>, Option<Expr>)>,
    pub(super) body: Block,
    /// Where the macro itself is kept in its surroundings.
    pub(super) slot: u32,
    /// How many variables a call needs; the parameters come first, then `caller`.
    pub(super) slots: u32,
    /// The body speaks of `caller`.
    pub(super) takes_caller: bool,
    /// How deep blocks and expressions nest in it.
    pub(super) depth: u32,
}

/// What a value is assigned to.
#[derive(Debug)]
pub(super) enum Target {
    /// A variable, before names are resolved.
    Name(Box<str>),
    /// A variable.
    Slot(u32),
    /// Several, from the elements of a list.
    List(Vec<Target>),
    /// A member of a `namespace`.
    Member(Expr, Box<str>),
}

/// An expression.
#[derive(Debug)]
pub(super) enum Expr {
    Const(Const),
    /// A name that is not resolved yet.
    Name(Box<str>, Pos),
    /// A variable of the running macro or of the template itself.
    Local(u32),
    /// A variable that may be one of several: the first that has been set.
    Variable(Box<[Variable]>),
    /// A part of the request.
    Request(Field),
    /// The loop around this place.
    Loop,
    /// `a.b`
    Member(Box<Expr>, Box<str>),
    /// `a[b]`
    Item(Box<(Expr, Expr)>),
    /// `a[start:stop:step]`
    Slice(Box<Slice>),
    Not(Box<Expr>),
    Negate(Box<Expr>, Pos),
    And(Box<(Expr, Expr)>),
    Or(Box<(Expr, Expr)>),
    Binary(Binary, Box<(Expr, Expr)>, Pos),
    /// `a ~ b ~ c`
    Concat(Vec<Expr>, Pos),
    /// `a < b <= c`
    Compare(Box<Expr>, Vec<(Compare, Expr)>, Pos),
    /// `then if condition else otherwise`
    Choose(Box<Choose>),
    Filter(Box<(Expr, FilterCall)>),
    Test(Box<TestCall>),
    Call(Box<Call>),
    List(Vec<Expr>),
    Map(Vec<(Expr, Expr)>),
}

/// A literal value.
#[derive(Debug)]
pub(super) enum Const {
    Undefined,
    None,
    Bool(bool),
    Int(i128),
    Float(f64),
    Str(Box<str>),
}

/// A variable of the running macro (`up` 0) or of what surrounds its definition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Variable {
    pub(super) up: u32,
    pub(super) slot: u32,
}

/// A part of a list or string.
#[derive(Debug)]
pub(super) struct Slice {
    pub(super) of: Expr,
    pub(super) start: Option<Expr>,
    pub(super) stop: Option<Expr>,
    pub(super) step: Option<Expr>,
    pub(super) pos: Pos,
}

/// An inline `if`.
#[derive(Debug)]
pub(super) struct Choose {
    pub(super) condition: Expr,
    pub(super) then: Expr,
    pub(super) otherwise: Option<Expr>,
}

/// An operator with two sides that makes a new value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    FloorDiv,
    Rem,
    Pow,
}

/// An operator that compares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Compare {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    In,
    NotIn,
}

/// An argument of a call.
#[derive(Debug)]
pub(super) enum Arg {
    /// `f(a)`
    Positional(Expr),
    /// `f(name=a)`
    Named(Box<str>, Expr),
    /// `f(*a)`
    Spread(Expr),
    /// `f(**a)`
    SpreadNamed(Expr),
}

/// A filter with its arguments.
#[derive(Debug)]
pub(super) struct FilterCall {
    pub(super) kind: FilterKind,
    pub(super) args: Vec<Arg>,
    pub(super) pos: Pos,
}

/// A test with its arguments.
#[derive(Debug)]
pub(super) struct TestCall {
    pub(super) of: Expr,
    pub(super) kind: TestKind,
    pub(super) args: Vec<Arg>,
    pub(super) pos: Pos,
}

/// A call of a function, a macro or the loop.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) callee: Callee,
    pub(super) args: Vec<Arg>,
    pub(super) pos: Pos,
}

/// What is called.
#[derive(Debug)]
pub(super) enum Callee {
    /// An expression, before names are resolved, and then one whose value is a macro.
    Expr(Expr),
    /// A built-in function.
    Function(Function),
    /// `loop(items)` in a recursive loop.
    Recurse,
    /// `loop.cycle(..)`
    Cycle,
    /// `loop.changed(..)`
    Changed,
}
