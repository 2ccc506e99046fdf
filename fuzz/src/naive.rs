//! Path templates as their definition reads, without any cleverness: what the router is compared with.

use percent_encoding::percent_decode_str;
use regex::Regex;

/// A path template, its segments.
#[derive(Debug)]
pub(crate) struct Route(Vec<Segment>);

/// The variants stand in order of specificity.
#[derive(Debug)]
enum Segment {
    Static(String),
    Mixed(Vec<Piece>),
    Constrained(Regex),
    Param,
    Star,
    Rest,
}

#[derive(Debug)]
enum Piece {
    Text(String),
    Param(Option<Regex>),
}

impl Route {
    /// Reads a template that the real parser takes; `None` if it holds what is not modelled.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut segments = Vec::new();
        let mut rest = text;
        while let Some(after) = rest.strip_prefix('/') {
            let end = segment_end(after);
            segments.push(Segment::parse(&after[..end])?);
            rest = &after[end..];
        }
        assert!(rest.is_empty(), "{text:?} was taken");
        Some(Self(segments))
    }

    /// The decoded parameters, if the path matches.
    pub(crate) fn captures(&self, path: &str) -> Option<Vec<String>> {
        let parts: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        let open = matches!(self.0.last(), Some(Segment::Rest));
        let fits = parts.len() == self.0.len() || (open && parts.len() > self.0.len());
        fits.then_some(())?;
        let mut captures = Vec::new();
        for (at, segment) in self.0.iter().enumerate() {
            segment.capture(&parts[at..], &mut captures)?;
        }
        Some(captures)
    }

    /// Less is more specific.
    pub(crate) fn classes(&self) -> Vec<u8> {
        self.0.iter().map(Segment::class).collect()
    }

    /// False if a regex stands beside text, where it may take more than it must.
    pub(crate) fn captures_are_known(&self) -> bool {
        let constrained = |piece: &Piece| matches!(piece, Piece::Param(Some(_)));
        let known = |segment: &Segment| match segment {
            Segment::Mixed(pieces) => !pieces.iter().any(constrained),
            _ => true,
        };
        self.0.iter().all(known)
    }
}

/// Where a segment ends: a slash inside braces belongs to a regex.
fn segment_end(text: &str) -> usize {
    let mut at = 0;
    while let Some(found) = text[at..].find(['/', '{']) {
        at += found;
        if text[at..].starts_with('/') {
            return at;
        }
        at += brace_len(&text[at..]);
    }
    text.len()
}

/// The length of a parameter in braces, which are balanced but for escapes and classes.
fn brace_len(text: &str) -> usize {
    let (mut depth, mut class, mut escaped) = (0, 0, false);
    let mut opened = "";
    for (at, c) in text.char_indices() {
        let literal = !opened.is_empty() && c == ']' && (opened == "[" || opened == "[^");
        opened = match (opened, c) {
            _ if escaped => "",
            (_, '[') => "[",
            ("[", '^') => "[^",
            _ => "",
        };
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class += 1,
            ']' if literal => {}
            ']' => class = (class - 1).max(0),
            '{' if class == 0 => depth += 1,
            '}' if class == 0 => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    panic!("{text:?} was taken, unclosed");
}

impl Segment {
    fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Star);
        }
        if text.starts_with(':') {
            return Some(Self::Param);
        }
        if text.starts_with("{*") {
            return Some(Self::Rest);
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find('{') {
            if at > 0 {
                pieces.push(Piece::Text(decoded(&rest[..at])));
            }
            let len = brace_len(&rest[at..]);
            pieces.push(Piece::param(&rest[at + 1..at + len - 1])?);
            rest = &rest[at + len..];
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(decoded(rest)));
        }
        Some(match <[Piece; 1]>::try_from(pieces) {
            Ok([Piece::Text(text)]) => Self::Static(text),
            Ok([Piece::Param(Some(regex))]) => Self::Constrained(regex),
            Ok([Piece::Param(None)]) => Self::Param,
            Err(pieces) if pieces.is_empty() => Self::Static(String::new()),
            Err(pieces) => Self::Mixed(pieces),
        })
    }

    fn class(&self) -> u8 {
        match self {
            Self::Static(_) => 0,
            Self::Mixed(_) => 1,
            Self::Constrained(_) => 2,
            Self::Param => 3,
            Self::Star => 4,
            Self::Rest => 5,
        }
    }

    /// Adds what the segment captures at the head of `parts`, if it matches there.
    fn capture(&self, parts: &[&str], captures: &mut Vec<String>) -> Option<()> {
        let bytes: Vec<u8> = percent_decode_str(parts[0]).collect();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let exact = text.as_bytes() == bytes;
        match self {
            Self::Static(wanted) => (exact && *wanted == text).then_some(()),
            Self::Mixed(pieces) => {
                captures.extend(split(pieces, &bytes)?);
                Some(())
            }
            _ if text.is_empty() => None,
            Self::Star => Some(()),
            Self::Constrained(regex) if !regex.is_match(&text) => None,
            Self::Constrained(_) | Self::Param => {
                captures.push(text);
                Some(())
            }
            Self::Rest => {
                captures.push(decoded(&parts.join("/")));
                Some(())
            }
        }
    }
}

impl Piece {
    /// Reads what stands inside braces.
    fn param(text: &str) -> Option<Self> {
        let Some((_, regex)) = text.split_once(':') else {
            return Some(Self::Param(None));
        };
        let regex = Regex::new(&format!("^(?:{regex})$")).ok()?;
        Some(Self::Param(Some(regex)))
    }
}

/// The first of all splits, the earlier parameters as short as they can be.
fn split(pieces: &[Piece], bytes: &[u8]) -> Option<Vec<String>> {
    let Some((piece, rest)) = pieces.split_first() else {
        return bytes.is_empty().then(Vec::new);
    };
    match piece {
        Piece::Text(text) => split(rest, bytes.strip_prefix(text.as_bytes())?),
        Piece::Param(regex) => (1..=bytes.len()).find_map(|end| {
            let text = String::from_utf8_lossy(&bytes[..end]).into_owned();
            if let Some(regex) = regex {
                regex.is_match(&text).then_some(())?;
            }
            let mut captures = split(rest, &bytes[end..])?;
            captures.insert(0, text);
            Some(captures)
        }),
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
