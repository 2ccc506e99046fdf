//! Colours, where they are wanted.

use std::fmt::{self, Display, Write};
use std::io::IsTerminal;

use anstyle::{AnsiColor, Style};
use clap::ColorChoice;
use http::StatusCode;

/// What is less important.
pub const DIM: Style = Style::new().dimmed();
/// What a reader looks for.
pub const BOLD: Style = Style::new().bold();
/// What is wrong.
pub const ERROR: Style = AnsiColor::Red.on_default().bold();
/// What is probably wrong.
pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// What went well.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// The name of a mock.
pub const NAME: Style = AnsiColor::Cyan.on_default();

/// The colour of a status, by its class.
pub fn of_status(status: StatusCode) -> Style {
    match status.as_u16() {
        ..300 => AnsiColor::Green.on_default(),
        300..400 => AnsiColor::Cyan.on_default(),
        400..500 => AnsiColor::Yellow.on_default(),
        500.. => AnsiColor::Red.on_default(),
    }
}

/// Whether to use colours, decided once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    colored: bool,
}

impl Palette {
    /// Without colours.
    pub const PLAIN: Self = Self { colored: false };

    /// By the flag; on `auto` by the terminal and `NO_COLOR` (<https://no-color.org>).
    pub fn choose(choice: ColorChoice) -> Self {
        let colored = match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                std::io::stdout().is_terminal()
                    && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
                    && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
            }
        };
        Self { colored }
    }

    /// Adds `text` in this style: the way of lines that are written for every request.
    pub fn push(self, out: &mut String, style: Style, text: &str) {
        if self.colored {
            // Writing to a String cannot fail.
            let _ = write!(out, "{}", self.paint(style, text));
        } else {
            out.push_str(text);
        }
    }

    /// `text` in this style.
    pub fn paint<T: Display>(self, style: Style, text: T) -> Painted<T> {
        let style = if self.colored { style } else { Style::new() };
        Painted { style, text }
    }
}

/// A text in a style.
#[derive(Clone, Copy, Debug)]
pub struct Painted<T> {
    style: Style,
    text: T,
}

impl<T: Display> Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.style.is_plain() {
            return self.text.fmt(f);
        }
        write!(f, "{}", self.style.render())?;
        self.text.fmt(f)?;
        write!(f, "{}", self.style.render_reset())
    }
}
