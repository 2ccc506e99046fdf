//! The name that somebody meant.

use strsim::damerau_levenshtein;

use crate::limits::NEAREST_CHARS_MAX;

/// Fewer characters than this are part of too many names.
const PART_CHARS_MIN: usize = 3;

/// What other tools call what has another name here.
const SYNONYMS: [(&str, &str); 12] = [
    ("eq", "equals"),
    ("==", "equals"),
    ("is", "equals"),
    ("includes", "contains"),
    ("matches", "regex"),
    ("present", "exists"),
    ("gt", "greaterThan"),
    (">", "greaterThan"),
    ("gte", "greaterOrEqual"),
    ("lt", "lessThan"),
    ("<", "lessThan"),
    ("lte", "lessOrEqual"),
];

/// The known name that `name` is a slip of: in another case (`status_code`), a letter or two off
/// (`mokcs`), or a part of it or around it (`status` for `statusCode`); `None` if none is near.
pub(super) fn nearest(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let plain = folded(name);
    if plain.is_empty() || plain.len() > NEAREST_CHARS_MAX {
        return None;
    }
    let by_meaning = || {
        let (_, meant) = SYNONYMS.iter().find(|(other, _)| *other == plain)?;
        known.iter().find(|known| *known == meant)
    };
    let by_case = known.iter().find(|k| folded(k) == plain);
    let by_letters = || {
        known
            .iter()
            .map(|k| (damerau_levenshtein(&folded(k), &plain), k))
            .min_by_key(|(distance, _)| *distance)
            .filter(|(distance, k)| *distance <= plain.len().min(k.len()).div_ceil(4))
            .map(|(_, k)| k)
    };
    let by_part = || {
        let holds = |k: &str| k.contains(&plain) || plain.contains(k);
        known
            .iter()
            .find(|k| plain.len().min(k.len()) >= PART_CHARS_MIN && holds(&folded(k)))
    };
    by_case
        .or_else(by_meaning)
        .or_else(by_letters)
        .or_else(by_part)
        .copied()
}

/// Without what differs between `statusCode`, `status_code`, `Status-Code`.
fn folded(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '_' | '-' | ' '))
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn names_what_was_meant() {
        let known = &[
            "id",
            "name",
            "statusCode",
            "headers",
            "body",
            "bodyBase64",
            "isDefault",
            "responseDelay",
            "priority",
            "caseInsensitive",
            "mocks",
            "equals",
            "greaterOrEqual",
        ];
        for (name, meant) in [
            ("status_code", Some("statusCode")),
            ("StatusCode", Some("statusCode")),
            ("status", Some("statusCode")),
            ("isDefualt", Some("isDefault")),
            ("default", Some("isDefault")),
            ("delay", Some("responseDelay")),
            ("prioritty", Some("priority")),
            ("caseInsensitve", Some("caseInsensitive")),
            ("header", Some("headers")),
            ("mokcs", Some("mocks")),
            ("base64", Some("bodyBase64")),
            ("naem", Some("name")),
            ("eq", Some("equals")),
            ("GTE", Some("greaterOrEqual")),
            ("qqqqqqqq", None),
            ("xy", None),
            ("", None),
            ("__", None),
        ] {
            assert_eq!(nearest(name, known), meant, "{name}");
        }
        assert_eq!(nearest(&"name".repeat(1000), known), None);
    }
}
