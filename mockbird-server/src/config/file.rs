//! The file of settings: TOML, tables for the parts of a name.

/// A key with its dots, and its value as text or what is wrong with it.
type Entry = (String, Result<String, String>);

/// The keys of a file with their values as text, in order; a text that is no TOML says where.
pub(super) fn values(text: &str) -> Result<Vec<Entry>, String> {
    let table: toml::Table = text.parse().map_err(|error| syntax(&error, text))?;
    let mut entries = Vec::new();
    collect("", table, &mut entries);
    Ok(entries)
}

fn collect(prefix: &str, table: toml::Table, entries: &mut Vec<Entry>) {
    for (key, value) in table {
        let name = format!("{prefix}{key}");
        match value {
            toml::Value::Table(table) => collect(&format!("{name}."), table, entries),
            value => entries.push((name, as_text(value))),
        }
    }
}

/// The text that a flag would have.
fn as_text(value: toml::Value) -> Result<String, String> {
    match value {
        toml::Value::String(text) => Ok(text),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Boolean(flag) => Ok(flag.to_string()),
        toml::Value::Array(elements) => {
            let texts: Result<Vec<_>, _> = elements.into_iter().map(as_text).collect();
            Ok(texts?.join(","))
        }
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => {
            Err("expected a string, a whole number, true, false or a list of them".to_owned())
        }
    }
}

fn syntax(error: &toml::de::Error, text: &str) -> String {
    let at = error.span().map_or(0, |span| span.start.min(text.len()));
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    format!(
        "line {line} is no TOML: {}",
        error.message().replace('\n', " ")
    )
}
