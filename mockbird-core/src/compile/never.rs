//! Responses that can never answer are nearly always a slip: a warning says so (design section 4.3).

use crate::fault::{Faults, Place};
use crate::spec::{Mock, Response};

/// Warns of responses without conditions behind another one, and of weights that are all 0; and of a rate limit that leaves
/// nothing to answer with.
///
/// Those without conditions always qualify, all with the same score: if weights play no part among
/// them, the default of them answers or else the first, and never the others.
pub(super) fn warn_of_silent(mock: &Mock, list: &Place<'_>, faults: &mut Faults) {
    let all = || mock.responses.iter().enumerate();
    let (refusing, answering): (Vec<_>, Vec<_>) =
        all().partition(|(_, response)| mock.refuses_with(response));
    if answering.is_empty() && !refusing.is_empty() {
        faults.warn(
            list,
            "all have the status of `rateLimit`, so they are for refused calls alone, and the mock never answers",
            "add a response of another status, or give `rateLimit` another `statusCode`",
        );
    }
    warn_of_silent_among(&answering, list, faults);
    warn_of_silent_among(&refusing, list, faults);
}

fn warn_of_silent_among(responses: &[(usize, &Response)], list: &Place<'_>, faults: &mut Faults) {
    let always = || {
        let all = responses.iter().copied();
        all.filter(|(_, response)| response.conditions.is_empty())
    };
    if always().nth(1).is_none() {
        return;
    }
    if always().all(|(_, response)| response.weight == Some(0)) {
        faults.warn(
            list,
            "all weights are 0, which is as if there were none: the default answers, or else the first",
            "give a weight above 0 to each that is to be drawn",
        );
    } else if always().all(|(_, response)| response.weight.is_none()) {
        let is_default = |(_, response): &(usize, &Response)| response.is_default == Some(true);
        let Some((winner, _)) = always().find(is_default).or_else(|| always().next()) else {
            return;
        };
        for (index, _) in always().filter(|(index, _)| *index != winner) {
            faults.warn(
                &list.index(index),
                format!("this can never answer: responses[{winner}] has no conditions either, and always goes first"),
                "give it conditions, or weights to both, or delete it",
            );
        }
    }
}
