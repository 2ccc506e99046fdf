//! Errors and warnings as people read them: what, where, the line itself, the remedy.

use std::fmt::Write;

use super::Harmless;
use super::paint::{self, Palette};
use crate::files::{Excerpt, Finding, Severity};

/// The findings, one block each.
pub fn report(palette: Palette, findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        // Writing to a String cannot fail.
        let _ = block(&mut text, palette, finding);
    }
    text
}

/// `2 errors, 1 warning`; `unlisted` errors count as well.
pub fn summary(findings: &[Finding], unlisted: usize) -> String {
    let listed = findings
        .iter()
        .filter(|f| f.severity == Severity::Error)
        .count();
    let (errors, warnings) = (listed + unlisted, findings.len() - listed);
    match (errors, warnings) {
        (0, 0) => "no errors".into(),
        (errors, 0) => count(errors, "error"),
        (0, warnings) => format!("no errors, {}", count(warnings, "warning")),
        (errors, warnings) => format!("{}, {}", count(errors, "error"), count(warnings, "warning")),
    }
}

/// `1 mock`, `2 mocks`
pub fn count(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{plural}")
}

fn block(text: &mut String, palette: Palette, finding: &Finding) -> std::fmt::Result {
    let (word, style) = match finding.severity {
        Severity::Error => ("error", paint::ERROR),
        Severity::Warning => ("warning", paint::WARNING),
    };
    writeln!(
        text,
        "{}: {}",
        palette.paint(style, word),
        Harmless(&finding.message)
    )?;
    let width = finding
        .excerpt
        .as_ref()
        .map_or(1, |e| e.line.to_string().len());
    let arrow = palette.paint(paint::DIM, "-->");
    write!(text, "{:width$}{arrow} {}", "", Harmless(&finding.file))?;
    if let Some(excerpt) = &finding.excerpt {
        write!(text, ":{}:{}", excerpt.line, excerpt.column)?;
    }
    if !finding.at.is_empty() {
        write!(
            text,
            "  {}",
            palette.paint(paint::BOLD, Harmless(&finding.at))
        )?;
    }
    text.push('\n');
    if let Some(excerpt) = &finding.excerpt {
        line_with_caret(text, palette, style, width, excerpt)?;
    }
    if !finding.hint.is_empty() {
        let mark = palette.paint(paint::DIM, "= help:");
        writeln!(text, "{:width$} {mark} {}", "", Harmless(&finding.hint))?;
    }
    text.push('\n');
    Ok(())
}

fn line_with_caret(
    text: &mut String,
    palette: Palette,
    style: anstyle::Style,
    width: usize,
    excerpt: &Excerpt,
) -> std::fmt::Result {
    // A tab is as wide as the terminal likes, and the caret has to stand below.
    let line = excerpt.text.replace('\t', " ");
    let column = excerpt.caret.saturating_sub(1);
    let head: String = line.chars().take(column).collect();
    let before = Harmless(&head).to_string().chars().count();
    let marked = token_length(line.chars().skip(column));
    let bar = palette.paint(paint::DIM, "|");
    let number = palette.paint(paint::DIM, excerpt.line);
    writeln!(text, "{:width$} {bar}", "")?;
    writeln!(text, "{number} {bar} {}", Harmless(&line))?;
    let carets = palette.paint(style, "^".repeat(marked));
    writeln!(text, "{:width$} {bar} {:before$}{carets}", "", "")
}

/// How many characters the thing that begins here has: a quoted string, or a word.
fn token_length(mut rest: impl Iterator<Item = char>) -> usize {
    let Some(first) = rest.next() else {
        return 1;
    };
    let more = match first {
        '"' | '\'' => {
            let mut escaped = false;
            rest.take_while(|c| {
                let ends = *c == first && !escaped;
                escaped = *c == '\\' && !escaped;
                !ends
            })
            .count()
                + 1
        }
        _ if is_word(first) => rest.take_while(|c| is_word(*c)).count(),
        _ => 0,
    };
    more + 1
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '$')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, column: usize) -> String {
        let excerpt = Excerpt {
            line: 7,
            column,
            text: text.to_owned(),
            caret: column,
        };
        let mut out = String::new();
        line_with_caret(&mut out, Palette::PLAIN, paint::ERROR, 1, &excerpt).unwrap();
        out
    }

    #[test]
    fn the_caret_stands_under_the_thing() {
        let caret = |text: &str, column| {
            let out = shown(text, column);
            let lines: Vec<_> = out.lines().skip(1).collect();
            let from = lines[1].find('^').unwrap();
            let marked = lines[1].matches('^').count();
            lines[0].chars().skip(from).take(marked).collect::<String>()
        };
        assert_eq!(caret("    prioritty: 3", 5), "prioritty");
        assert_eq!(caret(r#"  {"a\"b": 1}"#, 4), r#""a\"b""#);
        assert_eq!(caret("é: [1]", 4), "[");
        assert_eq!(caret("\tkey: 1", 2), "key");
    }

    #[test]
    fn a_column_beyond_the_line_is_no_trouble() {
        assert!(shown("a", 500).contains('^'));
        assert!(shown("", 1).contains('^'));
    }
}
