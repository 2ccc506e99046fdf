//! Which response of a mock answers (design section 4.3).

use smallvec::SmallVec;

/// What selection needs to know of a response.
pub(crate) trait Selectable {
    /// How many conditions it has: its score if all pass.
    fn score(&self) -> usize;
    /// Its weight, if it has one.
    fn weight(&self) -> Option<u32>;
    /// Whether it answers if none qualifies.
    fn is_default(&self) -> bool;
}

/// The weight of a response without one, among responses of which some have.
const WEIGHT_DEFAULT: u32 = 100;

/// The index of the response that answers; `None` if the mock has no answer.
///
/// Only those play a part that `plays` is true of. `qualifies` is asked only for responses that could still win; `draw` gives a number below its
/// argument and is called at most once, only where weights decide.
pub(crate) fn select<R: Selectable>(
    responses: &[R],
    plays: impl Fn(&R) -> bool,
    mut qualifies: impl FnMut(&R) -> bool,
    draw: impl FnOnce(u64) -> u64,
) -> Option<usize> {
    if let [only] = responses {
        return (plays(only) && (only.is_default() || qualifies(only))).then_some(0);
    }
    let mut best: SmallVec<[usize; 8]> = SmallVec::new();
    let mut score = 0;
    for (index, response) in responses.iter().enumerate() {
        let this = response.score();
        if (this < score && !best.is_empty()) || !plays(response) || !qualifies(response) {
            continue;
        }
        if this > score {
            best.clear();
            score = this;
        }
        best.push(index);
    }
    match best[..] {
        [] => responses
            .iter()
            .position(|response| response.is_default() && plays(response)),
        [only] => Some(only),
        _ => Some(by_weight(responses, &best, draw)),
    }
}

/// One of several: drawn by weight if any has one, otherwise the default, otherwise the first.
fn by_weight<R: Selectable>(
    responses: &[R],
    best: &[usize],
    draw: impl FnOnce(u64) -> u64,
) -> usize {
    let weight = |&index: &usize| u64::from(responses[index].weight().unwrap_or(WEIGHT_DEFAULT));
    let total: u64 = best.iter().map(weight).sum();
    if total > 0
        && best
            .iter()
            .any(|&index| responses[index].weight().is_some())
    {
        let mut left = draw(total);
        for index in best {
            match left.checked_sub(weight(index)) {
                Some(rest) => left = rest,
                None => return *index,
            }
        }
    }
    best.iter()
        .copied()
        .find(|&index| responses[index].is_default())
        .unwrap_or(best[0])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone)]
    struct R {
        score: usize,
        weight: Option<u32>,
        default: bool,
        plays: bool,
        holds: bool,
    }

    impl Selectable for R {
        fn score(&self) -> usize {
            self.score
        }
        fn weight(&self) -> Option<u32> {
            self.weight
        }
        fn is_default(&self) -> bool {
            self.default
        }
    }

    fn responses() -> impl Strategy<Value = Vec<R>> {
        let one = (
            0usize..3,
            prop::option::of(0u32..4),
            any::<bool>(),
            any::<bool>(),
        );
        (
            prop::collection::vec(one, 1..7),
            prop::option::of(0usize..7),
        )
            .prop_map(|(all, default)| {
                all.into_iter()
                    .enumerate()
                    .map(|(i, (score, weight, plays, holds))| R {
                        score,
                        weight,
                        default: default == Some(i),
                        plays,
                        holds: holds || score == 0,
                    })
                    .collect()
            })
    }

    /// The design, sentence by sentence, without regard to cost.
    fn by_the_book(all: &[R], drawn: u64) -> Option<usize> {
        let holding: Vec<usize> = (0..all.len())
            .filter(|&i| all[i].plays && all[i].holds)
            .collect();
        let Some(top) = holding.iter().map(|&i| all[i].score).max() else {
            return all.iter().position(|r| r.plays && r.default);
        };
        let best: Vec<usize> = holding
            .into_iter()
            .filter(|&i| all[i].score == top)
            .collect();
        let ticket: Vec<usize> = best
            .iter()
            .flat_map(|&i| vec![i; all[i].weight.unwrap_or(100) as usize])
            .collect();
        if best.len() > 1 && !ticket.is_empty() && best.iter().any(|&i| all[i].weight.is_some()) {
            return Some(ticket[usize::try_from(drawn).unwrap() % ticket.len()]);
        }
        best.iter()
            .copied()
            .find(|&i| all[i].default)
            .or(Some(best[0]))
    }

    proptest! {
        #[test]
        fn is_what_the_design_says(all in responses(), drawn in 0u64..1000) {
            let got = select(&all, |r| r.plays, |r| r.holds, |total| drawn % total);
            prop_assert_eq!(got, by_the_book(&all, drawn));
        }

        #[test]
        fn frequencies_follow_weights(weights in prop::collection::vec(0u32..50, 2..5), seed: u64) {
            prop_assume!(weights.iter().sum::<u32>() > 0);
            let all: Vec<R> = weights.iter().map(|&w| R { score: 0, weight: Some(w), default: false, plays: true, holds: true }).collect();
            let mut random = crate::random::Random::new(seed);
            let mut hits = vec![0u32; all.len()];
            for _ in 0..4000 {
                hits[select(&all, |_| true, |_| true, |n| random.below(n)).unwrap()] += 1;
            }
            let total: f64 = weights.iter().map(|&w| f64::from(w)).sum();
            for (hit, weight) in hits.iter().zip(&weights) {
                let (share, want) = (f64::from(*hit) / 4000.0, f64::from(*weight) / total);
                // Six standard deviations of 4,000 draws.
                let slack = 6.0 * (want * (1.0 - want) / 4000.0).sqrt();
                prop_assert!((share - want).abs() <= slack, "{share} is not {want}");
            }
        }
    }
}
