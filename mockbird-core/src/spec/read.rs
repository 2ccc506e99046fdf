//! Text to the tree of a spec, and places back to lines.

use std::cell::OnceCell;
use std::path::Path;

use super::{Spec, salvage};
use crate::fault::{Fault, Faults, Part, Within};
use crate::json::{self, LineIndex, Node, Span, SyntaxError, Value};
use crate::place::find;

/// How a spec is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// JSON (RFC 8259).
    Json,
    /// YAML 1.2, core schema.
    Yaml,
}

impl Format {
    /// The format that a file's name tells: `.json`, `.yaml` or `.yml`, in any case.
    ///
    /// ```
    /// use mockbird_core::spec::Format;
    /// assert_eq!(Format::of_file("mocks/api.YML".as_ref()), Some(Format::Yaml));
    /// assert_eq!(Format::of_file("api.toml".as_ref()), None);
    /// ```
    pub fn of_file(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "json" => Some(Self::Json),
            "yaml" | "yml" => Some(Self::Yaml),
            _ => None,
        }
    }

    fn parse(self, source: &[u8]) -> Result<Node, SyntaxError> {
        match self {
            Self::Json => parse_json(source),
            Self::Yaml => parse_yaml(source),
        }
    }
}

/// Some editors begin a file with a byte order mark; blanks in its place keep all offsets right.
fn parse_json(source: &[u8]) -> Result<Node, SyntaxError> {
    match source.strip_prefix("\u{feff}".as_bytes()) {
        Some(rest) => json::parse_strictly(&[b"   ", rest].concat()),
        None => json::parse_strictly(source),
    }
}

#[cfg(feature = "yaml")]
fn parse_yaml(source: &[u8]) -> Result<Node, SyntaxError> {
    crate::yaml::parse(source)
}

#[cfg(not(feature = "yaml"))]
fn parse_yaml(source: &[u8]) -> Result<Node, SyntaxError> {
    let remedy = crate::fault::feature("yaml");
    let message = format!("this build reads no YAML: {remedy}");
    Err(SyntaxError::at(source, 0, message))
}

/// Reads the text of a spec; `source` is a `str` or bytes.
///
/// # Errors
/// The first place where the text is not JSON or YAML.
pub fn read<S>(source: &S, format: Format) -> Result<Document<'_>, SyntaxError>
where
    S: AsRef<[u8]> + ?Sized,
{
    let source = source.as_ref();
    let tree = OnceCell::from(format.parse(source)?);
    Ok(Document {
        source,
        format,
        tree,
        lines: OnceCell::new(),
    })
}

/// A text that is JSON or YAML, and may be a spec.
///
/// Decoding moves the tree into the spec, so that a good spec is held once and nothing is copied. Who
/// has a fault to show still has the source: [`Document::locate`] reads it again, at most once.
#[derive(Debug)]
pub struct Document<'s> {
    source: &'s [u8],
    format: Format,
    tree: OnceCell<Node>,
    /// Made for the first fault; many may follow, and none must cost a walk through the text.
    lines: OnceCell<LineIndex>,
}

/// Where something stands in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The bytes of the text.
    pub span: Span,
}

impl Document<'_> {
    /// The spec, if there is no error, and all faults.
    pub fn decode(&mut self) -> (Option<Spec>, Faults) {
        let (spec, faults) = self.salvage();
        (spec.filter(|_| faults.error_count() == 0), faults)
    }

    /// What can be read of the spec, and all faults: see [`salvage`].
    pub fn salvage(&mut self) -> (Option<Spec>, Faults) {
        let mut faults = Faults::default();
        self.tree();
        let tree = self.tree.take().unwrap_or_else(|| Value::Null.into());
        (salvage(tree, &mut faults), faults)
    }

    /// Where a fault stands, or the nearest thing around it that is there: a value, or the key of a
    /// member if that is at fault; inside of a text, if its lines are those of the source.
    pub fn locate(&self, fault: &Fault) -> Location {
        let mut span = find(self.tree(), &fault.at, fault.part);
        let within = fault.within.and_then(|within| self.in_block(span, within));
        if let Some(start) = within {
            span.start = start;
        }
        let lines = self.lines.get_or_init(|| LineIndex::of(self.source));
        let (line, column) = lines.locate(self.source, span.start as usize);
        Location { line, column, span }
    }

    /// The byte of a place in the text of a literal block of YAML, whose span begins with its first
    /// character that is no space.
    fn in_block(&self, span: Span, within: Within) -> Option<u32> {
        let before = self.source.get(..span.start as usize)?;
        let (mut above, indent) = before.split_at(line_start(before));
        if self.format != Format::Yaml || !indent.iter().all(|byte| *byte == b' ') {
            return None;
        }
        loop {
            let line = &above[line_start(above.strip_suffix(b"\n")?)..];
            if is_block_header(line) {
                break;
            }
            if !line.trim_ascii().is_empty() {
                return None;
            }
            above = &above[..above.len() - line.len()];
        }
        let lines = || self.source[above.len()..].split_inclusive(|byte| *byte == b'\n');
        let lines_above = within.line.checked_sub(1)?;
        let line = lines().nth(lines_above)?.get(indent.len()..)?;
        let columns = within.column.checked_sub(1)?;
        let left = str::from_utf8(line).ok()?.chars().take(columns);
        let skipped: usize = lines().take(lines_above).map(<[u8]>::len).sum();
        let bytes = indent.len() + left.map(char::len_utf8).sum::<usize>();
        u32::try_from(above.len() + skipped + bytes).ok()
    }

    /// Puts faults into the order of the file, as those of several steps are not.
    pub fn sort(&self, faults: &mut Faults) {
        let start = |fault: &Fault| find(self.tree(), &fault.at, Part::Key).start;
        faults.errors.sort_by_cached_key(start);
        faults.warnings.sort_by_cached_key(start);
    }

    fn tree(&self) -> &Node {
        // What has been read once can be read again.
        let again = || {
            self.format
                .parse(self.source)
                .unwrap_or_else(|_| Value::Null.into())
        };
        self.tree.get_or_init(again)
    }
}

