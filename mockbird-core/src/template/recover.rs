//! Going on after a tag that is wrong, so that all faults of a text are told at once.

use super::fault::{CompileFault, Pos};
use super::lexer::Token;
use super::names::nearest;
use super::parser::{Parsed, Parser};
use crate::fault::shown;

impl Parser<'_, '_> {
    /// Notes the fault of a tag and goes on after it; gives the fault back if there are enough.
    pub(super) fn recover(&mut self, fault: CompileFault, began: usize) -> Parsed<()> {
        let begins = |token: &Token<'_>| {
            matches!(token, Token::Text(_) | Token::PrintStart | Token::TagStart)
        };
        let ends = |token: &Token<'_>| matches!(token, Token::PrintEnd | Token::TagEnd);
        self.at = self.at.min(self.tokens.len());
        // The tag that failed may be one inside of the block that began there.
        let read = &self.tokens[began..self.at];
        let tag = began + read.iter().rposition(|(t, _)| begins(t)).unwrap_or(0);
        // The end of the tag may have been taken for something else.
        self.at = self.at.saturating_sub(1).max(tag);
        while let Some(token) = self.peek() {
            if begins(token) && self.at > tag {
                break;
            }
            let is_end = ends(token);
            self.at += 1;
            if is_end {
                break;
            }
        }
        // What cannot be read goes before what cannot be understood.
        let unread = self.tokens[tag..self.at]
            .iter()
            .find_map(|(token, _)| match token {
                Token::Broken(fault) => Some((**fault).clone()),
                _ => None,
            });
        let fault = unread.unwrap_or(fault);
        // Beyond the bound of regexes, what follows is not compiled to look for more.
        if self.findings.is_full() || self.has_too_many_regexes() {
            return Err(fault);
        }
        self.findings.error(fault);
        Ok(())
    }

    /// The same for the tag of a block: ends that follow may be those of this block.
    pub(super) fn recover_block(&mut self, fault: CompileFault, began: usize) -> Parsed<()> {
        let depends = |name: &str| {
            name.starts_with("end") || matches!(name, "else" | "elif" | "break" | "continue")
        };
        let follows = matches!(self.tokens.get(began), Some((Token::Name(n), _)) if depends(n));
        if !(self.findings.torn && follows) {
            self.findings.torn = true;
            return self.recover(fault, began);
        }
        while self.at < self.tokens.len() && self.next() != Some(Token::TagEnd) {}
        Ok(())
    }
}

/// The fault of a tag that does not exist, or not here.
pub(super) fn refused(keyword: &str, pos: Pos) -> CompileFault {
    match keyword {
        "include" | "import" | "from" | "extends" | "block" => CompileFault::new(
            pos,
            format!("`{keyword}` is not allowed: a template stands alone"),
            "write the text here, or use a macro",
        ),
        _ if keyword.starts_with("end") || matches!(keyword, "else" | "elif") => CompileFault::new(
            pos,
            format!("{} closes nothing", shown(keyword)),
            "the block it belongs to is missing, or another block inside it is not closed",
        ),
        _ => {
            const TAGS: [&str; 12] = [
                "for",
                "if",
                "with",
                "set",
                "autoescape",
                "filter",
                "macro",
                "call",
                "do",
                "break",
                "continue",
                "raw",
            ];
            let hint = match nearest(keyword, TAGS) {
                hint if hint.is_empty() => format!("tags are {}", TAGS.join(", ")),
                hint => hint,
            };
            CompileFault::new(pos, format!("unknown tag {}", shown(keyword)), hint)
        }
    }
}
