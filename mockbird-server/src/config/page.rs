//! The reference page of the configuration, made from the table of settings.

use std::fmt::Write;

use super::SETTINGS;

const HEAD: &str = "\
# Configuration of `mockbird serve`

This page is made from the code; a test keeps it in step.

Every setting has a flag, an environment variable and a key in a TOML file. A flag wins over the variable, the variable
over the file, the file over the default. The file is the one that `--config` or `MOCKBIRD_CONFIG` names, or `mockbird.toml` in the
folder the server is started in. A dot in a key is a table:

```toml
port = 8080

[database]
url = \"postgres://mockbird:secret@db.example.com/mockbird\"
max_connections = 20
```

Keep secrets out of flags: other users of the machine can see them.

If anything is wrong, the server does not start, and names every fault and where it was set.
";

/// The page as Markdown.
pub fn page() -> String {
    let mut page = String::from(HEAD);
    for section in SETTINGS {
        // Writing to a String cannot fail.
        let _ = write!(
            page,
            "\n## {}\n\n| key | flag | variable | default | meaning |\n|---|---|---|---|---|\n",
            section.title
        );
        for setting in section.settings {
            let default = match setting.default {
                None => "none".to_owned(),
                Some("") => "empty".to_owned(),
                Some(default) => format!("`{default}`"),
            };
            let _ = writeln!(
                page,
                "| `{}` | `--{} {}` | `{}` | {default} | {} |",
                setting.name,
                setting.flag(),
                setting.form.replace('|', "\\|"),
                setting.variable(),
                setting.meaning.replace('|', "\\|"),
            );
        }
    }
    page
}
