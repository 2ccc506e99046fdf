//! The order of calls across mocks.

use std::panic::Location;

use crate::journal::Pages;
use crate::report::{Text, place};
use crate::state::State;

/// How many steps of what came are named.
const STEPS_MAX: usize = 20;

/// An order in which mocks are expected to be called.
#[derive(Clone, Debug)]
pub(crate) struct ExpectedOrder {
    /// The keys of the mocks.
    pub(crate) mocks: Vec<usize>,
    /// Where it was asked for.
    pub(crate) at: &'static Location<'static>,
}

/// One run of calls of the same mock.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    mock: usize,
    /// The number of its first request.
    first: usize,
    /// The number of its last request.
    last: usize,
}

impl ExpectedOrder {
    /// Reports the first step that is another, or missing.
    pub(crate) fn check(&self, text: &mut Text, state: &State, pages: &Pages) {
        if pages.forgotten > 0 {
            text.problem(format_args!("order of calls ({})", place(self.at)));
            text.line(
                1,
                "it cannot be told: the oldest requests are no longer known",
            );
            return;
        }
        let came = self.runs(pages);
        let mut wanted = self.mocks.clone();
        wanted.dedup();
        let right = came.iter().zip(&wanted);
        let right = right.take_while(|(run, mock)| run.mock == **mock).count();
        if right == wanted.len() && right == came.len() {
            return;
        }
        let name = |mock: &usize| match state.mounted.get(*mock) {
            Some(mounted) => format!("`{}`", mounted.name()),
            None => "?".to_owned(),
        };
        let names: Vec<_> = wanted.iter().map(name).collect();
        let runs = came.iter().take(STEPS_MAX);
        let mut steps: Vec<_> = runs
            .map(|run| format!("{} ({})", name(&run.mock), run.numbers()))
            .collect();
        if came.len() > STEPS_MAX {
            steps.push("...".to_owned());
        }
        if steps.is_empty() {
            steps.push("no call".to_owned());
        }
        text.problem(format_args!("order of calls ({})", place(self.at)));
        text.line(1, format_args!("expected  {}", names.join(" -> ")));
        text.line(1, format_args!("got       {}", steps.join(" -> ")));
        let said = match (came.get(right), wanted.get(right)) {
            (Some(run), Some(mock)) => format!(
                "#{} is a call of {}, expected one of {}",
                run.first,
                name(&run.mock),
                name(mock)
            ),
            (Some(run), None) => format!(
                "#{} is a call of {} after the last step",
                run.first,
                name(&run.mock)
            ),
            (None, Some(mock)) => format!("{} was not called after that", name(mock)),
            (None, None) => return,
        };
        text.line(1, format_args!("FAIL      {said}"));
        let mut mocks = wanted;
        mocks.sort_unstable();
        mocks.dedup();
        for mock in mocks.iter().take(STEPS_MAX) {
            if let Some(mounted) = state.mounted.get(*mock) {
                text.line(1, format_args!("{} is at {}", name(mock), mounted.place()));
            }
        }
    }

    /// The calls of these mocks in the order of the requests, those of one mock in a row taken together.
    fn runs(&self, pages: &Pages) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for request in &pages.requests {
            let Some(mock) = request.answered_key() else {
                continue;
            };
            if !self.mocks.contains(&mock) {
                continue;
            }
            let number = request.number();
            match runs.last_mut() {
                Some(run) if run.mock == mock => run.last = number,
                _ => runs.push(Run {
                    mock,
                    first: number,
                    last: number,
                }),
            }
        }
        runs
    }
}

impl Run {
    fn numbers(&self) -> String {
        if self.first == self.last {
            format!("#{}", self.first)
        } else {
            format!("#{} to #{}", self.first, self.last)
        }
    }
}
