//! The nearest known name, for what is not known.

/// `did you mean ..?` with the name nearest to `unknown`; empty if none is near.
pub(super) fn nearest<'n>(unknown: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    known
        .into_iter()
        .map(|name| {
            let folded = strsim::jaro_winkler(&unknown.to_lowercase(), &name.to_lowercase());
            (folded, name)
        })
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| format!("did you mean `{name}`?"))
        .unwrap_or_default()
}