/// Where the last line begins.
fn line_start(text: &[u8]) -> usize {
    memchr::memrchr(b'\n', text).map_or(0, |at| at + 1)
}

/// True for a line that ends with `|`, `|-` or `|+`. An indentation that is written out (`|2`) may
/// leave spaces to the text.
fn is_block_header(line: &[u8]) -> bool {
    let comment = memchr::memmem::find(line, b" #").unwrap_or(line.len());
    let mut words = line[..comment].split(u8::is_ascii_whitespace);
    let last = words.rfind(|word| !word.is_empty());
    matches!(last, Some(b"|" | b"|-" | b"|+"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_after_decoding() {
        let source = "\u{feff}{\n  \"name\": 1,\n  \"mocks\": [{\"prioritty\": 2}]\n}";
        let mut document = read(source, Format::Json).unwrap();
        let (spec, faults) = document.decode();
        assert!(spec.is_none());
        let found: Vec<_> = faults
            .errors
            .iter()
            .map(|fault| {
                let Location { line, column, .. } = document.locate(fault);
                (fault.at.as_str(), line, column)
            })
            .collect();
        assert_eq!(
            found,
            [
                ("name", 2, 11),
                ("mocks[0].prioritty", 3, 14),
                ("mocks[0]", 3, 13),
                ("mocks[0]", 3, 13)
            ]
        );
    }

    /// What the caret of an excerpt points at.
    #[test]
    fn a_fault_points_at_what_is_wrong() {
        let json = r#"{"name": "", "mocks": [{"path": "/a", "oops": 1, "responses":
            [{"weight": -1, "headers": {"a b": "c", "d": []}, "responseDelay": {"min": 2, "max": 1}}]}]}"#;
        let yaml = "name: \"\"\nmocks:\n- path: /a\n  oops: 1\n  method:\n  responses:\n  - weight: -1\n    headers:\n      a b: c\n      d: []\n    responseDelay: &d { min: 2, max: 1 }\n  - responseDelay: *d\n";
        let pointed = |source: &str, format| -> Vec<(String, String)> {
            let mut document = read(source, format).unwrap();
            let (_, mut faults) = document.decode();
            document.sort(&mut faults);
            let all = faults.errors.iter().map(|fault| {
                let start = document.locate(fault).span.start as usize;
                let text = source[start..].split([',', '}', ']', '\n']).next().unwrap();
                (
                    fault.at.rsplit('.').next().unwrap().to_owned(),
                    text.trim().to_owned(),
                )
            });
            all.collect()
        };
        let pairs = |all: &[(&str, &str)]| -> Vec<(String, String)> {
            all.iter()
                .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
                .collect()
        };
        assert_eq!(
            pointed(json, Format::Json),
            pairs(&[
                ("name", "\"\""),
                ("oops", "\"oops\": 1"),
                ("weight", "-1"),
                ("headers[\"a b\"]", "\"a b\": \"c\""),
                ("d", "["),
                ("responseDelay", "{\"min\": 2")
            ])
        );
        if cfg!(feature = "yaml") {
            assert_eq!(
                pointed(yaml, Format::Yaml),
                pairs(&[
                    ("name", "\"\""),
                    ("oops", "oops: 1"),
                    ("method", "method:"),
                    ("weight", "-1"),
                    ("headers[\"a b\"]", "a b: c"),
                    ("d", "["),
                    ("responseDelay", "&d { min: 2"),
                    ("responseDelay", "*d")
                ])
            );
        }
    }

    /// A template's fault is shown in its own line, where the source has such a line.
    #[test]
    #[cfg(feature = "yaml")]
    fn a_fault_inside_of_a_block() {
        let source = "a: |\n\n  é: {{ 1\n    b\nb: |-  # c\n  x\nc: 'x'\nd: |2\n   x\ne: >\n  x\nf:\n  - &f |\n    y\n";
        let mut document = read(source, Format::Yaml).unwrap();
        let _ = document.decode();
        for (at, line, column, wanted) in [
            ("a", 2, 4, (3, 6)),
            ("a", 3, 3, (4, 5)),
            ("b", 1, 1, (6, 3)),
            ("c", 1, 2, (7, 4)),
            ("d", 1, 2, (9, 3)),
            ("e", 1, 1, (11, 3)),
            ("a", 99, 1, (3, 3)),
        ] {
            let fault = Fault {
                at: at.to_owned(),
                message: String::new(),
                hint: String::new(),
                part: Part::Value,
                within: Some(Within { line, column }),
            };
            let Location { line, column, .. } = document.locate(&fault);
            assert_eq!((line, column), wanted, "{at}");
        }
    }

    #[test]
    fn faults_of_several_steps_are_put_in_order() {
        let source = r#"{"mocks": [{"path": "x"}], "name": "n"}"#;
        let document = read(source, Format::Json).unwrap();
        let mut faults = Faults::default();
        let root = crate::fault::Place::ROOT;
        faults.error(&root.key("name"), "later", "");
        faults.error(&root.key("mocks").index(0).key("path"), "earlier", "");
        document.sort(&mut faults);
        assert_eq!(faults.errors[0].message, "earlier");
    }

    #[test]
    #[cfg(not(feature = "yaml"))]
    fn yaml_needs_its_feature() {
        let error = read("a: 1", Format::Yaml).unwrap_err();
        assert!(error.message.contains("feature `yaml`"));
    }
}
