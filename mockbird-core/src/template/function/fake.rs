//! Fakers.
use super::*;
use crate::random::Random;
#[derive(Clone, Copy, Debug)]
pub(in crate::template) enum Faker {}
impl Faker {
    pub(super) fn parse(_: &str) -> Option<Self> { None }
    pub(super) fn call<'a>(self, _: Args<'a>, _: &mut Random, _: i64, _: &mut Budget) -> Outcome<Value<'a>> { match self {} }
}
pub(super) fn names() -> [&'static str; 0] { [] }
